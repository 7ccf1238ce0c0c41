using System.Text.Json.Nodes;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exchange;

/// <summary>One runbook on its way into a playbook.</summary>
internal sealed class CacaoWriter(RunbookDefinition runbook, JsonObject tree, CacaoStamp stamp)
{
    private const string Deliver = "deliver-content", Disconnect = "disconnect-system", RestoreData = "restore-data", Restore = "restore-capabilities";

    private static readonly string[] Cutting = ["isoler", "isolez", "débrancher", "débranchez", "couper", "coupez", "déconnecter", "déconnectez"];

    private readonly JsonObject workflow = [];
    private readonly JsonObject variables = [];
    private readonly SortedSet<string> activities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Order, JsonNode Text)> texts = ((JsonArray)tree["steps"]!).Index().ToDictionary(s => (string)s.Item!["id"]!, s => (s.Index, s.Item!), StringComparer.Ordinal);    // the definition was read from this tree
    private readonly HashSet<string> carried = new(StringComparer.Ordinal);
    private int ends;

    public JsonObject Playbook()
    {
        var next = End();
        foreach (var level in Levels().AsEnumerable().Reverse())
        {
            next = Level(level, next);
        }

        var start = Add("start", "start", new() { ["on_completion"] = next });
        var playbook = new JsonObject
        {
            ["type"] = "playbook", ["spec_version"] = "cacao-2.0", ["id"] = CacaoIds.Playbook(runbook.Id), ["name"] = runbook.Title.Fr, ["description"] = Description(),
            ["playbook_processing_summary"] = Summary(), ["created_by"] = CacaoIds.Identity(runbook.Review.Owner),
            ["created"] = CacaoExport.Instant(stamp.Created), ["modified"] = CacaoExport.Instant(stamp.Modified),
            ["industry_sectors"] = new JsonArray("healthcare"), ["labels"] = new JsonArray(runbook.Id, "version " + runbook.Version, runbook.Plan),
        };
        // A type asks for an activity, and an activity for a step that carries it: one that only calls other playbooks has neither.
        if (activities.Count > 0)
        {
            playbook["playbook_types"] = new JsonArray("remediation");
            playbook["playbook_activities"] = new JsonArray([.. activities.Select(a => (JsonNode)a)]);
        }

        if (runbook.Sources.Count > 0) playbook["external_references"] = new JsonArray([.. runbook.Sources.Select(s => new JsonObject { ["name"] = s })]);
        var marking = Id("marking-tlp", stamp.Marking);
        playbook["markings"] = new JsonArray(marking);
        if (variables.Count > 0) playbook["playbook_variables"] = variables;
        playbook["workflow_start"] = start;
        playbook["workflow"] = workflow;
        playbook["playbook_extensions"] = new JsonObject { [CacaoIds.Extension] = Extension() };
        playbook["agent_definitions"] = Agents();
        playbook["extension_definitions"] = new JsonObject
        {
            [CacaoIds.Extension] = new JsonObject
            {
                ["type"] = "extension-definition", ["name"] = "BackupGuard runbook",
                ["description"] = "States, quorums, deputies, evidence, checks, durations, deadlines and degraded care of a crisis runbook; enough to make the runbook again.",
                ["created_by"] = CacaoIds.Product, ["version"] = "1.0.0",
                ["schema"] = $"{RunbookFile.Format}. Playbook: 'runbook' is the definition without its steps, 'unplaced_steps' those that stand in no workflow step, 'runbook_sha256' the hash of the whole. Workflow step: 'runbook_step' is the step, 'step_order' its place from 0; 'copy_of' names a step shown a second time.",
            },
        };
        playbook["data_marking_definitions"] = new JsonObject
        {
            [marking] = new JsonObject { ["type"] = "marking-tlp", ["id"] = marking, ["created_by"] = CacaoIds.Product, ["created"] = CacaoExport.Instant(stamp.Created), ["tlpv2_level"] = stamp.Marking },
        };
        return playbook;
    }

    private JsonObject Extension()
    {
        var extension = new JsonObject();
        var book = new JsonObject(tree.Where(m => m.Key != "steps").Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        extension["runbook"] = book;
        var unplaced = texts.Where(t => !carried.Contains(t.Key)).Select(t => Carried(t.Key)).ToArray<JsonNode?>();
        if (unplaced.Length > 0) extension["unplaced_steps"] = new JsonArray(unplaced);
        extension["runbook_sha256"] = CacaoExport.Hash(CacaoExport.Assemble(book, texts.Values.OrderBy(t => t.Order).Select(t => t.Text)));
        return extension;
    }

    /// <summary>State after state, and in each the steps that need nothing more of what is left, together.</summary>
    private List<List<StepDefinition>> Levels()
    {
        var levels = new List<List<StepDefinition>>();
        var waiting = new List<StepDefinition>();
        // Compensations happen only after a failure: they hang on it, not in the line.
        var placed = runbook.Steps.Where(s => s.Compensation).Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        var byState = runbook.Steps.Where(s => !s.Compensation).ToLookup(s => s.In.Id, StringComparer.Ordinal);
        foreach (var state in runbook.Lifecycle.All)
        {
            waiting.AddRange(byState[state.Id]);
            while (waiting.FindAll(s => s.Needs.All(n => placed.Contains(n.Id))) is { Count: > 0 } level)
            {
                levels.Add(level);
                placed.UnionWith(level.Select(s => s.Id));
                waiting.RemoveAll(s => placed.Contains(s.Id));
            }
        }

        return levels;
    }

    private string Level(List<StepDefinition> steps, string next) =>
        steps.Count == 1 ? Step(steps[0], next)
            : Add("parallel", "level:" + steps[0].Id, new()
            {
                ["name"] = runbook.Lifecycle.Find(steps[0].In.Id)?.Title.Fr is { Length: > 0 } state ? state : steps[0].In.Id,
                ["on_completion"] = next,
                ["next_steps"] = new JsonArray([.. steps.Select(s => (JsonNode)Step(s, End()))]),
            });

    private string Step(StepDefinition step, string next)
    {
        var follows = step.Kind == StepKind.Decision ? Choice(step, next) : next;
        var body = Body(step);
        if (step.OnFailure is { Rollback.Count: > 0 } failure)
        {
            // What was undone has not succeeded: the branch ends there, and people decide.
            var undo = End();
            foreach (var rollback in failure.Rollback.Reverse())
            {
                undo = Rollback(runbook.Step(rollback.Id)!, step, undo);    // the linter knows it
            }

            body["on_success"] = follows;
            body["on_failure"] = undo;
        }
        else
        {
            body["on_completion"] = follows;
        }

        return Place(step, step.Id, body);
    }

    private string Rollback(StepDefinition step, StepDefinition of, string next)
    {
        var body = Body(step);
        body["on_completion"] = next;
        return Place(step, $"{step.Id} after {of.Id}", body);
    }

    /// <summary>The first time a step stands in the workflow it carries its definition; a second time only its name.</summary>
    private string Place(StepDefinition step, string name, JsonObject body)
    {
        var first = carried.Add(step.Id);
        body["step_extensions"] = new JsonObject { [CacaoIds.Extension] = first ? Carried(step.Id) : new JsonObject { ["copy_of"] = step.Id } };
        body["name"] = $"{step.Card} {step.Label.Fr}".Trim();
        if (step.Why.Fr != "") body["description"] = step.Why.Fr;
        body["owner"] = CacaoIds.Identity(step.Role.Id);
        if (step.Kind != StepKind.SubRunbook) return Add("action", name, body);
        body["playbook_id"] = CacaoIds.Playbook(step.Ref!.Id);    // the linter asks for it
        return Add("playbook-action", name, body);
    }

    private JsonObject Carried(string step) => new() { ["runbook_step"] = texts[step].Text.DeepClone(), ["step_order"] = texts[step].Order };

    private string Choice(StepDefinition step, string next)
    {
        return Add("switch-condition", "choice:" + step.Id, new()
        {
            ["name"] = step.Question.Fr,
            ["switch"] = Variable(step) + ":value",
            ["on_completion"] = next,
            ["cases"] = new JsonObject(step.Options.Select(o => KeyValuePair.Create(o.Id, (JsonNode?)End()))),
        });
    }

    private JsonObject Body(StepDefinition step) => step.Kind == StepKind.SubRunbook ? [] : Action(step);

    private JsonObject Action(StepDefinition step)
    {
        var activity = Activity(step);
        activities.Add(activity);
        var body = new JsonObject
        {
            ["commands"] = new JsonArray(new JsonObject { ["type"] = "manual", ["playbook_activity"] = activity, ["command"] = string.Join('\n', Lines(step)) }),
            ["agent"] = Agent(step.Role.Id),
        };
        if (step.Kind == StepKind.Decision)
        {
            variables[Variable(step)] = new JsonObject { ["type"] = "string", ["description"] = step.Question.Fr };
            body["out_args"] = new JsonArray(Variable(step));
        }

        if (step.WaitFor is { } wait) body["delay"] = (long)wait.TotalMilliseconds;
        return body;
    }

    private static List<string> Lines(StepDefinition step)
    {
        List<string> lines = [.. step.Do.Select(l => l.Text)];
        if (step.Kind == StepKind.Decision) lines.AddRange([step.Question.Fr, .. step.Options.Select(o => "– " + o.Label.Fr)]);
        if (step.Kind == StepKind.Notify) lines.Add(FrenchText.Set($"Moyen : {step.Channel}"));
        if (step.Until is { } until) lines.Add(FrenchText.Set($"Attendre que : {until.Text}"));
        if (step.WaitFor is { } wait) lines.Add($"Attendre {Iso8601.Write(wait)}");
        lines.AddRange(step.ManualFallback.Select(l => l.Text));
        if (step.Otherwise.Fr != "") lines.Add(FrenchText.Set($"Si ça ne marche pas : {step.Otherwise.Fr}"));
        return lines.Count > 0 ? lines : [step.Label.Fr];
    }

    private static string Activity(StepDefinition step) => step switch
    {
        { Kind: StepKind.Notify } => Deliver,
        { Run.Action: var action } when action.StartsWith("restore", StringComparison.Ordinal) => RestoreData,
        _ when Cutting.Contains(step.Label.Fr.Split(' ')[0].ToLowerInvariant()) => Disconnect,
        _ => Restore,
    };

    private JsonObject Agents() => new(runbook.Roles.Select(r => KeyValuePair.Create(Agent(r.Id), (JsonNode?)new JsonObject { ["type"] = AgentType(r.Id), ["name"] = r.Label.Fr })));

    private string Agent(string role) => Id(AgentType(role), "role:" + role);

    private string AgentType(string role) => runbook.Role(role)?.ReachablePersons > 1 ? "group" : "individual";

    private JsonObject Summary() => new()
    {
        ["manual_playbook"] = true,
        ["external_playbooks"] = workflow.Any(s => CacaoRules.Type(s.Key) == "playbook-action"),
        ["parallel_processing"] = workflow.Any(s => CacaoRules.Type(s.Key) == "parallel"),
        ["switch_logic"] = workflow.Any(s => CacaoRules.Type(s.Key) == "switch-condition"),
        ["temporal_logic"] = workflow.Any(s => s.Value!["delay"] is not null),
        ["data_markings"] = true,
        ["extensions"] = true,
    };

    private string Description() => FrenchText.Set(string.Join('\n',
        runbook.Triggers.Select(t => "Déclencheur : " + t.Fr).Concat(runbook.Exit.Fr == "" ? [] : ["Sortie : " + runbook.Exit.Fr]).Append("Runbook d’un établissement de santé, fait pour être conduit par des personnes.")));

    private static string Variable(StepDefinition step) => $"__decision_{step.Id.Replace('-', '_')}__";

    private string End() => Add("end", "end:" + ends++, []);

    private string Add(string type, string name, JsonObject body)
    {
        var id = Id(type, name);
        body.Insert(0, "type", type);
        workflow[id] = body;
        return id;
    }

    private string Id(string type, string name) => CacaoIds.Inside(type, runbook.Id, name);
}
