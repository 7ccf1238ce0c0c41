using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

internal static class TransitionCommands
{
    public static IEnumerable<Refusal> Request(RunTurn turn, RequestTransition command)
    {
        var possible = turn.Runbook.Lifecycle.TransitionsFrom(turn.Run.State).ToList();
        if (possible.FirstOrDefault(t => t.Id == command.Transition) is not { } transition)
        {
            return [Refusals.NoTransition(command.Transition, turn.Run.State, possible.Select(t => t.Id))];
        }

        var given = Checks.Given(command.Evidence);
        var reasons = Blocks(turn, transition).Concat(Checks.Evidence(transition.Evidence, given)).Concat(Checks.Text(command.Reason, required: false)).ToList();
        if (transition.ReasonRequired && string.IsNullOrWhiteSpace(command.Reason))
        {
            reasons.Add(Refusals.ReasonNeeded);
        }

        if (turn.Run.Requests.Values.FirstOrDefault(r => r.Kind == RequestKind.Transition && r.Subject == transition.Id) is { } pending)
        {
            reasons.Add(Refusals.AlreadyRequested(pending));
        }

        if (reasons.Count > 0)
        {
            return reasons;
        }

        if (transition.Approvals is not { } approvals)
        {
            Complete(turn, transition, command.Reason, given, request: "");
            return [];
        }

        var quorum = DecisionCommands.QuorumOf(approvals);
        turn.Add(new TransitionRequested(transition.Id, turn.Run.State, command.Reason, given, quorum));
        if (DecisionCommands.AskerVotes(turn, quorum, command))
        {
            Complete(turn, transition, command.Reason, given, command.CommandId);
        }

        return [];
    }

    public static IEnumerable<Refusal> Blocks(RunTurn turn, TransitionDefinition transition) =>
        transition.To.Id == Lifecycle.Previous && turn.Run.Paused == "" ? [Refusals.NoPrevious] : turn.Blocks(transition.Guard);

    public static void Complete(RunTurn turn, TransitionDefinition transition, string reason, IReadOnlyDictionary<string, string> evidence, string request)
    {
        var lifecycle = turn.Runbook.Lifecycle;
        var resumed = transition.To.Id == Lifecycle.Previous;
        var leaf = resumed ? turn.Run.Paused : lifecycle.Leaf(transition.To.Id);
        // States around both ends are not left; the state that the transition names is always entered anew.
        var kept = resumed ? [] : lifecycle.Path(transition.To.Id).Skip(1).Intersect(lifecycle.Path(turn.Run.State)).Select(s => s.Id).ToHashSet();
        var entered = resumed ? [] : lifecycle.Path(leaf).Reverse().Select(s => s.Id).Where(id => !kept.Contains(id)).ToList();
        turn.Add(new TransitionCompleted(transition.Id, turn.Run.State, leaf, entered, lifecycle.IsPause(leaf), resumed, reason, evidence, request));
        foreach (var (state, fact) in entered.SelectMany(s => lifecycle.Find(s)!.Resets.Select(f => (s, f.Id))).Where(x => turn.Run.Facts.ContainsKey(x.Id)))
        {
            turn.Add(new FactCleared(fact, state));
        }
    }
}
