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
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(workers, coverage.Chosen.Count)).Select(_ => Task.Run(WorkAsync, cancellationToken)));
        return coverage;

        async Task WorkAsync()
        {
            using var verifier = new SegmentVerifier(repository, sink, Damage, bytes => Advance(bytes, coverage));
            while (coverage.MayBegin && Interlocked.Increment(ref next) is var i && i < coverage.Chosen.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ReadSegmentAsync(verifier, all[coverage.Chosen[i]], coverage, coverage.Chosen[i], cancellationToken);
            }
        }
    }

    private void Advance(int bytes, CoverageRun coverage)
    {
        var read = Interlocked.Add(ref bytesRead, bytes);
        progress?.Report(new WorkProgress("data", read, coverage.BytesToRead, Volatile.Read(ref segmentsRead), coverage.Chosen.Count, sink.Count));
    }

    private void Damage(DamagedObject found)
    {
        lock (damagedGate)
        {
            if (damaged.Count < ItemWalk.MostTraced) { damaged.Add(found); return; }
        }
        sink.Add(found.Describe("?"));
    }

    private async ValueTask ReadSegmentAsync(SegmentVerifier verifier, Segment segment, CoverageRun coverage, int item, CancellationToken cancellationToken)
    {
        try
        {
            var good = await ReadTwiceAsync(verifier, segment, cancellationToken);
            if (good == segment.File.LengthBytes) coverage.Good(item);
            else coverage.Bad(item, good);
        }
        catch (StoreException e)
        {
            OpenRepository.Unreadable(sink, e);
        }
        Interlocked.Increment(ref segmentsRead);
    }

    /// <summary>A store that fails for the moment is asked a second time, and that is told.</summary>
    private async ValueTask<long> ReadTwiceAsync(SegmentVerifier verifier, Segment segment, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.VerifyAsync(segment, cancellationToken);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Transient)
        {
            var good = await verifier.VerifyAsync(segment, cancellationToken);
            sink.Add(CommonFindings.ReadOnRetry.At(segment.File.Name, ("reason", e.Message)));
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
