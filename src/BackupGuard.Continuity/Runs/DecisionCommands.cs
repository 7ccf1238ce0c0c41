using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>Choices and voices. A refusal closes the request; time never does.</summary>
internal static class DecisionCommands
{
    public static IEnumerable<Refusal> Choose(RunTurn turn, ChooseOption command)
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

        // Whoever may approve may also bring the choice forward.
        var mayAct = step.Approvals?.Roles.Any(r => r.Id == command.Role) == true ? step.Role.Id : command.Role;
        var reasons = view.State == StepState.Running && view.Active ? Checks.Role(mayAct, [step.Role.Id]).ToList() : StepCommands.CanBegin(turn, view, mayAct);
        var given = Checks.Given(command.Evidence);
        reasons.AddRange(Checks.Evidence(step.Evidence, given));
        reasons.AddRange(Checks.Text(command.Rationale, required: step.RationaleRequired));
        reasons.AddRange(turn.Blocks(option.When));
        if (turn.Run.Requests.Values.FirstOrDefault(r => r.Kind == RequestKind.Decision && r.Subject == step.Id) is { } pending)
        {
            reasons.Add(Refusals.AlreadyRequested(pending));
        }

        if (reasons.Count > 0)
        {
            return reasons;
        }

        var attempt = view.State == StepState.Running ? view.Attempt : StepCommands.NewAttempt(view);
        var quorum = step.Approvals is { } approvals ? QuorumOf(approvals) : new Quorum(1, [command.Role], EachRole: false);
        turn.Add(new DecisionProposed(step.Id, attempt, option.Id, command.Rationale, given, quorum));
        if (AskerVotes(turn, quorum, command))
        {
            Decide(turn, step, attempt, option.Id, command.Rationale, given, command.CommandId);
        }

        return [];
    }

    public static IEnumerable<Refusal> Vote(RunTurn turn, CastVote command)
    {
        if (!turn.Run.Requests.TryGetValue(command.Request, out var request))
        {
            return [Refusals.RequestClosed];
        }

        var reasons = Checks.Text(command.Comment, required: false).ToList();
        if (request.Votes.FirstOrDefault(v => v.Actor.Id == command.Actor.Id) is { } earlier)
        {
            reasons.Add(Refusals.VotedAlready(earlier));
        }
        else if (request.OneOtherPerson && request.By.Id == command.Actor.Id)
        {
            reasons.Add(Refusals.SamePerson);
        }

        if (request.Quorum.Roles.Count > 0)
        {
            reasons.AddRange(Checks.Role(command.Role, request.Quorum.Roles.ToList()));
        }

        var votes = request.Votes.Append(new(command.Actor, command.Role, command.InFavour, command.Comment, command.Now)).ToList();
        var decided = command.InFavour && (request.OneOtherPerson || IsMet(request.Quorum, votes));
        reasons.AddRange(StillPossible(turn, request, deciding: decided && reasons.Count == 0));
        if (reasons.Count > 0)
        {
            return reasons;
        }

        turn.Add(new VoteCast(request.Id, command.InFavour, command.Comment));
        if (!command.InFavour)
        {
            turn.Add(new RequestRejected(request.Id));
        }
        else if (decided)
        {
            Conclude(turn, request);
        }

        return [];
    }

    public static Quorum QuorumOf(Approvals approvals) => new(approvals.Quorum, [.. approvals.Roles.Select(r => r.Id)], approvals.EachRole);

    /// <summary>Asking in a role that may approve is a voice in favour.</summary>
    /// <returns>Whether that voice is already enough.</returns>
    public static bool AskerVotes(RunTurn turn, Quorum quorum, RunCommand command)
    {
        if (!quorum.Roles.Contains(command.Role))
        {
            return false;
        }

        turn.Add(new VoteCast(command.CommandId, InFavour: true, ""));
        return IsMet(quorum, [new(command.Actor, command.Role, true, "", command.Now)]);
    }

    /// <summary>Persons count, not roles: the same human in two roles has one voice.</summary>
    public static bool IsMet(Quorum quorum, IReadOnlyList<Vote> votes)
    {
        var favour = votes.Where(v => v.InFavour).DistinctBy(v => v.Actor.Id).ToList();
        return favour.Count >= quorum.Votes && (!quorum.EachRole || quorum.Roles.All(r => favour.Any(v => v.Role == r)));
    }

    /// <summary>The world may have changed since the request: what would be refused now is not granted now.</summary>
    private static IEnumerable<Refusal> StillPossible(RunTurn turn, PendingRequest request, bool deciding)
    {
        if (request.Kind == RequestKind.Transition)
        {
            var transition = turn.Runbook.Lifecycle.TransitionsFrom(turn.Run.State).FirstOrDefault(t => t.Id == request.Subject);
            return transition is null ? [Refusals.RequestClosed] : deciding ? TransitionCommands.Blocks(turn, transition) : [];
        }

        if (request.Kind == RequestKind.Amendment)
        {
            // Work went on since it was proposed.
            return !deciding ? [] : RunDefinition.Pin(request.Amendment!.Text, turn.Runbook.Id + ".yaml").Value is { } next
                ? AmendmentCommands.Fits(turn.Run, turn.Pinned, next, request.Amendment.Removed) : [Refusals.RequestClosed];
        }

        if (turn.View(request.Subject) is not { } view)
        {
            return [Refusals.RequestClosed];
        }

        var sameAttempt = view.Settled ? request.Kind is RequestKind.Decision or RequestKind.PaperDecision && request.Attempt == view.Attempt + 1 : request.Attempt == view.Attempt;
        return view.Active && sameAttempt ? [] : [Refusals.RequestClosed];
    }

    private static void Conclude(RunTurn turn, PendingRequest request)
    {
        switch (request.Kind)
        {
            case RequestKind.Transition:
                TransitionCommands.Complete(turn, turn.Runbook.Lifecycle.TransitionsFrom(turn.Run.State).First(t => t.Id == request.Subject), request.Reason, request.Evidence, request.Id);
                break;
            case RequestKind.Skip:
                turn.Add(new StepSkipped(request.Subject, request.Attempt, request.Reason, request.Id));
                break;
            case RequestKind.Decision:
            case RequestKind.PaperDecision:
                Decide(turn, turn.Runbook.Step(request.Subject)!, request.Attempt, request.Option, request.Reason, request.Evidence, request.Id, request);
                break;
            case RequestKind.Amendment:
                AmendmentCommands.Conclude(turn, request);
                break;
        }
    }

    private static void Decide(RunTurn turn, StepDefinition step, int attempt, string option, string rationale, IReadOnlyDictionary<string, string> evidence, string request, PendingRequest? paper = null)
    {
        turn.Add(new DecisionMade(step.Id, attempt, option, rationale, evidence, request, StepCommands.AfterDoing(step)) { Paper = paper?.Paper }, paper?.DecidedAt);
        foreach (var (fact, value) in step.Options.First(o => o.Id == option).Sets.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            turn.Add(new FactSet(fact, value, step.Id), paper?.DecidedAt);
        }
    }
}
