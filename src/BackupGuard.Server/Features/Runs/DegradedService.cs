using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Server.Features.Runs;

internal sealed record ModuleView(ModuleRecord Module, JournaledRun? Run);

/// <summary>A care service on paper, as far as a run says.</summary>
/// <param name="Since">Null: its degraded mode has not begun.</param>
/// <param name="Ended">Its runbook has come to an end.</param>
internal sealed record DegradedService(string Run, DegradedProcedure Procedure, string Service, string State, DateTimeOffset? Since, bool Ended, Backlog? Backlog)
{
    /// <summary>Whether the sheet's own condition proposes to start it. People decide.</summary>
    public Ternary Start { get; init; } = Ternary.Unknown;

    /// <summary>Names without a value, where that is unknown.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    public required RunbookDefinition Runbook { get; init; }

    /// <summary>What care itself says it can hold; null where the sheet does not say or nothing has begun.</summary>
    public DateTimeOffset? HoldsUntil => Since + Procedure.Sustainable;

    public int? Left => Backlog is null ? null : Backlog.OnPaper - Backlog.Reentered;

    /// <summary>When the last file would be in the software again at the sheet's rate, from the last count on.</summary>
    public DateTimeOffset? DoneBy => Left is > 0 && Procedure.Reentry?.PerHour is > 0 and var rate ? Backlog!.At + TimeSpan.FromHours(Math.Ceiling((double)Left.Value / rate)) : null;

    public static IEnumerable<DegradedService> Of(JournaledRun run, string language, DateTimeOffset now) => run.Definition.Runbook.Degraded.Select(d =>
    {
        var lifecycle = run.Definition.Runbook.Lifecycle;
        // A state that names the procedure opens it; a sheet of its own is on paper from the first state it was moved to.
        var naming = lifecycle.All.Where(s => s.Activates.Any(a => a.Id == d.Id)).Select(s => s.Id).ToHashSet();
        DateTimeOffset? since = naming.Count > 0
            ? run.State.Visits.Where(v => naming.Contains(v.Key)).Select(v => (DateTimeOffset?)v.Value.At).Min()
            : run.Events.OfType<TransitionCompleted>().FirstOrDefault()?.OccurredAt;
        var answer = d.StartWhen is { } condition ? GuardEvaluator.Evaluate(condition.Guard, new RunFacts(run.Definition.Runbook, run.State, now)) : null;
        return new DegradedService(run.Started.RunId, d, d.Service, lifecycle.Find(run.State.State)?.Title.In(language) is { Length: > 0 } title ? title : run.State.State, since, run.Closed, run.State.Backlogs.GetValueOrDefault(d.Id))
        {
            Start = answer?.Truth ?? Ternary.Unknown, Missing = answer?.Missing ?? [], Runbook = run.Definition.Runbook,
        };
    });
}
