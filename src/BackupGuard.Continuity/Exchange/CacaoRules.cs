using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Exchange;

/// <param name="At">JSON pointer.</param>
internal sealed record CacaoBreach(string At, string Fr, string En);

/// <summary>
/// What CACAO v2.0 demands of a playbook. In code: the published schemas name draft-07 but rest on a later keyword, and let
/// through what they mean to forbid; references and branches no schema sees.
/// </summary>
internal sealed partial class CacaoRules
{
    private static readonly string[] Pointers = ["on_completion", "on_success", "on_failure"];

    private static readonly string[] Musts = ["type", "spec_version", "id", "name", "created_by", "created", "modified", "workflow_start", "workflow"];
    private static readonly string[] ExtensionMusts = ["type", "name", "created_by", "schema", "version"];
    private static readonly string[] Scales = ["priority", "severity", "impact"];
    private static readonly string[] Borders = ["start", "end"];
    private static readonly string[] Times = ["delay", "timeout"];
    private static readonly string[] Arguments = ["in_args", "out_args"];
    private static readonly string[] Dictionaries =
        ["workflow", "agent_definitions", "target_definitions", "extension_definitions", "data_marking_definitions", "authentication_info_definitions"];

    private readonly JsonObject playbook;
    private readonly JsonObject workflow;
    private readonly List<CacaoBreach> breaches = [];

    private CacaoRules(JsonObject playbook) => (this.playbook, workflow) = (playbook, Map(playbook, "workflow"));

    public static IReadOnlyList<CacaoBreach> Check(JsonObject playbook)
    {
        var rules = new CacaoRules(playbook);
        rules.Metadata();
        rules.Steps();
        rules.Identifiers();
        rules.Branches();
        rules.Reachability();
        rules.Definitions();
        rules.Activities();
        return rules.breaches;
    }

    private void Metadata()
    {
        foreach (var missing in Musts.Where(m => playbook[m] is null))
        {
            Breach("/" + missing, $"Il manque « {missing} ».", $"“{missing}” is missing.");
        }

        Identifier(playbook, "id", "playbook", "");
        Identifier(playbook, "created_by", "identity", "");
        var created = Instant(playbook, "created", "");
        var modified = Instant(playbook, "modified", "");
        if (modified < created) Breach("/modified", "« modified » est avant « created ».", "“modified” is before “created”.");
        if (Instant(playbook, "valid_until", "") <= Instant(playbook, "valid_from", "")) Breach("/valid_until", "« valid_until » n’est pas après « valid_from ».", "“valid_until” is not after “valid_from”.");
        foreach (var scale in Scales.Where(s => playbook[s] is not null && Number(playbook[s]) is not (>= 0 and <= 100)))
        {
            Breach("/" + scale, $"« {scale} » est un nombre entier de 0 à 100.", $"“{scale}” is a whole number from 0 to 100.");
        }

        if (Text(playbook, "workflow_start") is { } start && Type(start) != "start") Breach("/workflow_start", "« workflow_start » ne désigne pas une étape de départ.", "“workflow_start” names no start step.");
        if (Text(playbook, "workflow_exception") is { } exception && !workflow.ContainsKey(exception)) Breach("/workflow_exception", "« workflow_exception » ne désigne aucune étape.", "“workflow_exception” names no step.");
        Variables(playbook, "playbook_variables", "");
    }

    private void Steps()
    {
        foreach (var type in Borders.Where(t => workflow.All(s => Type(s.Key) != t)))
        {
            Breach("/workflow", $"Aucune étape « {type} ».", $"No “{type}” step.");
        }

        if (!workflow.Any(s => Type(s.Key) is "action" or "playbook-action")) Breach("/workflow", "Aucune action : un playbook en a au moins une.", "No action: a playbook has at least one.");
        foreach (var (id, node) in workflow)
        {
            var at = "/workflow/" + Escape(id);
            if (node is not JsonObject step)
            {
                Breach(at, "Une étape est un objet.", "A step is an object.");
                continue;
            }

            var type = Text(step, "type") ?? "";
            if (!CacaoIds.IsValid(id, type) || !CacaoMembers.ByStep.ContainsKey(type)) Breach(at, "L’identifiant d’une étape est son type, deux tirets et un UUID de version 1 à 5.", "The identifier of a step is its type, two hyphens and a UUID of version 1 to 5.");
            Flow(step, type, at);
            Content(step, type, at);
            foreach (var time in Times.Where(t => step[t] is not null && Number(step[t]) is not >= 0))
            {
                Breach($"{at}/{time}", $"« {time} » est un nombre de millisecondes.", $"“{time}” is a number of milliseconds.");
            }

            Variables(step, "step_variables", at);
        }
    }

    private void Flow(JsonObject step, string type, string at)
    {
        if (step.ContainsKey("on_completion") && (step.ContainsKey("on_success") || step.ContainsKey("on_failure")))
        {
            Breach(at + "/on_completion", "« on_completion » exclut « on_success » et « on_failure ».", "“on_completion” excludes “on_success” and “on_failure”.");
        }

        if (type == "end" && Pointers.Any(step.ContainsKey)) Breach(at, "Une étape « end » ne mène nulle part.", "An “end” step leads nowhere.");
        if (type == "start" && (step.ContainsKey("on_success") || step.ContainsKey("on_failure"))) Breach(at, "Une étape « start » n’a que « on_completion ».", "A “start” step has only “on_completion”.");
        if (type is "start" or "action" or "playbook-action" && Main(step) is null) Breach(at, "Cette étape ne dit pas ce qui suit.", "This step does not say what follows.");
        foreach (var (name, target) in Targets(step).Where(t => !workflow.ContainsKey(t.Target)))
        {
            Breach($"{at}/{name}", $"« {StrictJson.Short(target)} » n’est pas une étape de ce playbook.", $"“{StrictJson.Short(target)}” is no step of this playbook.");
        }
    }

    private void Content(JsonObject step, string type, string at)
    {
        foreach (var member in Required(type).Where(m => step[m] is null))
        {
            Breach($"{at}/{member}", $"Il manque « {member} ».", $"“{member}” is missing.");
        }

        switch (type)
        {
            case "action":
                Commands(step, at);
                if (Text(step, "agent") is { } agent && !Map(playbook, "agent_definitions").ContainsKey(agent)) Breach(at + "/agent", "Cet agent n’est pas déclaré.", "This agent is not declared.");
                foreach (var _ in Texts(step["targets"]).Where(t => !Map(playbook, "target_definitions").ContainsKey(t))) Breach(at + "/targets", "Une cible n’est pas déclarée.", "A target is not declared.");
                break;
            case "parallel" when Texts(step["next_steps"]).Distinct().Count() < 2 || Texts(step["next_steps"]).Distinct().Count() != ((step["next_steps"] as JsonArray)?.Count ?? 0):
                Breach(at + "/next_steps", "Une étape parallèle a au moins deux branches, toutes différentes.", "A parallel step has at least two branches, all different.");
                break;
            case "switch-condition" when Map(step, "cases").Count == 0:
                Breach(at + "/cases", "Un choix a au moins un cas.", "A switch has at least one case.");
                break;
            case "playbook-action":
                Identifier(step, "playbook_id", "playbook", at);
                break;
        }

        if (Text(step, "owner") is not null) Identifier(step, "owner", "identity", at);
        foreach (var list in Arguments)
        {
            foreach (var name in Texts(step[list]).Where(n => !Map(playbook, "playbook_variables").ContainsKey(n) && !Map(step, "step_variables").ContainsKey(n)))
            {
                Breach($"{at}/{list}", $"La variable « {StrictJson.Short(name)} » n’est pas déclarée.", $"The variable “{StrictJson.Short(name)}” is not declared.");
            }
        }
    }

    private void Commands(JsonObject step, string at)
    {
        var commands = step["commands"] as JsonArray ?? [];
        if (commands.Count == 0) Breach(at + "/commands", "Une action a au moins une commande.", "An action has at least one command.");
        foreach (var (index, command) in commands.Index())
        {
            if (command is not JsonObject one || Text(one, "type") is null) Breach($"{at}/commands/{index}", "Une commande a un type.", "A command has a type.");
            else if (one["command"] is null && one["command_b64"] is null && one["content_b64"] is null) Breach($"{at}/commands/{index}", "Cette commande est vide.", "This command is empty.");
        }
    }

    /// <summary>The UUID part must be unique over all objects, whatever their types.</summary>
    private void Identifiers()
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var dictionary in Dictionaries)
        {
            foreach (var (id, value) in Map(playbook, dictionary))
            {
                var at = $"/{dictionary}/{Escape(id)}";
                if (dictionary != "workflow" && !CacaoIds.IsValid(id, Text(value as JsonObject, "type"))) Breach(at, "L’identifiant est le type de l’objet, deux tirets et un UUID de version 1 à 5.", "The identifier is the object’s type, two hyphens and a UUID of version 1 to 5.");
                if (!seen.Add(id.Split("--")[^1])) Breach(at, "Deux objets portent le même UUID.", "Two objects bear the same UUID.");
            }
        }
    }

    /// <summary>Each branch has an end of its own: that is how a tool knows when to come back.</summary>
    private void Branches()
    {
        var ends = new Dictionary<string, string?>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, node) in workflow)
        {
            foreach (var (name, target) in Targets(node as JsonObject).Where(t => !Pointers.Contains(t.Name)))
            {
                if (End(target, ends) is not { } end) Breach($"/workflow/{Escape(id)}/{name}", "Cette branche n’arrive à aucune étape « end ».", "This branch reaches no “end” step.");
                else if (!taken.Add(end)) Breach($"/workflow/{Escape(id)}/{name}", "Deux branches arrivent à la même étape « end ».", "Two branches reach the same “end” step.");
            }
        }
    }

    private string? End(string from, Dictionary<string, string?> known)
    {
        var path = new List<string>();
        var onPath = new HashSet<string>(StringComparer.Ordinal);
        var id = from;
        while (!known.ContainsKey(id) && onPath.Add(id))
        {
            path.Add(id);
            if (workflow[id] is not JsonObject step || Main(step) is not { } next) break;
            id = next;
        }

        var end = known.TryGetValue(id, out var found) ? found : workflow[id] is JsonObject last && Type(id) == "end" && Main(last) is null ? id : null;
        path.ForEach(p => known[p] = end);
        return end;
    }

    private void Reachability()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(new[] { Text(playbook, "workflow_start"), Text(playbook, "workflow_exception") }.OfType<string>());
        while (open.TryPop(out var id))
        {
            if (!seen.Add(id)) continue;
            foreach (var (_, target) in Targets(workflow[id] as JsonObject)) open.Push(target);
        }

        foreach (var (id, _) in workflow.Where(s => !seen.Contains(s.Key)))
        {
            Breach("/workflow/" + Escape(id), "Aucun chemin ne mène à cette étape.", "No path leads to this step.");
        }
    }

    private void Definitions()
    {
        var declared = Map(playbook, "extension_definitions");
        foreach (var (id, node) in declared)
        {
            foreach (var member in ExtensionMusts.Where(m => Text(node as JsonObject, m) is null))
            {
                Breach($"/extension_definitions/{Escape(id)}/{member}", $"Il manque « {member} ».", $"“{member}” is missing.");
            }
        }

        var uses = workflow.Select(s => ("/workflow/" + Escape(s.Key) + "/step_extensions", (s.Value as JsonObject)?["step_extensions"])).Prepend(("/playbook_extensions", playbook["playbook_extensions"]));
        foreach (var (at, extensions) in uses)
        {
            foreach (var (id, value) in extensions as JsonObject ?? [])
            {
                if (!declared.ContainsKey(id)) Breach($"{at}/{Escape(id)}", "Cette extension n’est pas déclarée.", "This extension is not declared.");
                if (value is not JsonObject members || members.Any(m => !ExtensionName().IsMatch(m.Key))) Breach($"{at}/{Escape(id)}", "Les membres d’une extension s’écrivent en minuscules, chiffres et soulignés, de 3 à 250 caractères.", "Members of an extension are lower-case letters, digits and underscores, 3 to 250 characters.");
            }
        }

        foreach (var marking in Texts(playbook["markings"]).Where(m => !Map(playbook, "data_marking_definitions").ContainsKey(m)))
        {
            Breach("/markings", $"Le marquage « {StrictJson.Short(marking)} » n’est pas déclaré.", $"The marking “{StrictJson.Short(marking)}” is not declared.");
        }
    }

    private void Activities()
    {
        var carried = workflow.SelectMany(s => (s.Value as JsonObject)?["commands"] as JsonArray ?? []).Select(c => Text(c as JsonObject, "playbook_activity")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var activity in Texts(playbook["playbook_activities"]).Where(a => !carried.Contains(a)))
        {
            Breach("/playbook_activities", $"Aucune étape ne porte l’activité « {StrictJson.Short(activity)} ».", $"No step carries the activity “{StrictJson.Short(activity)}”.");
        }

        if (Texts(playbook["playbook_types"]).Any() && !Texts(playbook["playbook_activities"]).Any()) Breach("/playbook_activities", "Un type de playbook demande au moins une activité.", "A playbook type asks for at least one activity.");
    }

    private void Variables(JsonObject owner, string member, string at)
    {
        foreach (var (name, value) in Map(owner, member))
        {
            if (!Variable().IsMatch(name)) Breach($"{at}/{member}/{Escape(name)}", "Une variable s’écrit __nom__ et commence par une lettre.", "A variable is written __name__ and begins with a letter.");
            if (Text(value as JsonObject, "type") is null) Breach($"{at}/{member}/{Escape(name)}", "Une variable a un type.", "A variable has a type.");
        }
    }

    private void Identifier(JsonObject owner, string member, string type, string at)
    {
        if (owner[member] is not null && !(Text(owner, member) is { } text && CacaoIds.IsValid(text, type)))
        {
            Breach($"{at}/{member}", $"« {member} » s’écrit {type}--UUID, avec un UUID de version 1 à 5.", $"“{member}” is written {type}--UUID, with a UUID of version 1 to 5.");
        }
    }

    private DateTimeOffset? Instant(JsonObject owner, string member, string at)
    {
        if (owner[member] is null) return null;
        if (Text(owner, member) is { } text && DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) return instant;
        Breach($"{at}/{member}", $"« {member} » est une date en UTC avec exactement trois décimales, par exemple 2026-11-22T03:12:00.000Z.", $"“{member}” is a date in UTC with exactly three decimals, for example 2026-11-22T03:12:00.000Z.");
        return null;
    }

    private void Breach(string at, string fr, string en) => breaches.Add(new(at, fr, en));

    /// <summary>Everything that a step leads to, with the member that says so.</summary>
    public static IEnumerable<(string Name, string Target)> Targets(JsonObject? step)
    {
        foreach (var name in Pointers.Concat(["on_true", "on_false"]))
        {
            if (Text(step, name) is { } target) yield return (name, target);
        }

        foreach (var target in Texts(step?["next_steps"])) yield return ("next_steps", target);
        foreach (var (name, target) in step?["cases"] as JsonObject ?? [])
        {
            if (target is JsonValue value && value.TryGetValue<string>(out var id)) yield return ("cases/" + Escape(name), id);
        }
    }

    public static string? Main(JsonObject step) => Text(step, "on_completion") ?? Text(step, "on_success");

    public static string? Text(JsonObject? owner, string member) => owner?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonValue>().Select(v => v.TryGetValue<string>(out var text) ? text : null).OfType<string>();

    public static JsonObject Map(JsonObject owner, string member) => owner[member] as JsonObject ?? [];

    public static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    public static string Type(string id) => id.Split("--")[0];

    /// <summary>One name as part of a JSON pointer.</summary>
    public static string Escape(string name) => (name.Length > 120 ? StrictJson.Short(name) : name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static IReadOnlyList<string> Required(string type) => type switch
    {
        "action" => ["commands", "agent"],
        "playbook-action" => ["playbook_id"],
        "parallel" => ["next_steps"],
        "if-condition" or "while-condition" => ["condition", "on_true"],
        "switch-condition" => ["switch", "cases"],
        _ => [],
    };

    [GeneratedRegex(@"^[a-z0-9_]{3,250}\z")]
    private static partial Regex ExtensionName();

    [GeneratedRegex(@"^__[a-zA-Z][a-zA-Z0-9_-]{0,199}__\z")]
    private static partial Regex Variable();
}
