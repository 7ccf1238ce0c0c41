using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Cryptography;

/// <summary>Two lanes of scrypt at once, one in each half of a 256-bit vector: each alone waits for its own results most of the time.</summary>
internal static class ScryptPair
{
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>scryptROMix, RFC 7914 section 5, of two blocks.</summary>
    /// <param name="memory">Twice 32·N·r words.</param>
    public static void Mix(Span<uint> first, Span<uint> second, Span<uint> memory, int n, int r)
    {
        unchecked
        {
            var width = 8 * r;
            var x = new Vector256<uint>[width];
            var y = new Vector256<uint>[width];
            var kept = MemoryMarshal.Cast<uint, Vector256<uint>>(memory);
            Join(first, second, x);
            for (var i = 0; i < n; i++)
            {
                x.CopyTo(kept.Slice(i * width, width));
                MixBlocks(x, y, r);
                (x, y) = (y, x);
            }
            for (var i = 0; i < n; i++)
            {
                // Integerify: the first word of the last 64-byte block, each lane its own.
                var last = x[width - 4];
                Xor(x, kept.Slice((int)(last[0] & (uint)(n - 1)) * width, width), kept.Slice((int)(last[4] & (uint)(n - 1)) * width, width));
                MixBlocks(x, y, r);
                (x, y) = (y, x);
            }
            Part(x, first, second);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(x.AsSpan()));
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(y.AsSpan()));
        }
    }

    private static void Join(Span<uint> first, Span<uint> second, Span<Vector256<uint>> pair)
    {
        Scrypt.Shuffle(first);
        Scrypt.Shuffle(second);
        for (var i = 0; i < pair.Length; i++) pair[i] = Vector256.Create(Vector128.Create<uint>(first[(4 * i)..]), Vector128.Create<uint>(second[(4 * i)..]));
    }

    private static void Part(ReadOnlySpan<Vector256<uint>> pair, Span<uint> first, Span<uint> second)
    {
        for (var i = 0; i < pair.Length; i++)
        {
            pair[i].GetLower().CopyTo(first[(4 * i)..]);
            pair[i].GetUpper().CopyTo(second[(4 * i)..]);
        }
        Scrypt.Unshuffle(first);
        Scrypt.Unshuffle(second);
    }

    private static void Xor(Span<Vector256<uint>> target, ReadOnlySpan<Vector256<uint>> lower, ReadOnlySpan<Vector256<uint>> upper)
    {
        for (var i = 0; i < target.Length; i++) target[i] ^= Vector256.Create(lower[i].GetLower(), upper[i].GetUpper());
    }

    /// <summary>scryptBlockMix, RFC 7914 section 4, over four diagonals (see <see cref="Scrypt"/>).</summary>
    private static void MixBlocks(ReadOnlySpan<Vector256<uint>> input, Span<Vector256<uint>> output, int r)
    {
        unchecked
        {
            Vector256<uint> a = input[^4], b = input[^3], c = input[^2], d = input[^1];
            for (var i = 0; i < 2 * r; i++)
            {
                var from = input.Slice(4 * i, 4);
                a ^= from[0]; b ^= from[1]; c ^= from[2]; d ^= from[3];
                var (a0, b0, c0, d0) = (a, b, c, d);
                for (var round = 0; round < 4; round++)
                {
                    b ^= Rotate(a + d, 7);
                    c ^= Rotate(b + a, 9);
                    d ^= Rotate(c + b, 13);
                    a ^= Rotate(d + c, 18);
                    (b, c, d) = (Avx2.Shuffle(b, 0b10_01_00_11), Avx2.Shuffle(c, 0b01_00_11_10), Avx2.Shuffle(d, 0b00_11_10_01));
                    d ^= Rotate(a + b, 7);
                    c ^= Rotate(d + a, 9);
                    b ^= Rotate(c + d, 13);
                    a ^= Rotate(b + c, 18);
                    (b, c, d) = (Avx2.Shuffle(b, 0b00_11_10_01), Avx2.Shuffle(c, 0b01_00_11_10), Avx2.Shuffle(d, 0b10_01_00_11));
                }
                a += a0; b += b0; c += c0; d += d0;
                var to = output.Slice(4 * ((i >> 1) + (i & 1) * r), 4);
                to[0] = a; to[1] = b; to[2] = c; to[3] = d;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, int bits) => Vector256.ShiftLeft(value, bits) | Vector256.ShiftRightLogical(value, 32 - bits);
}
