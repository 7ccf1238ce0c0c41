using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;

namespace BackupGuard.Continuity.Runs;

/// <summary>A step as a person sees it now. Every step always has a visible state, also those not reached.</summary>
/// <param name="UnmetNeeds">Ids of the steps it still waits for.</param>
/// <param name="Active">Its lifecycle state is the present one.</param>
/// <param name="DueAt">When it should be finished; null: no deadline, or its start is not known yet.</param>
/// <param name="NextAt">When a repeated step comes back.</param>
public sealed record StepView(StepDefinition Definition, StepState State, int Attempt, IReadOnlyList<string> UnmetNeeds, bool Active, DateTimeOffset? DueAt, bool Overdue, DateTimeOffset? NextAt)
{
    public StepRecord? Record { get; init; }

    /// <summary>The run is suspended in this step's state: it waits, it is not given up.</summary>
    public bool Held { get; init; }

    public bool Settled => State is StepState.Done or StepState.Skipped;

    /// <summary>What waits for others is as late as what nobody begins; a roll-back that nobody asked for is not.</summary>
    public bool CanBeLate => Active && State is not (StepState.Done or StepState.Skipped or StepState.Cancelled) && !(Definition.Compensation && State == StepState.Waiting);
}

/// <summary>The state machine of steps, computed from definition, journal and time.</summary>
public static class StepViews
{
    public static IReadOnlyList<StepView> All(RunbookDefinition runbook, RunState run, DateTimeOffset now) => [.. runbook.Steps.Select(s => Of(runbook, run, s, now))];

    public static StepView Of(RunbookDefinition runbook, RunState run, StepDefinition step, DateTimeOffset now)
    {
        var record = run.Steps.GetValueOrDefault(step.Id);
        var active = IsIn(runbook, run.State, step.In.Id);
        var held = run.Paused != "" && IsIn(runbook, run.Paused, step.In.Id);
        var unmet = UnmetNeeds(runbook, run, step);
        var nextAt = step.Repeat is { } every && record is { State: StepState.Done, CompletedAt: { } at } ? at.Plus(every) : (DateTimeOffset?)null;
        var (state, attempt) = Present(runbook, run, step, record, active, held, unmet.Count == 0, nextAt <= now);
        var due = nextAt is not null && state != StepState.Done ? nextAt : Due(runbook, run, step);
        var view = new StepView(step, state, attempt, unmet, active, due, Overdue: false, nextAt) { Record = record, Held = held };
        return view with { Overdue = view.CanBeLate && due < now };
    }

    private static (StepState State, int Attempt) Present(RunbookDefinition runbook, RunState run, StepDefinition step, StepRecord? record, bool active, bool held, bool needsMet, bool comesBack)
    {
        if (!IsInMode(step, run))
        {
            return (StepState.Cancelled, record?.Attempt ?? 0);
        }

        var visit = run.Visits.GetValueOrDefault(step.In.Id);
        if (record is { State: StepState.Done or StepState.Skipped })
        {
            return active && comesBack ? (StepState.Ready, record.Attempt + 1) : (record.State, record.Attempt);
        }

        // Left half done and its state entered again since: a new attempt, the old one stays in the journal.
        var stale = record is not null && visit is not null && record.Visit < visit.Number;
        if (record is not null && !stale && record.State != StepState.Ready && (active || held))
        {
            return (record.State, record.Attempt);
        }

        var attempt = record is null ? 1 : stale ? record.Attempt + 1 : record.Attempt;
        if (active)
        {
            return (needsMet && (!step.Compensation || RollbackAsked(runbook, run, step)) ? StepState.Ready : StepState.Waiting, attempt);
        }

        return (visit is null || held ? StepState.Waiting : StepState.Cancelled, attempt);
    }

    /// <summary>A compensation waits until a step that names it has failed.</summary>
    private static bool RollbackAsked(RunbookDefinition runbook, RunState run, StepDefinition step) =>
        runbook.RolledBackBy(step.Id).Any(s => run.Steps.GetValueOrDefault(s.Id)?.State == StepState.Failed);

    private static List<string> UnmetNeeds(RunbookDefinition runbook, RunState run, StepDefinition step)
    {
        if (step.Needs.Count == 0)
        {
            return [];
        }

        var unmet = step.Needs.Select(n => n.Id).Where(id => !IsSettled(runbook, run, id)).ToList();
        return step.Needs.Count - unmet.Count >= (step.Join ?? step.Needs.Count) ? [] : unmet;
    }

    private static bool IsSettled(RunbookDefinition runbook, RunState run, string id) =>
        run.Steps.GetValueOrDefault(id) is { } record && (record.State is StepState.Done or StepState.Skipped || record.EverDone)
        || (runbook.Step(id) is { } step && !IsInMode(step, run));

    private static bool IsInMode(StepDefinition step, RunState run) =>
        step.Modes.Count == 0 || step.Modes.Contains(run.Started!.Mode == RunMode.Live ? "live" : "exercise");

    private static bool IsIn(RunbookDefinition runbook, string leaf, string state) => runbook.Lifecycle.Path(leaf).Any(s => s.Id == state);

    private static DateTimeOffset? Due(RunbookDefinition runbook, RunState run, StepDefinition step)
    {
        if (step.Deadline is not { } deadline)
        {
            return null;
        }

        var from = deadline.From.Split('.') switch
        {
            ["lifecycle", var state, "entered"] => run.Visits.GetValueOrDefault(state)?.At,
            ["steps", var id, "done"] => run.Steps.GetValueOrDefault(id) is { State: StepState.Done } done ? done.CompletedAt : null,
            ["evidence", var id] => Instant(run.Evidence.GetValueOrDefault(id)),
            ["facts", var id] => Instant(run.Facts.GetValueOrDefault(id)),
            _ => null,
        };
        return from?.Plus(deadline.Within);
    }

    private static DateTimeOffset? Instant(string? text) => text is not null && GuardValue.IsInstant(text, out var instant) ? instant : null;
}
