using System.Diagnostics;
using System.Security.Cryptography;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Cryptography;
using BackupGuard.Verification.Cryptography.MultiHash;

namespace BackupGuard.Benchmarks;

/// <summary>What one core needs for the work that no verifier can leave out, in nanoseconds a byte; the zstd number is per byte that comes out.</summary>
/// <param name="Sha256">One message after the other, as the framework hashes.</param>
/// <param name="Sha256InLanes">Many messages at once, all lanes full, or the framework where that is faster.</param>
internal sealed record Primitives(double Sha256, double Sha256InLanes, double AesCtr, double Poly1305, double ZstdDecode, double ScryptSeconds)
{
    private const int Rounds = 40;

    /// <summary>The fastest round counts: on a shared machine the others measure the neighbours.</summary>
    public static Primitives Measure(Workload workload)
    {
        var data = new byte[1 << 20];
        new SplitMix(3).Fill(data);
        var tag = new byte[BackupGuard.Verification.Cryptography.Poly1305.TagBytes];
        using var cipher = new AesCtr(data.AsSpan(0, 32));
        var sha = Fastest(Rounds, () => SHA256.HashData(data)) / data.Length;
        var lanes = Sha256Kernel.Fastest is { } kernel ? Fastest(Rounds, () => kernel.CompressSample(data)) / kernel.Width / data.Length : sha;
        var aes = Fastest(Rounds, () => cipher.Transform(tag, data)) / data.Length;
        var poly = Fastest(Rounds, () => BackupGuard.Verification.Cryptography.Poly1305.Tag(data.AsSpan(0, 16), data.AsSpan(16, 16), data, tag)) / data.Length;
        var zstd = workload.Frames.Count == 0 ? 0 : Fastest(5, () => DecodeAll(workload)) / workload.Frames.Sum(f => (long)f.PlainLength);
        var (n, r, p) = workload.Scrypt;
        var scrypt = Fastest(5, () => Scrypt.DeriveKey(data.AsSpan(0, 16), data.AsSpan(16, 64), n, r, p, new byte[64])) * 1e-9;
        return new Primitives(sha, lanes, aes, poly, zstd, scrypt);
    }

    /// <summary>CPU seconds below which a verification that does everything cannot stay with these primitives: the pack's hash, tag and decryption of what is stored; unpacking; the hash of the contents.</summary>
    public double LowerBoundSeconds(Workload workload) =>
        1e-9 * (workload.PackBytes * (Sha256 + Poly1305 + AesCtr) + workload.UnpackedBytes * ZstdDecode + workload.PlainBytes * Sha256InLanes) + ScryptSeconds;

    private static void DecodeAll(Workload workload)
    {
        var plain = new byte[workload.Frames.Max(f => f.PlainLength)];
        foreach (var (frame, length) in workload.Frames)
            if (Zstd.Decode(frame, plain.AsSpan(0, length), out _) != ZstdResult.Ok) throw new BenchmarkException("A blob does not decompress.");
    }

    /// <returns>Nanoseconds.</returns>
    private static double Fastest(int rounds, Action work)
    {
        work();
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            work();
            var elapsed = Stopwatch.GetElapsedTime(began);
            if (elapsed < best) best = elapsed;
        }
        return best.TotalNanoseconds;
    }
}
