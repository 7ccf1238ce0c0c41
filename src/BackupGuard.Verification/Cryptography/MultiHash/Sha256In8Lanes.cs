using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<uint>;

namespace BackupGuard.Verification.Cryptography.MultiHash;

/// <summary>SHA-256 (FIPS 180-4) of eight messages at once, with AVX2; see <see cref="Sha256In16Lanes"/>.</summary>
internal static unsafe class Sha256In8Lanes
{
    public const int Width = 8;

    public static bool IsSupported => Avx2.IsSupported;

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
                    Round(a, b, c, ref d, e, f, g, ref h, w[0] + Vector256.Create(k[round]));
                    Round(h, a, b, ref c, d, e, f, ref g, w[1] + Vector256.Create(k[round + 1]));
                    Round(g, h, a, ref b, c, d, e, ref f, w[2] + Vector256.Create(k[round + 2]));
                    Round(f, g, h, ref a, b, c, d, ref e, w[3] + Vector256.Create(k[round + 3]));
                    Round(e, f, g, ref h, a, b, c, ref d, w[4] + Vector256.Create(k[round + 4]));
                    Round(d, e, f, ref g, h, a, b, ref c, w[5] + Vector256.Create(k[round + 5]));
                    Round(c, d, e, ref f, g, h, a, ref b, w[6] + Vector256.Create(k[round + 6]));
                    Round(b, c, d, ref e, f, g, h, ref a, w[7] + Vector256.Create(k[round + 7]));
                    Round(a, b, c, ref d, e, f, g, ref h, w[8] + Vector256.Create(k[round + 8]));
                    Round(h, a, b, ref c, d, e, f, ref g, w[9] + Vector256.Create(k[round + 9]));
                    Round(g, h, a, ref b, c, d, e, ref f, w[10] + Vector256.Create(k[round + 10]));
                    Round(f, g, h, ref a, b, c, d, ref e, w[11] + Vector256.Create(k[round + 11]));
                    Round(e, f, g, ref h, a, b, c, ref d, w[12] + Vector256.Create(k[round + 12]));
                    Round(d, e, f, ref g, h, a, b, ref c, w[13] + Vector256.Create(k[round + 13]));
                    Round(c, d, e, ref f, g, h, a, ref b, w[14] + Vector256.Create(k[round + 14]));
                    Round(b, c, d, ref e, f, g, h, ref a, w[15] + Vector256.Create(k[round + 15]));
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
        var t = h + wk + Xor3(RotateRight(e, 6), RotateRight(e, 11), RotateRight(e, 25)) + (g ^ (e & (f ^ g)));
        d += t;
        h = t + Xor3(RotateRight(a, 2), RotateRight(a, 13), RotateRight(a, 22)) + ((a & b) | (c & (a | b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V RotateRight(V x, [ConstantExpected] byte bits) => Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(x, bits) : Vector256.ShiftRightLogical(x, bits) | Vector256.ShiftLeft(x, 32 - bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Xor3(V x, V y, V z) => x ^ y ^ z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Small0(V x) => Xor3(RotateRight(x, 7), RotateRight(x, 18), Vector256.ShiftRightLogical(x, 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Small1(V x) => Xor3(RotateRight(x, 17), RotateRight(x, 19), Vector256.ShiftRightLogical(x, 10));

    /// <summary>Word i of every lane's block into w[i], half a block at a time. First within groups of four lanes, then halves of vectors change places.</summary>
    private static void Transpose(byte** messages, nint at, V* w)
    {
        for (var half = 0; half < 2; half++, at += Sha256Kernel.BlockBytes / 2, w += Width)
        {
            for (var i = 0; i < Width; i += 4)
            {
                V r0 = Load(messages[i] + at), r1 = Load(messages[i + 1] + at), r2 = Load(messages[i + 2] + at), r3 = Load(messages[i + 3] + at);
                var (t0, t1) = (Avx2.UnpackLow(r0, r1).AsUInt64(), Avx2.UnpackHigh(r0, r1).AsUInt64());
                var (t2, t3) = (Avx2.UnpackLow(r2, r3).AsUInt64(), Avx2.UnpackHigh(r2, r3).AsUInt64());
                w[i] = Avx2.UnpackLow(t0, t2).AsUInt32();
                w[i + 1] = Avx2.UnpackHigh(t0, t2).AsUInt32();
                w[i + 2] = Avx2.UnpackLow(t1, t3).AsUInt32();
                w[i + 3] = Avx2.UnpackHigh(t1, t3).AsUInt32();
            }
            for (var i = 0; i < 4; i++)
            {
                var (g0, g1) = (w[i], w[4 + i]);
                w[i] = Avx2.Permute2x128(g0, g1, 0x20);
                w[4 + i] = Avx2.Permute2x128(g0, g1, 0x31);
            }
        }
    }

    /// <summary>Words are big-endian (FIPS 180-4, section 3.1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(byte* from) =>
        Avx2.Shuffle(Vector256.Load(from), Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12))).AsUInt32();
}
