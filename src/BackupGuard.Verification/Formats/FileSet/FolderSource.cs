using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>A plain folder with the manifest at its root.</summary>
internal sealed class FolderSource(IBackupStore store) : FileSetSource(store)
{
    public override string Subject => Store.Location;

    public override async Task<StoredSeal> ReadSealAsync(CancellationToken cancellationToken) => new(
        FileSetManifest.FileName, await ReadWholeAsync(FileSetManifest.FileName, FileSetManifest.LargestBytes, cancellationToken),
        FileSetManifest.SignatureFileName, await ReadWholeAsync(FileSetManifest.SignatureFileName, FileSetManifest.LargestSignature, cancellationToken));

    public override async Task CheckAsync(FileSetManifest manifest, FileSetCheck check, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(check.Findings, cancellationToken);
        if (listed is null) return;
        var present = new List<(FileSetEntry Entry, DateTimeOffset ModifiedAt)>();
        foreach (var entry in manifest.Entries)
        {
            var there = listed.Remove(entry.Shown, out var found);
            if (entry.PathText is null) LeaveUnread(entry, check.Findings);
            else if (entry.Kind == FileSetKind.SymbolicLink) await CheckLinkAsync(entry, check.Findings, cancellationToken);
            else if (entry.Kind == FileSetKind.Directory && there) check.Findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Kind(entry.Kind, ArchiveItemKind.File))));
            else if (entry.Kind == FileSetKind.Directory) continue;
            else if (!there) check.Findings.Add(FileSetFindings.Vanished.AtPath(entry.Shown));
            else if (found.LengthBytes != entry.Size) check.Findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Length(entry.Size, found.LengthBytes))));
            else present.Add((entry, found.ModifiedAt));
        }

        foreach (var name in listed.Keys) check.Findings.Add(FileSetFindings.Appeared.AtPath(name));
        var coverage = check.Begin([.. present.Select(p => new CoverageItem(p.Entry.Shown, p.Entry.Size, p.ModifiedAt, p.Entry.Sha256))]);
        var places = coverage.Chosen.ToDictionary(i => present[i].Entry.Path, i => i, ByteOrder.Instance);
        await ReadAsync([.. coverage.Chosen.Select(i => present[i].Entry)], manifest, check.Workers, check.Findings, async (entry, content, token) =>
        {
            if (!coverage.MayBegin) return;
            if (await check.JudgeAsync(entry, content, null, places[entry.Path], token)) coverage.Good(places[entry.Path]);
            else coverage.Bad(places[entry.Path]);
        }, cancellationToken);
    }

    public override Task ReadAsync(IReadOnlyList<FileSetEntry> files, FileSetManifest manifest, int workers, FindingList findings, Func<FileSetEntry, Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(files, parallel, async (entry, token) =>
        {
            if (entry.PathText is not { } name)
            {
                LeaveUnread(entry, findings);
                return;
            }

            try
            {
                await using var reader = await Store.OpenAsync(name, token);
                await read(entry, new ObjectStream(reader), token);
            }
            catch (StoreException e)
            {
                Report(e, entry, findings);
            }
        });
    }

    private async Task<Dictionary<string, StoredObject>?> ListAsync(FindingList findings, CancellationToken cancellationToken)
    {
        var listed = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        await foreach (var found in Store.ListAsync("", cancellationToken))
        {
            if (found.Name is FileSetManifest.FileName or FileSetManifest.SignatureFileName) continue;
            if (listed.Count > FileSetManifest.MostEntries)
            {
                findings.Add(FileSetFindings.LimitExceeded.At(Subject, ("reason", new Words($"it holds more than {FileSetManifest.MostEntries} files", $"il contient plus de {FileSetManifest.MostEntries} fichiers"))));
                return null;
            }

            listed[found.Name] = found;
        }

        return listed;
    }

    /// <summary>A store shows a link only by refusing to open it.</summary>
    private async Task CheckLinkAsync(FileSetEntry entry, FindingList findings, CancellationToken cancellationToken)
    {
        // No store has such a name, and none may be asked for it.
        if (FileSetNames.Refusal(entry.Path) is not null)
        {
            findings.Add(FileSetFindings.Vanished.AtPath(entry.Shown));
            return;
        }

        try
        {
            await using var reader = await Store.OpenAsync(entry.Shown, cancellationToken);
            findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Kind(entry.Kind, ArchiveItemKind.File))));
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Denied)
        {
        }
        catch (StoreException e)
        {
            Report(e, entry, findings);
        }
    }

    private static void LeaveUnread(FileSetEntry entry, FindingList findings)
    {
        findings.Add(FileSetFindings.NameNotReadable.AtPath(entry.Shown));
        findings.LeaveUnfinished(new("a name that is not valid UTF-8 could not be looked at", "un nom qui n’est pas de l’UTF-8 valide n’a pas pu être examiné"));
    }

    private static void Report(StoreException e, FileSetEntry entry, FindingList findings)
    {
        if (e.Failure == StoreFailure.NotFound)
        {
            findings.Add(FileSetFindings.Vanished.AtPath(entry.Shown));
            return;
        }

        findings.Add(CommonFindings.ObjectUnreadable.AtPath(entry.Shown, ("reason", e.Message)));
        findings.LeaveUnfinished(new("some files could not be read", "des fichiers n’ont pas pu être lus"));
    }
}
