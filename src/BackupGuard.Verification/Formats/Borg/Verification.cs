using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>One verification of an open repository: manifest and archives, their items, then the segments (a list of independent objects), then impact.</summary>
internal sealed class Verification(OpenRepository repository, VerifyOptions options, FindingSink sink, IProgress<WorkProgress>? progress)
{
    /// <summary>Raised when this reader learns to see what it let pass before: then everything is read again.</summary>
    private const string Rules = "borg/1";

    private readonly int workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    private readonly List<DamagedObject> damaged = [];
    private readonly Lock damagedGate = new();
    private long bytesRead, segmentsRead;

    public async Task<VerifyReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadArchivesAsync(options.Clock, cancellationToken);
        if (repository.Archives.Count == 0 && sink.Unfinished is null) sink.Add(CommonFindings.NothingThere.At(repository.Store.Location));
        var walk = new ItemWalk(repository, sink, options.Clock);
        await walk.RunAsync(workers, progress, cancellationToken);
        damaged.AddRange(walk.Damaged);
        var coverage = await ReadSegmentsAsync(cancellationToken);
        if (damaged.Count > 0) await DescribeDamageAsync(cancellationToken);
        CountUnused();

        if (sink.Unfinished is null && coverage.Unfinished() is { } reason) sink.LeaveUnfinished(reason.En);
        var summary = coverage.Summary();
        return new VerifyReport
        {
            Findings = sink.ToList(),
            Unfinished = sink.Unfinished,
            RepositoryId = repository.Id,
            BytesRead = bytesRead,
            ObjectsRead = segmentsRead,
            Inventory = repository.Inventory,
            Coverage = options.Memory is null ? coverage.ShareThisRun : repository.Segments.Count == 0 ? 0 : summary.Share,
            CoverageThisRun = coverage.ShareThisRun,
            Memory = options.Memory is null ? null : summary,
            Snapshots = [.. repository.Archives.Select(walk.Summary)],
        };
    }

    private async Task<CoverageRun> ReadSegmentsAsync(CancellationToken cancellationToken)
    {
        // An empty one was reported already, and there is nothing in it to read.
        var all = repository.Segments.Where(s => s.File.LengthBytes > 0).ToList();
        var coverage = new CoverageRun(options, repository.Id, Rules, [.. all.Select(s => new CoverageItem(s.File.Name, s.File.LengthBytes, s.File.ModifiedAt, default))]);
        var parts = coverage.Chosen.SelectMany(item => PartsOf(all[item], item)).ToList();
        var next = -1;
        var verifiers = Math.Min(workers, parts.Count);
        await Task.WhenAll(Enumerable.Range(0, verifiers).Select(_ => Task.Run(WorkAsync, cancellationToken)));
        return coverage;

        async Task WorkAsync()
        {
            using var verifier = new SegmentVerifier(repository, sink, Damage, bytes => Advance(bytes, coverage), verifiers);
            while (coverage.MayBegin && Interlocked.Increment(ref next) is var i && i < parts.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ReadPartAsync(verifier, parts[i], coverage, cancellationToken);
            }
        }
    }

    /// <summary>A segment on its way: judged by whoever finishes its last part.</summary>
    private sealed class SegmentWork(Segment segment, int item, int parts)
    {
        public Segment Segment => segment;
        public int Item => item;
        public int PartsLeft = parts;
        public long GoodBytes;
        public bool Unread;
    }

    private readonly record struct Part(SegmentWork Work, long From, long To);

    private IEnumerable<Part> PartsOf(Segment segment, int item)
    {
        List<long> borders = [0, .. repository.Cuts.TryGetValue(segment.Number, out var cuts) ? cuts : [], long.MaxValue];
        var work = new SegmentWork(segment, item, borders.Count - 1);
        for (var i = 1; i < borders.Count; i++) yield return new Part(work, borders[i - 1], borders[i]);
    }

    private void Advance(int bytes, CoverageRun coverage)
    {
        var read = Interlocked.Add(ref bytesRead, bytes);
        progress?.Report(new WorkProgress("data", read, coverage.BytesToRead, Volatile.Read(ref segmentsRead), coverage.Chosen.Count, sink.Count));
    }

    private void Damage(DamagedObject found)
    {
        sink.Foretell(found.Describe("?"));
        lock (damagedGate)
        {
            if (damaged.Count < ItemWalk.MostTraced) { damaged.Add(found); return; }
        }
        sink.Add(found.Describe("?"));
    }

    private async ValueTask ReadPartAsync(SegmentVerifier verifier, Part part, CoverageRun coverage, CancellationToken cancellationToken)
    {
        var work = part.Work;
        try
        {
            Interlocked.Add(ref work.GoodBytes, await ReadTwiceAsync(verifier, part, cancellationToken));
        }
        catch (StoreException e)
        {
            work.Unread = true;
            OpenRepository.Unreadable(sink, e);
        }
        if (Interlocked.Decrement(ref work.PartsLeft) > 0) return;
        Interlocked.Increment(ref segmentsRead);
        var good = Volatile.Read(ref work.GoodBytes);
        if (good == work.Segment.File.LengthBytes) coverage.Good(work.Item);
        else if (!work.Unread) coverage.Bad(work.Item, good);
    }

    /// <summary>A store that fails for the moment is asked a second time, and that is told.</summary>
    private async ValueTask<long> ReadTwiceAsync(SegmentVerifier verifier, Part part, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.VerifyAsync(part.Work.Segment, part.From, part.To, cancellationToken);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Transient)
        {
            var good = await verifier.VerifyAsync(part.Work.Segment, part.From, part.To, cancellationToken);
            sink.Add(CommonFindings.ReadOnRetry.At(part.Work.Segment.File.Name, ("reason", e.Message)));
            return good;
        }
    }

    private async Task DescribeDamageAsync(CancellationToken cancellationToken)
    {
        progress?.Report(new WorkProgress("impact", 0, 0, 0, damaged.Count, sink.Count));
        var impact = new Impact(repository);
        await impact.TraceAsync(damaged.Select(d => d.Id), cancellationToken);
        foreach (var found in damaged) sink.Add(impact.Describe(found));
    }

    private void CountUnused()
    {
        // With an archive unread nobody knows what it needs.
        if (sink.Unfinished is not null && repository.Archives.Count == 0) return;
        long count = 0, bytes = 0;
        for (var i = 0; i < repository.Index.Entries; i++)
        {
            ref var entry = ref repository.Index[i];
            if (!entry.Exists || entry.Claim != ObjectEntry.NotClaimed) continue;
            count++;
            bytes += entry.Length;
        }
        if (count > 0) sink.Add(BorgFindings.ObjectUnused.At(repository.Store.Location, ("count", count), ("bytes", bytes)));
    }
}
