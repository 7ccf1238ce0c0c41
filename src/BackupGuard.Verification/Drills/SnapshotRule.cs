using System.Globalization;
using System.Xml;

namespace BackupGuard.Verification.Drills;

/// <summary>Which snapshot a drill restores.</summary>
public abstract record SnapshotRule
{
    private SnapshotRule() { }

    public static SnapshotRule Latest { get; } = new LatestRule();

    /// <param name="beginning">The beginning of an id.</param>
    public static SnapshotRule Id(string beginning) => new IdRule(beginning);

    /// <summary>The newest that is at least that old: the copy that a slow intrusion would leave us with.</summary>
    public static SnapshotRule OfAge(TimeSpan age) => new AgeRule(age);

    /// <summary>Any of the last days, each as likely as the other.</summary>
    public static SnapshotRule AnyWithin(TimeSpan window) => new RandomRule(window);

    /// <summary>The last one before that moment.</summary>
    public static SnapshotRule LastBefore(DateTimeOffset moment) => new BeforeRule(moment);

    /// <summary>As people read it, and as it stands in the definition.</summary>
    public abstract string Text { get; }

    /// <summary>Whether the repository itself can answer, without a list of its snapshots.</summary>
    public virtual bool IsDirect => false;

    /// <param name="pick">A number from 0 to the argument minus 1.</param>
    /// <returns>The id, or null when no snapshot fits.</returns>
    public abstract string? Choose(IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now, Func<int, int> pick);

    public sealed override string ToString() => Text;

    private static string? Newest(IEnumerable<SnapshotSummary> fitting) => fitting.OrderBy(s => s.TakenAt).ThenBy(s => s.Id, StringComparer.Ordinal).LastOrDefault()?.Id;

    private sealed record LatestRule : SnapshotRule
    {
        public override string Text => "latest";
        public override bool IsDirect => true;
        public override string? Choose(IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now, Func<int, int> pick) => Text;
    }

    private sealed record IdRule(string Beginning) : SnapshotRule
    {
        public override string Text => Beginning;
        public override bool IsDirect => true;
        public override string? Choose(IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now, Func<int, int> pick) => Text;
    }

    private sealed record AgeRule(TimeSpan Age) : SnapshotRule
    {
        public override string Text => "age " + XmlConvert.ToString(Age);
        public override string? Choose(IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now, Func<int, int> pick) => Newest(snapshots.Where(s => s.TakenAt <= now - Age));
    }

    private sealed record RandomRule(TimeSpan Window) : SnapshotRule
    {
        public override string Text => "random " + XmlConvert.ToString(Window);

        public override string? Choose(IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now, Func<int, int> pick) =>
            snapshots.Where(s => s.TakenAt > now - Window && s.TakenAt <= now).OrderBy(s => s.TakenAt).ThenBy(s => s.Id, StringComparer.Ordinal).ToList() is { Count: > 0 } fitting ? fitting[pick(fitting.Count)].Id : null;
    }

    private sealed record BeforeRule(DateTimeOffset Moment) : SnapshotRule
    {
        public override string Text => "before " + Moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        public override string? Choose(IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now, Func<int, int> pick) => Newest(snapshots.Where(s => s.TakenAt < Moment));
    }
}
