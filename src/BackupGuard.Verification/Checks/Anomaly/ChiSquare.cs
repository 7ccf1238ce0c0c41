using System.Runtime.InteropServices;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Pearson's chi-square of byte values against the uniform distribution: 255 degrees of freedom, so about 255 ± 23 for random bytes, whatever their number.</summary>
public static class ChiSquare
{
    /// <summary>Below this the expected count of a value is under 16 and the statistic says little.</summary>
    public const int Window = 4096;

    // Measured over AES output: 999 of 1,000 windows lie within; of text, none.
    public const double Low = 180, High = 340;

    public static double Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) return double.PositiveInfinity;
        Span<int> counts = stackalloc int[1024];
        counts.Clear();
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        // Four tables: equal neighbours would wait for each other's counter.
        foreach (var word in words)
        {
            counts[(int)(word & 255)]++;
            counts[256 + (int)((word >> 8) & 255)]++;
            counts[512 + (int)((word >> 16) & 255)]++;
            counts[768 + (int)(word >> 24)]++;
        }
        foreach (var b in bytes[(words.Length * 4)..]) counts[b]++;
        double squares = 0;
        for (var i = 0; i < 256; i++)
        {
            double n = counts[i] + counts[256 + i] + counts[512 + i] + counts[768 + i];
            squares += n * n;
        }
        return squares * 256 / bytes.Length - bytes.Length;
    }

    /// <summary>Whether bytes of at least one window look like the output of a cipher. What is well compressed can look the same: never a reason alone.</summary>
    public static bool LooksRandom(ReadOnlySpan<byte> bytes) => bytes.Length >= Window && Of(bytes) is >= Low and <= High;
}
