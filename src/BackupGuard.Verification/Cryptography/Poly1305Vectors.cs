using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BackupGuard.Verification.Cryptography;

/// <summary>Four blocks of Poly1305 at once: lane i takes every fourth block, multiplied by r^4, and the lanes meet at the end (Goll and Gueron 2015).</summary>
internal static class Poly1305Vectors
{
    /// <summary>Below this the powers of r cost more than the lanes save.</summary>
    public const int SmallestMessage = 1024;

    private const int Group = 64;
    private const ulong Mask26 = (1 << 26) - 1;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>A number below 2^130 in five limbs of 26 bits, four lanes of it.</summary>
    private struct Limbs
    {
        public Vector256<ulong> L0, L1, L2, L3, L4;
    }

    /// <summary>A factor with its limbs times five, for the part that wraps at 2^130.</summary>
    private struct Factor
    {
        public Vector256<uint> R0, R1, R2, R3, R4, S1, S2, S3, S4;
    }

    /// <summary>Takes in as many whole groups of four blocks as there are.</summary>
    /// <param name="r0">Low half of the clamped r.</param>
    /// <returns>The bytes taken in.</returns>
    [SkipLocalsInit]
    public static int Absorb(ulong r0, ulong r1, ReadOnlySpan<byte> message, ref ulong h0, ref ulong h1, ref ulong h2)
    {
        var groups = message.Length / Group;
        Span<ulong> powers = stackalloc ulong[20];
        ulong p0 = r0, p1 = r1, p2 = 0;
        var s1 = unchecked(r1 + (r1 >> 2));
        for (var power = 0; power < 4; power++)
        {
            Split(p0, p1, p2, powers.Slice(power * 5, 5));
            Poly1305.Multiply(ref p0, ref p1, ref p2, r0, r1, s1);
        }
        var fourth = FactorOf(powers, 3, 3, 3, 3);
        // Blocks lie in the lanes in the order 0, 2, 1, 3 that unpacking gives.
        var last = FactorOf(powers, 3, 1, 2, 0);

        Limbs h = default;
        ref var bytes = ref MemoryMarshal.GetReference(message);
        for (var group = 0; group < groups; group++)
        {
            Add(ref h, ref Unsafe.Add(ref bytes, group * Group));
            Multiply(ref h, ref group < groups - 1 ? ref fourth : ref last);
        }
        // The limbs never leave this method by address: they would then live in memory throughout the loop, at half as much time again.
        Join(Vector256.Sum(h.L0), Vector256.Sum(h.L1), Vector256.Sum(h.L2), Vector256.Sum(h.L3), Vector256.Sum(h.L4), ref h0, ref h1, ref h2);
        return groups * Group;
    }

    private static void Split(ulong h0, ulong h1, ulong h2, Span<ulong> limbs)
    {
        unchecked
        {
            limbs[0] = h0 & Mask26;
            limbs[1] = (h0 >> 26) & Mask26;
            limbs[2] = ((h0 >> 52) | (h1 << 12)) & Mask26;
            limbs[3] = (h1 >> 14) & Mask26;
            limbs[4] = (h1 >> 40) | (h2 << 24);
        }
    }

    private static Factor FactorOf(ReadOnlySpan<ulong> powers, int a, int b, int c, int d)
    {
        var (r1, r2, r3, r4) = (Lanes(powers, 1, a, b, c, d), Lanes(powers, 2, a, b, c, d), Lanes(powers, 3, a, b, c, d), Lanes(powers, 4, a, b, c, d));
        return new Factor
        {
            R0 = Lanes(powers, 0, a, b, c, d).AsUInt32(), R1 = r1.AsUInt32(), R2 = r2.AsUInt32(), R3 = r3.AsUInt32(), R4 = r4.AsUInt32(),
            S1 = Five(r1).AsUInt32(), S2 = Five(r2).AsUInt32(), S3 = Five(r3).AsUInt32(), S4 = Five(r4).AsUInt32(),
        };
    }

    private static Vector256<ulong> Lanes(ReadOnlySpan<ulong> powers, int limb, int a, int b, int c, int d) =>
        Vector256.Create(powers[a * 5 + limb], powers[b * 5 + limb], powers[c * 5 + limb], powers[d * 5 + limb]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Five(Vector256<ulong> v) => v + Vector256.ShiftLeft(v, 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Limbs h, ref byte block)
    {
        var first = Vector256.LoadUnsafe(ref block).AsUInt64();
        var second = Vector256.LoadUnsafe(ref block, 32).AsUInt64();
        var low = Avx2.UnpackLow(first, second);
        var high = Avx2.UnpackHigh(first, second);
        var mask = Vector256.Create(Mask26);
        h.L0 += low & mask;
        h.L1 += Vector256.ShiftRightLogical(low, 26) & mask;
        h.L2 += (Vector256.ShiftRightLogical(low, 52) | Vector256.ShiftLeft(high, 12)) & mask;
        h.L3 += Vector256.ShiftRightLogical(high, 14) & mask;
        // Every whole block has a bit above its 128 (Bernstein 2005, section 2).
        h.L4 += Vector256.ShiftRightLogical(high, 40) | Vector256.Create(1UL << 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref Limbs h, ref Factor f)
    {
        var (h0, h1, h2, h3, h4) = (h.L0.AsUInt32(), h.L1.AsUInt32(), h.L2.AsUInt32(), h.L3.AsUInt32(), h.L4.AsUInt32());
        var d0 = Avx2.Multiply(h0, f.R0) + Avx2.Multiply(h1, f.S4) + Avx2.Multiply(h2, f.S3) + Avx2.Multiply(h3, f.S2) + Avx2.Multiply(h4, f.S1);
        var d1 = Avx2.Multiply(h0, f.R1) + Avx2.Multiply(h1, f.R0) + Avx2.Multiply(h2, f.S4) + Avx2.Multiply(h3, f.S3) + Avx2.Multiply(h4, f.S2);
        var d2 = Avx2.Multiply(h0, f.R2) + Avx2.Multiply(h1, f.R1) + Avx2.Multiply(h2, f.R0) + Avx2.Multiply(h3, f.S4) + Avx2.Multiply(h4, f.S3);
        var d3 = Avx2.Multiply(h0, f.R3) + Avx2.Multiply(h1, f.R2) + Avx2.Multiply(h2, f.R1) + Avx2.Multiply(h3, f.R0) + Avx2.Multiply(h4, f.S4);
        var d4 = Avx2.Multiply(h0, f.R4) + Avx2.Multiply(h1, f.R3) + Avx2.Multiply(h2, f.R2) + Avx2.Multiply(h3, f.R1) + Avx2.Multiply(h4, f.R0);
        // Two chains of carries side by side; every limb ends below 2^26 plus a little, so that the next sum of products stays below 2^64.
        var mask = Vector256.Create(Mask26);
        d1 += Vector256.ShiftRightLogical(d0, 26); d0 &= mask;
        d4 += Vector256.ShiftRightLogical(d3, 26); d3 &= mask;
        d2 += Vector256.ShiftRightLogical(d1, 26); d1 &= mask;
        d0 += Five(Vector256.ShiftRightLogical(d4, 26)); d4 &= mask;
        d3 += Vector256.ShiftRightLogical(d2, 26); d2 &= mask;
        d1 += Vector256.ShiftRightLogical(d0, 26); d0 &= mask;
        d4 += Vector256.ShiftRightLogical(d3, 26); d3 &= mask;
        (h.L0, h.L1, h.L2, h.L3, h.L4) = (d0, d1, d2, d3, d4);
    }

    /// <summary>Five limbs, each the sum of its lanes, back into 64-bit words.</summary>
    private static void Join(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4, ref ulong h0, ref ulong h1, ref ulong h2)
    {
        unchecked
        {
            l1 += l0 >> 26; l0 &= Mask26;
            l2 += l1 >> 26; l1 &= Mask26;
            l3 += l2 >> 26; l2 &= Mask26;
            l4 += l3 >> 26; l3 &= Mask26;
            l0 += 5 * (l4 >> 26); l4 &= Mask26;
            l1 += l0 >> 26; l0 &= Mask26;
            l2 += l1 >> 26; l1 &= Mask26;
            h0 = l0 | (l1 << 26) | (l2 << 52);
            h1 = (l2 >> 12) | (l3 << 14) | (l4 << 40);
            h2 = l4 >> 24;
        }
    }
}
