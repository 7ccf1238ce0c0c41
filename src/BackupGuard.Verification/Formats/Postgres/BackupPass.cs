using System.Collections.Concurrent;
using System.Text;
using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>One look through a backup: every file against the manifest, the WAL record by record, and the small files that must agree with each other. With a sink it restores what it checks.</summary>
internal sealed class BackupPass : IDisposable
{
    private const int MostPasses = 16;
    private const int LargestSetting = 16 << 20;

    /// <summary>Raised when this reader learns to see what it let pass before: then everything is read again.</summary>
    private const string Rules = "postgres/1";

    private readonly BackupManifest manifest;
    private readonly BackupSource source;
    private readonly BackupListing listing;
    private readonly FindingList findings;
    private readonly RestoreSink? sink;
    private readonly IProgress<WorkProgress>? progress;
    private readonly Dictionary<byte[], int> index;
    private readonly int[] seen;
    private readonly ConcurrentDictionary<string, bool> passed = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<(ManifestFile Entry, PageCheck Pages)> wrongPages = [];
    private readonly WalCheck wal;
    private CoverageRun? coverage;
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private long bytesRead, objectsRead, wantedBytes;
    private int looksAtPages = 1;

    public BackupPass(BackupManifest manifest, BackupSource source, BackupListing listing, FindingList findings, RestoreSink? sink, IProgress<WorkProgress>? progress)
    {
        (this.manifest, this.source, this.listing, this.findings, this.sink, this.progress) = (manifest, source, listing, findings, sink, progress);
        index = new Dictionary<byte[], int>(manifest.Files.Count, ByteOrder.Instance);
        for (var i = 0; i < manifest.Files.Count; i++) index.Add(manifest.Files[i].Path, i);
        seen = new int[manifest.Files.Count];
        wal = new WalCheck(WalRanges.Usable(manifest.Ranges), manifest.SystemIdentifier, findings);
        (source as TarBackup)?.Expect(manifest, WalRanges.Bytes(manifest.Ranges));
    }

    public BackupStructure Structure { get; } = new();
    public WalCheck Wal => wal;
    public long BytesRead => Interlocked.Read(ref bytesRead) + wal.BytesRead;
    public long ObjectsRead => Interlocked.Read(ref objectsRead) + wal.SegmentsRead;

    /// <summary>What was read, over all runs; null before <see cref="RunAsync"/> and while restoring.</summary>
    public CoverageRun? Coverage => coverage;

    /// <param name="options">Null while restoring: then all is read that is wanted.</param>
    public async Task RunAsync(VerifyOptions? options, int workers, CancellationToken cancellationToken)
    {
        wantedBytes = sink?.WantedBytes ?? manifest.Bytes;
        if (source.AreArchives) await ReadArchivesAsync(options, workers, cancellationToken);
        else await ReadFolderAsync(options, workers, cancellationToken);
        foreach (var (entry, pages) in wrongPages.Where(_ => HasPageChecksums ?? false))
            findings.Add(PostgresFindings.PageDamaged.AtPath(entry.Shown, ("count", pages.Wrong), ("block", pages.FirstWrong)));
        if (sink?.IsWhole != false) new StructureJudge(manifest, Structure, wal, findings).Judge();
        Remember();
    }

    public void Dispose() => wal.Dispose();

    /// <summary>Null while the control file was not read.</summary>
    private bool? HasPageChecksums => Structure.Control is { } control
        ? control is { HasPageChecksums: true, BlockBytes: PageChecksum.PageBytes, RelationSegmentBlocks: RelationFile.BlocksInSegment }
        : null;

    private async Task ReadFolderAsync(VerifyOptions? options, int workers, CancellationToken cancellationToken)
    {
        var unread = await FolderPresence.CompareAsync(manifest, listing, source, findings, sink, cancellationToken);
        var isStructure = new HashSet<string>(BackupStructure.Names, StringComparer.Ordinal);
        foreach (var name in listing.Names.Where(LeftOut.IsWal))
            if (Structure.Wants(name, 0)) isStructure.Add(name);
        var readable = source.Objects.Where(o => !unread.Contains(o.Name) && (isStructure.Contains(o.Name) || IsListed(o.Name))).ToList();
        var chosen = Plan(options, [.. readable.Where(o => IsListed(o.Name))], o => manifest.Files[index[Encoding.UTF8.GetBytes(o.Name)]].Checksum);
        foreach (var small in readable.Where(o => isStructure.Contains(o.Name))) await ReadGuardedAsync(small, cancellationToken);
        if (HasPageChecksums is false) looksAtPages = 0;

        if (Structure.Control is { } control) wal.SetSegmentBytes(control.SegmentBytes);
        foreach (var (name, found) in listing.Objects)
            if (LeftOut.IsWal(name) && WalSegments.IsName(name[(name.LastIndexOf('/') + 1)..])) wal.SetSegmentBytes(found.LengthBytes);

        // The WAL is one more piece of work beside the files: its records hang together, so one worker follows them.
        Func<CancellationToken, ValueTask>[] work = [token => ReadWalAsync(token), .. chosen.Where(o => !isStructure.Contains(o.Name)).Select(o => (Func<CancellationToken, ValueTask>)(token => ReadGuardedAsync(o, token)))];
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken }, (piece, token) => piece(token));
    }

    private bool WantsWal => sink?.WantsWal ?? true;

    private async ValueTask ReadWalAsync(CancellationToken cancellationToken)
    {
        if (!WantsWal) return;
        if (listing.Objects.ContainsKey("pg_wal"))
        {
            findings.Add(PostgresFindings.TablespaceUnreadable.AtPath("pg_wal", ("reason", FolderPresence.NotFollowed)));
            findings.LeaveUnfinished("the WAL lies behind a link that was not followed");
            return;
        }

        wal.SetSegmentBytes(WalSegments.Usual);
        foreach (var name in wal.Wanted().ToList())
            if (listing.Objects.TryGetValue(WalCheck.Folder + name, out var segment)) await ReadGuardedAsync(segment, cancellationToken);
        wal.Finish();
    }

    /// <summary>Which objects are read, and in what order. Of equals the longest comes first, so that no worker is left with one at the end.</summary>
    private BackupObject[] Plan(VerifyOptions? options, IReadOnlyList<BackupObject> objects, Func<BackupObject, ReadOnlyMemory<byte>> expectation)
    {
        BackupObject[] items = [.. objects.OrderByDescending(o => o.LengthBytes).ThenBy(o => o.Name, StringComparer.Ordinal)];
        if (options is null) return items;
        for (var i = 0; i < items.Length; i++) places[items[i].Name] = i;
        coverage = new CoverageRun(options, manifest.Checksum, Rules, [.. items.Select(o => new CoverageItem(o.Name, o.LengthBytes, o.ModifiedAt, expectation(o)))]);
        return [.. coverage.Chosen.Select(i => items[i])];
    }

    /// <summary>What was read whole and had nothing wrong with it is good for later runs too. The blocks of what is left here can be judged only now, when it is known whether they have checksums.
    /// What small files in an archive contradict is not seen again unless the archive is: so nothing of a backup with errors is remembered as good.</summary>
    private void Remember()
    {
        if (coverage is null) return;
        var spoilt = HasPageChecksums is false ? [] : wrongPages.Select(w => source.AreArchives ? source.HolderOf(w.Entry.Shown) : w.Entry.Shown).ToHashSet();
        var isContradicted = source.AreArchives && findings.Errors > 0;
        foreach (var (name, isGood) in passed) Remember(name, isGood && !isContradicted && !spoilt.Contains(name));
    }

    private void Remember(string name, bool isGood)
    {
        if (!places.TryGetValue(name, out var place)) return;
        if (isGood) coverage!.Good(place);    // places are filled with it
        else coverage!.Bad(place);
    }

    private async Task ReadArchivesAsync(VerifyOptions? options, int workers, CancellationToken cancellationToken)
    {
        // The WAL hangs together with what the other archives say: it is read in every run.
        var walArchives = source.Objects.Where(o => TarBackup.KindOf(o.Name)?.Archive == TarBackup.Wal).ToList();
        BackupObject[] chosen = [.. walArchives, .. Plan(options, [.. source.Objects.Except(walArchives)], _ => Encoding.ASCII.GetBytes(manifest.Checksum))];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(chosen, parallel, (archive, token) => ReadGuardedAsync(archive, token));
        var walHolder = passed.Keys.FirstOrDefault(n => TarBackup.KindOf(n)?.Archive == TarBackup.Wal) ?? passed.Keys.FirstOrDefault(n => TarBackup.KindOf(n)?.Archive == TarBackup.Base);
        for (var pass = 1; wal.NeedsAnotherPass && walHolder is not null; pass++)
        {
            if (pass == MostPasses)
            {
                findings.LeaveUnfinished("the WAL segments lie in the archive in no order");
                break;
            }

            wal.BeginPass();
            await GuardedAsync(walHolder, () => source.ReadAsync(chosen.Single(o => o.Name == walHolder), TakeWalAgainAsync, cancellationToken));
        }

        // What an archive that was not read to its end may hold is not known.
        var walHolders = walArchives.Count > 0 ? walArchives : source.Objects.Where(o => TarBackup.KindOf(o.Name)?.Archive == TarBackup.Base);
        if (WantsWal && walHolders.All(o => passed.ContainsKey(o.Name))) wal.Finish();
        ReportMissing();
    }

    private void ReportMissing()
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < seen.Length; i++)
        {
            var entry = manifest.Files[i];
            if (seen[i] != 0 || LeftOut.Is(entry.Shown) || sink?.Wants(entry) == false) continue;
            var holder = source.HolderOf(entry.Shown);
            if (holder is not null && passed.ContainsKey(holder)) findings.Add(PostgresFindings.FileMissing.AtPath(entry.Shown));
            else if (holder is null && missing.Add(entry.Shown.Split('/') is ["pg_tblspc", var oid, ..] ? oid : TarBackup.Base)) ReportNoArchive(entry, missing);
        }
    }

    private void ReportNoArchive(ManifestFile entry, HashSet<string> missing)
    {
        var archive = missing.Last();
        // One that is there in a form that is not read was reported when the store was listed.
        if (listing.Names.Any(n => TarBackup.KindOf(n)?.Archive == archive)) return;
        if (archive == TarBackup.Base) findings.Add(PostgresFindings.FileMissing.AtPath(entry.Shown));
        else findings.Add(PostgresFindings.TablespaceMissing.AtPath(archive, ("reason", new Words($"there is no {archive}.tar", $"il n’y a pas de {archive}.tar"))));
    }

    private bool IsListed(string name) => !LeftOut.IsWal(name) && index.ContainsKey(Encoding.UTF8.GetBytes(name));

    private async ValueTask ReadGuardedAsync(BackupObject part, CancellationToken cancellationToken)
    {
        if (coverage is { MayBegin: false } && places.ContainsKey(part.Name)) return;
        var isGood = true;
        async ValueTask<bool> Visit(BackupFile file, CancellationToken token)
        {
            isGood &= await VisitAsync(file, token);
            return true;
        }

        if (!await GuardedAsync(part.Name, () => source.ReadAsync(part, Visit, cancellationToken))) return;
        // A file is remembered as soon as its blocks can be judged: a killed run must not begin again. An archive is judged with all that lies in it, at the end.
        if (!source.AreArchives && HasPageChecksums is { } judged) Remember(part.Name, isGood && !(judged && wrongPages.Any(w => w.Entry.Shown == part.Name)));
        else passed[part.Name] = isGood;
    }

    /// <summary>Turns what reading throws into what is said about the backup.</summary>
    /// <returns>Whether it was read to its end.</returns>
    private async Task<bool> GuardedAsync(string name, Func<Task> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (InvalidDataException e)
        {
            findings.Add(PostgresFindings.ArchiveDamaged.AtPath(name, ("reason", e.Message)));
        }
        catch (ArchiveLimitException e)
        {
            findings.Add(PostgresFindings.LimitExceeded.AtPath(name, ("reason", e.Message)));
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            findings.Add(PostgresFindings.FileMissing.AtPath(name));
        }
        catch (StoreException e)
        {
            findings.Add(CommonFindings.ObjectUnreadable.AtPath(name, ("reason", e.Message)));
            findings.LeaveUnfinished("some files could not be read");
        }

        return false;
    }

    /// <returns>Whether this file was read and authenticated. WAL speaks for itself.</returns>
    private async ValueTask<bool> VisitAsync(BackupFile file, CancellationToken cancellationToken)
    {
        var path = file.Shown;
        if (LeftOut.IsWal(path))
        {
            await VisitWalAsync(path, file, cancellationToken);
            return true;
        }

        if (!index.TryGetValue(file.Path, out var at))
        {
            ReportUnlisted(path);
            return false;
        }

        if (Interlocked.Exchange(ref seen[at], 1) != 0)
        {
            findings.Add(PostgresFindings.PathTwice.AtPath(path));
            return false;
        }

        return sink?.Wants(manifest.Files[at]) == false || await JudgeAsync(manifest.Files[at], file, cancellationToken);
    }

    private void ReportUnlisted(string path)
    {
        if (path == BackupManifest.FileName) return;
        var kind = LeftOut.Settings.Contains(path) ? PostgresFindings.SettingsChanged : PostgresFindings.FileExtra;
        if (sink is null) findings.Add(kind.AtPath(path));
        else sink.LeaveOut(kind);
    }

    private async Task<bool> JudgeAsync(ManifestFile entry, BackupFile file, CancellationToken cancellationToken)
    {
        var path = entry.Shown;
        var pages = looksAtPages != 0 && RelationFile.FirstBlock(path) is { } block ? new PageCheck(block, BackupStart) : null;
        using var keep = Structure.Wants(path, entry.Size) ? new MemoryStream() : null;
        var isSetting = LeftOut.Settings.Contains(path);
        if (isSetting && sink is not null)
        {
            await RestoreSettingAsync(entry, file, cancellationToken);
            return true;
        }

        var outcome = file.Size != entry.Size ? ContentOutcome.OtherSize
            : sink is null ? await ContentPass.ReadAsync(entry, file.Content, pages, keep, null, path.Contains('/') ? null : findings, Tell, cancellationToken)
            : await sink.WriteAsync(entry, into => ContentPass.ReadAsync(entry, file.Content, pages, keep, into, null, Tell, cancellationToken));
        if (keep is not null && outcome == ContentOutcome.Good) Structure.Keep(path, keep.ToArray());
        if (pages is { Wrong: > 0 } && wrongPages.Count < BackupManifest.MostRanges) wrongPages.Add((entry, pages));
        Interlocked.Increment(ref objectsRead);
        if (outcome == ContentOutcome.Good) return entry.Algorithm != ChecksumAlgorithm.None || entry.Size == 0;
        if (isSetting) findings.Add(PostgresFindings.SettingsChanged.AtPath(path));
        else if (outcome == ContentOutcome.OtherContent) findings.Add(PostgresFindings.ContentDiffers.AtPath(path, ("algorithm", ContentHash.NameOf(entry.Algorithm))));
        else findings.Add(PostgresFindings.SizeDiffers.AtPath(path, ("reason", FolderPresence.Sizes(entry.Size, file.Size))));
        // Settings may be written afterwards: what is there was read, and was said.
        return isSetting;
    }

    /// <summary>The server obeys this file, and it may have been written after the backup: only what was backed up is restored.</summary>
    private async Task RestoreSettingAsync(ManifestFile entry, BackupFile file, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        if (entry.Size <= LargestSetting && file.Size == entry.Size && await ContentPass.ReadAsync(entry, file.Content, null, content, null, null, Tell, cancellationToken) == ContentOutcome.Good)
        {
            content.Position = 0;
            await sink!.WriteAsync(entry, into => ContentPass.ReadAsync(entry, content, null, null, into, null, _ => { }, cancellationToken));    // only called with a sink
            return;
        }

        findings.Add(PostgresFindings.SettingsChanged.AtPath(entry.Shown));
        findings.LeaveUnfinished($"{entry.Shown} is not what was backed up and was left out");
    }

    private async Task VisitWalAsync(string path, BackupFile file, CancellationToken cancellationToken)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (path != WalCheck.Folder + name || !WantsWal) return;
        if (Structure.Wants(path, file.Size))
        {
            var history = new byte[file.Size];
            await file.Content.ReadExactlyAsync(history, cancellationToken);
            Structure.Keep(path, history);
            if (sink is not null) await sink.WriteWalAsync(path, history.Length, history.Length, new MemoryStream(history), content => DrainAsync(content, cancellationToken));
            return;
        }

        wal.SetSegmentBytes(WalSegments.IsName(name) ? file.Size : 0);
        if (!wal.IsWanted(name)) return;
        if (sink is null) await wal.TakeAsync(name, file.Size, file.Content, cancellationToken);
        else await sink.WriteWalAsync(path, file.Size, wal.NeededBytes(name), file.Content, async content =>
        {
            await wal.TakeAsync(name, file.Size, content, cancellationToken);
            await DrainAsync(content, cancellationToken);
        });
    }

    private async ValueTask<bool> TakeWalAgainAsync(BackupFile file, CancellationToken cancellationToken)
    {
        var path = file.Shown;
        if (LeftOut.IsWal(path)) await wal.TakeAsync(path[(path.LastIndexOf('/') + 1)..], file.Size, file.Content, cancellationToken);
        return true;
    }

    private static async Task DrainAsync(Stream content, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 << 10];
        while (await content.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    private Lsn BackupStart => manifest.Ranges.Count > 0 ? manifest.Ranges.Min(r => r.Start) : default;

    private void Tell(int bytes)
    {
        var done = Interlocked.Add(ref bytesRead, bytes);
        progress?.Report(new WorkProgress(sink is null ? "verify" : "restore", done, wantedBytes, Interlocked.Read(ref objectsRead), manifest.Files.Count, findings.Count));
    }
}
