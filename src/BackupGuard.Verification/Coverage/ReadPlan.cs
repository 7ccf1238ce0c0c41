namespace BackupGuard.Verification.Coverage;

/// <summary>What of a backup to read today: what was never read first, then what was read longest ago, within the budget. Pure.</summary>
public static class ReadPlan
{
    /// <param name="items">Length and last authentication of each object, in the order of the backup.</param>
    /// <returns>Places in <paramref name="items"/>, in the order in which to read.</returns>
    /// <remarks>
    /// The object with which the budget runs out is still read. Passing over it for smaller ones would keep a large object unread for ever, and a small share of few objects would read
    /// nothing day after day.
    /// </remarks>
    public static IReadOnlyList<int> Choose(IReadOnlyList<(long LengthBytes, DateTimeOffset? AuthenticatedAt)> items, ReadData asked)
    {
        if (asked.Share <= 0) return [];
        var order = Enumerable.Range(0, items.Count).OrderBy(i => items[i].AuthenticatedAt ?? DateTimeOffset.MinValue).ThenBy(i => i).ToList();
        if (asked is { Share: >= 1, LimitBytes: null }) return order;
        // A share is of all that is there, so that the same share day after day comes round.
        var total = items.Aggregate((Int128)0, (sum, i) => sum + i.LengthBytes);
        var budget = asked.Share >= 1 ? (Int128)asked.LimitBytes!.Value : (Int128)Math.Ceiling((double)total * asked.Share);
        if (asked.LimitBytes is { } limit && limit < budget) budget = limit;
        var chosen = new List<int>();
        foreach (var i in order.TakeWhile(_ => budget > 0))
        {
            chosen.Add(i);
            budget -= items[i].LengthBytes;
        }
        return chosen;
    }

    /// <param name="now">The end of the run.</param>
    /// <param name="promise">Nothing may be older than this.</param>
    public static CoverageSummary Summarise(IEnumerable<(long LengthBytes, DateTimeOffset? AuthenticatedAt)> items, DateTimeOffset now, TimeSpan promise)
    {
        long bytes = 0, never = 0, old = 0, missed = 0;
        DateTimeOffset? oldest = null;
        foreach (var (length, at) in items)
        {
            bytes = checked(bytes + length);
            // A time that has not come yet is a clock that was set back: it proves nothing.
            if (at is not { } read || read > now) { (never, missed) = (never + length, missed + 1); continue; }
            if (now - read > promise) (old, missed) = (old + length, missed + 1);
            if (oldest is null || read < oldest) oldest = read;
        }
        return new CoverageSummary(bytes, never, old, missed, oldest, promise);
    }
}
