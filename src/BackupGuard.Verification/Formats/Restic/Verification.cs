using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>One verification of an open repository: inventory, metadata, structure, content, impact, in that order.</summary>
internal sealed class Verification(OpenRepository repository, VerifyOptions options, FindingSink sink, IProgress<WorkProgress>? progress)
{
    private readonly int workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    private readonly List<DamagedBlob> damaged = [];
    private readonly List<IndexedPack> lost = [];
    private readonly Lock damagedGate = new();
    private long bytesRead, objectsRead, authenticated, toRead;

    public async Task<VerifyReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadSnapshotsAsync(options.Clock, cancellationToken);
        await repository.LoadIndexAsync(cancellationToken);
        var packs = await repository.ListPacksAsync(cancellationToken);
        if (repository.Snapshots.Count == 0 && sink.Unfinished is null) sink.Add(CommonFindings.NothingThere.At(repository.Store.Location));
        await FindMissingPacksAsync(packs, cancellationToken);

        var walk = new TreeWalk(repository, packs, sink, options.Clock);
        await walk.RunAsync(workers, progress, cancellationToken);
        damaged.AddRange(walk.Missing);

        await ReadPacksAsync(packs, cancellationToken);
        if (damaged.Count + lost.Count > 0) await DescribeDamageAsync(walk.Trees, packs, cancellationToken);

        var stored = packs.Values.Sum(p => p.LengthBytes);
        var coverage = stored == 0 ? 0 : Math.Min(1, (double)authenticated / stored);
        if (toRead < stored && sink.Unfinished is null) sink.LeaveUnfinished($"only {toRead} of {stored} bytes of data were to be read");
        var totals = walk.Trees.Totals();
        // Of each machine and folders the newest, if its list could be read: a disk that was not mounted is saved without an error, and with nothing in it.
        foreach (var empty in repository.Snapshots.GroupBy(s => $"{s.Summary.Host}\0{string.Join('\0', s.Summary.Paths)}", StringComparer.Ordinal).Select(g => g.Last())
            .Where(s => repository.Index.Find(BlobKind.Tree, s.Tree) is >= 0 and var root && Summary(s, totals).Files == 0 && walk.Missing.All(m => m.Kind != BlobKind.Tree) && totals.ContainsKey(root)))
            sink.Add(CommonFindings.NothingThere.At(empty.Id.ToString()));
        return new VerifyReport
        {
            Findings = sink.ToList(),
            Unfinished = sink.Unfinished,
            RepositoryId = repository.Id,
            BytesRead = bytesRead,
            ObjectsRead = objectsRead,
            Coverage = coverage,
            Snapshots = [.. repository.Snapshots.Select(s => Summary(s, totals))],
        };
    }

    private SnapshotSummary Summary(LoadedSnapshot snapshot, Dictionary<int, (long Files, long Bytes)> totals)
    {
        var root = repository.Index.Find(BlobKind.Tree, snapshot.Tree);
        var (files, bytes) = root < 0 ? (0, 0) : totals.GetValueOrDefault(root);
        return snapshot.Summary with { Files = files, Bytes = bytes };
    }

    private async Task DescribeDamageAsync(TreeTable trees, Dictionary<BlobId, StoredObject> packs, CancellationToken cancellationToken)
    {
        progress?.Report(new WorkProgress("impact", 0, 0, 0, damaged.Count + lost.Count, sink.Count));
        var impact = new Impact(repository, trees, packs);
        await impact.TraceAsync(damaged.Select(d => (d.Kind, d.Id)).Concat(lost.SelectMany(OnlyThere)), cancellationToken);
        foreach (var blob in damaged) sink.Add(impact.Describe([(blob.Kind, blob.Id)], blob.Describe));
        foreach (var pack in lost)
            sink.Add(impact.Describe(OnlyThere(pack), affected => ResticFindings.PackMissing.At(pack.Id.ToString(), ("blobs", pack.Count), ("bytes", pack.BlobBytes), ("affected", affected))));

        IEnumerable<(BlobKind, BlobId)> OnlyThere(IndexedPack pack) =>
            EntriesOf(pack).Where(e => !OtherPlaceExists(e, packs)).Select(e => (e.Kind, e.Id));
    }

    /// <summary>A pack that an index names must be there, unless a prune takes it away while we look.</summary>
    private async Task FindMissingPacksAsync(Dictionary<BlobId, StoredObject> packs, CancellationToken cancellationToken)
    {
        var missing = repository.Index.Packs.Where(p => !packs.ContainsKey(p.Id)).ToList();
        var pruning = await repository.CheckLocksAsync(options.Clock, cancellationToken);
        if (missing.Count > 0)
            foreach (var (id, file) in await repository.ListPacksAsync(cancellationToken)) packs.TryAdd(id, file);
        foreach (var pack in missing.Where(p => !packs.ContainsKey(p.Id)))
        {
            if (pruning) { sink.LeaveUnfinished("packs are missing while an exclusive lock is held: a prune is running"); continue; }
            // A listing that failed says nothing about what is there.
            if (packs.Count == 0 && sink.Unfinished is not null) continue;
            lost.Add(pack);
        }
    }

    private bool OtherPlaceExists(BlobEntry entry, Dictionary<BlobId, StoredObject> packs)
    {
        var places = repository.Index.Places(entry.Kind, entry.Id);
        while (places.MoveNext())
            if (packs.ContainsKey(repository.Index.Packs[repository.Index[places.Current].Pack].Id)) return true;
        return false;
    }

    private async Task ReadPacksAsync(Dictionary<BlobId, StoredObject> packs, CancellationToken cancellationToken)
    {
        var chosen = Choose(packs);
        toRead = chosen.Sum(c => c.File.LengthBytes);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync, cancellationToken)));

        async Task WorkAsync()
        {
            using var verifier = new PackVerifier(repository);
            while (Interlocked.Increment(ref next) is var i && i < chosen.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ReadPackAsync(verifier, chosen[i].Id, chosen[i].File, chosen.Count, cancellationToken);
            }
        }
    }

    private async Task ReadPackAsync(PackVerifier verifier, BlobId id, StoredObject file, int total, CancellationToken cancellationToken)
    {
        var blobs = repository.Index.TryGetPack(id, out var pack) ? EntriesOf(pack) : null;
        if (blobs is null) sink.Add(ResticFindings.PackOrphan.At(id.ToString()));
        try
        {
            var outcome = await LookTwiceAsync(verifier, file, id, blobs, cancellationToken);
            foreach (var finding in outcome.Findings) sink.Add(finding);
            lock (damagedGate) damaged.AddRange(outcome.Damaged);
            if (outcome.IsGood) Interlocked.Add(ref authenticated, file.LengthBytes);
            else Interlocked.Add(ref authenticated, outcome.AuthenticatedBytes);
        }
        catch (StoreException e)
        {
            OpenRepository.Unreadable(sink, e);
        }
        var read = Interlocked.Increment(ref objectsRead);
        progress?.Report(new WorkProgress("data", Volatile.Read(ref bytesRead), toRead, read, total, sink.Count));
    }

    /// <summary>Damage is believed when seen twice; a pack that is good only the second time is reported as a store that cannot be relied on.</summary>
    private async ValueTask<PackOutcome> LookTwiceAsync(PackVerifier verifier, StoredObject file, BlobId id, BlobEntry[]? blobs, CancellationToken cancellationToken)
    {
        string firstProblem;
        try
        {
            var first = await verifier.VerifyAsync(file, id, blobs, Advance, cancellationToken);
            if (first.IsGood) return first;
            firstProblem = first.Findings.FirstOrDefault()?.Message("en") ?? "a blob was damaged";
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Transient)
        {
            firstProblem = e.Message;
        }
        var second = await verifier.VerifyAsync(file, id, blobs, _ => { }, cancellationToken);
        if (second.IsGood) second.Findings.Add(CommonFindings.ReadOnRetry.At(file.Name, ("reason", firstProblem)));
        return second;
    }

    private void Advance(int bytes) => Interlocked.Add(ref bytesRead, bytes);

    private BlobEntry[] EntriesOf(IndexedPack pack)
    {
        var entries = new BlobEntry[pack.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = repository.Index[pack.First + i];
        return entries;
    }

    /// <summary>All packs, or a sample that changes from day to day and is the same within one: the day and the pack's id decide.</summary>
    private List<(BlobId Id, StoredObject File)> Choose(Dictionary<BlobId, StoredObject> packs)
    {
        var all = packs.Select(p => (Id: p.Key, File: p.Value)).ToList();
        if (options.ReadData is { Share: >= 1, LimitBytes: null }) return all;
        if (options.ReadData.Share <= 0) return [];
        var day = Encoding.ASCII.GetBytes(options.Clock.GetUtcNow().ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture));
        var budget = Math.Min(options.ReadData.LimitBytes ?? long.MaxValue, (long)(all.Sum(p => p.File.LengthBytes) * options.ReadData.Share));
        var chosen = new List<(BlobId, StoredObject)>();
        foreach (var pack in all.OrderBy(p => Convert.ToHexString(SHA256.HashData([.. day, .. p.Id.AsBytes()])), StringComparer.Ordinal))
        {
            // At least one, else a small share of few packs would read nothing day after day.
            if (chosen.Count > 0 && pack.File.LengthBytes > budget) continue;
            chosen.Add(pack);
            budget -= pack.File.LengthBytes;
        }
        return chosen;
    }
}
