using System.Runtime.InteropServices;
using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>One verification of an open repository: inventory, metadata, structure, content, impact, in that order.</summary>
internal sealed class Verification(OpenRepository repository, VerifyOptions options, FindingSink sink, IProgress<WorkProgress>? progress)
{
    /// <summary>Raised when this reader learns to see what it let pass before: then everything is read again.</summary>
    private const string Rules = "restic/1";

    private readonly int workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    private readonly List<DamagedBlob> damaged = [];
    private readonly List<IndexedPack> lost = [];
    private readonly Lock damagedGate = new();
    private long bytesRead, objectsRead;

    /// <summary>Found but not yet described: whom they hurt is looked up at the end.</summary>
    private int damagedBlobs;

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

        var coverage = await ReadPacksAsync(packs, cancellationToken);
        if (damaged.Count + lost.Count > 0) await DescribeDamageAsync(walk.Trees, packs, cancellationToken);

        if (sink.Unfinished is null && coverage.Unfinished() is { } reason) sink.LeaveUnfinished(reason);
        var summary = coverage.Summary();
        var totals = walk.Trees.Totals();
        foreach (var snapshot in repository.Snapshots)
            if (repository.Index.Find(BlobKind.Tree, snapshot.Tree) is >= 0 and var root && totals.GetValueOrDefault(root).Refusal is { } refusal)
                sink.Add(ResticFindings.NotRestorable.At(snapshot.Id.ToString(), ("reason", refusal)));
        // Of each machine and folders the newest, if its list could be read: a disk that was not mounted is saved without an error, and with nothing in it.
        foreach (var empty in repository.Snapshots.GroupBy(s => $"{s.Summary.Host}\0{string.Join('\0', s.Summary.Paths)}", StringComparer.Ordinal).Select(g => g.Last())
            .Where(s => repository.Index.Find(BlobKind.Tree, s.Tree) is >= 0 and var root && Summary(s, totals).Files == 0 && walk.Missing.All(m => m.Kind != BlobKind.Tree) && totals.ContainsKey(root)))
            sink.Add(CommonFindings.NothingThere.At(empty.Id.ToString()));
        return new VerifyReport
        {
            Findings = sink.ToList(),
            Unfinished = sink.Unfinished,
            RepositoryId = repository.Id,
            Inventory = repository.Inventory,
            BytesRead = bytesRead,
            ObjectsRead = objectsRead,
            Coverage = options.Memory is null ? coverage.ShareThisRun : packs.Count == 0 ? 0 : summary.Share,
            CoverageThisRun = coverage.ShareThisRun,
            Memory = options.Memory is null ? null : summary,
            Snapshots = [.. repository.Snapshots.Select(s => Summary(s, totals))],
        };
    }

    private SnapshotSummary Summary(LoadedSnapshot snapshot, Dictionary<int, TreeTotal> totals)
    {
        var root = repository.Index.Find(BlobKind.Tree, snapshot.Tree);
        var total = root < 0 ? default : totals.GetValueOrDefault(root);
        return snapshot.Summary with { Files = total.Files, Bytes = total.Bytes, NewestFileAt = total.NewestSeconds > 0 ? DateTimeOffset.FromUnixTimeSeconds(total.NewestSeconds) : null };
    }

    private async Task DescribeDamageAsync(TreeTable trees, Dictionary<BlobId, StoredObject> packs, CancellationToken cancellationToken)
    {
        progress?.Report(new WorkProgress("impact", 0, 0, 0, damaged.Count + lost.Count, sink.Count));
        var impact = new Impact(repository, trees, packs);
        await impact.TraceAsync(damaged.Select(d => (d.Kind, d.Id)).Concat(lost.SelectMany(OnlyThere)), cancellationToken);
        foreach (var blob in damaged) sink.Add(impact.Describe([(blob.Kind, blob.Id)], blob.Describe));
        foreach (var pack in lost)
            sink.Add(impact.Describe(OnlyThere(pack), affected => Lost(pack, affected)));

        IEnumerable<(BlobKind, BlobId)> OnlyThere(IndexedPack pack) =>
            EntriesOf(pack).Where(e => !OtherPlaceExists(e, packs)).Select(e => (e.Kind, e.Id));
    }

    private static Finding Lost(IndexedPack pack, string affected) =>
        ResticFindings.PackMissing.At(pack.Id.ToString(), ("blobs", pack.Count), ("bytes", pack.BlobBytes), ("affected", affected));

    /// <summary>A pack that an index names must be there, unless a prune takes it away while we look.</summary>
    private async Task FindMissingPacksAsync(Dictionary<BlobId, StoredObject> packs, CancellationToken cancellationToken)
    {
        var missing = repository.Index.Packs.Where(p => !packs.ContainsKey(p.Id)).ToList();
        var pruning = await repository.CheckLocksAsync(options.Clock, cancellationToken);
        if (missing.Count > 0)
            foreach (var (id, file) in await repository.ListPacksAsync(cancellationToken)) packs.TryAdd(id, file);
        foreach (var pack in missing.Where(p => !packs.ContainsKey(p.Id)))
        {
            if (pruning) { sink.LeaveUnfinished(new("packs are missing while an exclusive lock is held: a prune is running", "des packs manquent pendant qu’un verrou exclusif est posé : une purge est en cours")); continue; }
            // A listing that failed says nothing about what is there.
            if (packs.Count == 0 && sink.Unfinished is not null) continue;
            lost.Add(pack);
            sink.Foretell(Lost(pack, "?"));
        }
    }

    private bool OtherPlaceExists(BlobEntry entry, Dictionary<BlobId, StoredObject> packs)
    {
        var places = repository.Index.Places(entry.Kind, entry.Id);
        while (places.MoveNext())
            if (packs.ContainsKey(repository.Index.Packs[repository.Index[places.Current].Pack].Id)) return true;
        return false;
    }

    private async Task<CoverageRun> ReadPacksAsync(Dictionary<BlobId, StoredObject> packs, CancellationToken cancellationToken)
    {
        var all = packs.Select(p => (Id: p.Key, File: p.Value)).ToList();
        var coverage = new CoverageRun(options, repository.Id, Rules, [.. all.Select(p => new CoverageItem(p.File.Name, p.File.LengthBytes, p.File.ModifiedAt, ExpectationOf(p.Id)))]);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync, cancellationToken)));
        return coverage;

        async Task WorkAsync()
        {
            using var verifier = new PackVerifier(repository, workers);
            // Read, but some of their contents are still in the lanes of the hasher.
            var open = new Queue<PackLook>();
            while (coverage.MayBegin && Interlocked.Increment(ref next) is var i && i < coverage.Chosen.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var item = coverage.Chosen[i];
                open.Enqueue(await LookAsync(verifier, item, all[item].Id, all[item].File, cancellationToken));
                while (open.TryPeek(out var oldest) && oldest.IsComplete) await SettleAsync(verifier, open.Dequeue(), coverage, cancellationToken);
            }
            verifier.Flush();
            while (open.TryDequeue(out var look)) await SettleAsync(verifier, look, coverage, cancellationToken);
        }
    }

    /// <summary>What the indexes say about a pack. Nothing where nobody remembers it: hashing ten million entries is not free.</summary>
    private byte[] ExpectationOf(BlobId id)
    {
        if (options.Memory is null || !repository.Index.TryGetPack(id, out var pack)) return [];
        // The number of the pack in this run's index is no part of what is said about the blob.
        var entries = EntriesOf(pack).Select(e => new BlobEntry(e.Id, e.Kind, 0, e.Offset, e.Length, e.CompressedPlainLength)).ToArray();
        return MemoryMarshal.AsBytes<BlobEntry>(entries).ToArray();
    }

    /// <summary>A first look at a pack: an outcome, or the reason why there is none.</summary>
    /// <param name="Item">Its place among all packs of the run.</param>
    private sealed record PackLook(int Item, BlobId Id, StoredObject File, BlobEntry[]? Blobs, PackOutcome? Outcome, StoreException? Failure)
    {
        public bool IsComplete => Outcome is null or { Pending: 0 };
    }

    private async ValueTask<PackLook> LookAsync(PackVerifier verifier, int item, BlobId id, StoredObject file, CancellationToken cancellationToken)
    {
        var blobs = repository.Index.TryGetPack(id, out var pack) ? EntriesOf(pack) : null;
        if (blobs is null) sink.Add(ResticFindings.PackOrphan.At(id.ToString()));
        try
        {
            return new PackLook(item, id, file, blobs, await verifier.VerifyAsync(file, id, blobs, Advance, cancellationToken), null);
        }
        catch (StoreException e)
        {
            return new PackLook(item, id, file, blobs, null, e);
        }
    }

    /// <summary>Reports a pack whose first look is complete.</summary>
    private async ValueTask SettleAsync(PackVerifier verifier, PackLook look, CoverageRun coverage, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = look.Outcome is { IsGood: true } good ? good : await LookAgainAsync(verifier, look, cancellationToken);
            foreach (var finding in outcome.Findings) sink.Add(finding);
            lock (damagedGate) damaged.AddRange(outcome.Damaged);
            foreach (var blob in outcome.Damaged) sink.Foretell(blob.Describe("?"));
            Interlocked.Add(ref damagedBlobs, outcome.Damaged.Count);
            if (outcome.IsGood) coverage.Good(look.Item);
            else coverage.Bad(look.Item, outcome.AuthenticatedBytes);
        }
        catch (StoreException e)
        {
            OpenRepository.Unreadable(sink, e);
        }
        var read = Interlocked.Increment(ref objectsRead);
        progress?.Report(new WorkProgress("data", Volatile.Read(ref bytesRead), coverage.BytesToRead, read, coverage.Chosen.Count, sink.Count + lost.Count + Volatile.Read(ref damagedBlobs)));
    }

    /// <summary>Damage is believed when seen twice; a pack that is good only the second time is reported as a store that cannot be relied on.</summary>
    private static async ValueTask<PackOutcome> LookAgainAsync(PackVerifier verifier, PackLook look, CancellationToken cancellationToken)
    {
        if (look.Failure is { Failure: not StoreFailure.Transient }) throw look.Failure;
        var firstProblem = look.Failure?.Message ?? look.Outcome?.Findings.FirstOrDefault()?.Message("en") ?? "a blob was damaged";
        var second = await verifier.VerifyAsync(look.File, look.Id, look.Blobs, _ => { }, cancellationToken);
        verifier.Flush();
        if (second.IsGood) second.Findings.Add(CommonFindings.ReadOnRetry.At(look.File.Name, ("reason", firstProblem)));
        return second;
    }

    private void Advance(int bytes) => Interlocked.Add(ref bytesRead, bytes);

    private BlobEntry[] EntriesOf(IndexedPack pack)
    {
        var entries = new BlobEntry[pack.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = repository.Index[pack.First + i];
        return entries;
    }
}
