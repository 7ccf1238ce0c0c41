namespace BackupGuard.Verification.Formats.FileSet;

internal enum ArchiveItemKind { File, Directory, SymbolicLink, HardLink, Special }

/// <summary>One entry of an archive, while it is passed by.</summary>
/// <param name="Path">Without "./" in front and '/' at the end; empty for the root itself. Not yet judged.</param>
internal sealed record ArchiveItem(byte[] Path, ArchiveItemKind Kind)
{
    /// <summary>Of a file, as its header says.</summary>
    public long Size { get; init; }
    public int? Mode { get; init; }
    public long? ModifiedAtNanoseconds { get; init; }

    /// <summary>Of a link. That of a hard link is a path in this archive, cleaned like <see cref="Path"/>.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Content of a file: read before the next item is asked for, or not at all.</summary>
    public Stream Content { get; init; } = Stream.Null;

    /// <summary>Checksum that a zip file keeps, or null.</summary>
    public uint? Crc32 { get; init; }

    public static byte[] Clean(ReadOnlySpan<byte> name)
    {
        while (name is [(byte)'.', (byte)'/', ..]) name = name[2..].TrimStart((byte)'/');
        if (name.Length > 1) name = name.TrimEnd((byte)'/');
        return name is [(byte)'.'] ? [] : name.ToArray();
    }
}

/// <param name="MostEntries">Entries of any kind.</param>
/// <param name="MostBytes">What the compressed part may unpack to.</param>
internal readonly record struct ArchiveLimits(int MostEntries, long MostBytes)
{
    private const long Slack = 64 << 20;

    /// <summary>While nothing is known of the content: deflate can reach 1032 to 1, honest archives stay far below.</summary>
    public static ArchiveLimits ByRatio(long archiveBytes) => new(FileSetManifest.MostEntries, Slack + (archiveBytes * 1100));

    /// <summary>What the manifest says, and room for the headers around it.</summary>
    public static ArchiveLimits ByManifest(FileSetManifest manifest) => new(
        FileSetManifest.MostEntries, Slack + FileSetManifest.LargestBytes + manifest.Bytes + manifest.Entries.Sum(e => 8192L + (2 * (e.Path.Length + e.Target.Length))));
}
