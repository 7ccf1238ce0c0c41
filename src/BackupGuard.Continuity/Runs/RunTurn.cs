using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>One command being decided: what it may look at, and the events it produces.</summary>
internal sealed class RunTurn(RunDefinition pinned, RunState run, RunCommand command)
{
    private readonly List<RunEvent> events = [];
    private readonly RunbookDefinition runbook = pinned.Runbook;

    public RunDefinition Pinned => pinned;
    public RunbookDefinition Runbook => runbook;
    public RunState Run => run;
    public IReadOnlyList<RunEvent> Events => events;

    public RunCommand Command => command;

    public void Add(RunEvent one, DateTimeOffset? occurredAt = null) => events.Add(Envelope(one, events.Count + 1, occurredAt ?? command.OccurredAt ?? command.Now));

    /// <summary>Nothing of what was to happen happens.</summary>
    public void Clear() => events.Clear();

    public CommandRefused Refusal(IReadOnlyList<Refusal> reasons) =>
        (CommandRefused)Envelope(new CommandRefused(command.GetType().Name, reasons), 1, command.OccurredAt < command.Now ? command.OccurredAt.Value : command.Now);

    public StepView? View(string step) => runbook.Step(step) is { } definition ? StepViews.Of(runbook, run, definition, command.Now) : null;

    public string Title(string step) => runbook.Step(step)?.Label.Fr ?? step;

    /// <summary>Reasons why a condition does not hold, or none.</summary>
    public IEnumerable<Refusal> Blocks(Condition? condition)
    {
        if (condition is null)
        {
            return [];
        }

        var answer = Runbooks.Guards.GuardEvaluator.Evaluate(condition.Guard, new RunFacts(runbook, run, command.Now));
        return answer.Truth == Runbooks.Guards.Ternary.True ? [] : [.. answer.Missing.Select(Refusals.GuardMissing), .. answer.Unmet.Select(Refusals.GuardUnmet)];
    }

    private RunEvent Envelope(RunEvent one, int offset, DateTimeOffset occurredAt) => one with
    {
        RunId = command.RunId,
        Seq = run.Seq + offset,
        CommandId = command.CommandId,
        Actor = command.Actor,
        Role = command.Role,
        OccurredAt = occurredAt,
        RecordedAt = command.Now,
        Paper = one.Paper ?? command.Paper,
    };
}
