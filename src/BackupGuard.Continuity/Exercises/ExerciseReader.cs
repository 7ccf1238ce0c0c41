using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exercises;

/// <summary>From nodes with places to the model. Nothing is judged here but the form; references are the linter's.</summary>
internal sealed class ExerciseReader(IssueList issues)
{
    private const int LongestText = 140;
    private const int LongestInject = 600;
    private const int LongestLine = 400;

    public ExerciseDefinition? Read(YamlNode root)
    {
        if (MapReader.Open(root, ExerciseShapes.Exercise, issues) is not { } map)
        {
            return null;
        }

        map.OneOf("format", ExerciseFile.Format);
        var level = map.OneOf("level", ExerciseShapes.Words["level"]);
        return new(map.Id("id"), new RunbookReader(issues).Version(map), Text(map.Node("title")), (ExerciseLevel)Math.Max(0, Array.IndexOf(ExerciseShapes.Words["level"], level)), Reference(map, "runbook"))
        {
            Scenario = map.Id("scenario"),
            Duration = map.Duration("duration") ?? TimeSpan.Zero,
            Audience = Text(map.Node("audience")),
            Players = References(map, "players"),
            Story = Lines(map, "story"),
            Rules = Lines(map, "rules"),
            Kit = ReadKit(map.Node("kit")),
            Objectives = Each(map, "objectives", 10, ExerciseShapes.Objective, (one, at) => new Objective(one.Id("id"), Text(one.Node("text"), LongestLine), at)),
            Cast = [.. MapReader.Named(map.Node("cast"), issues, Identifiers.IsKebab).Select(ReadMember)],
            Chronogramme = ReadChronogramme(map.Node("chronogramme")),
            Criteria = Each(map, "criteria", 60, ExerciseShapes.Criterion, ReadCriterion),
            Debrief = MapReader.Open(map.Node("debrief"), ExerciseShapes.Debrief, issues) is { } debrief ? new(Lines(debrief, "hot"), Lines(debrief, "cold")) : new([], []),
            Reminders = Each(map, "reminders", 30, ExerciseShapes.Reminder, (one, at) =>
                new Reminder(one.Id("id"), one.OneOf("when", ExerciseShapes.Words["when"]) == "before", one.Number("days", 0, 400), Text(one.Node("text"), LongestLine), at)),
            Report = MapReader.Open(map.Node("report"), ExerciseShapes.Report, issues) is { } report
                ? new([.. report.Items("recipients", max: 20).Select(r => Text(r))], report.Duration("within") ?? TimeSpan.Zero) : new([], TimeSpan.Zero),
            Sources = Lines(map, "sources"),
        };
    }

    private ExerciseKit ReadKit(YamlNode? node) =>
        MapReader.Open(node, ExerciseShapes.Kit, issues) is { } kit ? new(Lines(kit, "facilitator"), Lines(kit, "players"), Lines(kit, "observers")) : new([], [], []);

    private CastMember ReadMember(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, ExerciseShapes.Member, issues);
        return new(entry.Key.Value, Text(map?.Node("label")), map?.Bool("outside") ?? false, map?.Text("number", 30) ?? "", At(entry.Key));
    }

    private Chronogramme ReadChronogramme(YamlNode? node)
    {
        if (MapReader.Open(node, ExerciseShapes.Chronogramme, issues) is not { } map)
        {
            return Chronogramme.Empty;
        }

        var debex = MapReader.Open(map.Node("debex"), ExerciseShapes.Debex, issues);
        var finex = MapReader.Open(map.Node("finex"), ExerciseShapes.Finex, issues);
        return new(finex is null ? null : new(finex.Duration("at") ?? TimeSpan.Zero, Text(finex.Node("text"), LongestInject), At(finex.Place("at"))),
            Each(map, "phases", 20, ExerciseShapes.Phase, (one, at) => new Phase(one.Id("id"), Text(one.Node("title")), one.Duration("from", zeroAllowed: true) ?? TimeSpan.Zero, at)),
            Each(map, "injects", 300, ExerciseShapes.Inject, ReadInject))
        {
            Opening = Text(debex?.Node("text"), LongestInject),
        };
    }

    private PlannedInject ReadInject(MapReader map, Place at) =>
        new(map.Id("id"), map.Duration("at", zeroAllowed: true) ?? TimeSpan.Zero, map.OneOf("channel", ExerciseShapes.Words["channel"]) ?? "", References(map, "to"), Text(map.Node("text"), LongestInject), at)
        {
            ChannelAt = At(map.Place("channel")),
            From = Reference(map, "from"),
            Phase = Reference(map, "phase"),
            Expect = MapReader.Open(map.Node("expect"), ExerciseShapes.Expect, issues) is not { } expect ? null
                : new(Optional(expect, "step"), Optional(expect, "transition"), Text(expect.Node("reaction"), LongestLine), expect.Duration("within"), At(expect.At)),
            OnlyIf = Text(map.Node("onlyIf"), LongestLine),
            Pressure = map.Bool("pressure") ?? false,
            Spare = map.Bool("spare") ?? false,
        };

    private Criterion ReadCriterion(MapReader map, Place at)
    {
        var meaning = Lines(map, "meaning");
        if (map.Has("meaning") && meaning.Count != 4)
        {
            issues.Error("BG3009", map.Place("meaning"), "« meaning » a quatre lignes : ce que veulent dire 0, 1, 2 et 3.", "“meaning” has four lines: what 0, 1, 2 and 3 mean.");
        }

        return new(map.Id("id"), Reference(map, "objective"), Text(map.Node("label")), map.Text("look", LongestLine), meaning, at);
    }

    private List<T> Each<T>(MapReader map, string key, int max, Shape shape, Func<MapReader, Place, T> read)
    {
        var list = new List<T>();
        foreach (var item in map.Items(key, max))
        {
            if (MapReader.Open(item, shape, issues) is { } one)
            {
                list.Add(read(one, At(item)));
            }
        }

        return list;
    }

    private LocalText Text(YamlNode? node, int max = LongestText) =>
        MapReader.Open(node, ExerciseShapes.Text, issues) is { } text ? new(FrenchText.Set(text.Text("fr", max)), text.Text("en", max)) : LocalText.None;

    private static List<string> Lines(MapReader map, string key) => [.. map.Words(key, LongestLine).Select(w => FrenchText.Set(w.Value))];

    private static Reference Reference(MapReader map, string key) => new(map.Id(key), At(map.Place(key)));

    private static Reference? Optional(MapReader map, string key) => map.Has(key) ? Reference(map, key) : null;

    private static List<Reference> References(MapReader map, string key) => [.. map.Ids(key).Select(w => new Reference(w.Value, At(w)))];

    private static Place At(YamlNode node) => new(node.Line, node.Column);
}
