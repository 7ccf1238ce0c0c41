using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

internal sealed partial class RunbookReader
{
    private StepDefinition? ReadStep(YamlNode node)
    {
        if (MapReader.Open(node, RunbookShapes.Step, issues) is not { } map)
        {
            return null;
        }

        var step = new StepDefinition(map.Id("id"), OneReference(map, "in"), Kind(map), OneReference(map, "role"), At(map.Place("id")))
        {
            Title = Text(map.Node("title")),
            Why = Text(map.Node("why")),
            Question = Text(map.Node("question")),
            Do = Lines(map, "do"),
            Otherwise = Text(map.Node("otherwise")),
            ReadDo = map.OneOf("style", RunbookShapes.Words["style"]) != "do-confirm",
            Card = map.Text("card", 10),
            CardAt = At(map.Place("card")),
            Evidence = ReadEvidence(map),
            Channel = map.Id("channel"),
            Requires = References(map, "requires"),
            Modes = Modes(map),
            Source = map.Text("source"),
        };
        return Completion(Times(step, map), map);
    }

    private StepDefinition Times(StepDefinition step, MapReader map) => step with
    {
        Duration = ReadEstimate(map.Node("duration")),
        Deadline = ReadDeadline(map.Node("deadline")),
        Repeat = map.Duration("repeat"),
        Until = ReadCondition(map, "until"),
        WaitFor = map.Duration("for"),
        Needs = References(map, "needs"),
        Join = Join(map),
    };

    private StepDefinition Completion(StepDefinition step, MapReader map)
    {
        var verify = MapReader.Open(map.Node("verify"), RunbookShapes.Verify, issues);
        var countersign = MapReader.Open(map.Node("countersign"), RunbookShapes.Countersign, issues);
        var failure = MapReader.Open(map.Node("onFailure"), RunbookShapes.OnFailure, issues);
        return step with
        {
            Options = [.. map.Items("options", max: 12).Select(ReadOption).OfType<DecisionOption>()],
            RationaleRequired = map.OneOf("rationale", RunbookShapes.Words["rationale"]) is not null,
            Approvals = ReadApprovals(map.Node("approvals")),
            DependsOnApplications = [.. map.Ids("dependsOnApplications").Select(a => a.Value)],
            Run = MapReader.Open(map.Node("run"), RunbookShapes.Run, issues) is { } run ? new(run.Id("agent"), run.Text("action"), Values(run, "with")) : null,
            ManualFallback = Lines(map, "manualFallback"),
            Uses = Uses(map),
            Retry = MapReader.Open(map.Node("retry"), RunbookShapes.Retry, issues) is { } retry ? new(retry.Number("max", 1, 20) ?? 1, retry.Duration("delay") ?? TimeSpan.Zero) : null,
            Verify = verify is null ? null
                : new(OneReference(verify, "by"), verify.OneOf("distinctFrom", RunbookShapes.Words["distinctFrom"]) is not null, [.. verify.Ids("checks").Select(c => c.Value)], At(verify.At)),
            Countersign = countersign is null ? null : OneReference(countersign, "by"),
            OnFailure = failure is null ? null : new(References(failure, "rollback"), failure.Has("then") ? OneReference(failure, "then") : null),
            Compensation = map.Bool("compensation") ?? false,
            Ref = ReadRef(map.Node("ref")),
        };
    }

    private static StepKind Kind(MapReader map) => map.OneOf("kind", RunbookShapes.Words["kind"]) switch
    {
        "decision" => StepKind.Decision,
        "auto" => StepKind.Auto,
        "wait" => StepKind.Wait,
        "notify" => StepKind.Notify,
        "subRunbook" => StepKind.SubRunbook,
        _ => StepKind.Manual,
    };

    private static int? Join(MapReader map) => map.Node("join") switch
    {
        null or YamlScalar { Value: "all" } => null,
        YamlScalar { Value: "any" } => 1,
        _ => map.Number("join", 1, 100),
    };

    private List<string> Modes(MapReader map)
    {
        var words = map.Words("modes");
        foreach (var wrong in words.Where(w => !RunbookShapes.Words["modes"].Contains(w.Value)))
        {
            issues.Error("BG3009", wrong, "« modes » vaut exercise, live, ou les deux.", "“modes” is exercise, live, or both.");
        }

        return [.. words.Select(w => w.Value)];
    }

    private Estimate? ReadEstimate(YamlNode? node)
    {
        if (MapReader.Open(node, RunbookShapes.Estimate, issues) is not { } map)
        {
            return null;
        }

        foreach (var quantile in map.Words("quantiles").Where(q => Guards.GuardValue.Of(q.Value) is not Guards.GuardValue.Number { Value: > 0 and < 1 }))
        {
            issues.Error("BG3009", quantile, "Un quantile est un nombre entre 0 et 1.", "A quantile is a number between 0 and 1.");
        }

        var estimate = new Estimate(map.Duration("low"), map.Duration("likely"), map.Duration("high"), map.OneOf("from", RunbookShapes.Words["estimate.from"]) is not null, At(node!));
        if (estimate.FromDrills ? map.Has("low") || map.Has("likely") || map.Has("high") : !map.Has("likely"))
        {
            issues.Error("BG3009", node!, "Une durée est soit « from: drills », soit { low, likely, high } avec au moins « likely ».", "A duration is either “from: drills” or { low, likely, high } with at least “likely”.");
        }
        else if (estimate.Low > estimate.Likely || estimate.Likely > estimate.High || estimate.Low > estimate.High)
        {
            issues.Error("BG3009", node!, "Les durées vont de la plus courte à la plus longue : low, likely, high.", "Durations go from the shortest to the longest: low, likely, high.");
        }

        return estimate;
    }

    private Deadline? ReadDeadline(YamlNode? node)
    {
        if (MapReader.Open(node, RunbookShapes.Deadline, issues) is not { } map)
        {
            return null;
        }

        var notify = map.Items("onOverdue", max: 10).Select(i => MapReader.Open(i, RunbookShapes.Overdue, issues)).OfType<MapReader>().Select(m => OneReference(m, "notify"));
        return new(map.Text("from"), map.Duration("within") ?? TimeSpan.Zero, [.. notify], At(map.Place("from")));
    }

    private DecisionOption? ReadOption(YamlNode node) =>
        MapReader.Open(node, RunbookShapes.Option, issues) is not { } map ? null
            : new(map.Id("id"), Text(map.Node("label")), ReadCondition(map, "when"), Values(map, "sets"), At(map.Place("id")));

    private Dictionary<string, string> Values(MapReader map, string key)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in MapReader.Named(map.Node(key), issues, Identifiers.IsName))
        {
            if (entry.Value is YamlScalar { Value: { Length: > 0 and <= 200 } value })
            {
                values.Add(entry.Key.Value, value);
            }
            else
            {
                issues.Error("BG3009", entry.Value, $"« {entry.Key.Value} » a besoin d’une valeur simple.", $"“{entry.Key.Value}” needs a simple value.");
            }
        }

        return values;
    }

    private Dictionary<string, int> Uses(MapReader map)
    {
        var uses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in Named(map, "uses"))
        {
            if (entry.Value is YamlScalar { Quoted: false, Value: { Length: <= 4 } text } && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var amount) && amount > 0)
            {
                uses.Add(entry.Key.Value, amount);
            }
            else
            {
                issues.Error("BG3009", entry.Value, "Une ressource se compte en nombre entier.", "A resource is a whole number.");
            }
        }

        return uses;
    }

    private SubRunbookRef? ReadRef(YamlNode? node)
    {
        if (MapReader.Open(node, RunbookShapes.Ref, issues) is not { } map)
        {
            return null;
        }

        var hash = map.Text("sha256");
        if (map.Has("sha256") && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower)))
        {
            issues.Error("BG3009", map.Place("sha256"), "« sha256 » : 64 chiffres hexadécimaux en minuscules.", "“sha256”: 64 lower-case hexadecimal digits.");
        }

        return new(map.Id("id"), map.Text("version"), hash, At(node!));
    }
}
