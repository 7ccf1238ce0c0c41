using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification;
using BackupGuard.Verification.Formats.FileSet;

namespace BackupGuard.Agent.Commands;

/// <summary>Reads a real folder for sealing: everything in it, or a refusal that names what stands in the way.</summary>
internal sealed class FolderToSeal(string root, IProgress<WorkProgress>? progress)
{
    private const int BufferBytes = 1 << 20;

    private readonly List<FileSetEntry> entries = [];
    private readonly Dictionary<(ulong, ulong), (FileSetEntry Entry, int Group)> otherNames = [];
    private long bytes;

    public async Task<IReadOnlyList<FileSetEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            foreach (var path in Names(folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var name = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
                if (name is FileSetManifest.FileName or FileSetManifest.SignatureFileName or FileSetManifest.FileName + ".tmp" or FileSetManifest.SignatureFileName + ".tmp") continue;
                if (await EntryOfAsync(path, name, cancellationToken) == FileSetKind.Directory) folders.Push(path);
            }
        }

        return Renumbered();
    }

    private static List<string> Names(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SealRefusedException($"{Printable.Of(folder)} cannot be sealed: this folder could not be read ({e.Message}).");
        }
    }

    private async Task<FileSetKind> EntryOfAsync(string path, string name, CancellationToken cancellationToken)
    {
        // The framework shows a byte that is not UTF-8 so, and cannot open such a file: it could be sealed, but never verified.
        if (name.Contains('\uFFFD')) throw Refused(name, "its name is not valid UTF-8. Rename it");
        var bytesOfName = Encoding.UTF8.GetBytes(name);
        if (FileSetNames.Refusal(bytesOfName) is { } refusal) throw Refused(name, refusal.In(CommandLine.Language));
        try
        {
            var status = FileStatus.Of(path);
            switch (status.Kind)
            {
                case FileStatusKind.Folder:
                    entries.Add(With(new FileSetEntry(bytesOfName, FileSetKind.Directory), status));
                    return FileSetKind.Directory;
                case FileStatusKind.SymbolicLink:
                    var target = new FileInfo(path).LinkTarget ?? "";
                    if (target.Length == 0 || target.Contains('\uFFFD')) throw Refused(name, "its target is not valid UTF-8");
                    entries.Add(With(new FileSetEntry(bytesOfName, FileSetKind.SymbolicLink) { Target = Encoding.UTF8.GetBytes(target) }, status));
                    return FileSetKind.SymbolicLink;
                case FileStatusKind.File:
                    await AddFileAsync(path, bytesOfName, status, cancellationToken);
                    return FileSetKind.File;
                default:
                    throw Refused(name, "it is a pipe, a socket or a device. Move it elsewhere");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(name, $"it could not be read ({e.Message}). Give this account the right to read it, or move it elsewhere");
        }
    }

    private async Task AddFileAsync(string path, byte[] name, FileStatus status, CancellationToken cancellationToken)
    {
        if (status.Identity is { } known && otherNames.TryGetValue(known, out var first))
        {
            entries.Add(first.Entry with { Path = name });
            return;
        }

        var (length, sha256) = await HashAsync(path, cancellationToken);
        // Bytes of two moments would make a seal that nothing ever matches.
        if (length != status.Size || FileStatus.Of(path) != status) throw Refused(Encoding.UTF8.GetString(name), "it changed while it was read. Stop what writes into this folder");
        var entry = With(new FileSetEntry(name, FileSetKind.File) { Size = length, Sha256 = sha256 }, status);
        if (status.Identity is { } identity)
        {
            entry = entry with { LinkGroup = otherNames.Count + 1 };
            otherNames.Add(identity, (entry, otherNames.Count + 1));
        }

        entries.Add(entry);
    }

    private async Task<(long Length, byte[] Sha256)> HashAsync(string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = 0;
            int count;
            while ((count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, BufferBytes), length, cancellationToken)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, count));
                length += count;
                bytes += count;
                progress?.Report(new WorkProgress("seal", bytes, 0, entries.Count, 0, 0));
            }

            return (length, hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A file whose other names lie outside the folder is, for this set, a file like any other.</summary>
    private List<FileSetEntry> Renumbered()
    {
        var inside = entries.Where(e => e.LinkGroup is not null).GroupBy(e => e.LinkGroup).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        return [.. entries.Select(e => e.LinkGroup is null || inside.Contains(e.LinkGroup) ? e : e with { LinkGroup = null })];
    }

    private static FileSetEntry With(FileSetEntry entry, FileStatus status) =>
        entry with { Mode = entry.Kind == FileSetKind.SymbolicLink ? null : status.Mode, ModifiedAtNanoseconds = status.ModifiedAtNanoseconds };

    private static SealRefusedException Refused(string name, string reason) => new($"{Printable.Of(name)} cannot be sealed: {reason}. Nothing was written.");
}
