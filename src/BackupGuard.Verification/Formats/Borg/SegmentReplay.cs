using System.Globalization;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Finds the last commit and replays the segments up to it, in order, into an index (Borg internals, "Repository"). Reads headers only.</summary>
internal sealed class SegmentReplay(IBackupStore store, BorgConfig config, FindingSink sink)
{
    /// <summary>Beside the segments: Borg's own caches and locks, which say nothing about the data and are not judged.</summary>
    private static readonly string[] NotJudged = ["config", "README", "nonce", "lock.roster", "transactions"];

    private const long BytesAPart = 32 << 20;

    private readonly byte[] buffer = SegmentScan.NewBuffer();

    public ObjectIndex Index { get; } = new();
    public List<Segment> Committed { get; } = [];
    public bool Unread { get; private set; }

    /// <summary>Where large segments may be cut so that several threads read one: beginnings of entries.</summary>
    public Dictionary<uint, List<long>> Cuts { get; } = [];

    /// <summary>Segments that were reported as damaged already.</summary>
    public HashSet<uint> Broken { get; } = [];

    /// <returns>False when there is no commit, and so no backup.</returns>
    public async ValueTask<bool> RunAsync(CancellationToken cancellationToken)
    {
        // Before the segments: a commit made meanwhile then only makes these older.
        var (noted, transaction) = await NewestNoteAsync(cancellationToken);
        var segments = await ListAsync(cancellationToken);
        if (await FindCommitAsync(segments, cancellationToken) is not { } last)
        {
            if (!Unread) sink.Add(BorgFindings.NoCommit.At(store.Location));
            return false;
        }
        if (transaction > last) sink.Add(BorgFindings.RolledBack.At(noted, ("noted", transaction), ("found", last)));
        foreach (var segment in segments.Where(s => s.Number <= last))
        {
            Committed.Add(segment);
            await ReplayAsync(segment, cancellationToken);
        }
        return true;
    }

    /// <summary>index.N, hints.N and integrity.N carry the number of the transaction after which they were written.</summary>
    private async ValueTask<(string Name, long Transaction)> NewestNoteAsync(CancellationToken cancellationToken)
    {
        (string Name, long Transaction) newest = ("", -1);
        foreach (var prefix in (string[])["index.", "hints.", "integrity."])
            await foreach (var file in store.ListAsync(prefix, cancellationToken))
                if (uint.TryParse(file.Name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > newest.Transaction) newest = (file.Name, number);
        return newest;
    }

    private async ValueTask<List<Segment>> ListAsync(CancellationToken cancellationToken)
    {
        var segments = new List<Segment>();
        await foreach (var file in store.ListAsync("", cancellationToken))
        {
            if (Segment.TryFrom(file, config.SegmentsPerFolder, out var segment) && file.Name.StartsWith("data/", StringComparison.Ordinal)) segments.Add(segment);
            else if (!IsNotJudged(file.Name)) sink.Add(CommonFindings.Unexpected.At(file.Name));
        }
        segments.Sort((x, y) => x.Number.CompareTo(y.Number));
        return segments;
    }

    private static bool IsNotJudged(string name)
    {
        if (NotJudged.Contains(name) || name.StartsWith("lock.exclusive", StringComparison.Ordinal)) return true;
        var dot = name.IndexOf('.');
        return dot > 0 && name[..dot] is "index" or "hints" or "integrity" && name.AsSpan(dot + 1).ContainsAnyExceptInRange('0', '9') is false;
    }

    private async ValueTask<uint?> FindCommitAsync(List<Segment> segments, CancellationToken cancellationToken)
    {
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            if (await ScanAsync(segments[i], null, cancellationToken) is not { } scan) continue;
            if (scan is { EndsWithCommit: true, BadAt: < 0 }) return segments[i].Number;
            var name = segments[i].File.Name;
            if (scan.BadAt >= 0 && !scan.Cut) Damaged(segments[i], scan);
            else if (scan.Cut)
            {
                sink.Add(BorgFindings.CutShort.At(name));
                sink.LeaveUnfinished(new($"{name} ends in the middle of an entry behind the last commit: whether that was the newest backup cannot be told", $"{name} s’arrête au milieu d’une entrée après le dernier commit : impossible de dire si c’était la sauvegarde la plus récente"));
            }
            else sink.Add(BorgFindings.Uncommitted.At(name, ("entries", scan.Entries)));
        }
        return null;
    }

    private async ValueTask ReplayAsync(Segment segment, CancellationToken cancellationToken)
    {
        var number = segment.Number;
        List<long> cuts = Cuts[number] = [];
        var scan = await ScanAsync(segment, entry =>
        {
            if (entry.Offset - (cuts.Count > 0 ? cuts[^1] : 0) >= BytesAPart) cuts.Add(entry.Offset);
            if (entry.Tag == EntryTag.Put) Index.Put(entry.Id, number, (uint)entry.Offset, (uint)entry.Length);
            else if (entry.Tag == EntryTag.Delete) Index.Delete(entry.Id);
        }, cancellationToken);
        if (scan is { BadAt: >= 0 } bad) Damaged(segment, bad);
    }

    private void Damaged(Segment segment, SegmentScan scan)
    {
        if (Broken.Add(segment.Number)) sink.Add(BorgFindings.SegmentDamaged.At(segment.File.Name, ("offset", scan.BadAt), ("reason", scan.Reason)));
    }

    /// <returns>Null when the store does not give the segment.</returns>
    private async ValueTask<SegmentScan?> ScanAsync(Segment segment, Action<SegmentEntry>? found, CancellationToken cancellationToken)
    {
        try
        {
            var first = await SegmentScan.RunAsync(store, segment, buffer, found, cancellationToken);
            if (first.BadAt < 0) return first;
            // Damage is believed when seen twice; to replay a segment again changes nothing.
            var second = await SegmentScan.RunAsync(store, segment, buffer, found, cancellationToken);
            if (second.BadAt < 0) sink.Add(CommonFindings.ReadOnRetry.At(segment.File.Name, ("reason", first.Reason)));
            return second;
        }
        catch (StoreException e)
        {
            Unread = true;
            OpenRepository.Unreadable(sink, e);
            return null;
        }
    }
}
