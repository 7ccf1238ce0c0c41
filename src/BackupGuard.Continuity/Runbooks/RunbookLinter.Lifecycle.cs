namespace BackupGuard.Continuity.Runbooks;

internal sealed partial class RunbookLinter
{
    private void Lifecycle()
    {
        Duplicates(lifecycle.All.Select(s => (s.Id, s.At)), "L’état", "The state");
        if (lifecycle.Roots.All(r => r.Id != lifecycle.Initial.Id))
        {
            Unknown("BG3023", lifecycle.Initial, "État de départ inconnu à ce niveau", "Initial state unknown at this level", lifecycle.Roots.Select(r => r.Id));
        }

        foreach (var state in lifecycle.All)
        {
            Inside(state);
            foreach (var transition in state.Transitions)
            {
                Target(state, transition);
            }

            var inherited = lifecycle.Path(state.Id).Skip(1).SelectMany(p => p.Transitions).Select(t => t.Id).ToHashSet();
            foreach (var forbidden in state.Forbids.Where(f => !inherited.Contains(f.Id)))
            {
                Unknown("BG3022", forbidden, "Aucune transition héritée de ce nom", "No inherited transition of this name", inherited);
            }
        }

        if (!HasErrors)
        {
            Reachability();
        }
    }

    private void Inside(StateDefinition state)
    {
        foreach (var fact in state.Resets.Where(f => runbook.Fact(f.Id) is null))
        {
            Unknown("BG3018", fact, "Fait inconnu", "Unknown fact", runbook.Facts.Select(f => f.Id));
        }

        if (state.Children.Count > 0 && state.Initial is null)
        {
            Error("BG3023", state.At, $"L’état « {state.Id} » contient des états : il lui faut « initial ».", $"The state “{state.Id}” contains states: it needs “initial”.");
        }
        else if (state.Initial is { } initial && state.Children.All(c => c.Id != initial.Id))
        {
            Unknown("BG3023", initial, "État de départ inconnu à ce niveau", "Initial state unknown at this level", state.Children.Select(c => c.Id));
        }

        if (state.Final && (state.Transitions.Count > 0 || state.Children.Count > 0 || state.Parent != ""))
        {
            Error("BG3026", state.At, $"L’état final « {state.Id} » n’a ni sous-état, ni transition, ni état autour de lui.", $"The final state “{state.Id}” has no inner state, no transition and no state around it.");
        }
    }

    private void Target(StateDefinition state, TransitionDefinition transition)
    {
        if (transition.To.Id == Runbooks.Lifecycle.Previous)
        {
            if (state.Children.Count > 0 || state.Id == lifecycle.Leaf(lifecycle.Initial.Id))
            {
                Error("BG3022", transition.To.At, "« @previous » ne vaut que dans un état simple où l’on arrive d’un autre.", "“@previous” is only for a simple state that is entered from another.");
            }
            else if (!lifecycle.IsPause(state.Id))
            {
                // The engine pauses what went on only for a state that leads nowhere else: elsewhere this way back would be refused for ever.
                Error("BG3022", transition.To.At,
                    $"« @previous » ne vaut que si toutes les issues de l’état « {state.Id} » y retournent : sinon rien n’y est en pause, et ce retour serait toujours refusé.",
                    $"“@previous” is only for a state all of whose exits lead back: otherwise nothing is paused in “{state.Id}”, and this way back would always be refused.");
            }
        }
        else if (lifecycle.Find(transition.To.Id) is null)
        {
            Unknown("BG3022", transition.To, "État inconnu", "Unknown state", lifecycle.All.Select(s => s.Id));
        }
    }

    private void Reachability()
    {
        var start = lifecycle.Leaf(lifecycle.Initial.Id);
        var reached = lifecycle.Reachable([start], followPrevious: false);
        var finals = lifecycle.Leaves.Where(s => s.Final).Select(s => s.Id).ToHashSet();
        if (finals.Count == 0)
        {
            Error("BG3025", lifecycle.Initial.At, "Aucun état final : la crise ne pourrait jamais être close.", "No final state: the crisis could never be closed.");
            return;
        }

        foreach (var leaf in lifecycle.Leaves)
        {
            if (!reached.Contains(leaf.Id))
            {
                Error("BG3024", leaf.At, $"Aucun chemin ne mène à l’état « {leaf.Id} ».", $"No path leads to the state “{leaf.Id}”.");
            }
            else if (!lifecycle.Reachable([leaf.Id]).Overlaps(finals))
            {
                Error("BG3025", leaf.At, $"De l’état « {leaf.Id} », aucun chemin ne mène à un état final.", $"From the state “{leaf.Id}” no path leads to a final state.");
            }
        }
    }
}
