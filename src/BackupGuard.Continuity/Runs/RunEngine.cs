namespace BackupGuard.Continuity.Runs;

public abstract record RunDecision
{
    /// <summary>Append these in one transaction; none means that it was already so.</summary>
    public sealed record Accepted(IReadOnlyList<RunEvent> Events) : RunDecision;

    /// <param name="Journal">To be appended too: who tried what, and why not. Null when there is no run or the answer was already given.</param>
    public sealed record Refused(IReadOnlyList<Refusal> Reasons, CommandRefused? Journal) : RunDecision;
}

/// <summary>
/// Decides one command: a pure function of the pinned definition, the folded journal and the command. No clock, no input or
/// output, nothing kept between calls. Whether somebody else appended meanwhile is checked by the store, with the expected
/// sequence.
/// </summary>
public static class RunEngine
{
    internal const int LongestText = 2000;
    private const int LongestId = 100;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static RunDecision Decide(RunDefinition pinned, RunState run, RunCommand command)
    {
        if (run.Answers.TryGetValue(command.CommandId, out var before))
        {
            return before.Count == 0 ? new RunDecision.Accepted([]) : new RunDecision.Refused(before, null);
        }

        var turn = new RunTurn(pinned, run, command);
        var reasons = Admission(pinned, run, command);
        if (reasons.Count == 0)
        {
            reasons = [.. command.Paper is { } paper ? PaperCommands.Check(turn, command, paper) : []];
        }

        if (reasons.Count == 0)
        {
            reasons = [.. Perform(pinned, turn, command)];
        }

        if (reasons.Count == 0)
        {
            return new RunDecision.Accepted(turn.Events);
        }

        // What was done and written on paper happened, whatever the plan says of it.
        if (command.Paper is not null && run.Started is not null && PaperCommands.AsFact(turn, command, reasons))
        {
            return new RunDecision.Accepted(turn.Events);
        }

        // What cannot be attributed to a run or to a person is not journaled.
        return new RunDecision.Refused(reasons, run.Started is null || reasons.Any(r => r.Code is "BG3203" or "BG3204") ? null : turn.Refusal(reasons));
    }

    /// <summary>Letters, digits and hyphens: it stands in addresses and in columns of databases, and comes from a form.</summary>
    internal static bool IsRunId(string id) => id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static List<Refusal> Admission(RunDefinition pinned, RunState run, RunCommand command)
    {
        if (command.CommandId.Length is 0 or > LongestId || command.RunId.Length is 0 or > LongestId || command.Actor.Id.Length is 0 or > LongestId || command.Role.Length > LongestId)
        {
            return [Refusals.BadCommand];
        }

        if (command is StartRun)
        {
            return !IsRunId(command.RunId) ? [Refusals.BadCommand] : run.Started is null ? [] : [Refusals.AlreadyStarted];
        }

        if (run.Started is null)
        {
            return [Refusals.NotStarted];
        }

        if (run.Started.RunId != command.RunId || run.DefinitionSha256 != pinned.Sha256)
        {
            return [Refusals.OtherRun];
        }

        if (command.OccurredAt > command.Now + ClockTolerance)
        {
            return [Refusals.FutureTime];
        }

        if (pinned.Runbook.Lifecycle.Find(run.State)?.Final == true && !StaysOpen(command))
        {
            return [Refusals.Closed(run.State)];
        }

        return run.Confirmed || !NeedsConfirmation(command) ? [] : [Refusals.NotConfirmed(run.Started.Actor)];
    }

    /// <summary>What goes on after the end: the log, duties of the law, and what is learnt. A paper card is kept as a fact.</summary>
    private static bool StaysOpen(RunCommand command) =>
        command.Paper is not null || command is NoteEntry or CorrectEntry or CountBacklog or PinAnnex or RaiseDeadlines or EndModule or RecordPaperDecision
            or DeclareAwareness or RecordNotification or DeclareNotApplicable or ObserveInject or ScoreCriterion or NoteLesson or AgreeAction or CloseAction or TickItem;

    /// <summary>One person alone may work and write in a live run; where the crisis goes takes the second one.</summary>
    private static bool NeedsConfirmation(RunCommand command) => command is RequestTransition or ChooseOption or CastVote or AddModule or ProposeAmendment or RecordPaperDecision;

    private static IEnumerable<Refusal> Perform(RunDefinition pinned, RunTurn turn, RunCommand command) => command switch
    {
        StartRun c => Start(pinned, turn, c),
        RequestTransition c => TransitionCommands.Request(turn, c),
        StartStep c => StepCommands.Start(turn, c),
        CompleteStep c => StepCommands.Complete(turn, c),
        ReportProblem c => StepCommands.Problem(turn, c),
        AskForHelp c => StepCommands.Help(turn, c),
        ReopenStep c => StepCommands.Reopen(turn, c),
        VerifyStep c => StepCommands.Verify(turn, c),
        CountersignStep c => StepCommands.Countersign(turn, c),
        SkipStep c => StepCommands.Skip(turn, c),
        ChooseOption c => DecisionCommands.Choose(turn, c),
        CastVote c => DecisionCommands.Vote(turn, c),
        SetFact c => FactCommands.Set(turn, c),
        NoteEntry c => FactCommands.Note(turn, c),
        CorrectEntry c => FactCommands.Correct(turn, c),
        CountBacklog c => FactCommands.Count(turn, c),
        AnnounceEta c => EtaCommands.Announce(turn, c),
        CarryEta c => EtaCommands.Carry(turn, c),
        ConfirmStart => StartCommands.Confirm(turn),
        PinAnnex c => StartCommands.Pin(turn, c.Annex),
        ProposeAmendment c => AmendmentCommands.Propose(turn, c),
        AddModule c => ModuleCommands.Add(turn, c),
        EndModule c => ModuleCommands.End(turn, c),
        RaiseDeadlines c => Deadlines.Raise(turn, c),
        TakeRole c => ShiftCommands.Take(turn, c),
        OfferHandover c => ShiftCommands.Offer(turn, c),
        AcceptHandover c => ShiftCommands.Accept(turn, c),
        DeclineHandover c => ShiftCommands.Decline(turn, c),
        RecordPaperDecision c => PaperCommands.Decision(turn, c),
        DeclareAwareness c => ObligationCommands.Awareness(turn, c),
        RecordNotification c => ObligationCommands.Sent(turn, c),
        DeclareNotApplicable c => ObligationCommands.NotApplicable(turn, c),
        PlayInject or ObserveInject or ScoreCriterion or NoteLesson or AgreeAction or CloseAction or TickItem => ExerciseCommands.Perform(turn, command),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static List<Refusal> Start(RunDefinition pinned, RunTurn turn, StartRun command)
    {
        var lifecycle = pinned.Runbook.Lifecycle;
        var leaf = lifecycle.Leaf(lifecycle.Initial.Id);
        turn.Add(new RunStarted(command.Mode, pinned.Runbook.Id, pinned.Runbook.Version, pinned.Sha256, pinned.Text, leaf, [.. lifecycle.Path(leaf).Reverse().Select(s => s.Id)])
        {
            Parent = command.Parent, ParentStep = command.ParentStep,
        });
        return [.. command.Annexes.SelectMany(a => StartCommands.Pin(turn, a))];
    }
}
