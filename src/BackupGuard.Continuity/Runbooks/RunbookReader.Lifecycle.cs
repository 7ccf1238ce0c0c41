using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

internal sealed partial class RunbookReader
{
    private Lifecycle ReadLifecycle(MapReader runbook)
    {
        if (MapReader.Open(runbook.Node("lifecycle"), RunbookShapes.Lifecycle, issues) is not { } map)
        {
            return new(new("", At(runbook.At)), []);
        }

        return new(OneReference(map, "initial"), [.. Named(map, "states").Select(e => ReadState(e, parent: ""))]);
    }

    private StateDefinition ReadState(YamlEntry entry, string parent)
    {
        var id = entry.Key.Value;
        var at = At(entry.Key);
        if (MapReader.Open(entry.Value, RunbookShapes.State, issues) is not { } map)
        {
            return new(id, parent, LocalText.None, at);
        }

        return new(id, parent, Text(map.Node("title")), at)
        {
            Initial = map.Has("initial") ? OneReference(map, "initial") : null,
            Final = map.Bool("final") ?? false,
            Children = [.. Named(map, "states").Select(e => ReadState(e, id))],
            Transitions = [.. Named(map, "transitions").Select(e => ReadTransition(e, id)).OfType<TransitionDefinition>()],
            Activates = References(map, "activates"),
            Forbids = References(map, "forbids"),
            Resets = References(map, "resets"),
        };
    }

    private TransitionDefinition? ReadTransition(YamlEntry entry, string from)
    {
        if (MapReader.Open(entry.Value, RunbookShapes.Transition, issues) is not { } map)
        {
            return null;
        }

        var to = map.Text("to") == Lifecycle.Previous ? new Reference(Lifecycle.Previous, At(map.Place("to"))) : OneReference(map, "to");
        return new(entry.Key.Value, from, to, Text(map.Node("title")), At(entry.Key))
        {
            Guard = ReadCondition(map, "guard"),
            Approvals = ReadApprovals(map.Node("approvals")),
            Evidence = ReadEvidence(map),
            ReasonRequired = map.OneOf("reason", RunbookShapes.Words["reason"]) is not null,
        };
    }
}
