using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exchange;

/// <param name="Yaml">A file of our format for a person to finish, or null when the playbook was refused.</param>
/// <param name="Ours">It was made by <see cref="CacaoExport"/>, and the definition is the one that went out.</param>
public sealed record CacaoImported(string? Yaml, bool Ours, IReadOnlyList<ExchangeNote> Notes);

/// <summary>
/// Reads a CACAO v2.0 playbook. Nothing in it is executed or followed: commands become text for a person to review, and what
/// the playbook does not say (states, roles, fallbacks, checks) stays open for the linter to ask.
/// </summary>
public static class CacaoImport
{
    /// <param name="fileName">Only for the messages: nothing is opened here.</param>
    public static CacaoImported Read(string json, string fileName)
    {
        var notes = new NoteList();
        try
        {
            var playbook = StrictJson.Read(json);
            Recognise(playbook);
            foreach (var breach in CacaoRules.Check(playbook))
            {
                notes.Add("BG3154", NoteLevel.Warning, breach.At, "Ce playbook ne respecte pas CACAO 2.0 : " + breach.Fr, "This playbook breaks CACAO 2.0: " + breach.En);
            }

            if (Own(playbook, fileName, notes) is { } own)
            {
                return new(own, Ours: true, notes.All);
            }

            var foreign = new CacaoForeign(playbook, notes).Read();
            return new(Header(playbook) + DefinitionTree.Yaml(foreign), Ours: false, notes.All);
        }
        catch (ExchangeRefused refused)
        {
            return new(null, Ours: false, [refused.Note]);
        }
    }

    private static void Recognise(JsonObject playbook)
    {
        if (CacaoRules.Text(playbook, "type") != "playbook" || CacaoRules.Text(playbook, "spec_version") != "cacao-2.0")
        {
            var version = CacaoRules.Text(playbook, "spec_version") is { } found ? StrictJson.Short(found) : "?";
            throw new ExchangeRefused("BG3153", "/spec_version", $"Ce n’est pas un playbook CACAO 2.0 (version lue : {version}). Demandez à son auteur un export en « cacao-2.0 ».",
                $"This is no CACAO 2.0 playbook (version read: {version}). Ask its author for an export as “cacao-2.0”.");
        }

        if (playbook["workflow"] is not JsonObject { Count: > 0 } workflow)
        {
            throw new ExchangeRefused("BG3153", "/workflow", "Ce playbook n’a pas de « workflow » : il ne contient aucune étape à reprendre.", "This playbook has no “workflow”: it holds no step to take over.");
        }

        if (workflow.Count > CacaoForeign.MostSteps)
        {
            throw new ExchangeRefused("BG3151", "/workflow", $"Ce playbook a {workflow.Count} étapes, {CacaoForeign.MostSteps} au plus. Découpez-le.", $"This playbook has {workflow.Count} steps, {CacaoForeign.MostSteps} at most. Split it.");
        }
    }

    /// <returns>Null when it does not carry a definition of ours that can be read.</returns>
    private static string? Own(JsonObject playbook, string fileName, NoteList notes)
    {
        if (CacaoRules.Map(playbook, "playbook_extensions")[CacaoIds.Extension] is not JsonObject extension)
        {
            return null;
        }

        var at = $"/playbook_extensions/{CacaoIds.Extension}";
        if (extension["runbook"] is not JsonObject book || Steps(playbook, extension) is not { } steps)
        {
            notes.Add("BG3167", NoteLevel.Warning, at, "L’extension BackupGuard de ce fichier est incomplète : le playbook est lu comme celui d’un autre outil.", "The BackupGuard extension of this file is incomplete: the playbook is read as one of another tool.");
            return null;
        }

        var whole = CacaoExport.Assemble(book, steps);
        var yaml = Header(playbook) + DefinitionTree.Yaml(whole);
        if (RunbookFile.Parse(yaml, fileName).Value is null)
        {
            notes.Add("BG3167", NoteLevel.Warning, at, "La définition que porte l’extension n’est plus un runbook valable ; elle est rendue telle quelle, les lignes à corriger suivent.",
                "The definition in the extension is no valid runbook any more; it is given as it is, the lines to correct follow.");
            return yaml;
        }

        if (CacaoRules.Text(extension, "runbook_sha256") != CacaoExport.Hash(whole))
        {
            notes.Add("BG3166", NoteLevel.Warning, at, "L’extension a été modifiée depuis l’export : son empreinte n’est plus la bonne. Relisez tout le runbook.", "The extension was changed since the export: its hash is not right any more. Review the whole runbook.");
        }

        Differences(playbook, yaml, fileName, notes);
        return yaml;
    }

    private static List<JsonNode?>? Steps(JsonObject playbook, JsonObject extension)
    {
        var carried = CacaoRules.Map(playbook, "workflow").Select(s => s.Value is JsonObject step ? CacaoRules.Map(step, "step_extensions")[CacaoIds.Extension] : null)
            .Concat(extension["unplaced_steps"] as JsonArray ?? []).OfType<JsonObject>().Where(c => c.ContainsKey("runbook_step")).ToList();
        var ordered = carried.Select(c => (Order: CacaoRules.Number(c["step_order"]), Step: c["runbook_step"])).OrderBy(c => c.Order).ToList();
        // A gap is a step that somebody took out: what is left is not the runbook.
        return ordered.Count > 0 && ordered.Index().All(c => c.Item.Order == c.Index && c.Item.Step is JsonObject) ? [.. ordered.Select(c => c.Step)] : null;
    }

    /// <summary>What another tool changed outside our extension is not taken over, and not hidden either.</summary>
    private static void Differences(JsonObject playbook, string yaml, string fileName, NoteList notes)
    {
        if (Instant(playbook, "created") is not { } created || Instant(playbook, "modified") is not { } modified) return;
        var marking = CacaoRules.Map(playbook, "data_marking_definitions").Select(m => CacaoRules.Text(m.Value as JsonObject, "tlpv2_level")).OfType<string>().FirstOrDefault("TLP:AMBER");
        if (CacaoExport.Write(yaml, fileName, new(created, modified, marking)).Text is not { } again) return;
        var expected = (JsonObject)JsonNode.Parse(again)!;    // just written by us
        foreach (var name in expected.Concat(playbook).Select(m => m.Key).Distinct().Where(n => n is not ("signatures" or "workflow") && !JsonNode.DeepEquals(expected[n], playbook[n])))
        {
            Changed("/" + CacaoRules.Escape(name), notes);
        }

        var (ours, theirs) = (CacaoRules.Map(expected, "workflow"), CacaoRules.Map(playbook, "workflow"));
        foreach (var id in ours.Concat(theirs).Select(s => s.Key).Distinct().Where(id => !JsonNode.DeepEquals(ours[id], theirs[id])))
        {
            Changed("/workflow/" + CacaoRules.Escape(id), notes);
        }
    }

    private static void Changed(string at, NoteList notes) => notes.Add("BG3165", NoteLevel.Warning, at,
        $"Modifié par un autre outil depuis l’export, et non repris : {at}. Le runbook vient de l’extension ; reportez ce changement à la main s’il est voulu.",
        $"Changed by another tool since the export, and not taken over: {at}. The runbook comes from the extension; carry this change over by hand if it is meant.");

    private static DateTimeOffset? Instant(JsonObject playbook, string member) =>
        DateTimeOffset.TryParseExact(CacaoRules.Text(playbook, member), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;

    private static string Header(JsonObject playbook)
    {
        var text = new StringBuilder("# yaml-language-server: $schema=./schema/backupguard-runbook.v1.schema.json\n");
        text.Append("# CACAO ").Append(Comment(CacaoRules.Text(playbook, "id") ?? "?")).Append(", ").Append(Comment(CacaoRules.Text(playbook, "modified") ?? "?")).Append('\n');
        return text.ToString();
    }

    private static string Comment(string text) => CacaoForeign.Clean(text) is var clean && clean.Length <= 120 ? clean : clean[..120] + "…";
}
