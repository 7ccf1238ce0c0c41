using BackupGuard.Contracts;

namespace BackupGuard.Server.Features.Drills;

/// <summary>In the order in which they are shown: the worst first.</summary>
public enum PlannedState { Overdue, ClockWrong, Due, Never, Planned }

/// <param name="Job">As agent.yaml names it, with its kind: "drill:dpi-weekly".</param>
public sealed record PlannedJob(PlannedState State, string Job, string Application, string Agent, DateTimeOffset? NextAt, DateTimeOffset? LastAt);

/// <summary>What is due and what did not come, by the agents' last word. Pure.</summary>
/// <remarks>An agent that fell silent keeps its last plan, and what it planned becomes overdue: silence is never "planned".</remarks>
public sealed record CalendarView(bool IsSound, IReadOnlyList<PlannedJob> Jobs, int LeftOut)
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public int Count(PlannedState state) => Jobs.Count(j => j.State == state);

    public static CalendarView From(CalendarKnown known, DateTimeOffset now) => new(
        known.IsSound,
        [.. known.Plans.SelectMany(p => p.Jobs.Select(j => new PlannedJob(State(p, j, now), j.Job, j.Application, p.Agent, j.NextAt, j.LastAt)))
            .OrderBy(j => j.State).ThenBy(j => j.NextAt).ThenBy(j => j.Job, StringComparer.Ordinal).ThenBy(j => j.Agent, StringComparer.Ordinal)],
        known.Plans.Sum(p => Math.Max(0, p.LeftOut)));

    private static PlannedState State(AgentPlan plan, QueuedJobDocument job, DateTimeOffset now)
    {
        // By a clock that is ahead, the next time is later than the truth: no date of it can be waited for.
        if (plan.SaidAt > plan.ReceivedAt + ClockTolerance) return PlannedState.ClockWrong;
        if (job.NextAt is not { } next) return PlannedState.Never;
        return now - next > QueueDocument.Patience ? PlannedState.Overdue : next <= now ? PlannedState.Due : PlannedState.Planned;
    }
}
