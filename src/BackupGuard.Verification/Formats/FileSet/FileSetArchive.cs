using BackupGuard.Verification.Formats.Archives;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>Reads an archive that is about to be sealed.</summary>
public static class FileSetArchive
{
    /// <summary>Every entry with its hash.</summary>
    /// <param name="archive">Seekable; stays open.</param>
    /// <param name="name">File name: its ending tells the kind of archive.</param>
    /// <exception cref="InvalidDataException">The archive is damaged, goes beyond a limit, or holds what must not be sealed; the message says what.</exception>
    public static async Task<IReadOnlyList<FileSetEntry>> ReadEntriesAsync(Stream archive, string name, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<byte[], FileSetEntry>(ByteOrder.Instance);
        try
        {
            var links = new Dictionary<byte[], int>(ByteOrder.Instance);
            await foreach (var item in ArchiveItems.ReadAsync(archive, name, FileSetLimits.ByRatio(archive.Length), cancellationToken))
            {
                if (item.Path.Length == 0) continue;
                if (FileSetNames.Refusal(item.Path) is { } refusal) throw Refused(item.Path, refusal.En);
                var entry = await EntryOfAsync(item, entries, links, cancellationToken);
                if (!entries.TryAdd(item.Path, entry) && item.Kind != ArchiveItemKind.Directory) throw Refused(item.Path, "it is in the archive twice");
            }
        }
        catch (Exception e) when (e is ArchiveLimitException || ArchiveItems.IsDamage(e))
        {
            throw new InvalidDataException(e.Message, e);
        }

        return [.. entries.Values.Order(FileSetManifest.ByPath)];
    }

    private static async Task<FileSetEntry> EntryOfAsync(ArchiveItem item, Dictionary<byte[], FileSetEntry> entries, Dictionary<byte[], int> links, CancellationToken cancellationToken)
    {
        switch (item.Kind)
        {
            case ArchiveItemKind.File:
                var crc = new Crc32();
                var (length, sha256) = await ContentReader.ReadAsync(item.Content, item.Size, (_, piece) => crc.Append(piece.Span), cancellationToken);
                if (length != item.Size) throw Refused(item.Path, "its content is not as long as its header says");
                if (item.Crc32 is { } expected && expected != crc.Value) throw Refused(item.Path, "its content does not match its CRC-32: the archive is damaged");
                return new FileSetEntry(item.Path, FileSetKind.File) { Size = length, Sha256 = sha256, Mode = item.Mode, ModifiedAtNanoseconds = item.ModifiedAtNanoseconds };
            case ArchiveItemKind.HardLink:
                if (!entries.TryGetValue(item.Target, out var first) || first.Kind != FileSetKind.File) throw Refused(item.Path, "it is a link to a file that the archive does not hold before it");
                links.TryAdd(item.Target, links.Count + 1);
                entries[item.Target] = first with { LinkGroup = first.LinkGroup ?? links[item.Target] };
                return entries[item.Target] with { Path = item.Path };
            case ArchiveItemKind.SymbolicLink:
                if (item.Target.Length == 0) throw Refused(item.Path, "it is a link to nothing");
                return new FileSetEntry(item.Path, FileSetKind.SymbolicLink) { Target = item.Target, Mode = item.Mode, ModifiedAtNanoseconds = item.ModifiedAtNanoseconds };
            case ArchiveItemKind.Directory:
                return new FileSetEntry(item.Path, FileSetKind.Directory) { Mode = item.Mode, ModifiedAtNanoseconds = item.ModifiedAtNanoseconds };
            default:
                throw Refused(item.Path, "it is a special or sparse file");
        }
    }

    private static InvalidDataException Refused(byte[] path, string reason) =>
        new($"{Printable.Of(System.Text.Encoding.UTF8.GetString(path))} cannot be sealed: {reason}");
}

/// <summary>Names that may be sealed: those that could be restored.</summary>
public static class FileSetNames
{
    /// <returns>Why this path must not be sealed, or null.</returns>
    public static Words? Refusal(ReadOnlySpan<byte> path)
    {
        if (path.Length > FileSetManifest.LongestPath) return new Words($"its path is {path.Length} bytes long", $"son chemin fait {path.Length} octets");
        var safe = Restoring.RestorePath.Root;
        foreach (var part in path.Split((byte)'/'))
            if (!safe.TryAppend(path[part], out safe, out var refusal)) return refusal;
        return null;
    }
}

/// <summary>CRC-32 as in zip and gzip (RFC 1952, section 8).</summary>
internal sealed class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1))];
    private uint state = uint.MaxValue;

    public uint Value => ~state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) state = Table[(state ^ value) & 0xFF] ^ (state >> 8);
    }
}
