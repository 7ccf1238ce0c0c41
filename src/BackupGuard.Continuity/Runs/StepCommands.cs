using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

internal static class StepCommands
{
    public static IEnumerable<Refusal> Start(RunTurn turn, StartStep command)
    {
        if (turn.View(command.Step) is not { } view)
        {
            return [Refusals.UnknownStep(command.Step)];
        }

        if (view is { State: StepState.Running, Active: true, Record.StartedBy: { } by } && by.Id == command.Actor.Id)
        {
            return [];
        }

        var reasons = CanBegin(turn, view, command.Role);
        if (reasons.Count == 0)
        {
            turn.Add(new StepStarted(command.Step, NewAttempt(view)));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Complete(RunTurn turn, CompleteStep command)
    {
        if (turn.View(command.Step) is not { } view)
        {
            return [Refusals.UnknownStep(command.Step)];
        }

        var given = Checks.Given(command.Evidence);
        if (IsSameAgain(view, command, given))
        {
            return [];
        }

        var step = view.Definition;
        var reasons = view.State == StepState.Running ? Active(view, command.Role) : CanBegin(turn, view, command.Role);
        if (step.Kind == StepKind.Decision)
        {
            reasons.Add(Refusals.NotADecision(turn.Title(step.Id)));
        }

        reasons.AddRange(Checks.Evidence(step.Evidence, given));
        reasons.AddRange(Checks.Text(command.Note, required: false));
        if (reasons.Count == 0)
        {
            reasons.AddRange(WaitIsOver(turn, view, command.Now));
        }

        if (ModuleCommands.OpenFor(turn.Run, step.Id).Any())
        {
            reasons.Add(Refusals.ModuleOpen(turn.Title(step.Id)));
        }

        if (reasons.Count == 0)
        {
            var attempt = view.State == StepState.Running ? view.Attempt : NewAttempt(view);
            if (view.State != StepState.Running)
            {
                // Written down after the fact: begun and done by the same person.
                turn.Add(new StepStarted(step.Id, attempt));
            }

            turn.Add(new StepCompleted(step.Id, attempt, given, command.Note, AfterDoing(step)));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Problem(RunTurn turn, ReportProblem command) =>
        Report(turn, command.Step, command.Problem, [StepState.Ready, StepState.Running, StepState.ToVerify], v => new StepFailed(command.Step, v.Attempt, command.Problem));

    public static IEnumerable<Refusal> Help(RunTurn turn, AskForHelp command) =>
        Report(turn, command.Step, command.Need, [StepState.Ready, StepState.Running, StepState.ToVerify, StepState.ToCountersign, StepState.Failed], v => new HelpRequested(command.Step, v.Attempt, command.Need));

    public static IEnumerable<Refusal> Reopen(RunTurn turn, ReopenStep command) =>
        Report(turn, command.Step, command.Reason, [StepState.Failed, StepState.Done, StepState.Skipped], v => new StepReopened(command.Step, v.Attempt + 1, command.Reason));

    public static IEnumerable<Refusal> Skip(RunTurn turn, SkipStep command)
    {
        if (turn.Run.Requests.Values.FirstOrDefault(r => r.Kind == RequestKind.Skip && r.Subject == command.Step) is { } pending)
        {
            return [Refusals.AlreadyRequested(pending)];
        }

        // Reality beats the plan: a step that still waits for others may be skipped too.
        return Report(turn, command.Step, command.Reason, [StepState.Waiting, StepState.Ready, StepState.Running, StepState.ToVerify, StepState.ToCountersign, StepState.Failed],
            v => new SkipRequested(command.Step, v.Attempt, command.Reason));
    }

    public static IEnumerable<Refusal> Verify(RunTurn turn, VerifyStep command)
    {
        if (turn.View(command.Step) is not { } view)
        {
            return [Refusals.UnknownStep(command.Step)];
        }

        var reasons = CanCheck(turn, view, StepState.ToVerify, view.Definition.Verify?.By, command);
        reasons.AddRange(Checks.Text(command.Note, required: !command.Conform));
        if (reasons.Count == 0)
        {
            var next = !command.Conform ? StepState.Failed : view.Definition.Countersign is null ? StepState.Done : StepState.ToCountersign;
            turn.Add(new StepVerified(command.Step, view.Attempt, command.Conform, command.Note, next));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Countersign(RunTurn turn, CountersignStep command)
    {
        if (turn.View(command.Step) is not { } view)
        {
            return [Refusals.UnknownStep(command.Step)];
        }

        var reasons = CanCheck(turn, view, StepState.ToCountersign, view.Definition.Countersign, command);
        if (reasons.Count == 0)
        {
            turn.Add(new StepCountersigned(command.Step, view.Attempt));
        }

        return reasons;
    }

    public static StepState AfterDoing(StepDefinition step) => step switch
    {
        { Verify: not null } => StepState.ToVerify,
        { Countersign: not null } => StepState.ToCountersign,
        _ => StepState.Done,
    };

    /// <summary>Whether work on this step may begin now, by this role.</summary>
    public static List<Refusal> CanBegin(RunTurn turn, StepView view, string role)
    {
        var reasons = Active(view, role);
        if (reasons.Count == 0 && view.State == StepState.Waiting)
        {
            reasons.AddRange(view.UnmetNeeds.Count > 0
                ? view.UnmetNeeds.Select(n => Refusals.NeedUnmet(turn.Title(view.Definition.Id), turn.Title(n)))
                : [Wrong(turn, view)]);
        }
        else if (reasons.Count == 0 && view.State != StepState.Ready && !IsRepeatable(view))
        {
            reasons.Add(Wrong(turn, view));
        }

        return reasons;
    }

    public static int NewAttempt(StepView view) => IsRepeatable(view) ? view.Attempt + 1 : view.Attempt;

    /// <summary>A repeated step may be done again before its time.</summary>
    private static bool IsRepeatable(StepView view) => view is { State: StepState.Done, Definition.Repeat: not null };

    private static List<Refusal> Active(StepView view, string role)
    {
        if (!view.Active)
        {
            return [Refusals.NotActive(view.Definition.Label.Fr, view.Definition.In.Id)];
        }

        return [.. Checks.Role(role, [view.Definition.Role.Id])];
    }

    private static List<Refusal> CanCheck(RunTurn turn, StepView view, StepState expected, Reference? by, RunCommand command)
    {
        if (!view.Active)
        {
            return [Refusals.NotActive(view.Definition.Label.Fr, view.Definition.In.Id)];
        }

        if (view.State != expected)
        {
            return [Wrong(turn, view)];
        }

        var reasons = Checks.Role(command.Role, [by!.Id]).ToList();
        if (new[] { view.Record?.CompletedBy, view.Record?.StartedBy }.Any(a => a?.Id == command.Actor.Id) || string.Equals(view.Record?.Performer, command.Actor.Name, StringComparison.OrdinalIgnoreCase))
        {
            reasons.Add(Refusals.SamePerson);
        }

        return reasons;
    }

    /// <summary>Done twice with the same proof is done once; with another proof it is a conflict, which is shown.</summary>
    private static bool IsSameAgain(StepView view, CompleteStep command, IReadOnlyDictionary<string, string> given) =>
        view is { State: StepState.Done or StepState.ToVerify or StepState.ToCountersign, Definition.Repeat: null, Record: { CompletedBy: { } by } record }
        && by.Id == command.Actor.Id && record.Note == command.Note && record.Evidence.Count == given.Count && record.Evidence.All(e => given.GetValueOrDefault(e.Key) == e.Value);

    private static IEnumerable<Refusal> WaitIsOver(RunTurn turn, StepView view, DateTimeOffset now)
    {
        if (view.Definition.Kind != StepKind.Wait)
        {
            return [];
        }

        if (view.Definition.Until is { } until && !turn.Blocks(until).Any())
        {
            return [];
        }

        if (view.Definition.WaitFor is { } time && view.Record?.StartedAt + time <= now)
        {
            return [];
        }

        return turn.Blocks(view.Definition.Until).Prepend(Refusals.NotYet);
    }

    private static List<Refusal> Report(RunTurn turn, string step, string text, StepState[] from, Func<StepView, RunEvent> make)
    {
        if (turn.View(step) is not { } view)
        {
            return [Refusals.UnknownStep(step)];
        }

        if (!view.Active)
        {
            return [Refusals.NotActive(view.Definition.Label.Fr, view.Definition.In.Id)];
        }

        var reasons = Checks.Text(text).ToList();
        if (!from.Contains(view.State))
        {
            reasons.Add(Wrong(turn, view));
        }

        if (reasons.Count == 0)
        {
            turn.Add(make(view));
        }

        return reasons;
    }

    private static Refusal Wrong(RunTurn turn, StepView view) => Refusals.WrongState(turn.Title(view.Definition.Id), view.State, view.Record);
}
