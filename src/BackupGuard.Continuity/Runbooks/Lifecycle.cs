namespace BackupGuard.Continuity.Runbooks;

/// <summary>A small hierarchy of states. Parallel work lives in the steps, never here.</summary>
public sealed class Lifecycle
{
    /// <summary>Target of a transition that returns to the state that was active before this one.</summary>
    public const string Previous = "@previous";

    private readonly Dictionary<string, StateDefinition> byId;

    public Lifecycle(Reference initial, IReadOnlyList<StateDefinition> roots)
    {
        (Initial, Roots) = (initial, roots);
        All = [.. roots.SelectMany(Flatten)];
        byId = All.DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal);
    }

    public Reference Initial { get; }
    public IReadOnlyList<StateDefinition> Roots { get; }

    /// <summary>Every state, parents before their children, in the order of the file.</summary>
    public IReadOnlyList<StateDefinition> All { get; }

    public IEnumerable<StateDefinition> Leaves => All.Where(s => s.Children.Count == 0);

    public StateDefinition? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>The state itself, its parent, and so on to the root.</summary>
    public IEnumerable<StateDefinition> Path(string id)
    {
        for (var state = Find(id); state is not null; state = Find(state.Parent))
        {
            yield return state;
        }
    }

    /// <summary>Where one really stands after entering a state.</summary>
    public string Leaf(string id)
    {
        var state = Find(id);
        while (state is { Initial: { } initial } && Find(initial.Id) is { } child)
        {
            state = child;
        }

        return state?.Id ?? id;
    }

    /// <summary>Transitions open in a leaf: its own first, then those it inherits and does not forbid.</summary>
    public IEnumerable<TransitionDefinition> TransitionsFrom(string leaf)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var state in Path(leaf))
        {
            foreach (var transition in state.Transitions.Where(t => seen.Add(t.Id)))
            {
                yield return transition;
            }

            seen.UnionWith(state.Forbids.Select(f => f.Id));
        }
    }

    /// <summary>Leaves that one transition of this leaf can lead to.</summary>
    public IEnumerable<string> NextLeaves(string leaf, bool followPrevious = true) =>
        TransitionsFrom(leaf).SelectMany(t => t.To.Id != Previous ? [Leaf(t.To.Id)] : followPrevious ? LeavesInto(leaf) : []).Distinct();

    /// <summary>Leaves from which this one can be entered by a transition that names it.</summary>
    private IEnumerable<string> LeavesInto(string leaf) =>
        Leaves.Where(l => TransitionsFrom(l.Id).Any(t => t.To.Id != Previous && Leaf(t.To.Id) == leaf)).Select(l => l.Id);

    /// <summary>A state that can only be left to where one came from: what was going on is paused, not given up.</summary>
    public bool IsPause(string leaf) => TransitionsFrom(leaf).ToList() is { Count: > 0 } all && all.All(t => t.To.Id == Previous);

    /// <param name="followPrevious">False from the start: going back leads nowhere new. True from the middle of a run.</param>
    public HashSet<string> Reachable(IEnumerable<string> from, bool followPrevious = true)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(from);
        while (open.TryPop(out var leaf))
        {
            if (seen.Add(leaf))
            {
                foreach (var next in NextLeaves(leaf, followPrevious))
                {
                    open.Push(next);
                }
            }
        }

        return seen;
    }

    private static IEnumerable<StateDefinition> Flatten(StateDefinition state) => state.Children.SelectMany(Flatten).Prepend(state);
}

/// <param name="Parent">Id of the state around it, or empty.</param>
public sealed record StateDefinition(string Id, string Parent, LocalText Title, Place At)
{
    public Reference? Initial { get; init; }
    public bool Final { get; init; }
    public IReadOnlyList<StateDefinition> Children { get; init; } = [];
    public IReadOnlyList<TransitionDefinition> Transitions { get; init; } = [];
    public IReadOnlyList<Reference> Activates { get; init; } = [];

    /// <summary>Inherited transitions that are not possible from here.</summary>
    public IReadOnlyList<Reference> Forbids { get; init; } = [];

    /// <summary>Facts that are unknown again each time the state is entered: what was true last time is not true this time.</summary>
    public IReadOnlyList<Reference> Resets { get; init; } = [];
}

public sealed record TransitionDefinition(string Id, string From, Reference To, LocalText Title, Place At)
{
    public Condition? Guard { get; init; }
    public Approvals? Approvals { get; init; }
    public IReadOnlyList<EvidenceDefinition> Evidence { get; init; } = [];
    public bool ReasonRequired { get; init; }
}
