using BackupGuard.Verification.Formats.Archives;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>What an archive of a sealed set may unpack to.</summary>
internal static class FileSetLimits
{
    /// <summary>While the manifest is not yet known.</summary>
    public static ArchiveLimits ByRatio(long archiveBytes) => ArchiveLimits.ByRatio(archiveBytes, FileSetManifest.MostEntries);

    /// <summary>What the manifest says, and room for the headers around it.</summary>
    public static ArchiveLimits ByManifest(FileSetManifest manifest) => new(
        FileSetManifest.MostEntries, ArchiveLimits.Slack + FileSetManifest.LargestBytes + manifest.Bytes + manifest.Entries.Sum(e => 8192L + (2 * (e.Path.Length + e.Target.Length))));
}
