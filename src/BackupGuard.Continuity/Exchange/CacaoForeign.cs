using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Exchange;

/// <summary>A playbook of another tool on its way into a draft of ours.</summary>
internal sealed class CacaoForeign(JsonObject playbook, NoteList notes)
{
    public const int MostSteps = 10_000;
    private const int DeepestNesting = 24;
    private const int LongestLine = 120;
    private const int MostLines = 200;

    /// <summary>Links followed or written. Two parallels of a thousand branches in a row are a million: nobody reads that, and no memory should hold it.</summary>
    private const int MostLinks = 300_000;

    private static readonly string[] People = ["group", "individual", "organization"];

    /// <summary>Taken over, or said elsewhere; everything else that the specification knows is reported as left out.</summary>
    private static readonly HashSet<string> Used = new(
    [
        "type", "spec_version", "id", "name", "description", "created", "modified", "workflow", "workflow_start", "workflow_exception", "agent_definitions", "target_definitions", "external_references",
        "authentication_info_definitions", "on_completion", "on_success", "on_failure", "on_true", "on_false", "next_steps", "cases", "switch", "condition", "commands", "agent", "targets", "playbook_id",
        "command", "command_b64", "content", "content_b64", "headers", "playbook_processing_summary", "extension_definitions",
    ], StringComparer.Ordinal);

    private readonly JsonObject workflow = CacaoRules.Map(playbook, "workflow");
    private readonly Dictionary<string, Draft> drafts = new(StringComparer.Ordinal);
    private readonly List<Draft> inOrder = [];
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> roleNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> roles = new(StringComparer.Ordinal);
    private readonly HashSet<string> parallels = new(StringComparer.Ordinal);
    private int links;

    private enum Way { Main, Failure, Lost }

    /// <summary>A step of ours as far as the playbook tells it.</summary>
    private sealed class Draft(string id, JsonObject body)
    {
        public string Id => id;
        public JsonObject Body => body;
        public List<string> Do { get; } = [];
        public List<Draft> Needs { get; } = [];
        public List<Draft> Rollback { get; } = [];
        public bool Compensation { get; set; }

        /// <summary>What must have been chosen for this step, outermost first.</summary>
        public IReadOnlyList<string> Only { get; set; } = [];
    }

    /// <param name="Only">What must have been chosen for the steps of this branch, outermost first.</param>
    private sealed record Branch(Way Way, IReadOnlyList<string> Only, int Depth);

    /// <exception cref="ExchangeRefused">Branches inside branches beyond what anybody could read.</exception>
    public JsonObject Read()
    {
        Members();
        var start = CacaoRules.Text(playbook, "workflow_start") is { } named && workflow.ContainsKey(named) ? named : workflow.Select(s => s.Key).FirstOrDefault(id => CacaoRules.Type(id) == "start");
        Walk(start, [], new(Way.Main, [], 0));
        Failures();
        Lost();
        Asked();
        return Tree();
    }

    /// <summary>Follows one branch to its end. Long branches are a loop, only branches inside branches go deeper.</summary>
    /// <returns>The steps that have to be settled before what follows the branch.</returns>
    private List<Draft> Walk(string? id, List<Draft> before, Branch branch)
    {
        if (branch.Depth > DeepestNesting)
        {
            throw new ExchangeRefused("BG3151", "/workflow", $"Plus de {DeepestNesting} branches les unes dans les autres : personne ne peut relire cela. Découpez ce playbook.",
                $"More than {DeepestNesting} branches inside one another: nobody can review this. Split this playbook.");
        }

        var passed = new HashSet<string>(StringComparer.Ordinal);
        while (id is not null)
        {
            if (workflow[id] is not JsonObject step || CacaoRules.Type(id) == "end")
            {
                return before;
            }

            if (drafts.TryGetValue(id, out var known))
            {
                Join(known, before, branch, id);
                return [];
            }

            if (!passed.Add(id))
            {
                Circle(id);
                return before;
            }

            before = One(id, step, before, branch);
            id = CacaoRules.Main(step);
        }

        return before;
    }

    private List<Draft> One(string id, JsonObject step, List<Draft> before, Branch branch)
    {
        switch (CacaoRules.Type(id))
        {
            case "start":
                return before;
            case "parallel" when !parallels.Add(id):
                Meet(id, before, branch);
                return [];
            case "parallel":
                var after = new List<Draft>();
                foreach (var next in CacaoRules.Texts(step["next_steps"]).Distinct()) after.AddRange(Walk(next, before, branch with { Depth = branch.Depth + 1 }));
                return after.Count > 0 ? [.. after.Distinct()] : before;
            case "if-condition" or "while-condition" or "switch-condition":
                return Decision(id, step, before, branch);
            default:
                return [Act(id, step, before, branch)];
        }
    }

    private Draft New(string id, JsonObject step, string words, List<Draft> before, Branch branch)
    {
        var name = Free(Slug(words), names);
        Spend(before.Count + 1);
        var draft = new Draft(name, new() { ["id"] = name }) { Compensation = branch.Way == Way.Failure, Only = branch.Only };
        draft.Needs.AddRange(before);
        drafts[id] = draft;
        inOrder.Add(draft);
        draft.Body["source"] = "CACAO " + Clean(id.Length > 150 ? id[..150] : id);
        if (CacaoRules.Text(step, "name") is { } title) Title(draft.Body, "title", title, id);
        Lines(draft, CacaoRules.Text(step, "description"));
        return draft;
    }

    private Draft Act(string id, JsonObject step, List<Draft> before, Branch branch)
    {
        var draft = New(id, step, CacaoRules.Text(step, "name") ?? "etape", before, branch);
        draft.Body["kind"] = "manual";
        var at = At(id);
        if (CacaoRules.Text(step, "agent") is { } agent) Role(draft, agent, at);
        foreach (var target in CacaoRules.Texts(step["targets"])) Lines(draft, $"→ {Named("target_definitions", target)} ({CacaoRules.Type(target)})");
        foreach (var (index, command) in (step["commands"] as JsonArray ?? []).Index())
        {
            if (command is JsonObject one) Command(draft, one, $"{at}/commands/{index}");
        }

        if (CacaoRules.Text(step, "playbook_id") is { } other)
        {
            Lines(draft, FrenchText.Set("Playbook : ") + other);
            notes.Add("BG3163", NoteLevel.Warning, at + "/playbook_id", "Un autre playbook est appelé : importez-le, puis faites de cette étape un « subRunbook » avec son identifiant, sa version et son empreinte.",
                "Another playbook is called: import it, then make this step a “subRunbook” with its id, version and hash.");
        }

        return draft;
    }

    /// <summary>No command is ever run, nor turned into an automatic step: it is a text that somebody must read first.</summary>
    private void Command(Draft draft, JsonObject command, string at)
    {
        var type = CacaoRules.Text(command, "type") ?? "?";
        var text = CacaoRules.Text(command, "command") ?? Decoded(command, "command_b64", at);
        var content = CacaoRules.Text(command, "content") ?? Decoded(command, "content_b64", at);
        if (type != "manual")
        {
            Lines(draft, FrenchText.Set($"À relire avant tout usage, commande « {type} » :"));
            notes.Add("BG3157", NoteLevel.Warning, at, $"Une commande « {StrictJson.Short(Clean(type))} » devient un texte à relire : elle n’est ni exécutée ni rendue automatique. Vérifiez-la, et retirez-en tout mot de passe.",
                $"A “{StrictJson.Short(Clean(type))}” command becomes a text to review: it is neither run nor made automatic. Check it, and remove any password.");
        }

        Lines(draft, text);
        if (command["headers"] is JsonObject headers)
        {
            Lines(draft, FrenchText.Set("En-têtes : ") + string.Join(", ", headers.Select(h => h.Key)));
            Secret(at + "/headers");
        }

        Lines(draft, content);
    }

    private string? Decoded(JsonObject command, string member, string at)
    {
        if (CacaoRules.Text(command, member) is not { } base64) return null;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            notes.Add("BG3156", NoteLevel.Warning, $"{at}/{member}", "Ce contenu codé n’est pas du texte : il n’est pas repris. Ouvrez-le dans l’outil d’origine.", "This encoded content is no text: it is not taken over. Open it in the tool it comes from.");
            return null;
        }
    }

    /// <summary>A condition of STIX patterning is not translated: people read it and answer.</summary>
    private List<Draft> Decision(string id, JsonObject step, List<Draft> before, Branch branch)
    {
        var type = CacaoRules.Type(id);
        var quoted = CacaoRules.Text(step, type == "switch-condition" ? "switch" : "condition") ?? "?";
        var draft = New(id, step, CacaoRules.Text(step, "name") ?? "condition", before, branch);
        draft.Body["kind"] = "decision";
        draft.Body["question"] = type == "switch-condition"
            ? Bilingual($"Quelle est la valeur de « {Brief(quoted)} » ?", $"What is the value of “{Brief(quoted)}”?")
            : Bilingual($"Cette condition est-elle vraie : « {Brief(quoted)} » ?", $"Is this condition true: “{Brief(quoted)}”?");
        Lines(draft, quoted);
        notes.Add("BG3158", NoteLevel.Warning, At(id), "Une condition devient une décision qui la cite mot pour mot : dites qui décide, et comment on le sait.", "A condition becomes a decision that quotes it word for word: say who decides, and how one knows.");
        var options = new JsonArray();
        var after = new List<Draft>();
        var choices = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (label, en, target) in Branches(step, type))
        {
            var option = Free(Slug(label), choices);
            options.Add(new JsonObject { ["id"] = option, ["label"] = Bilingual(label, en) });
            var reached = Walk(target, [draft], branch with { Only = [.. branch.Only, FrenchText.Set($"Seulement si la décision « {draft.Id} » est : {label}")], Depth = branch.Depth + 1 });
            after.AddRange(reached);
        }

        draft.Body["options"] = options;
        notes.Add("BG3159", NoteLevel.Warning, At(id), "Ce qui ne vaut que pour une réponse le dit en première ligne de sa carte, et rien ne l’impose : mettez ces étapes dans un état à elles, ou laissez passer celles qui ne servent pas.",
            "What holds for one answer only says so in the first line of its card, and nothing enforces it: give these steps a state of their own, or skip those that do not apply.");
        return after.Count > 0 ? [.. after.Distinct()] : [draft];
    }

    private IEnumerable<(string Label, string En, string? Target)> Branches(JsonObject step, string type)
    {
        if (type == "switch-condition")
        {
            foreach (var (name, target) in CacaoRules.Map(step, "cases")) yield return (name, name, target is JsonValue value && value.TryGetValue<string>(out var id) ? id : null);
            yield break;
        }

        yield return ("Vraie", "True", CacaoRules.Text(step, "on_true"));
        yield return ("Fausse", "False", CacaoRules.Text(step, "on_false"));
        if (type == "while-condition")
        {
            notes.Add("BG3159", NoteLevel.Warning, "/workflow", "Une boucle ne se refait pas seule : tant que la condition est vraie, le directeur rouvre ses étapes.", "A loop is not repeated by itself: while the condition is true, the director reopens its steps.");
        }
    }

    /// <summary>A parallel that is reached again: what it begins with waits for this line too.</summary>
    private void Meet(string parallel, List<Draft> before, Branch branch)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([parallel]);
        while (open.TryPop(out var id))
        {
            Spend(1);
            if (!seen.Add(id)) continue;
            if (drafts.TryGetValue(id, out var first)) Join(first, before, branch, id);
            else if (workflow[id] is JsonObject step && CacaoRules.Type(id) == "parallel") CacaoRules.Texts(step["next_steps"]).ToList().ForEach(open.Push);
        }
    }

    private void Spend(int work)
    {
        links += work;
        if (links > MostLinks)
        {
            throw new ExchangeRefused("BG3151", "/workflow", $"Les étapes de ce playbook ont plus de {MostLinks} liens entre elles : personne ne peut relire cela. Découpez-le.",
                $"The steps of this playbook have more than {MostLinks} links between them: nobody can review this. Split it.");
        }
    }

    /// <summary>Two lines of the playbook meet at one step: it waits for both.</summary>
    private void Join(Draft known, List<Draft> before, Branch branch, string id)
    {
        Widen(known, known.Only.Zip(branch.Only).TakeWhile(o => o.First == o.Second).Count());
        foreach (var one in before)
        {
            Spend(1 + known.Needs.Count);
            if (known.Needs.Contains(one)) continue;
            if (one == known || Leads(known, one)) Circle(id);
            else known.Needs.Add(one);
        }
    }

    /// <summary>A step that several answers lead to, and all that comes after it, holds for each of them: only what they have in common is still a condition.</summary>
    private void Widen(Draft known, int common)
    {
        var old = known.Only;
        if (old.Count == common) return;
        var after = new HashSet<Draft> { known };
        // In the order of reading a step comes after what it needs, but for the few that joined later: they are met again when they are joined.
        foreach (var one in inOrder.Where(o => after.Contains(o) || o.Needs.Exists(after.Contains)))
        {
            Spend(1 + one.Needs.Count);
            after.Add(one);
            if (one.Only.Take(old.Count).SequenceEqual(old)) one.Only = [.. one.Only.Take(common), .. one.Only.Skip(old.Count)];
        }
    }

    /// <summary>Whether a step is among all that another waits for.</summary>
    private bool Leads(Draft from, Draft to)
    {
        var seen = new HashSet<Draft>();
        var open = new Stack<Draft>([to]);
        while (open.TryPop(out var one))
        {
            if (one == from) return true;
            if (!seen.Add(one)) continue;
            Spend(1 + one.Needs.Count);
            one.Needs.ForEach(open.Push);
        }

        return false;
    }

    private void Circle(string id) => notes.Add("BG3160", NoteLevel.Error, At(id),
        "Ces étapes se mènent l’une à l’autre en rond. Le retour en arrière n’est pas repris : notre moteur recommence une étape parce qu’une personne la rouvre, jamais seul.",
        "These steps lead to one another in a circle. The way back is not taken over: our engine does a step again because a person reopens it, never by itself.");

    /// <summary>What happens after a failure becomes the rollback of the step, where it is a plain line of actions that nothing else reaches.</summary>
    private void Failures()
    {
        foreach (var (id, draft) in drafts.ToList())
        {
            if (workflow[id] is not JsonObject step || CacaoRules.Text(step, "on_failure") is not { } failed || CacaoRules.Type(failed) == "end") continue;
            var line = new List<string>();
            for (var next = failed; next is not null && workflow[next] is JsonObject one && CacaoRules.Type(next) != "end" && !line.Contains(next) && line.Count < 20; next = CacaoRules.Main(one)) line.Add(next);
            if (line.Count > 0 && line.TrueForAll(l => CacaoRules.Type(l) == "action" && (!drafts.TryGetValue(l, out var known) || known.Compensation)))
            {
                foreach (var one in line)
                {
                    var undo = drafts.GetValueOrDefault(one) ?? Act(one, (JsonObject)workflow[one]!, [], new(Way.Failure, [], 0));    // seen just above
                    if (!draft.Rollback.Contains(undo)) draft.Rollback.Add(undo);
                }

                notes.Add("BG3164", NoteLevel.Info, At(id) + "/on_failure", "Ce qui suit un échec devient le retour arrière de l’étape (« onFailure », « compensation »).", "What follows a failure becomes the step’s rollback (“onFailure”, “compensation”).");
            }
            else
            {
                notes.Add("BG3156", NoteLevel.Warning, At(id) + "/on_failure", "La suite en cas d’échec n’est pas une simple file d’actions à elle : elle n’est pas reprise comme retour arrière. Dites sur la carte quoi faire (« otherwise »).",
                    "What follows a failure is no plain line of actions of its own: it is not taken over as a rollback. Say on the card what to do (“otherwise”).");
                Walk(failed, [], new(Way.Lost, [], 0));
            }
        }
    }

    /// <summary>Steps that no path reaches are kept and named: they may be the ones that were meant.</summary>
    private void Lost()
    {
        if (CacaoRules.Text(playbook, "workflow_exception") is { } exception && workflow.ContainsKey(exception) && CacaoRules.Type(exception) != "end")
        {
            notes.Add("BG3156", NoteLevel.Warning, "/workflow_exception", "Les étapes prévues pour toute erreur (« workflow_exception ») sont reprises sans lien : dites quand les faire.", "The steps meant for any error (“workflow_exception”) are taken over without a link: say when to do them.");
            Walk(exception, [], new(Way.Lost, [], 0));
        }

        foreach (var (id, node) in workflow.ToList())
        {
            if (drafts.ContainsKey(id) || node is not JsonObject step || CacaoRules.Type(id) is "start" or "end" or "parallel") continue;
            notes.Add("BG3161", NoteLevel.Warning, At(id), "Aucun chemin ne mène à cette étape : elle est reprise sans lien. Placez-la ou retirez-la.", "No path leads to this step: it is taken over without a link. Place it or remove it.");
            if (CacaoRules.Type(id).EndsWith("-condition", StringComparison.Ordinal)) Decision(id, step, [], new(Way.Lost, [], 0));
            else Act(id, step, [], new(Way.Lost, [], 0));
        }
    }

    /// <summary>Every member that does not arrive in the draft is named.</summary>
    private void Members()
    {
        Left(playbook, CacaoMembers.Playbook, "");
        if (CacaoRules.Map(playbook, "authentication_info_definitions").Count > 0) Secret("/authentication_info_definitions");
        foreach (var (id, node) in workflow)
        {
            if (node is not JsonObject step) continue;
            Left(step, CacaoMembers.ByStep.GetValueOrDefault(CacaoRules.Type(id), []), At(id));
            foreach (var (index, command) in (step["commands"] as JsonArray ?? []).Index())
            {
                if (command is JsonObject one) Left(one, CacaoMembers.Command, $"{At(id)}/commands/{index}");
            }
        }
    }

    private void Left(JsonObject owner, IReadOnlyList<string> known, string at)
    {
        foreach (var (name, _) in owner)
        {
            var shown = StrictJson.Short(Clean(name));
            if (!known.Contains(name)) notes.Add("BG3155", NoteLevel.Warning, $"{at}/{CacaoRules.Escape(name)}", $"« {shown} » est inconnu de CACAO 2.0 et n’est pas repris.", $"“{shown}” is unknown to CACAO 2.0 and is not taken over.");
            else if (!Used.Contains(name)) notes.Add("BG3156", NoteLevel.Info, $"{at}/{name}", $"« {shown} » n’a pas de place dans notre format et n’est pas repris.", $"“{shown}” has no place in our format and is not taken over.");
        }
    }

    private void Secret(string at) => notes.Add("BG3162", NoteLevel.Warning, at, "Ce qui sert à s’identifier n’est jamais repris : un runbook s’imprime. Rangez ces secrets dans le coffre.", "What serves to authenticate is never taken over: a runbook is printed. Keep these secrets in the vault.");

    private void Asked()
    {
        notes.Add("BG3163", NoteLevel.Warning, "", "À dire par vous, rien n’est deviné : le plan, la revue, le cycle de vie et l’état de chaque étape (« in »), le rôle là où l’agent est une machine, le titre en français.",
            "For you to say, nothing is guessed: the plan, the review, the lifecycle and each step’s state (“in”), the role where the agent is a machine, the French title.");
        notes.Add("BG3164", NoteLevel.Info, "", "Les identifiants des étapes sont faits de leurs noms ; la version commence à 0.1.0 ; chaque étape garde son identifiant CACAO dans « source ».",
            "Ids of steps are made from their names; the version begins at 0.1.0; each step keeps its CACAO identifier in “source”.");
    }

    private JsonObject Tree()
    {
        var tree = new JsonObject { ["format"] = Runbooks.RunbookFile.Format, ["id"] = Slug(CacaoRules.Text(playbook, "name") ?? "playbook"), ["version"] = "0.1.0" };
        Title(tree, "title", CacaoRules.Text(playbook, "name") ?? "?", "");
        var sources = (playbook["external_references"] as JsonArray ?? []).OfType<JsonObject>().Select(r => string.Join(", ", new[] { CacaoRules.Text(r, "name"), CacaoRules.Text(r, "source"), CacaoRules.Text(r, "url") }.OfType<string>()));
        var described = Wrapped(CacaoRules.Text(playbook, "description") ?? "", 190);
        tree["sources"] = new JsonArray([.. described.Concat(sources.SelectMany(s => Wrapped(s, 190))).Append("CACAO " + Clean(CacaoRules.Text(playbook, "id") ?? "?")).Select(s => (JsonNode)s)]);
        tree["roles"] = new JsonObject(roles.Select(r => KeyValuePair.Create(r.Value, (JsonNode?)new JsonObject { ["label"] = Foreign(Named("agent_definitions", r.Key), 140) })));
        tree["steps"] = new JsonArray([.. inOrder.Select(Finished)]);
        return tree;
    }

    private static JsonObject Finished(Draft draft)
    {
        List<string> lines = [.. draft.Only.TakeLast(1).SelectMany(o => Wrapped(o)), .. draft.Do];
        if (lines.Count > 0) draft.Body["do"] = new JsonArray([.. lines.Select(l => (JsonNode)l)]);
        if (draft.Needs.Count > 0) draft.Body["needs"] = new JsonArray([.. draft.Needs.Select(n => (JsonNode)n.Id)]);
        if (draft.Compensation) draft.Body["compensation"] = true;
        if (draft.Rollback.Count > 0) draft.Body["onFailure"] = new JsonObject { ["rollback"] = new JsonArray([.. draft.Rollback.Select(r => (JsonNode)r.Id)]) };
        return draft.Body;
    }

    /// <summary>People whom the playbook names become roles; a machine is not a person on call.</summary>
    private void Role(Draft draft, string agent, string at)
    {
        if (!People.Contains(CacaoRules.Type(agent)) || CacaoRules.Map(playbook, "agent_definitions")[agent] is null) return;
        if (!roles.TryGetValue(agent, out var role))
        {
            role = Free(Slug(Named("agent_definitions", agent)), roleNames);
            roles[agent] = role;
            notes.Add("BG3164", NoteLevel.Info, at + "/agent", $"Le rôle « {role} » vient d’un agent du playbook ; ses suppléants sont à nommer.", $"The role “{role}” comes from an agent of the playbook; its deputies are to be named.");
        }

        draft.Body["role"] = role;
    }

    private string Named(string dictionary, string id) => CacaoRules.Text(CacaoRules.Map(playbook, dictionary)[id] as JsonObject, "name") is { } name ? name : id;

    private void Title(JsonObject body, string key, string text, string id)
    {
        var foreign = Foreign(text, 140);
        body[key] = foreign;
        if (Clean(text).Length > 140) notes.Add("BG3170", NoteLevel.Warning, id == "" ? "/name" : At(id) + "/name", "Titre de plus de 140 caractères : il est coupé.", "Title of more than 140 characters: it is cut.");
    }

    /// <summary>Its language is not known; it is not passed off as French.</summary>
    private static JsonObject Foreign(string text, int max) => new() { ["en"] = Cut(Clean(text), max) is { Length: > 0 } shown ? shown : "?" };

    private static JsonObject Bilingual(string fr, string en) => new() { ["fr"] = Cut(FrenchText.Set(Clean(fr)), 140), ["en"] = Cut(Clean(en), 140) };

    private void Lines(Draft draft, string? text)
    {
        foreach (var line in Wrapped(text ?? ""))
        {
            if (draft.Do.Count == MostLines)
            {
                notes.Add("BG3170", NoteLevel.Error, "", $"Une étape de plus de {MostLines} lignes est coupée : lisez la suite dans le fichier d’origine.", $"A step of more than {MostLines} lines is cut: read the rest in the original file.");
                return;
            }

            draft.Do.Add(line);
        }

        if (text is not null && text.Any(c => Hidden(c) && c is not ('\n' or '\r' or '\t')))
        {
            notes.Add("BG3170", NoteLevel.Warning, "", "Des caractères invisibles (commandes, sens d’écriture) sont remplacés par « \ufffd » : ils peuvent cacher ce qu’une commande fait.", "Invisible characters (controls, writing direction) are replaced by “\ufffd”: they can hide what a command does.");
        }
    }

    /// <summary>Lines of a card. Nothing is left out: a card of more than seven lines is for the linter to name and for people to split.</summary>
    private static IEnumerable<string> Wrapped(string text, int longest = LongestLine)
    {
        foreach (var raw in text.Split('\n'))
        {
            var line = Clean(raw);
            while (line.Length > longest)
            {
                var space = line.LastIndexOf(' ', longest);
                var cut = space > longest / 2 ? space : char.IsHighSurrogate(line[longest - 1]) ? longest - 1 : longest;
                yield return line[..cut].TrimEnd();
                line = line[cut..].TrimStart();
            }

            if (line.Length > 0) yield return line;
        }
    }

    internal static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text) clean.Append(c is '\n' or '\r' or '\t' ? ' ' : Hidden(c) ? '\ufffd' : c);
        return clean.ToString().Trim();
    }

    private static bool Hidden(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Brief(string text) => Clean(text) is var clean && clean.Length <= 80 ? clean : Cut(clean, 79) + "…";

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    private static string At(string id) => "/workflow/" + CacaoRules.Escape(id);

    /// <summary>The name itself, or with the next number that nobody has: thousands of steps may be called alike.</summary>
    private static string Free(string name, Dictionary<string, int> taken)
    {
        var free = name;
        while (!taken.TryAdd(free, 1))
        {
            var end = "-" + (++taken[name]).ToString(CultureInfo.InvariantCulture);
            free = name[..Math.Min(name.Length, 62 - end.Length)].TrimEnd('-') + end;
        }

        return free;
    }

    /// <summary>An id of ours from somebody's words: without accents, in hyphens.</summary>
    private static string Slug(string words)
    {
        var slug = new StringBuilder();
        foreach (var c in Clean(words).Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterLower(c) || (char.IsAsciiDigit(c) && slug.Length > 0)) slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-' && char.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark) slug.Append('-');
            if (slug.Length == 60) break;
        }

        return slug.ToString().Trim('-') is { Length: > 0 } id ? id : "x";
    }
}
