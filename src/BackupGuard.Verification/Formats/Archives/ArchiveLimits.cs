namespace BackupGuard.Verification.Formats.Archives;

/// <summary>A limit of ours was reached while reading an archive.</summary>
internal sealed class ArchiveLimitException(string message) : Exception(message);

/// <param name="MostEntries">Entries of any kind.</param>
/// <param name="MostBytes">What the compressed part may unpack to.</param>
internal readonly record struct ArchiveLimits(int MostEntries, long MostBytes)
{
    /// <summary>Room for headers and padding beside what is announced.</summary>
    public const long Slack = 64 << 20;

    /// <summary>While nothing is known of the content: deflate can reach 1032 to 1, honest archives stay far below.</summary>
    public static ArchiveLimits ByRatio(long archiveBytes, int mostEntries) => new(mostEntries, Slack + (Math.Min(archiveBytes, long.MaxValue / 2200) * 1100));
}
