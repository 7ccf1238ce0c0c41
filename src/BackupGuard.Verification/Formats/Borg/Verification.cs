using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>One verification of an open repository: manifest and archives, their items, then the segments (a list of independent objects), then impact.</summary>
internal sealed class Verification(OpenRepository repository, VerifyOptions options, FindingSink sink, IProgress<WorkProgress>? progress)
{
    private readonly int workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    private readonly List<DamagedObject> damaged = [];
    private readonly Lock damagedGate = new();
    private long bytesRead, segmentsRead, authenticated, toRead;

    public async Task<VerifyReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadArchivesAsync(options.Clock, cancellationToken);
        if (repository.Archives.Count == 0 && sink.Unfinished is null) sink.Add(CommonFindings.NothingThere.At(repository.Store.Location));
        var walk = new ItemWalk(repository, sink);
        await walk.RunAsync(workers, progress, cancellationToken);
        damaged.AddRange(walk.Damaged);
        await ReadSegmentsAsync(cancellationToken);
        if (damaged.Count > 0) await DescribeDamageAsync(cancellationToken);
        CountUnused();

        var stored = repository.Segments.Sum(s => s.File.LengthBytes);
        if (toRead < stored && sink.Unfinished is null) sink.LeaveUnfinished($"only {toRead} of {stored} bytes of data were to be read");
        return new VerifyReport
        {
            Findings = sink.ToList(),
            Unfinished = sink.Unfinished,
            RepositoryId = repository.Id,
            BytesRead = bytesRead,
            ObjectsRead = segmentsRead,
            Coverage = stored == 0 ? 0 : Math.Min(1, (double)authenticated / stored),
            Snapshots = [.. repository.Archives.Select(walk.Summary)],
        };
    }

    private async Task ReadSegmentsAsync(CancellationToken cancellationToken)
    {
        var chosen = Choose();
        toRead = chosen.Sum(s => s.File.LengthBytes);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(workers, chosen.Count)).Select(_ => Task.Run(WorkAsync, cancellationToken)));

        async Task WorkAsync()
        {
            using var verifier = new SegmentVerifier(repository, sink, Damage, bytes => Advance(bytes, chosen.Count));
            while (Interlocked.Increment(ref next) is var i && i < chosen.Count) await ReadSegmentAsync(verifier, chosen[i], cancellationToken);
        }
    }

    private void Advance(int bytes, int total)
    {
        var read = Interlocked.Add(ref bytesRead, bytes);
        progress?.Report(new WorkProgress("data", read, toRead, Volatile.Read(ref segmentsRead), total, sink.Count));
    }

    private void Damage(DamagedObject found)
    {
        lock (damagedGate)
        {
            if (damaged.Count < ItemWalk.MostTraced) { damaged.Add(found); return; }
        }
        sink.Add(found.Describe("?"));
    }

    private async ValueTask ReadSegmentAsync(SegmentVerifier verifier, Segment segment, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Interlocked.Add(ref authenticated, await ReadTwiceAsync(verifier, segment, cancellationToken));
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

    /// <summary>All segments, or a sample that changes from day to day and is the same within one: the day and the segment's name decide.</summary>
    private List<Segment> Choose()
    {
        var all = repository.Segments.Where(s => s.File.LengthBytes > 0).ToList();
        if (options.ReadData is { Share: >= 1, LimitBytes: null }) return all;
        if (options.ReadData.Share <= 0) return [];
        var day = options.Clock.GetUtcNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var budget = Math.Min(options.ReadData.LimitBytes ?? long.MaxValue, (long)(all.Sum(s => s.File.LengthBytes) * options.ReadData.Share));
        var chosen = new List<Segment>();
        foreach (var segment in all.OrderBy(s => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{day} {repository.Id} {s.File.Name}"))), StringComparer.Ordinal))
        {
            // At least one, else a small share of few segments would read nothing day after day.
            if (chosen.Count > 0 && segment.File.LengthBytes > budget) continue;
            chosen.Add(segment);
            budget -= segment.File.LengthBytes;
        }
        return chosen;
    }
}
