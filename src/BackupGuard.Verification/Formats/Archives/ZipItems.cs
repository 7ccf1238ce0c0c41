using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace BackupGuard.Verification.Formats.Archives;

/// <summary>The entries of a zip archive (APPNOTE.TXT 6.3.10), by its central directory.</summary>
internal static class ZipItems
{
    private const int FileTypeMask = 0xF000, SymbolicLinkType = 0xA000, DirectoryType = 0x4000;

    public static async IAsyncEnumerable<ArchiveItem> ReadAsync(Stream archive, ArchiveLimits limits, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var directory = await ZipDirectory.CheckAsync(archive, limits.MostEntries, cancellationToken);
        archive.Position = 0;
        await using var zip = await ZipArchive.CreateAsync(archive, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        if (zip.Entries.Count != directory.Count) throw new InvalidDataException("its directory holds another number of entries than it says");
        foreach (var (entry, (offset, rawName)) in zip.Entries.Zip(directory))
        {
            await ZipDirectory.CheckLocalNameAsync(archive, offset, rawName, cancellationToken);
            // The upper half holds Unix's mode, when Unix made the archive.
            var mode = (entry.ExternalAttributes >> 16) & 0xFFFF;
            var name = Encoding.UTF8.GetBytes(entry.FullName);
            if (name is [.., (byte)'/'] || (mode & FileTypeMask) == DirectoryType)
            {
                yield return new ArchiveItem(ArchiveItem.Clean(name), ArchiveItemKind.Directory) { Mode = ModeOf(mode) };
                continue;
            }

            if (entry.IsEncrypted) throw new InvalidDataException("an entry of it is encrypted");
            await using var content = await entry.OpenAsync(cancellationToken);
            var item = new ArchiveItem(ArchiveItem.Clean(name), ArchiveItemKind.File) { Size = entry.Length, Mode = ModeOf(mode), Content = content, Crc32 = entry.Crc32 };
            yield return (mode & FileTypeMask) == SymbolicLinkType ? await LinkAsync(item, cancellationToken) : item;
        }
    }

    private static async ValueTask<ArchiveItem> LinkAsync(ArchiveItem item, CancellationToken cancellationToken)
    {
        if (item.Size is 0 or > ArchiveItem.LongestPath) throw new ArchiveLimitException($"a link in it is {item.Size} bytes long");
        var target = new byte[item.Size];
        await item.Content.ReadExactlyAsync(target, cancellationToken);
        return item with { Kind = ArchiveItemKind.SymbolicLink, Size = 0, Target = target, Content = Stream.Null, Crc32 = null };
    }

    private static int? ModeOf(int mode) => mode == 0 ? null : mode & 0xFFF;
}
