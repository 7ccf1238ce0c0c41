using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace BackupGuard.Verification.Cryptography;

/// <summary>Poly1305 as a bare one-time authenticator (Bernstein 2005; RFC 8439 section 2.5). The framework offers it only inside an AEAD.</summary>
public static class Poly1305
{
    public const int KeyBytes = 32;
    public const int TagBytes = 16;

    /// <summary>The tag of a message under r (clamped here) and the final addend s.</summary>
    public static void Tag(ReadOnlySpan<byte> r, ReadOnlySpan<byte> s, ReadOnlySpan<byte> message, Span<byte> tag) =>
        Tag(r, s, message, tag, Poly1305Vectors.IsSupported);

    internal static void Tag(ReadOnlySpan<byte> r, ReadOnlySpan<byte> s, ReadOnlySpan<byte> message, Span<byte> tag, bool useVectors)
    {
        unchecked
        {
            // h = h2·2^128 + h1·2^64 + h0 modulo 2^130 - 5; the clamp leaves the low two bits of r1 clear, so that 5·r1/4 is exact.
            var r0 = BinaryPrimitives.ReadUInt64LittleEndian(r) & 0x0FFFFFFC0FFFFFFF;
            var r1 = BinaryPrimitives.ReadUInt64LittleEndian(r[8..]) & 0x0FFFFFFC0FFFFFFC;
            var s1 = r1 + (r1 >> 2);
            ulong h0 = 0, h1 = 0, h2 = 0;
            var at = 0;
            if (useVectors && message.Length >= Poly1305Vectors.SmallestMessage) at = Poly1305Vectors.Absorb(r0, r1, message, ref h0, ref h1, ref h2);
            for (; at + 16 <= message.Length; at += 16)
            {
                var block = message.Slice(at, 16);
                Add(ref h0, ref h1, ref h2, BinaryPrimitives.ReadUInt64LittleEndian(block), BinaryPrimitives.ReadUInt64LittleEndian(block[8..]), 1);
                Multiply(ref h0, ref h1, ref h2, r0, r1, s1);
            }
            if (at < message.Length)
            {
                Span<byte> padded = stackalloc byte[16];
                padded.Clear();
                message[at..].CopyTo(padded);
                padded[message.Length - at] = 1;
                Add(ref h0, ref h1, ref h2, BinaryPrimitives.ReadUInt64LittleEndian(padded), BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]), 0);
                Multiply(ref h0, ref h1, ref h2, r0, r1, s1);
            }
            Finish(h0, h1, h2, s, tag);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref ulong h0, ref ulong h1, ref ulong h2, ulong m0, ulong m1, ulong high)
    {
        unchecked
        {
            h0 += m0;
            var carry = h0 < m0 ? 1UL : 0;
            h1 += carry;
            var carry2 = h1 < carry ? 1UL : 0;
            h1 += m1;
            carry2 += h1 < m1 ? 1UL : 0;
            h2 += carry2 + high;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Multiply(ref ulong h0, ref ulong h1, ref ulong h2, ulong r0, ulong r1, ulong s1)
    {
        unchecked
        {
            // d0 = h0·r0 + h1·s1; d1 = h0·r1 + h1·r0 + h2·s1; d2 = h2·r0, with h2 of at most three bits.
            var high00 = Math.BigMul(h0, r0, out var low00);
            var high11 = Math.BigMul(h1, s1, out var low11);
            var high01 = Math.BigMul(h0, r1, out var low01);
            var high10 = Math.BigMul(h1, r0, out var low10);
            var d0 = low00 + low11;
            var d0High = high00 + high11 + (d0 < low00 ? 1UL : 0);
            var d1 = low01 + low10;
            var d1High = high01 + high10 + (d1 < low01 ? 1UL : 0);
            var low21 = h2 * s1;
            d1 += low21;
            d1High += d1 < low21 ? 1UL : 0;
            d1 += d0High;
            d1High += d1 < d0High ? 1UL : 0;
            var d2 = h2 * r0 + d1High;
            // Fold what is above 2^130 back in, times five.
            h0 = d0;
            h1 = d1;
            h2 = d2 & 3;
            var fold = (d2 & ~3UL) + (d2 >> 2);
            h0 += fold;
            var carry = h0 < fold ? 1UL : 0;
            h1 += carry;
            h2 += h1 < carry ? 1UL : 0;
        }
    }

    private static void Finish(ulong h0, ulong h1, ulong h2, ReadOnlySpan<byte> s, Span<byte> tag)
    {
        unchecked
        {
            // Subtract the prime when h is not smaller: h + 5 reaches 2^130 exactly then.
            var g0 = h0 + 5;
            var carry = g0 < h0 ? 1UL : 0;
            var g1 = h1 + carry;
            carry = g1 < h1 ? 1UL : 0;
            var g2 = h2 + carry;
            var mask = 0 - (g2 >> 2);
            h0 = (h0 & ~mask) | (g0 & mask);
            h1 = (h1 & ~mask) | (g1 & mask);
            var s0 = BinaryPrimitives.ReadUInt64LittleEndian(s);
            var t0 = h0 + s0;
            var t1 = h1 + BinaryPrimitives.ReadUInt64LittleEndian(s[8..]) + (t0 < s0 ? 1UL : 0);
            BinaryPrimitives.WriteUInt64LittleEndian(tag, t0);
            BinaryPrimitives.WriteUInt64LittleEndian(tag[8..], t1);
        }
    }
}
