namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What is normal for one number: median and median absolute deviation, so that one strange day moves neither.</summary>
public readonly record struct Normal(double Median, double Deviation, int Runs)
{
    /// <summary>Makes the deviation comparable with a standard deviation where values are normally distributed.</summary>
    private const double Consistency = 1.4826;

    public static Normal Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) return default;
        var median = MedianOf(sorted);
        return new Normal(median, MedianOf([.. sorted.Select(v => Math.Abs(v - median)).Order()]), sorted.Length);
    }

    /// <param name="floor">Keeps a number that never moved from raising an alarm at its first step.</param>
    public double Score(double value, double floor) => (value - Median) / (Consistency * Deviation + floor);

    private static double MedianOf(double[] sorted) => sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
}

/// <summary>The numbers of one run that have a normal.</summary>
public sealed record RunNumbers
{
    /// <summary>Changed and replaced files, as a share of all before.</summary>
    public double Changed { get; init; }
    public double Deleted { get; init; }

    /// <summary>Changed although untouched for two months, as a share of all before.</summary>
    public double Cold { get; init; }

    /// <summary>Bytes stored anew for changed files, as a share of all before.</summary>
    public double Rewritten { get; init; }

    /// <summary>Compression ratio of what was stored anew for changed files; null where it cannot be told, or of less than 256 KiB.</summary>
    public double? Ratio { get; init; }
    public double Burst { get; init; }
    public double Shift { get; init; }

    public static RunNumbers Of(MetadataSignals m)
    {
        var before = Math.Max(1.0, m.FilesBefore);
        return new RunNumbers
        {
            Changed = (m.Changed + m.Replaced) / before, Deleted = m.Deleted / before, Cold = m.Cold / before,
            Rewritten = (m.Rewritten?.Plain ?? m.ChangedBytes) / Math.Max(1.0, m.BytesBefore),
            Ratio = m.Rewritten is { Plain: >= 256 << 10 } data ? data.Ratio : null,
            Burst = m.Burst, Shift = m.ExtensionShift,
        };
    }
}

/// <summary>Compares a run with those that came before it.</summary>
public sealed class Baseline
{
    public const int FewestRuns = 10;
    private const int MostRuns = 60;
    private const double Threshold = 5;

    /// <summary>A slow change is looked for over weeks: then even a smaller one is meant.</summary>
    private const double DriftThreshold = 4;

    /// <summary>Below this many files concerned a share says nothing.</summary>
    private const int FewestFiles = 30;

    private static readonly (Signal Signal, string En, string Fr, Func<RunNumbers, double?> Of, double Floor, bool IsFall)[] Numbers =
    [
        (Signal.Changed, "share of files changed", "part de fichiers modifiés", r => r.Changed, 0.02, false),
        (Signal.Deleted, "share of files deleted", "part de fichiers supprimés", r => r.Deleted, 0.02, false),
        (Signal.ColdFiles, "share of long untouched files changed", "part de fichiers anciens modifiés", r => r.Cold, 0.004, false),
        (Signal.Rewritten, "share of data stored again", "part de données réécrites", r => r.Rewritten, 0.04, false),
        (Signal.CompressionRatio, "compression ratio of changed files", "taux de compression des fichiers modifiés", r => r.Ratio is { } ratio ? Math.Log(ratio) : null, 0.08, true),
        (Signal.Burst, "changes within twenty minutes", "modifications en vingt minutes", r => r.Burst, 0.12, false),
        (Signal.ExtensionShift, "shift of file types", "glissement des types de fichiers", r => r.Shift, 0.015, false),
    ];

    private readonly List<RunRecord> all, sameWeekday, sameTurn;

    /// <param name="records">Those that may teach, in the order of time.</param>
    public Baseline(IEnumerable<RunRecord> records, DateTimeOffset at)
    {
        var usable = records.Where(r => r.Numbers is not null && r.TakenAt < at).ToList();
        all = usable.TakeLast(MostRuns).ToList();
        var spansFourWeeks = usable.Count > 0 && at - usable[0].TakenAt >= TimeSpan.FromDays(28);
        sameWeekday = spansFourWeeks ? usable.Where(r => r.TakenAt.UtcDateTime.DayOfWeek == at.UtcDateTime.DayOfWeek).TakeLast(12).ToList() : [];
        sameTurn = IsTurnOfMonth(at) ? usable.Where(r => IsTurnOfMonth(r.TakenAt)).TakeLast(12).ToList() : [];
        Recent = [.. usable.TakeLast(7)];
        MonthAgo = [.. usable.Where(r => IsAbout(at - r.TakenAt, 30))];
        QuarterAgo = [.. usable.Where(r => IsAbout(at - r.TakenAt, 90))];
    }

    public bool IsReady => all.Count >= FewestRuns;
    public int Runs => all.Count;
    private IReadOnlyList<RunRecord> Recent { get; }
    private IReadOnlyList<RunRecord> MonthAgo { get; }
    private IReadOnlyList<RunRecord> QuarterAgo { get; }

    public IEnumerable<Vote> Judge(RunNumbers numbers, MetadataSignals signals)
    {
        if (!IsReady) yield break;
        var concerned = signals.Changed + signals.Replaced + signals.Deleted;
        foreach (var (signal, en, fr, of, floor, isFall) in Numbers)
        {
            if (of(numbers) is not { } value) continue;
            if (concerned < FewestFiles && signal != Signal.CompressionRatio) continue;
            if (signal == Signal.CompressionRatio && signals.Changed + signals.Replaced < 5) continue;
            if (ScoreOf(of, value, floor, isFall) is { } score && score >= Threshold)
            {
                yield return new Vote(signal, AnomalyStage.Baseline, VoteWeight.Weak,
                    new($"{en}: {Shown(signal, value)}, {Shown(signal, MedianOf(of))} is usual", $"{fr} : {Shown(signal, value)} au lieu de {Shown(signal, MedianOf(of))} d’ordinaire"));
            }
        }
        if (Drift() is { } drift) yield return drift;
    }

    /// <summary>The calmest of the comparisons that apply: weekdays and turns of the month widen what is normal, they never narrow it.</summary>
    private double? ScoreOf(Func<RunNumbers, double?> of, double value, double floor, bool isFall)
    {
        double? least = null;
        foreach (var (runs, fewest) in ((List<RunRecord>, int)[])[(all, FewestRuns), (sameWeekday, 4), (sameTurn, 2)])
        {
            var known = runs.Select(r => of(r.Numbers!)).OfType<double>().ToList();    // only records with numbers were kept
            if (known.Count < fewest) continue;
            var score = Normal.Of(known).Score(value, floor) * (isFall ? -1 : 1);
            least = least is { } other ? Math.Min(other, score) : score;
        }
        return least;
    }

    private double MedianOf(Func<RunNumbers, double?> of) => Normal.Of(all.Select(r => of(r.Numbers!)).OfType<double>()).Median;    // likewise

    /// <summary>What grew too slowly for a single day shows against a month or a quarter ago.</summary>
    private Vote? Drift()
    {
        if (Recent.Count < 7) return null;
        foreach (var (then, days) in ((IReadOnlyList<RunRecord>, int)[])[(MonthAgo, 30), (QuarterAgo, 90)])
        {
            if (then.Count < 7) continue;
            foreach (var (signal, en, fr, of, floor, isFall) in Numbers)
            {
                if (signal == Signal.Burst) continue;
                var old = then.Select(r => of(r.Numbers!)).OfType<double>().ToList();
                var recent = Recent.Select(r => of(r.Numbers!)).OfType<double>().ToList();
                if (old.Count < 7 || recent.Count < 7) continue;
                var (was, @is) = (Normal.Of(old), Normal.Of(recent));
                if (was.Score(@is.Median, floor) * (isFall ? -1 : 1) < DriftThreshold) continue;
                return new Vote(Signal.Drift, AnomalyStage.Baseline, VoteWeight.Weak,
                    new($"slow drift of the {en}: {Shown(signal, @is.Median)} this week, {Shown(signal, was.Median)} {days} days ago", $"dérive lente, {fr} : {Shown(signal, @is.Median)} cette semaine contre {Shown(signal, was.Median)} il y a {days} jours"));
            }
        }
        return null;
    }

    private static string Shown(Signal signal, double value) => signal == Signal.CompressionRatio
        ? Math.Exp(value).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)
        : (value * 100).ToString("0.##", System.Globalization.CultureInfo.InvariantCulture) + " %";

    private static bool IsAbout(TimeSpan age, int days) => Math.Abs(age.TotalDays - days) <= days / 5.0;

    /// <summary>Closing, payroll and statistics fall on the last days of a month and the first.</summary>
    private static bool IsTurnOfMonth(DateTimeOffset at) => at.UtcDateTime.Day is >= 28 or <= 2;
}
