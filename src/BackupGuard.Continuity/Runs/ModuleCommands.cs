namespace BackupGuard.Continuity.Runs;

/// <summary>Other runbooks that join a run, each as a run of its own with its own journal.</summary>
internal static class ModuleCommands
{
    public static IEnumerable<Refusal> Add(RunTurn turn, AddModule command)
    {
        if (!RunEngine.IsRunId(command.ModuleRun) || command.ModuleRun == command.RunId || command.RunbookId == "" || command.Sha256 == "")
        {
            return [Refusals.BadCommand];
        }

        var reasons = Checks.Text(command.Reason, required: command.Step == "").ToList();
        if (turn.Run.Modules.ContainsKey(command.ModuleRun))
        {
            reasons.Add(Refusals.ModuleAlready(command.RunbookId));
        }

        if (command.Step != "")
        {
            reasons.AddRange(ForStep(turn, command));
        }

        if (reasons.Count == 0)
        {
            if (command.Step != "" && turn.View(command.Step) is { State: not StepState.Running } view)
            {
                turn.Add(new StepStarted(command.Step, StepCommands.NewAttempt(view)));
            }

            turn.Add(new ModuleAdded(command.ModuleRun, command.RunbookId, command.Version, command.Sha256, command.Step, command.Reason));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> End(RunTurn turn, EndModule command)
    {
        if (turn.Run.Modules.GetValueOrDefault(command.ModuleRun) is not { } module)
        {
            return [Refusals.ModuleUnknown(command.ModuleRun)];
        }

        if (module.EndedIn is not null)
        {
            return [];
        }

        turn.Add(new ModuleEnded(command.ModuleRun, command.State));
        // Its own end completes the step that was waiting for it; a step with proof of its own waits for a person.
        if (module.Step != "" && turn.View(module.Step) is { State: StepState.Running, Active: true } view && !view.Definition.Evidence.Any(e => e.Required) && OpenFor(turn.Run, module.Step).Count() == 1)
        {
            turn.Add(new StepCompleted(module.Step, view.Attempt, new Dictionary<string, string>(), "", StepCommands.AfterDoing(view.Definition)));
        }

        return [];
    }

    /// <summary>Modules that a step still waits for.</summary>
    public static IEnumerable<ModuleRecord> OpenFor(RunState run, string step) => run.Modules.Values.Where(m => m.Step == step && m.EndedIn is null);

    private static IEnumerable<Refusal> ForStep(RunTurn turn, AddModule command)
    {
        if (turn.View(command.Step) is not { } view)
        {
            return [Refusals.UnknownStep(command.Step)];
        }

        if (view.Definition.Ref is not { } wanted || wanted.Id != command.RunbookId)
        {
            return [Refusals.ModuleNotAsked(view.Definition.Label.Fr)];
        }

        // A plan names the version it was tested with; another one is another plan.
        if ((wanted.Version != "" && wanted.Version != command.Version) || (wanted.Sha256 != "" && wanted.Sha256 != command.Sha256))
        {
            return [Refusals.ModuleOtherVersion(wanted.Id, wanted.Version)];
        }

        return view.State == StepState.Running && view.Active ? Checks.Role(command.Role, [view.Definition.Role.Id]) : StepCommands.CanBegin(turn, view, command.Role);
    }
}
