using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>One command being decided: what it may look at, and the events it produces.</summary>
internal sealed class RunTurn(RunbookDefinition runbook, RunState run, RunCommand command)
{
    private readonly List<RunEvent> events = [];

    public RunbookDefinition Runbook => runbook;
    public RunState Run => run;
    public IReadOnlyList<RunEvent> Events => events;

    public void Add(RunEvent one) => events.Add(Envelope(one, events.Count + 1, command.OccurredAt ?? command.Now));

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
    };
}
