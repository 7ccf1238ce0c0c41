using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>Hours that pass. A missed one is said, and said again; it never accepts, completes or closes anything.</summary>
public static class Deadlines
{
    /// <summary>Voices that nobody gave are asked for again after this long.</summary>
    public static readonly TimeSpan RequestsAfter = TimeSpan.FromMinutes(30);

    private const int MostLevels = 3;
    private static readonly TimeSpan LeastBetween = TimeSpan.FromMinutes(15);

    /// <summary>Everything of this run that has an hour and is not finished.</summary>
    public static IReadOnlyList<DueItem> Open(RunbookDefinition runbook, RunState run, DateTimeOffset now)
    {
        var steps = StepViews.All(runbook, run, now).Where(v => v.DueAt is not null && v.CanBeLate)
            .Select(v => new DueItem("step", v.Definition.Id, v.DueAt!.Value, v.Definition.Deadline?.Within ?? v.Definition.Repeat ?? RequestsAfter, ToTell(v.Definition)));
        var requests = run.Requests.Values.Select(r => new DueItem("request", r.Id, r.At + RequestsAfter, RequestsAfter, r.Quorum.Roles));
        return [.. steps, .. requests];
    }

    /// <summary>Those that have to be said now, with their level.</summary>
    public static IReadOnlyList<(DueItem Item, int Level)> Missed(RunbookDefinition runbook, RunState run, IEnumerable<DueItem> others, DateTimeOffset now) =>
        [.. Open(runbook, run, now).Concat(others).Select(i => (Item: i, Level: LevelOf(i, now))).Where(x => x.Level > run.MissedLevel(x.Item)).OrderBy(x => x.Item.DueAt)];

    internal static IEnumerable<Refusal> Raise(RunTurn turn, RaiseDeadlines command)
    {
        foreach (var (item, level) in Missed(turn.Runbook, turn.Run, command.Others, command.Now))
        {
            turn.Add(new DeadlineMissed(item.Kind, item.Subject, item.DueAt, level, item.Notify));
        }

        return [];
    }

    // After an outage one line tells the level that is due now, not one for each that was missed.
    private static int LevelOf(DueItem item, DateTimeOffset now)
    {
        if (now <= item.DueAt)
        {
            return 0;
        }

        var again = item.Again < LeastBetween ? LeastBetween : item.Again;
        return 1 + (int)Math.Min(MostLevels - 1, (now - item.DueAt).Ticks / again.Ticks);
    }

    private static List<string> ToTell(StepDefinition step) => [.. (step.Deadline?.Notify.Select(n => n.Id) ?? []).Append(step.Role.Id).Distinct()];
}
