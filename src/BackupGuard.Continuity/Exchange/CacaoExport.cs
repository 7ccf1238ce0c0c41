using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exchange;

/// <summary>What a runbook file does not say of itself and a playbook must.</summary>
/// <param name="Created">When this playbook was first given out; a newer version keeps it.</param>
/// <param name="Marking">TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED: how far it may be passed on.</param>
public sealed record CacaoStamp(DateTimeOffset Created, DateTimeOffset Modified, string Marking = "TLP:AMBER");

/// <param name="Text">The playbook, or null when an issue or a note is an error.</param>
public sealed record CacaoExported(string? Text, IReadOnlyList<DefinitionIssue> Issues, IReadOnlyList<ExchangeNote> Notes);

/// <summary>
/// Writes a runbook as a CACAO v2.0 playbook that any tool of the field can show: actions for people, in the order of the
/// states and of what they need. What CACAO has no word for stands whole in our extension, from which
/// <see cref="CacaoImport"/> makes the same definition again.
/// </summary>
public static class CacaoExport
{
    public static readonly IReadOnlyList<string> Markings = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"];

    internal static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static CacaoExported Write(string yaml, string fileName, CacaoStamp stamp)
    {
        var parsed = RunbookFile.Parse(yaml, fileName);
        if (parsed.Value is not { } runbook || StrictYaml.Read(yaml, new IssueList(fileName)) is not { } root)
        {
            return new(null, parsed.Issues, []);
        }

        var notes = new NoteList();
        if (runbook.Steps.All(s => s.Compensation))
        {
            notes.Add("BG3168", NoteLevel.Error, "", "Ce runbook n’a aucune étape à faire : un playbook CACAO en demande au moins une. Rien n’est écrit.",
                "This runbook has no step to do: a CACAO playbook asks for at least one. Nothing is written.");
            return new(null, parsed.Issues, notes.All);
        }

        var playbook = new CacaoWriter(runbook, (JsonObject)DefinitionTree.Of(root), stamp).Playbook();
        foreach (var breach in CacaoRules.Check(playbook))
        {
            notes.Add("BG3154", NoteLevel.Error, breach.At, "Ce playbook ne respecterait pas CACAO 2.0 : " + breach.Fr, "This playbook would break CACAO 2.0: " + breach.En);
        }

        Simplified(runbook, notes);
        return new(notes.All.Any(n => n.Level == NoteLevel.Error) ? null : playbook.ToJsonString(Readable) + "\n", parsed.Issues, notes.All);
    }

    /// <summary>What another tool will not see: said once, so that nobody believes that a quorum travels.</summary>
    private static void Simplified(RunbookDefinition runbook, NoteList notes)
    {
        notes.Add("BG3169", NoteLevel.Info, "/playbook_extensions",
            "États, quorums, suppléants, preuves, contrôles, échéances, durées et modes dégradés ne sont que dans l’extension : un autre outil ne les applique pas. Les étapes y sont mises à la file, état après état.",
            "States, quorums, deputies, evidence, checks, deadlines, durations and degraded modes are in the extension only: another tool does not apply them. Steps are put in line, state after state.");
        if (runbook.Steps.Any(s => s.Kind == StepKind.Auto))
        {
            notes.Add("BG3169", NoteLevel.Info, "/workflow",
                "Les étapes automatiques deviennent des actions à la main (leur repli) : leur commande est un nom dans la configuration de l’agent, jamais une ligne à exécuter ailleurs.",
                "Automatic steps become manual actions (their fallback): their command is a name in the agent’s configuration, never a line to run elsewhere.");
        }
    }

    /// <summary>The definition without its steps, and its steps, put together in one fixed order: its hash does not depend on who wrote the JSON down.</summary>
    internal static JsonObject Assemble(JsonObject runbook, IEnumerable<JsonNode?> steps)
    {
        var whole = new JsonObject();
        foreach (var (key, value) in runbook.Where(m => m.Key != "steps")) whole[key] = value?.DeepClone();
        whole["steps"] = new JsonArray([.. steps.Select(s => s?.DeepClone())]);
        return whole;
    }

    internal static string Hash(JsonObject assembled) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DefinitionTree.Yaml(assembled))));

    internal static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
