using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>One restore of a sealed set: folders, files (hashed while they are written), further names of the same file, symbolic links; then modes and times.</summary>
/// <remarks>Links come after all files, so that nothing is ever written through one.</remarks>
internal sealed class FileSetRestore(FileSetSource source, FileSetManifest manifest, RestoreOptions options, IRestoreTarget target, FindingList findings, IProgress<WorkProgress>? progress)
{
    private readonly Dictionary<FileSetEntry, RestorePath> paths = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<byte[]> folders = new(ByteOrder.Instance);
    private readonly HashSet<FileSetEntry> restored = new(ReferenceEqualityComparer.Instance);
    private readonly Lock gate = new();
    private long bytes;
    private long wantedBytes;
    private bool gaveUp;

    public long Files { get; private set; }
    public long Bytes => Interlocked.Read(ref bytes);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var selected = Select();
        wantedBytes = selected.Sum(e => e.Size);
        var firstNames = selected.Where(e => e.Kind == FileSetKind.File).DistinctBy(e => e.LinkGroup is { } group ? (object)group : e).ToList();
        if (!target.Fits(firstNames.Sum(e => e.Size), findings)) return;
        foreach (var entry in selected) Attempt(entry, () => CreateFolders(entry));
        await source.ReadAsync(firstNames, manifest, FileSetRepository.WorkersOf(options.Workers), findings, WriteAsync, cancellationToken);

        var byGroup = firstNames.Where(e => e.LinkGroup is not null).ToDictionary(e => e.LinkGroup!.Value);
        foreach (var entry in selected.Where(e => e.LinkGroup is not null && !ReferenceEquals(byGroup[e.LinkGroup.Value], e)))
            Attempt(entry, () => Link(entry, byGroup[entry.LinkGroup!.Value]));
        foreach (var entry in selected.Where(e => e.Kind == FileSetKind.SymbolicLink))
            Attempt(entry, () => Done(entry, () => target.CreateSymbolicLink(paths[entry], entry.Target)));
        foreach (var entry in manifest.Entries.Where(e => e.Kind == FileSetKind.Directory && folders.Contains(e.Path)))
            Attempt(entry, () => SetMetadata(entry, paths[entry]));
    }

    /// <summary>What is asked for and may be restored at all; gives each its safe path.</summary>
    private List<FileSetEntry> Select()
    {
        var globs = options.Include.Select(pattern => new PathGlob(pattern)).ToList();
        var selected = new List<FileSetEntry>();
        foreach (var entry in manifest.Entries)
        {
            var isWanted = globs.Count == 0 || globs.Exists(g => g.Matches(entry.Shown));
            // A folder that is not asked for itself still lends its mode to what is restored below it.
            if (!isWanted && entry.Kind != FileSetKind.Directory) continue;
            if (TryPath(entry.Path, out var path, out var refusal)) paths[entry] = path;
            else if (isWanted) findings.Add(CommonFindings.NameRefused.AtPath(entry.Shown, ("reason", refusal)));
            if (isWanted && paths.ContainsKey(entry)) selected.Add(entry);
        }

        return selected;
    }

    private static bool TryPath(byte[] bytes, out RestorePath path, out Words refusal)
    {
        path = RestorePath.Root;
        refusal = default;
        foreach (var part in bytes.AsSpan().Split((byte)'/'))
            if (!path.TryAppend(bytes.AsSpan(part), out path, out refusal)) return false;
        return true;
    }

    private void CreateFolders(FileSetEntry entry)
    {
        var missing = new Stack<RestorePath>();
        for (var path = entry.Kind == FileSetKind.Directory ? paths[entry] : paths[entry].Parent; path?.Parent is not null && !folders.Contains(path.ToBytes()); path = path.Parent)
            missing.Push(path);
        foreach (var path in missing)
        {
            target.CreateDirectory(path);
            folders.Add(path.ToBytes());
        }
    }

    private async Task WriteAsync(FileSetEntry entry, Stream content, CancellationToken cancellationToken)
    {
        if (gaveUp) return;
        lock (gate) restored.Add(entry);
        try
        {
            using (var file = target.CreateFile(paths[entry], entry.Size))
            {
                var (length, sha256) = await ContentReader.ReadAsync(content, entry.Size, (offset, piece) => Write(file, offset, piece), cancellationToken);
                if (length != entry.Size) findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Length(entry.Size, length))));
                else if (!sha256.AsSpan().SequenceEqual(entry.Sha256)) findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Content)));
            }

            lock (gate) Files++;
            SetMetadata(entry, paths[entry]);
        }
        catch (RestoreException e)
        {
            Report(entry, e);
        }
    }

    private void Write(IRestoredFile file, long offset, ReadOnlyMemory<byte> piece)
    {
        file.Write(offset, piece.Span);
        var done = Interlocked.Add(ref bytes, piece.Length);
        progress?.Report(new WorkProgress("restore", done, wantedBytes, Files, manifest.Files, findings.Count));
    }

    private void Link(FileSetEntry entry, FileSetEntry first)
    {
        if (!restored.Contains(first)) return;
        Done(entry, () => target.CreateHardLink(paths[entry], paths[first]));
        Files++;
    }

    private void Done(FileSetEntry entry, Action create)
    {
        create();
        if (entry.Kind == FileSetKind.SymbolicLink) SetMetadata(entry, paths[entry]);
    }

    private void SetMetadata(FileSetEntry entry, RestorePath path)
    {
        var metadata = new RestoredMetadata(entry.Mode, entry.ModifiedAtNanoseconds, null, null, null);
        if (target.SetMetadata(path, metadata, entry.Kind == FileSetKind.SymbolicLink) is { } notSet)
            findings.Add(CommonFindings.MetadataNotSet.AtPath(entry.Shown, ("reason", notSet)));
    }

    private void Attempt(FileSetEntry entry, Action work)
    {
        if (gaveUp) return;
        try
        {
            work();
        }
        catch (RestoreException e)
        {
            Report(entry, e);
        }
    }

    /// <summary>Where there is no room, or no right, for one thing, there is none for the next.</summary>
    private void Report(FileSetEntry entry, RestoreException e)
    {
        var kind = e.Failure == RestoreFailure.NameRefused ? CommonFindings.NameRefused : CommonFindings.RestoreWriteFailed;
        findings.Add(kind.AtPath(entry.Shown, ("reason", e.Message)));
        if (e.Failure is RestoreFailure.NoSpace or RestoreFailure.Misconfigured) gaveUp = true;
    }
}
