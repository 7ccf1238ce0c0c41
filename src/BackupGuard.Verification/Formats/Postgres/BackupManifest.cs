using System.Text;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>One file as the manifest has it.</summary>
/// <param name="Path">Bytes, relative to the data directory, already judged: it cannot leave it.</param>
/// <param name="ModifiedAt">By the server's clock when it sent the file; null where it is not given.</param>
internal sealed record ManifestFile(byte[] Path, long Size, ChecksumAlgorithm Algorithm, byte[] Checksum, DateTimeOffset? ModifiedAt)
{
    /// <summary>The path as text, or null when it is not valid UTF-8.</summary>
    public string? PathText => System.Text.Unicode.Utf8.IsValid(Path) ? Encoding.UTF8.GetString(Path) : null;

    /// <summary>Lossy, for people.</summary>
    public string Shown => Encoding.UTF8.GetString(Path);
}

/// <summary>A backup_manifest whose own checksum was right (PostgreSQL documentation, "Backup Manifest Format").</summary>
internal sealed class BackupManifest
{
    public const string FileName = "backup_manifest";
    public const int LargestBytes = 512 << 20;
    public const int MostFiles = 1_000_000;
    public const int MostRanges = 1_000;

    public required int Version { get; init; }

    /// <summary>Of the cluster; null in version 1, which does not have it.</summary>
    public required ulong? SystemIdentifier { get; init; }
    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <summary>Newest timeline first, as the server writes them.</summary>
    public required IReadOnlyList<WalRange> Ranges { get; init; }

    /// <summary>The manifest's own SHA-256, 64 hexadecimal digits: the backup's name, since it has no other.</summary>
    public required string Checksum { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Names of the algorithms used, for people.</summary>
    public string Algorithms => string.Join(", ", Files.Select(f => f.Algorithm).Distinct().Order().Select(ContentHash.NameOf));
}
