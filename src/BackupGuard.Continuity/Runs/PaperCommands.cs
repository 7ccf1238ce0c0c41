namespace BackupGuard.Continuity.Runs;

/// <summary>What was done on paper while there was no screen.</summary>
internal static class PaperCommands
{
    public static IEnumerable<Refusal> Check(RunTurn turn, RunCommand command, PaperSource paper)
    {
        var reasons = Checks.Text(paper.Performer, 120).Concat(Checks.Text(paper.Initials, 20, required: false)).Concat(Checks.Text(paper.Code, 64, required: false)).ToList();
        if (command.OccurredAt is null)
        {
            reasons.Add(Refusals.PaperHour);
        }

        // A card of an earlier attempt was declared void when the step was opened again.
        if (StepOf(command) is { } step && turn.View(step) is { } view && paper.Attempt != 0 && paper.Attempt != Attempt(view))
        {
            reasons.Add(Refusals.PaperVoid(view.Definition.Card, paper.Attempt, Attempt(view)));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Decision(RunTurn turn, RecordPaperDecision command)
    {
        if (turn.View(command.Step) is not { } view)
        {
            return [Refusals.UnknownStep(command.Step)];
        }

        var step = view.Definition;
        if (step.Options.FirstOrDefault(o => o.Id == command.Option) is not { } option)
        {
            return [Refusals.UnknownOption(command.Option, step.Options.Select(o => o.Id))];
        }

        if (command.Paper is null)
        {
            return [Refusals.BadCommand];
        }

        var given = Checks.Given(command.Evidence);
        // The card's own signatures stand for the role of the decision; whoever copies it decides nothing.
        var reasons = view.State == StepState.Running && view.Active ? [] : StepCommands.CanBegin(turn, view, step.Role.Id);
        reasons.AddRange(Checks.Evidence(step.Evidence, given));
        reasons.AddRange(Checks.Text(command.Rationale, required: step.RationaleRequired));
        reasons.AddRange(turn.Blocks(option.When));
        reasons.AddRange(command.Voices.SelectMany(v => Checks.Text(v.Name, 120)));
        if (step.Approvals is { } approvals && !EnoughVoices(approvals, command.Voices))
        {
            reasons.Add(Refusals.PaperVoices(approvals.Quorum));
        }

        if (turn.Run.Requests.Values.FirstOrDefault(r => r.Subject == step.Id && r.Kind is RequestKind.Decision or RequestKind.PaperDecision) is { } pending)
        {
            reasons.Add(Refusals.AlreadyRequested(pending));
        }

        if (reasons.Count == 0)
        {
            turn.Add(new PaperDecisionRecorded(step.Id, Attempt(view), option.Id, command.Rationale, given, command.Voices));
        }

        return reasons;
    }

    /// <returns>Whether the command says something that can be kept.</returns>
    public static bool AsFact(RunTurn turn, RunCommand command, IReadOnlyList<Refusal> reasons)
    {
        // What cannot be attributed, or has no readable text, is not kept: the person at the keyboard can correct it.
        if (StepOf(command) is not { } step || turn.Runbook.Step(step) is null || reasons.Any(r => r.Code is "BG3203" or "BG3204" or "BG3205" or "BG3252" or "BG3266" or "BG3226" or "BG3227" or "BG3228" or "BG3230" or "BG3268"))
        {
            return false;
        }

        var (what, option, evidence, note) = command switch
        {
            CompleteStep c => ("done", "", c.Evidence, c.Note),
            ReportProblem c => ("problem", "", new Dictionary<string, string>(), c.Problem),
            SkipStep c => ("skip", "", new Dictionary<string, string>(), c.Reason),
            RecordPaperDecision c => ("decision", c.Option, c.Evidence, c.Rationale),
            _ => ("other", "", new Dictionary<string, string>(), ""),
        };
        turn.Clear();
        turn.Add(new PaperFactNoted(step, what, option, Checks.Given(evidence), note, reasons));
        return true;
    }

    private static bool EnoughVoices(Runbooks.Approvals approvals, IReadOnlyList<PaperVoice> voices)
    {
        var distinct = voices.Where(v => approvals.Roles.Any(r => r.Id == v.Role)).DistinctBy(v => v.Name.Trim().ToUpperInvariant()).ToList();
        return distinct.Count >= approvals.Quorum && (!approvals.EachRole || approvals.Roles.All(r => distinct.Any(v => v.Role == r.Id)));
    }

    private static int Attempt(StepView view) => view.State == StepState.Running ? view.Attempt : StepCommands.NewAttempt(view);

    private static string? StepOf(RunCommand command) => command switch
    {
        CompleteStep c => c.Step,
        ReportProblem c => c.Step,
        SkipStep c => c.Step,
        RecordPaperDecision c => c.Step,
        _ => null,
    };
}
