namespace BackupGuard.Verification.Coverage;

/// <summary>An object whose bytes a verification may read.</summary>
/// <param name="Expectation">What the backup's own metadata say about it, as bytes; empty where they say nothing beyond the name.</param>
internal sealed record CoverageItem(string Name, long LengthBytes, DateTimeOffset ModifiedAt, ReadOnlyMemory<byte> Expectation);

/// <summary>One run over the data of a backup: which objects to read, in what order, until when, and what is known about all of them at the end. Every format reads by it.</summary>
internal sealed class CoverageRun
{
    private readonly VerifyOptions options;
    private readonly ICoverageLedger? ledger;
    private readonly CoverageKey[] keys;
    private readonly (long LengthBytes, DateTimeOffset? At)[] known;
    private readonly bool[] looked;
    private readonly long began;
    private long goodBytes;

    /// <param name="rules">Format and number of our rules, such as "restic/1"; raise the number when the format's reader learns to see more.</param>
    public CoverageRun(VerifyOptions options, string repositoryId, string rules, IReadOnlyList<CoverageItem> items)
    {
        this.options = options;
        ledger = repositoryId.Length > 0 ? options.Memory?.Open(repositoryId) : null;
        var now = options.Clock.GetUtcNow();
        known = [.. items.Select(i => (i.LengthBytes, (DateTimeOffset?)null))];
        keys = ledger is null ? [] : [.. items.Select(i => CoverageKey.Of(rules, i.Name, i.LengthBytes, i.ModifiedAt, i.Expectation.Span))];
        // A time that has not come yet is a clock that was set back: it proves nothing.
        for (var i = 0; i < keys.Length; i++) known[i].At = ledger!.LastAuthenticated(keys[i]) is { } at && at <= now ? at : null;
        looked = new bool[items.Count];
        Chosen = ReadPlan.Choose(known, options.ReadData);
        BytesToRead = Chosen.Sum(i => known[i].LengthBytes);
        began = options.Clock.GetTimestamp();
    }

    /// <summary>Places in the items, in the order in which to read them.</summary>
    public IReadOnlyList<int> Chosen { get; }

    public long BytesToRead { get; }

    /// <summary>Bytes authenticated in this run.</summary>
    public long GoodBytes => Volatile.Read(ref goodBytes);

    /// <summary>Whether the time budget allows another object to be begun.</summary>
    public bool MayBegin => options.ReadData.LimitTime is not { } limit || options.Clock.GetElapsedTime(began) < limit;

    /// <summary>The object was read whole and is what it must be.</summary>
    public void Good(int item)
    {
        var now = options.Clock.GetUtcNow();
        Interlocked.Add(ref goodBytes, known[item].LengthBytes);
        looked[item] = true;
        known[item].At = now;
        ledger?.Record(keys[item], now);
    }

    /// <summary>The object was read and is damaged, in whole or in part.</summary>
    public void Bad(int item, long goodBytesInIt = 0)
    {
        Interlocked.Add(ref goodBytes, goodBytesInIt);
        looked[item] = true;
        known[item].At = null;
        ledger?.Forget(keys[item]);
    }

    public double ShareThisRun => Sum() is var bytes and > 0 ? Math.Min(1, (double)GoodBytes / bytes) : 0;

    public CoverageSummary Summary() => ReadPlan.Summarise(known, options.Clock.GetUtcNow(), options.Promise);

    /// <summary>Why nothing good can be said about the whole: objects that nobody looked at within the promise. Null when there are none; a damaged one was looked at.</summary>
    public Words? Unfinished()
    {
        var left = ReadPlan.Summarise(known.Where((_, i) => !looked[i]), options.Clock.GetUtcNow(), options.Promise);
        if (left.IsKept) return null;
        var (total, days) = (Sum(), (int)options.Promise.TotalDays);
        return ledger is null
            ? new Words($"only {total - left.BytesNeverRead} of {total} bytes of data were read", $"seuls {total - left.BytesNeverRead} octets de données sur {total} ont été lus")
            : new Words($"{left.BytesNeverRead} bytes of data were never read and {left.BytesTooOld} were last read more than {days} days ago, of {total}",
                $"{left.BytesNeverRead} octets de données n’ont jamais été lus et {left.BytesTooOld} l’ont été il y a plus de {days} jours, sur {total}");
    }

    private long Sum() => known.Sum(k => k.LengthBytes);
}
