using System.Buffers.Binary;
using System.Numerics;

namespace BackupGuard.Verification.Cryptography;

/// <summary>SHA-224 (FIPS 180-4, sections 5.3.2 and 6.3), which the framework does not have: SHA-256 with other initial values and four bytes less.</summary>
public sealed class Sha224
{
    public const int HashBytes = 28;

    private const int Block = 64;

    // FIPS 180-4, section 4.2.2.
    private static readonly uint[] Constants =
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5, 0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA, 0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85, 0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3, 0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ];

    private readonly uint[] state = [0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4];
    private readonly byte[] pending = new byte[Block];
    private long total;

    public static byte[] HashData(ReadOnlySpan<byte> bytes)
    {
        var hash = new Sha224();
        hash.Append(bytes);
        return hash.Finish();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var held = (int)(total % Block);
        total += bytes.Length;
        if (held > 0)
        {
            var taken = Math.Min(Block - held, bytes.Length);
            bytes[..taken].CopyTo(pending.AsSpan(held));
            bytes = bytes[taken..];
            if (held + taken < Block) return;
            Compress(pending);
        }

        var whole = bytes.Length & ~(Block - 1);
        Compress(bytes[..whole]);
        bytes[whole..].CopyTo(pending);
    }

    /// <summary>The hash of all that was appended. The object is spent.</summary>
    public byte[] Finish()
    {
        var bits = (ulong)total * 8;
        Span<byte> tail = stackalloc byte[Block * 2];
        tail.Clear();
        tail[0] = 0x80;
        var held = (int)(total % Block);
        var length = (held < Block - 8 ? Block : Block * 2) - held;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(length - 8)..], bits);
        Append(tail[..length]);
        var hash = new byte[HashBytes];
        for (var i = 0; i < HashBytes / 4; i++) BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(i * 4), state[i]);
        return hash;
    }

    private void Compress(ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        var k = Constants;
        for (; blocks.Length >= Block; blocks = blocks[Block..])
        {
            for (var i = 0; i < 16; i++) w[i] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(i * 4)..]);
            unchecked
            {
                for (var i = 16; i < 64; i++)
                {
                    var s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
                    var s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
                    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
                }

                var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
                for (var i = 0; i < 64; i++)
                {
                    var t1 = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
                    var t2 = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
                    (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
                }

                state[0] += a;
                state[1] += b;
                state[2] += c;
                state[3] += d;
                state[4] += e;
                state[5] += f;
                state[6] += g;
                state[7] += h;
            }
        }
    }
}
