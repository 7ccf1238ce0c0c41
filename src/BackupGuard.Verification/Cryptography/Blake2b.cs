using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Cryptography;

/// <summary>BLAKE2b (RFC 7693) with or without a key, digests of 1 to 64 bytes. One instance serves one thread.</summary>
public sealed class Blake2b : IDisposable
{
    private const int BlockBytes = 128;

    /// <summary>RFC 7693 section 2.6.</summary>
    private static readonly ulong[] Start =
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    /// <summary>RFC 7693 section 2.7; rounds 10 and 11 repeat the first two.</summary>
    private static ReadOnlySpan<byte> Sigma =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    ];

    private readonly byte[] key;
    private readonly int digestBytes;
    private readonly ulong[] h = new ulong[8];
    private readonly byte[] block = new byte[BlockBytes];
    private int filled;
    private ulong count;

    /// <param name="digestBytes">1 to 64.</param>
    /// <param name="key">Up to 64 bytes; empty for none.</param>
    public Blake2b(int digestBytes, ReadOnlySpan<byte> key = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digestBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digestBytes, 64);
        if (key.Length > 64) throw new ArgumentException("BLAKE2b takes a key of up to 64 bytes.", nameof(key));
        (this.digestBytes, this.key) = (digestBytes, key.ToArray());
        Reset();
    }

    public void Reset()
    {
        Start.CopyTo(h, 0);
        h[0] ^= 0x01010000UL ^ ((ulong)key.Length << 8) ^ (ulong)digestBytes;
        (filled, count) = (0, 0);
        if (key.Length == 0) return;
        Array.Clear(block);
        key.CopyTo(block, 0);
        filled = BlockBytes;
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        // The last block is kept back: only the end of the data tells which it is.
        if (data.Length > BlockBytes - filled)
        {
            if (filled > 0)
            {
                data[..(BlockBytes - filled)].CopyTo(block.AsSpan(filled));
                data = data[(BlockBytes - filled)..];
                Compress(block, 1, last: false);
                filled = 0;
            }
            var whole = (data.Length - 1) / BlockBytes;
            if (whole > 0)
            {
                Compress(data, whole, last: false);
                data = data[(whole * BlockBytes)..];
            }
        }
        data.CopyTo(block.AsSpan(filled));
        filled += data.Length;
    }

    /// <summary>Writes the digest and begins anew.</summary>
    public void Finish(Span<byte> digest)
    {
        block.AsSpan(filled).Clear();
        Compress(block, 1, last: true);
        Span<byte> all = stackalloc byte[64];
        for (var i = 0; i < 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(all[(8 * i)..], h[i]);
        all[..digestBytes].CopyTo(digest);
        Reset();
    }

    /// <summary>RFC 7693 section 3.2, four columns at once.</summary>
    [SkipLocalsInit]
    private void Compress(ReadOnlySpan<byte> data, int blocks, bool last)
    {
        Span<ulong> m = stackalloc ulong[16];
        var h0 = Vector256.Create(h.AsSpan(0, 4));
        var h1 = Vector256.Create(h.AsSpan(4, 4));
        Vector256<ulong> iv0 = Vector256.Create(Start.AsSpan(0, 4)), iv1 = Vector256.Create(Start.AsSpan(4, 4));
        ref var sigma = ref MemoryMarshal.GetReference(Sigma);
        ref var words = ref MemoryMarshal.GetReference(m);
        for (var i = 0; i < blocks; i++)
        {
            for (var w = 0; w < 16; w++) m[w] = BinaryPrimitives.ReadUInt64LittleEndian(data.Slice(i * BlockBytes + 8 * w, 8));
            unchecked { count += last ? (ulong)filled : BlockBytes; }
            Vector256<ulong> a = h0, b = h1, c = iv0, d = iv1 ^ Vector256.Create(count, 0UL, last ? ulong.MaxValue : 0UL, 0UL);
            for (nuint s = 0; s < 12 * 16; s += 16)
            {
                Mix(ref a, ref b, ref c, ref d, Pick(ref words, ref sigma, s, 0), Pick(ref words, ref sigma, s, 1));
                b = Vector256.Shuffle(b, Vector256.Create(1UL, 2, 3, 0));
                c = Vector256.Shuffle(c, Vector256.Create(2UL, 3, 0, 1));
                d = Vector256.Shuffle(d, Vector256.Create(3UL, 0, 1, 2));
                Mix(ref a, ref b, ref c, ref d, Pick(ref words, ref sigma, s, 8), Pick(ref words, ref sigma, s, 9));
                b = Vector256.Shuffle(b, Vector256.Create(3UL, 0, 1, 2));
                c = Vector256.Shuffle(c, Vector256.Create(2UL, 3, 0, 1));
                d = Vector256.Shuffle(d, Vector256.Create(1UL, 2, 3, 0));
            }
            h0 ^= a ^ c;
            h1 ^= b ^ d;
        }
        h0.CopyTo(h.AsSpan(0, 4));
        h1.CopyTo(h.AsSpan(4, 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Pick(ref ulong m, ref byte sigma, nuint s, nuint at) => Vector256.Create(
        Unsafe.Add(ref m, Unsafe.Add(ref sigma, s + at)), Unsafe.Add(ref m, Unsafe.Add(ref sigma, s + at + 2)),
        Unsafe.Add(ref m, Unsafe.Add(ref sigma, s + at + 4)), Unsafe.Add(ref m, Unsafe.Add(ref sigma, s + at + 6)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref Vector256<ulong> a, ref Vector256<ulong> b, ref Vector256<ulong> c, ref Vector256<ulong> d, Vector256<ulong> x, Vector256<ulong> y)
    {
        a = a + b + x;
        d = Right(d ^ a, 32);
        c += d;
        b = Right(b ^ c, 24);
        a = a + b + y;
        d = Right(d ^ a, 16);
        c += d;
        b = Right(b ^ c, 63);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Right(Vector256<ulong> v, int bits)
    {
        if (Avx512F.VL.IsSupported)
            return bits switch
            {
                32 => Avx512F.VL.RotateRight(v, 32), 24 => Avx512F.VL.RotateRight(v, 24), 16 => Avx512F.VL.RotateRight(v, 16), _ => Avx512F.VL.RotateRight(v, 63),
            };
        return (v >>> bits) | (v << (64 - bits));
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(block);
        Array.Clear(h);
    }
}
