using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<uint>;

namespace BackupGuard.Verification.Cryptography.MultiHash;

/// <summary>SHA-256 (FIPS 180-4) of sixteen messages at once, with AVX-512: vector i of the state holds word i of all of them.</summary>
/// <remarks>Written out for its width, and the eight-lane one for its own: the compiler gives up inlining where one text serves both through generics.</remarks>
internal static unsafe class Sha256In16Lanes
{
    public const int Width = 16;

    public static bool IsSupported => Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <inheritdoc cref="Sha256Kernel.Compress"/>
    [SkipLocalsInit]
    public static void Compress(uint* state, byte** messages, int blocks)
    {
        unchecked
        {
            var w = stackalloc V[16];
            var s = (V*)state;
            V a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
            fixed (uint* k = Sha256Kernel.RoundConstants)
            for (var block = 0; block < blocks; block++)
            {
                Transpose(messages, (nint)block * Sha256Kernel.BlockBytes, w);
                V a0 = a, b0 = b, c0 = c, d0 = d, e0 = e, f0 = f, g0 = g, h0 = h;
                for (var round = 0; ;)
                {
                    Round(a, b, c, ref d, e, f, g, ref h, w[0] + Vector512.Create(k[round]));
                    Round(h, a, b, ref c, d, e, f, ref g, w[1] + Vector512.Create(k[round + 1]));
                    Round(g, h, a, ref b, c, d, e, ref f, w[2] + Vector512.Create(k[round + 2]));
                    Round(f, g, h, ref a, b, c, d, ref e, w[3] + Vector512.Create(k[round + 3]));
                    Round(e, f, g, ref h, a, b, c, ref d, w[4] + Vector512.Create(k[round + 4]));
                    Round(d, e, f, ref g, h, a, b, ref c, w[5] + Vector512.Create(k[round + 5]));
                    Round(c, d, e, ref f, g, h, a, ref b, w[6] + Vector512.Create(k[round + 6]));
                    Round(b, c, d, ref e, f, g, h, ref a, w[7] + Vector512.Create(k[round + 7]));
                    Round(a, b, c, ref d, e, f, g, ref h, w[8] + Vector512.Create(k[round + 8]));
                    Round(h, a, b, ref c, d, e, f, ref g, w[9] + Vector512.Create(k[round + 9]));
                    Round(g, h, a, ref b, c, d, e, ref f, w[10] + Vector512.Create(k[round + 10]));
                    Round(f, g, h, ref a, b, c, d, ref e, w[11] + Vector512.Create(k[round + 11]));
                    Round(e, f, g, ref h, a, b, c, ref d, w[12] + Vector512.Create(k[round + 12]));
                    Round(d, e, f, ref g, h, a, b, ref c, w[13] + Vector512.Create(k[round + 13]));
                    Round(c, d, e, ref f, g, h, a, ref b, w[14] + Vector512.Create(k[round + 14]));
                    Round(b, c, d, ref e, f, g, h, ref a, w[15] + Vector512.Create(k[round + 15]));
                    if ((round += 16) == 64) break;
                    for (var i = 0; i < 16; i++) w[i] += Small0(w[(i + 1) & 15]) + w[(i + 9) & 15] + Small1(w[(i + 14) & 15]);
                }
                a += a0; b += b0; c += c0; d += d0; e += e0; f += f0; g += g0; h += h0;
            }
            (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]) = (a, b, c, d, e, f, g, h);
        }
    }

    /// <summary>FIPS 180-4, section 6.2.2, step 3; the eight variables change places instead of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(V a, V b, V c, ref V d, V e, V f, V g, ref V h, V wk)
    {
        var t = h + wk + Xor3(RotateRight(e, 6), RotateRight(e, 11), RotateRight(e, 25)) + Avx512F.TernaryLogic(e, f, g, 0xCA);
        d += t;
        h = t + Xor3(RotateRight(a, 2), RotateRight(a, 13), RotateRight(a, 22)) + Avx512F.TernaryLogic(a, b, c, 0xE8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V RotateRight(V x, [ConstantExpected] byte bits) => Avx512F.RotateRight(x, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Xor3(V x, V y, V z) => Avx512F.TernaryLogic(x, y, z, 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Small0(V x) => Xor3(RotateRight(x, 7), RotateRight(x, 18), Vector512.ShiftRightLogical(x, 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Small1(V x) => Xor3(RotateRight(x, 17), RotateRight(x, 19), Vector512.ShiftRightLogical(x, 10));

    /// <summary>Word i of every lane's block into w[i]. First within groups of four lanes, then whole quarters of vectors change places.</summary>
    private static void Transpose(byte** messages, nint at, V* w)
    {
        for (var i = 0; i < Width; i += 4)
        {
            V r0 = Load(messages[i] + at), r1 = Load(messages[i + 1] + at), r2 = Load(messages[i + 2] + at), r3 = Load(messages[i + 3] + at);
            var (t0, t1) = (Avx512F.UnpackLow(r0, r1).AsUInt64(), Avx512F.UnpackHigh(r0, r1).AsUInt64());
            var (t2, t3) = (Avx512F.UnpackLow(r2, r3).AsUInt64(), Avx512F.UnpackHigh(r2, r3).AsUInt64());
            w[i] = Avx512F.UnpackLow(t0, t2).AsUInt32();
            w[i + 1] = Avx512F.UnpackHigh(t0, t2).AsUInt32();
            w[i + 2] = Avx512F.UnpackLow(t1, t3).AsUInt32();
            w[i + 3] = Avx512F.UnpackHigh(t1, t3).AsUInt32();
        }
        for (var i = 0; i < 4; i++)
        {
            V g0 = w[i], g1 = w[4 + i], g2 = w[8 + i], g3 = w[12 + i];
            var (low01, high01) = (Avx512F.Shuffle4x128(g0, g1, 0x44), Avx512F.Shuffle4x128(g0, g1, 0xEE));
            var (low23, high23) = (Avx512F.Shuffle4x128(g2, g3, 0x44), Avx512F.Shuffle4x128(g2, g3, 0xEE));
            w[i] = Avx512F.Shuffle4x128(low01, low23, 0x88);
            w[4 + i] = Avx512F.Shuffle4x128(low01, low23, 0xDD);
            w[8 + i] = Avx512F.Shuffle4x128(high01, high23, 0x88);
            w[12 + i] = Avx512F.Shuffle4x128(high01, high23, 0xDD);
        }
    }

    /// <summary>Words are big-endian (FIPS 180-4, section 3.1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(byte* from)
    {
        var swap = Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        return Avx512BW.Shuffle(Vector512.Load(from), Vector512.Create(Vector256.Create(swap, swap), Vector256.Create(swap, swap))).AsUInt32();
    }
}
