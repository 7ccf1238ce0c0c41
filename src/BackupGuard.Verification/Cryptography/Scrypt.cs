using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Cryptography;

/// <summary>scrypt (RFC 7914). The framework has PBKDF2 but not ROMix.</summary>
public static class Scrypt
{
    /// <summary>Above this a key file asks for more memory than opening a backup may cost (128·N·r bytes).</summary>
    public const long LargestMemoryBytes = 1L << 30;

    /// <summary>Above this a key file asks for minutes of computing (128·N·r·p bytes mixed). restic's own calibration stays below 360 MiB.</summary>
    public const long LargestWorkBytes = 4L << 30;

    /// <summary>Whether the parameters are ones that <see cref="DeriveKey(ReadOnlySpan{byte}, ReadOnlySpan{byte}, int, int, int, Span{byte})"/> takes: they come from a file that anybody with write access can change.</summary>
    public static bool Accepts(long n, long r, long p) =>
        n is > 1 and <= 1L << 30 && BitOperations.IsPow2(n) && r is >= 1 and <= 1 << 20 && p is >= 1 and <= 64 && 128 * n * r <= LargestMemoryBytes && 128 * n * r * p <= LargestWorkBytes;

    /// <summary>Two lanes at once may take this much memory; a single lane that needs more gets it.</summary>
    private const long MemoryForPairBytes = 128 << 20;

    /// <exception cref="ArgumentOutOfRangeException">The parameters are not accepted.</exception>
    public static void DeriveKey(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int n, int r, int p, Span<byte> key) =>
        DeriveKey(password, salt, n, r, p, key, ScryptPair.IsSupported);

    internal static void DeriveKey(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int n, int r, int p, Span<byte> key, bool inPairs)
    {
        if (!Accepts(n, r, p)) throw new ArgumentOutOfRangeException(nameof(n));
        var mixed = new byte[p * 128 * r];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, mixed, 1, HashAlgorithmName.SHA256);
        try
        {
            MixAll(mixed, n, r, p, inPairs);
            Rfc2898DeriveBytes.Pbkdf2(password, mixed, key, 1, HashAlgorithmName.SHA256);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(mixed);
        }
    }

    /// <summary>The p lanes know nothing of each other: two go through one vector. A second thread was measured to gain nothing: first touching the memory is half of the time.</summary>
    private static unsafe void MixAll(byte[] mixed, int n, int r, int p, bool inPairs)
    {
        var words = 32 * r;
        var laneBytes = 4L * n * words;
        var together = inPairs && p > 1 && 2 * laneBytes <= MemoryForPairBytes ? 2 : 1;
        // Not of the collector's heap: given back to the system at once, before the memory of the work itself is needed.
        var bytes = (nuint)(together * laneBytes);
        var memory = (uint*)NativeMemory.AlignedAlloc(bytes, 64);
        try
        {
            var own = new Span<uint>(memory, checked((int)(bytes / 4)));
            var blocks = MemoryMarshal.Cast<byte, uint>(mixed.AsSpan());
            for (var lane = 0; lane < p; lane += together)
            {
                if (together == 2 && lane + 1 < p) ScryptPair.Mix(blocks.Slice(lane * words, words), blocks.Slice((lane + 1) * words, words), own, n, r);
                else Mix(blocks.Slice(lane * words, words), own, n, r);
            }
        }
        finally
        {
            NativeMemory.Clear(memory, bytes);
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>scryptROMix, RFC 7914 section 5. Words are little-endian in the RFC and in memory on every platform .NET 10 runs on.</summary>
    private static void Mix(Span<uint> block, Span<uint> memory, int n, int r)
    {
        var words = 32 * r;
        var x = block.ToArray();
        var y = new uint[words];
        Shuffle(x);
        for (var i = 0; i < n; i++)
        {
            x.AsSpan().CopyTo(memory.Slice(i * words, words));
            MixBlocks(x, y, r);
            (x, y) = (y, x);
        }
        for (var i = 0; i < n; i++)
        {
            // Integerify: the first word of the last 64-byte block; the shuffle keeps word 0 in place.
            var j = (int)(x[words - 16] & (uint)(n - 1));
            Xor(x, memory.Slice(j * words, words));
            MixBlocks(x, y, r);
            (x, y) = (y, x);
        }
        Unshuffle(x);
        x.AsSpan().CopyTo(block);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(x.AsSpan()));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(y.AsSpan()));
    }

    private static void Xor(Span<uint> target, ReadOnlySpan<uint> other)
    {
        var a = MemoryMarshal.Cast<uint, Vector256<uint>>(target);
        var b = MemoryMarshal.Cast<uint, Vector256<uint>>(other);
        for (var i = 0; i < a.Length; i++) a[i] ^= b[i];
    }

    // Salsa20 works on columns of a 4x4 matrix. Stored by diagonals, a quarter-round is four vector operations and the turn from columns to rows is a rotation of lanes.
    private static ReadOnlySpan<byte> Diagonals => [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

    internal static void Shuffle(Span<uint> words)
    {
        Span<uint> kept = stackalloc uint[16];
        for (var at = 0; at < words.Length; at += 16)
        {
            words.Slice(at, 16).CopyTo(kept);
            for (var i = 0; i < 16; i++) words[at + i] = kept[Diagonals[i]];
        }
    }

    internal static void Unshuffle(Span<uint> words)
    {
        Span<uint> kept = stackalloc uint[16];
        for (var at = 0; at < words.Length; at += 16)
        {
            words.Slice(at, 16).CopyTo(kept);
            for (var i = 0; i < 16; i++) words[at + Diagonals[i]] = kept[i];
        }
    }

    /// <summary>scryptBlockMix, RFC 7914 section 4: 2r blocks of 64 bytes, even ones first in the result.</summary>
    private static void MixBlocks(ReadOnlySpan<uint> input, Span<uint> output, int r)
    {
        var blocks = MemoryMarshal.Cast<uint, Vector128<uint>>(input);
        var mixed = MemoryMarshal.Cast<uint, Vector128<uint>>(output);
        var last = blocks[^4..];
        Vector128<uint> a = last[0], b = last[1], c = last[2], d = last[3];
        for (var i = 0; i < 2 * r; i++)
        {
            var from = blocks.Slice(4 * i, 4);
            Salsa20Of8(ref a, ref b, ref c, ref d, from);
            var to = mixed.Slice(4 * ((i >> 1) + (i & 1) * r), 4);
            to[0] = a; to[1] = b; to[2] = c; to[3] = d;
        }
    }

    /// <summary>XOR with the block, then Salsa20/8, RFC 7914 section 3, over four diagonals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Salsa20Of8(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, ReadOnlySpan<Vector128<uint>> from)
    {
        a ^= from[0]; b ^= from[1]; c ^= from[2]; d ^= from[3];
        var (a0, b0, c0, d0) = (a, b, c, d);
        for (var round = 0; round < 4; round++)
        {
            b ^= Rotate(a + d, 7);
            c ^= Rotate(b + a, 9);
            d ^= Rotate(c + b, 13);
            a ^= Rotate(d + c, 18);
            (b, c, d) = (Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2)), Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1)), Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0)));
            d ^= Rotate(a + b, 7);
            c ^= Rotate(d + a, 9);
            b ^= Rotate(c + d, 13);
            a ^= Rotate(b + c, 18);
            (b, c, d) = (Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0)), Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1)), Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2)));
        }
        a += a0; b += b0; c += c0; d += d0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Rotate(Vector128<uint> value, int bits) => Vector128.ShiftLeft(value, bits) | Vector128.ShiftRightLogical(value, 32 - bits);
}
