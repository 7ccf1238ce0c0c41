namespace BackupGuard.Verification.Formats.Archives;

internal enum ArchiveItemKind { File, Directory, SymbolicLink, HardLink, Special }

/// <summary>One entry of an archive, while it is passed by.</summary>
/// <param name="Path">Without "./" in front and '/' at the end; empty for the root itself. Not yet judged.</param>
internal sealed record ArchiveItem(byte[] Path, ArchiveItemKind Kind)
{
    /// <summary>Bound on a path and on a link's target, in bytes.</summary>
    public const int LongestPath = 16 << 10;

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
