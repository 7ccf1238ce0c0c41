using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks.Guards;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>From nodes with places to the model. Nothing is judged here but the form; references are the linter's.</summary>
internal sealed partial class RunbookReader(IssueList issues)
{
    public RunbookDefinition? Read(YamlNode root)
    {
        if (MapReader.Open(root, RunbookShapes.Runbook, issues) is not { } map)
        {
            return null;
        }

        map.OneOf("format", RunbookFile.Format);
        return new(map.Id("id"), Version(map), Text(map.Node("title")))
        {
            Plan = map.OneOf("plan", RunbookShapes.Words["plan"]) ?? "",
            Scope = map.OneOf("scope", RunbookShapes.Words["scope"]) ?? "",
            Scenario = map.Id("scenario"),
            Review = ReadReview(map),
            Targets = ReadTargets(map.Node("targets")),
            Triggers = [.. map.Items("triggers").Select(Text)],
            Exit = Text(map.Node("exit")),
            Sources = [.. map.Words("sources").Select(w => w.Value)],
            Roles = [.. Named(map, "roles").Select(ReadRole)],
            Facts = [.. MapReader.Named(map.Node("facts"), issues, Identifiers.IsName).Select(ReadFact)],
            Lifecycle = ReadLifecycle(map),
            Steps = [.. map.Items("steps", max: 20_000).Select(ReadStep).OfType<StepDefinition>()],
            Degraded = [.. map.Items("degraded").Select(ReadDegraded).OfType<DegradedProcedure>()],
            Injects = ReadInjects(map.Node("exercise")),
        };
    }

    public LocalText Text(YamlNode? node) =>
        MapReader.Open(node, RunbookShapes.Text, issues) is { } text ? new(text.Text("fr", 140), text.Text("en", 140)) : LocalText.None;

    public string Version(MapReader map)
    {
        var version = map.Text("version", 32);
        if (version != "" && !(version.Split('.') is { Length: 3 } parts && parts.All(p => p.Length is > 0 and < 9 && p.All(char.IsAsciiDigit))))
        {
            issues.Error("BG3009", map.Place("version"), $"« {version} » n’est pas une version : écrivez trois nombres, par exemple 1.0.0.", $"“{version}” is not a version: write three numbers, for example 1.0.0.");
        }

        return version;
    }

    private Review ReadReview(MapReader map)
    {
        if (MapReader.Open(map.Node("review"), RunbookShapes.Review, issues) is not { } review)
        {
            return new("", "", [], At(map.At));
        }

        var reviewBy = review.Text("reviewBy", 10);
        if (reviewBy != "" && !DateOnly.TryParseExact(reviewBy, "yyyy-MM-dd", out _))
        {
            issues.Error("BG3009", review.Place("reviewBy"), $"« {reviewBy} » n’est pas une date : écrivez par exemple 2027-03-31.", $"“{reviewBy}” is not a date: write for example 2027-03-31.");
        }

        return new(review.Id("owner"), reviewBy, [.. review.Ids("approvedBy").Select(a => a.Value)], At(review.Place("reviewBy")));
    }

    private Targets? ReadTargets(YamlNode? node) =>
        MapReader.Open(node, RunbookShapes.Targets, issues) is { } t ? new(t.Id("application"), t.Duration("rto"), t.Duration("rpo"), t.Duration("mtd")) : null;

    private RoleDefinition ReadRole(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, RunbookShapes.Role, issues);
        return new(entry.Key.Value, Text(map?.Node("label")), Text(map?.Node("deputy")),
            map?.Number("deputies", 0, 99) ?? (map?.Has("deputy") == true ? 1 : 0), map?.Number("capacity", 1, 999) ?? 1, At(entry.Key));
    }

    private FactDefinition ReadFact(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, RunbookShapes.Fact, issues);
        var type = map?.OneOf("type", RunbookShapes.Words["fact.type"]) ?? "text";
        var values = map?.Words("values").Select(w => w.Value).ToList() ?? [];
        NeedValues(type, values.Count, entry.Key);
        return new(entry.Key.Value, Text(map?.Node("label")), type, values, References(map, "setBy"), At(entry.Key));
    }

    private void NeedValues(string type, int count, YamlNode at)
    {
        if (type == "choice" && count == 0)
        {
            issues.Error("BG3007", at, "Un choix a besoin de « values ».", "A choice needs “values”.");
        }
    }

    private List<EvidenceDefinition> ReadEvidence(MapReader map)
    {
        var list = new List<EvidenceDefinition>();
        foreach (var item in map.Items("evidence", max: 20))
        {
            if (MapReader.Open(item, RunbookShapes.Evidence, issues) is not { } one)
            {
                continue;
            }

            var type = one.OneOf("type", RunbookShapes.Words["evidence.type"]) ?? "text";
            var values = one.Words("values").Select(w => w.Value).ToList();
            NeedValues(type, values.Count, item);
            list.Add(new(one.Id("id"), type, Text(one.Node("label")), one.Bool("required") ?? false, values, At(item)));
        }

        return list;
    }

    private Approvals? ReadApprovals(YamlNode? node) =>
        MapReader.Open(node, RunbookShapes.Approvals, issues) is not { } map ? null
            : new(map.Number("quorum", 1, 4) ?? 1, References(map, "roles"), map.Bool("distinct") ?? true, map.Bool("eachRole") ?? false, OnTimeout(map) == "reject", At(node!));

    private string? OnTimeout(MapReader map)
    {
        if (map.Node("onTimeout") is YamlScalar word && !RunbookShapes.Words["onTimeout"].Contains(word.Value))
        {
            issues.Error("BG3039", word, $"« {word.Value} » : le temps ne décide jamais. « onTimeout » vaut hold (tenir et alerter) ou reject (refuser).",
                $"“{word.Value}”: time never decides. “onTimeout” is hold (hold and escalate) or reject (refuse).");
            return null;
        }

        return map.OneOf("onTimeout", RunbookShapes.Words["onTimeout"]);
    }

    private Condition? ReadCondition(MapReader map, string key)
    {
        var text = map.Text(key, 500);
        if (text == "" || map.Node(key) is not YamlScalar node)
        {
            return null;
        }

        var result = GuardParser.Parse(text);
        var start = node.Column + (node.Quoted ? 1 : 0);
        if (result.Guard is { } guard)
        {
            return new(text, guard, new(node.Line, start));
        }

        issues.Add("BG3020", node.Line, start + result.Offset, $"Condition illisible : {result.Fr}.", $"Unreadable condition: {result.En}.", IssueLevel.Error);
        return null;
    }

    private DegradedProcedure? ReadDegraded(YamlNode node)
    {
        if (MapReader.Open(node, RunbookShapes.Degraded, issues) is not { } map)
        {
            return null;
        }

        var reentry = MapReader.Open(map.Node("reentry"), RunbookShapes.Reentry, issues);
        return new(map.Id("id"), map.Id("service"), [.. map.Ids("replaces").Select(r => r.Value)], ReadCondition(map, "startWhen"), map.Duration("sustainable"), At(map.Place("id")))
        {
            Kit = [.. map.Words("kit").Select(k => k.Value)],
            Do = Lines(map, "do"),
            Reentry = reentry is null ? null : new(OneReference(reentry, "owner"), reentry.Number("perHour", 1, 100_000), reentry.Duration("deadline")),
        };
    }

    private List<Inject> ReadInjects(YamlNode? node)
    {
        var injects = new List<Inject>();
        foreach (var item in MapReader.Open(node, RunbookShapes.Exercise, issues)?.Items("injects") ?? [])
        {
            if (MapReader.Open(item, RunbookShapes.Inject, issues) is { } map)
            {
                injects.Add(new(map.Duration("at", zeroAllowed: true) ?? TimeSpan.Zero, map.Id("channel"), OneReference(map, "to"), Text(map.Node("text")), map.Has("expect") ? OneReference(map, "expect") : null));
            }
        }

        return injects;
    }

    private IEnumerable<YamlEntry> Named(MapReader map, string key) => MapReader.Named(map.Node(key), issues, Identifiers.IsKebab);

    private static Reference OneReference(MapReader map, string key) => new(map.Id(key), At(map.Place(key)));

    private static List<Reference> References(MapReader? map, string key) => map?.Ids(key).Select(w => new Reference(w.Value, At(w))).ToList() ?? [];

    private static List<CardLine> Lines(MapReader map, string key) => [.. map.Words(key, 1000).Select(w => new CardLine(w.Value, At(w)))];

    private static Place At(YamlNode node) => new(node.Line, node.Column);
}
