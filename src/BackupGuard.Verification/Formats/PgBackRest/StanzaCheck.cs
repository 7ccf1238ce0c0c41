using System.Globalization;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>What this agent sees for itself, through the tool's repo-ls and repo-get: lists against each other, names, lengths, references, WAL.</summary>
internal sealed class StanzaCheck(PgBackRestTool tool, FindingList findings)
{
    private readonly Dictionary<string, StoredManifest> manifests = new(StringComparer.Ordinal);
    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private Dictionary<string, long> backups = [];

    public IReadOnlyDictionary<string, StoredManifest> Manifests => manifests;
    public WalArchive Archive { get; private set; } = WalArchive.Of(new Dictionary<string, long>());

    /// <summary>Bytes of content that lie in the repository for the listed backups, WAL included.</summary>
    public long StoredBytes { get; private set; }
    public long StoredObjects { get; private set; }

    /// <returns>False when the look ended early; the reason stands in the findings.</returns>
    public async Task<bool> RunAsync(InfoAnswer info, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        if (await tool.ListAsync("backup", cancellationToken) is not { } listed || await tool.ListAsync("archive", cancellationToken) is not { } archived) return false;
        (backups, Archive) = (listed, WalArchive.Of(archived));
        await PairAsync($"archive/{tool.Stanza}/archive.info", InfoFile.Read, cancellationToken);
        var current = await PairAsync($"backup/{tool.Stanza}/backup.info", InfoFile.Read, cancellationToken);
        var done = 0;
        foreach (var backup in info.Backups)
        {
            progress?.Report(new WorkProgress("manifests", 0, 0, done++, info.Backups.Count, findings.Count));
            if (await PairAsync($"backup/{tool.Stanza}/{backup.Label}/backup.manifest", b => StoredManifest.Read(b, backup.Label), cancellationToken) is { } manifest) manifests[backup.Label] = manifest;
        }
        if (current is not null) CompareLists(current, info);
        CheckStray(info);
        foreach (var manifest in manifests.Values) CheckFiles(manifest);
        CheckWal();
        Count(info);
        return true;
    }

    /// <summary>A file and its copy: both there, both the same, and whole. pgBackRest goes on with one of them and does not say so.</summary>
    private async Task<T?> PairAsync<T>(string path, Func<byte[], T> read, CancellationToken cancellationToken) where T : class
    {
        var (isThere, bytes) = await tool.GetAsync(path, cancellationToken);
        var (hasCopy, copy) = await tool.GetAsync(path + ".copy", cancellationToken);
        if (!isThere && !hasCopy)
        {
            findings.Add(PgBackRestFindings.BackupGone.At(path, ("reason", new Words("it should be there", "cela devrait s’y trouver"))));
            return null;
        }
        if (isThere != hasCopy)
            findings.Add(PgBackRestFindings.CopyDiffers.At(path, ("reason", isThere ? new Words("the copy is gone", "la copie a disparu") : new Words("the file itself is gone", "le fichier lui-même a disparu"))));
        else if (bytes is not null && copy is not null && !bytes.AsSpan().SequenceEqual(copy))
            findings.Add(PgBackRestFindings.CopyDiffers.At(path, ("reason", new Words("their contents differ", "leurs contenus diffèrent"))));
        return TryRead(path, bytes, read) ?? TryRead(path + ".copy", copy, read);
    }

    private T? TryRead<T>(string path, byte[]? bytes, Func<byte[], T> read) where T : class
    {
        if (bytes is null) return null;
        try
        {
            return read(bytes);
        }
        catch (InvalidDataException e)
        {
            findings.Add(PgBackRestFindings.InfoFileDamaged.At(path, ("reason", e.Message)));
            return null;
        }
    }

    /// <summary>What backup.info has of each backup must be what its manifest has: an edit of one with a right checksum shows here.</summary>
    private void CompareLists(InfoFile info, InfoAnswer answer)
    {
        var listed = info.Section("backup:current").ToDictionary(b => b.Key, b => b.Value, StringComparer.Ordinal);
        if (!listed.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(answer.Backups.Select(b => b.Label)))
            Contradict(tool.Stanza, new Words("info does not list the backups that backup.info has", "info n’énumère pas les sauvegardes de backup.info"));
        foreach (var (label, manifest) in manifests)
        {
            if (!listed.TryGetValue(label, out var text)) continue;
            try
            {
                var about = InfoFile.Json(text, System.Text.Json.JsonValueKind.Object);
                string? Of(string key) => about.TryGetProperty(key, out var value) ? InfoFile.Guarded(value.ToString) : null;
                Compare("backup-type", Of("backup-type"), manifest.Type);
                Compare("backup-prior", Of("backup-prior"), manifest.Prior);
                Compare("backup-archive-start", Of("backup-archive-start"), manifest.WalStart);
                Compare("backup-archive-stop", Of("backup-archive-stop"), manifest.WalStop);
                Compare("backup-lsn-start", Of("backup-lsn-start"), manifest.LsnStart);
                Compare("backup-lsn-stop", Of("backup-lsn-stop"), manifest.LsnStop);
                Compare("backup-timestamp-start", Of("backup-timestamp-start"), manifest.StartedAt.ToString(CultureInfo.InvariantCulture));
                Compare("backup-timestamp-stop", Of("backup-timestamp-stop"), manifest.StoppedAt.ToString(CultureInfo.InvariantCulture));
                Compare("backup-info-size", Of("backup-info-size"), manifest.Bytes.ToString(CultureInfo.InvariantCulture));
                void Compare(string key, string? inInfo, string? inManifest)
                {
                    if (inInfo != inManifest)
                        findings.Add(PgBackRestFindings.ListsDisagree.At(label, ("reason", new Words($"{key} is {inInfo ?? "not given"} in one and {inManifest ?? "not given"} in the other", $"{key} vaut {inInfo ?? "rien"} dans l’un et {inManifest ?? "rien"} dans l’autre"))));
                }
            }
            catch (InvalidDataException e)
            {
                findings.Add(PgBackRestFindings.InfoFileDamaged.At("backup.info", ("reason", e.Message)));
            }
        }
    }

    private void CheckStray(InfoAnswer info)
    {
        var known = info.Backups.Select(b => b.Label).ToHashSet(StringComparer.Ordinal);
        foreach (var label in backups.Keys.Select(p => p.Split('/')[0]).Distinct(StringComparer.Ordinal).Where(l => StoredManifest.IsLabel(l) && !known.Contains(l)))
            findings.Add(PgBackRestFindings.BackupNotListed.At(label));
    }

    private void CheckFiles(StoredManifest manifest)
    {
        foreach (var label in manifest.References.Where(r => !manifests.ContainsKey(r)).Order(StringComparer.Ordinal))
            findings.Add(PgBackRestFindings.BackupGone.At(label, ("reason", new Words($"{manifest.Label} refers to it", $"{manifest.Label} s’appuie sur elle"))));
        var needed = new Dictionary<string, (long Bytes, bool IsExact)>(StringComparer.Ordinal);
        foreach (var file in manifest.Files.Where(f => f.IsStored))
        {
            // Where the owner is gone, that was said, and how its files end is not known.
            if (file.Owner != manifest.Label && !manifests.ContainsKey(file.Owner)) continue;
            var path = StoredManifest.PathOf(file, manifests[file.Owner].Extension);
            if (file.Bundle is null) needed[path] = (file.RepoSize, true);
            else needed[path] = (Math.Max(needed.GetValueOrDefault(path).Bytes, file.BundleOffset + file.RepoSize), false);
        }
        // What several backups share is damaged once.
        foreach (var (path, (bytes, isExact)) in needed.Where(n => said.Add(n.Key)))
        {
            if (!backups.TryGetValue(path, out var found)) findings.Add(PgBackRestFindings.FileMissing.AtPath(path, ("backup", manifest.Label)));
            else if (isExact ? found != bytes : found < bytes)
                findings.Add(PgBackRestFindings.SizeDiffers.AtPath(path, ("reason", new Words($"{found} bytes, {bytes} were written", $"{found} octets, {bytes} furent écrits"))));
        }
    }

    private void CheckWal()
    {
        foreach (var segment in Archive.Twice) findings.Add(PgBackRestFindings.WalTwice.At(segment));
        foreach (var manifest in manifests.Values)
        {
            if (WalArchive.NeededBy(manifest) is not { } needed)
            {
                Contradict(manifest.Label, new Words("which WAL it needs cannot be told from its manifest (it may have been taken with the server stopped)", "son manifeste ne dit pas quels WAL il lui faut (elle a pu être prise serveur arrêté)"));
                continue;
            }
            foreach (var segment in needed.Where(s => Archive.Find(manifest.ArchiveId, s) is null))
                findings.Add(PgBackRestFindings.WalMissing.At(segment, ("backup", manifest.Label)));
        }
        foreach (var gap in Archive.Gaps([.. manifests.Values]))
            findings.Add((gap.IsBeforeNewestFull ? PgBackRestFindings.OldWalGap : PgBackRestFindings.WalGap).At(gap.First, ("last", gap.Last), ("count", gap.Count)));
    }

    private void Count(InfoAnswer info)
    {
        var labels = info.Backups.Select(b => b.Label).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, size) in backups.Where(b => b.Key.Split('/', 2) is [var label, var rest] && labels.Contains(label) && !rest.StartsWith("backup.manifest", StringComparison.Ordinal)))
            (StoredBytes, StoredObjects) = (StoredBytes + size, StoredObjects + 1);
        (StoredBytes, StoredObjects) = (StoredBytes + Archive.StoredBytes, StoredObjects + Archive.Count);
    }

    private void Contradict(string subject, Words reason)
    {
        findings.Add(PgBackRestFindings.Contradiction.At(subject, ("reason", reason)));
        findings.LeaveUnfinished(new($"about {subject}: {reason.En}", $"sur {subject} : {reason.Fr}"));
    }
}
