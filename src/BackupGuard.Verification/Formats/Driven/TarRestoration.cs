using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Driven;

/// <summary>A tar stream of an adapter, put into a restore target: nothing of it touches a disk before its name was judged.</summary>
/// <remarks>Links are made when all files are written, so that nothing is ever written through one.</remarks>
internal sealed class TarRestoration(SnapshotSummary promised, RestoreOptions options, IRestoreTarget target, FindingList findings, IProgress<WorkProgress>? progress)
{
    private const int MostEntries = 20_000_000, BufferBytes = 256 << 10;

    private readonly List<PathGlob> globs = [.. options.Include.Select(pattern => new PathGlob(pattern))];
    private readonly HashSet<byte[]> folders = new(ByteOrder.Instance);
    private readonly List<(RestorePath Path, RestoredMetadata Metadata)> folderMetadata = [];
    private readonly List<(RestorePath Path, ArchiveItem Item)> links = [];
    private bool gaveUp;

    /// <summary>What was written.</summary>
    public long Files { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>What came, wanted or not: this must be what was promised.</summary>
    public long FilesSeen { get; private set; }
    public long BytesSeen { get; private set; }

    /// <exception cref="InvalidDataException">The stream is damaged or cut.</exception>
    /// <exception cref="ArchiveLimitException">It holds more than was promised or may be.</exception>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var entries = 0;
        await foreach (var item in TarItems.ReadAsync(new BufferedStream(stream, BufferBytes), paddedWithZeros: false, cancellationToken))
        {
            if (++entries > MostEntries) throw new ArchiveLimitException($"it has more than {MostEntries} entries");
            if (item.Kind is ArchiveItemKind.File or ArchiveItemKind.HardLink) FilesSeen++;
            BytesSeen += item.Size;
            if (FilesSeen > promised.Files || BytesSeen > promised.Bytes) throw new ArchiveLimitException($"it holds more than the {promised.Files} files and {promised.Bytes} bytes that were listed");
            if (item.Path.Length > 0 && !gaveUp) await TakeAsync(item, cancellationToken);
        }
        foreach (var (path, item) in links) Attempt(path.ToString(), () => Link(path, item));
        foreach (var (path, metadata) in folderMetadata) Attempt(path.ToString(), () => SetMetadata(path, metadata, false));
    }

    private async Task TakeAsync(ArchiveItem item, CancellationToken cancellationToken)
    {
        var shown = System.Text.Encoding.UTF8.GetString(item.Path);
        if (globs.Count > 0 && !globs.Exists(g => g.Matches(shown))) return;
        if (!TryPath(item.Path, out var path, out var refusal))
        {
            findings.Add(CommonFindings.NameRefused.AtPath(shown, ("reason", refusal)));
            return;
        }
        try
        {
            MakeFolders(item.Kind == ArchiveItemKind.Directory ? path : path.Parent);
            switch (item.Kind)
            {
                case ArchiveItemKind.Directory: folderMetadata.Add((path, MetadataOf(item))); break;
                case ArchiveItemKind.File: await WriteAsync(path, item, cancellationToken); break;
                case ArchiveItemKind.SymbolicLink or ArchiveItemKind.HardLink: links.Add((path, item)); break;
                default: findings.Add(CommonFindings.NameRefused.AtPath(shown, ("reason", new Words("it is a special or sparse file, which the contract does not have", "c’est un fichier spécial ou creux, que le contrat ne connaît pas")))); break;
            }
        }
        catch (RestoreException e)
        {
            Report(shown, e);
        }
    }

    private async Task WriteAsync(RestorePath path, ArchiveItem item, CancellationToken cancellationToken)
    {
        var at = 0L;
        using (var file = target.CreateFile(path, item.Size))
        {
            var buffer = new byte[BufferBytes];
            while (await item.Content.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                file.Write(at, buffer.AsSpan(0, count));
                at += count;
            }
        }
        (Files, Bytes) = (Files + 1, Bytes + at);
        SetMetadata(path, MetadataOf(item), false);
        progress?.Report(new WorkProgress("restore", BytesSeen, promised.Bytes, FilesSeen, promised.Files, findings.Count));
    }

    private void Link(RestorePath path, ArchiveItem item)
    {
        if (item.Kind == ArchiveItemKind.SymbolicLink)
        {
            target.CreateSymbolicLink(path, item.Target);
            SetMetadata(path, MetadataOf(item), isSymbolicLink: true);
            return;
        }
        if (!TryPath(item.Target, out var existing, out var refusal)) throw new RestoreException(RestoreFailure.NameRefused, path.ToString(), refusal.En);
        target.CreateHardLink(path, existing);
        Files++;
    }

    private void MakeFolders(RestorePath? folder)
    {
        var missing = new Stack<RestorePath>();
        for (var path = folder; path?.Parent is not null && !folders.Contains(path.ToBytes()); path = path.Parent) missing.Push(path);
        foreach (var path in missing)
        {
            target.CreateDirectory(path);
            folders.Add(path.ToBytes());
        }
    }

    private static RestoredMetadata MetadataOf(ArchiveItem item) => new(item.Mode, item.ModifiedAtNanoseconds, null, null, null);

    private void SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        if (target.SetMetadata(path, metadata, isSymbolicLink) is { } notSet) findings.Add(CommonFindings.MetadataNotSet.AtPath(path.ToString(), ("reason", notSet)));
    }

    private static bool TryPath(byte[] bytes, out RestorePath path, out Words refusal)
    {
        path = RestorePath.Root;
        refusal = default;
        foreach (var part in bytes.AsSpan().Split((byte)'/'))
            if (!path.TryAppend(bytes.AsSpan(part), out path, out refusal)) return false;
        return true;
    }

    private void Attempt(string name, Action work)
    {
        if (gaveUp) return;
        try
        {
            work();
        }
        catch (RestoreException e)
        {
            Report(name, e);
        }
    }

    /// <summary>Where there is no room, or no right, for one thing, there is none for the next.</summary>
    private void Report(string name, RestoreException e)
    {
        var kind = e.Failure == RestoreFailure.NameRefused ? CommonFindings.NameRefused : CommonFindings.RestoreWriteFailed;
        findings.Add(kind.AtPath(name, ("reason", e.Message)));
        if (e.Failure is RestoreFailure.NoSpace or RestoreFailure.Misconfigured) gaveUp = true;
    }
}
