namespace BackupGuard.Continuity.Measures;

/// <summary>One time that something took.</summary>
/// <param name="At">When it was over.</param>
public readonly record struct Measure(TimeSpan Took, DateTimeOffset At);

/// <summary>
/// What was really measured, as the time within which half and nine tenths of the measures were over. Quantiles are by nearest
/// rank: the shortest measure that at least that part of all measures does not exceed. It is always one that was really
/// measured; with a single one both are that one, which is why the count is shown beside them.
/// </summary>
/// <param name="Count">At least 1.</param>
/// <param name="Newest">When the newest measure ended.</param>
public sealed record MeasuredDuration(int Count, TimeSpan P50, TimeSpan P90, DateTimeOffset Newest)
{
    /// <returns>Null without any measure: there is no number for what nobody measured.</returns>
    public static MeasuredDuration? Of(IEnumerable<Measure> measures)
    {
        var all = measures.ToList();
        var sorted = all.Select(m => m.Took).Order().ToList();
        return sorted.Count == 0 ? null : new(sorted.Count, Rank(sorted, 50), Rank(sorted, 90), all.Max(m => m.At));
    }

    private static TimeSpan Rank(List<TimeSpan> sorted, int percent) => sorted[(sorted.Count * percent + 99) / 100 - 1];
}
