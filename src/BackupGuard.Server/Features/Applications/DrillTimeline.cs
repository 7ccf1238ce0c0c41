using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Applications;

/// <summary>One test in the drawing.</summary>
/// <param name="Top">Where the bar ends; on the axis when nothing was measured.</param>
/// <param name="Label">Null where it would cover its neighbour: the table has it.</param>
public sealed record TimelineBar(double X, double Top, bool Measured, bool Over, Outcome Outcome, string? Label);

public sealed record TimelineTick(double Position, string Label);

/// <summary>Geometry of the drawing of restore tests: the vertical axis starts at zero, the target is a line, the horizontal axis ends now.</summary>
public sealed record DrillTimeline(IReadOnlyList<TimelineBar> Bars, IReadOnlyList<TimelineTick> Durations, IReadOnlyList<TimelineTick> Dates, double? Target, double NowX)
{
    public const double Left = 72, Right = 1104, Top = 18, Bottom = 202, Width = 1180, Height = 236;

    /// <summary>More would be a hedge, not a drawing.</summary>
    public const int Shown = 24;

    private const double LabelRoom = 74, DateRoom = 96, NowRoom = 78;

    private static readonly TimeSpan[] Steps =
    [
        .. Minutes(1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720), .. Days(1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1826),
    ];

    /// <param name="drills">Newest first; not empty.</param>
    public static DrillTimeline From(IReadOnlyList<ProofFact> drills, TimeSpan? target, DateTimeOffset at, Reader reader)
    {
        var shown = drills.Take(Shown).Reverse().ToArray();
        var to = shown[^1].At > at ? shown[^1].At : at;
        var span = to - shown[0].At;
        // A single test stands in the middle of a day, not at the edge of nothing.
        var from = span < TimeSpan.FromMinutes(10) ? to - TimeSpan.FromMinutes(20) : shown[0].At - (span * 0.05);
        var highest = shown.Max(d => d.MeasuredRecoveryTime ?? TimeSpan.Zero);
        var scale = new[] { highest * 1.12, (target ?? TimeSpan.Zero) * 1.3, TimeSpan.FromMinutes(1) }.Max();
        double X(DateTimeOffset t) => Left + ((Right - Left) * ((t - from) / (to - from)));
        double Y(TimeSpan d) => Bottom - ((Bottom - Top) * (d / scale));

        return new DrillTimeline(
            Labelled(shown, target, X, Y, reader),
            DurationTicks(scale, target, Y, reader),
            DateTicks(from, to, X, reader),
            target is { } t ? Y(t) : null,
            X(at));
    }

    private static List<TimelineBar> Labelled(ProofFact[] shown, TimeSpan? target, Func<DateTimeOffset, double> x, Func<TimeSpan, double> y, Reader reader)
    {
        var bars = new List<TimelineBar>();
        // From the newest back: where room is short the newest keeps its words.
        var free = double.MaxValue;
        foreach (var drill in shown.Reverse())
        {
            var at = x(drill.At);
            var room = at + LabelRoom <= free;
            if (room) free = at;
            var measured = drill.MeasuredRecoveryTime;
            var label = measured is { } m ? reader.Duration(m) : reader.Say(Ui.Texts.ApplicationTexts.NotMeasured);
            bars.Add(new TimelineBar(at, measured is { } d ? y(d) : Bottom - 12, measured is not null, measured > target, drill.Outcome, room ? label : null));
        }

        bars.Reverse();
        return bars;
    }

    private static List<TimelineTick> DurationTicks(TimeSpan scale, TimeSpan? target, Func<TimeSpan, double> y, Reader reader)
    {
        var step = Steps.FirstOrDefault(s => scale / s <= 5, Steps[^1]);
        var ticks = new List<TimelineTick>();
        for (var d = TimeSpan.Zero; d <= scale; d += step)
        {
            // The target's own label must not be covered.
            if (target is null || Math.Abs(y(d) - y(target.Value)) > 18) ticks.Add(new TimelineTick(y(d), reader.Duration(d)));
        }

        return ticks;
    }

    private static List<TimelineTick> DateTicks(DateTimeOffset from, DateTimeOffset to, Func<DateTimeOffset, double> x, Reader reader)
    {
        var room = (to - from) * (DateRoom / (Right - Left));
        var step = Steps.FirstOrDefault(s => s >= room, Steps[^1]);
        var ticks = new List<TimelineTick>();
        for (var t = First(from, step, reader); t <= to && ticks.Count < 40; t = Next(t, step, reader))
        {
            if (x(t) <= Right - NowRoom) ticks.Add(new TimelineTick(x(t), DateLabel(t, step, reader)));
        }

        return ticks;
    }

    private static string DateLabel(DateTimeOffset t, TimeSpan step, Reader reader) =>
        step >= TimeSpan.FromDays(28) ? reader.MonthName(t, withYear: true)
        : step >= TimeSpan.FromDays(1) ? reader.Day(t)
        : reader.TimeOfDay(t);

    // Ticks stand on local midnights and months, and on whole steps of the local day below that.
    private static DateTimeOffset First(DateTimeOffset from, TimeSpan step, Reader reader)
    {
        var local = reader.Local(from);
        if (step >= TimeSpan.FromDays(28)) return At(new DateTime(local.Year, local.Month, 1).AddMonths(1), reader);
        if (step >= TimeSpan.FromDays(1)) return At(local.Date.AddDays(1), reader);
        var steps = (long)Math.Ceiling(local.TimeOfDay / step);
        return At(local.Date + (step * steps), reader);
    }

    private static DateTimeOffset Next(DateTimeOffset t, TimeSpan step, Reader reader)
    {
        if (step < TimeSpan.FromDays(1)) return t + step;
        var local = reader.Local(t);
        return step >= TimeSpan.FromDays(28)
            ? At(new DateTime(local.Year, local.Month, 1).AddMonths((int)Math.Round(step.TotalDays / 30.4)), reader)
            : At(local.Date + step, reader);
    }

    private static DateTimeOffset At(DateTime local, Reader reader)
    {
        var wall = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        // An hour that the spring change skips is read an hour later.
        if (reader.Zone.IsInvalidTime(wall)) wall = wall.AddHours(1);
        return new DateTimeOffset(wall, reader.Zone.GetUtcOffset(wall));
    }

    private static IEnumerable<TimeSpan> Minutes(params int[] values) => values.Select(v => TimeSpan.FromMinutes(v));

    private static IEnumerable<TimeSpan> Days(params int[] values) => values.Select(v => TimeSpan.FromDays(v));
}
