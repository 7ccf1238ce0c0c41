using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace BackupGuard.Continuity.Tests.Exchange;

/// <summary>Random runbooks of our format without an error in them, with the texts that quoting gets wrong.</summary>
internal static class GeneratedRunbooks
{
    private static readonly string[] Texts =
    [
        "Isoler le réseau", "true", "null x", "12", "007", "a: b", "# pas un commentaire", "- tiret", "« guillemets »", "l’apostrophe 'simple' et \"double\"", "barre \\ oblique", "{ accolade", "[crochet]",
        "& ancre", "* renvoi", "! étiquette", "% pour cent", "@ arobase", "` accent", "é à ü œ", "emoji 🏥 fin", "yes", "1.0", "1e5", "0x1F", "2026-11-22", "fin deux points:", "  bords  ", "~ tilde", "a\u2028b", "a\u00a0b",
    ];

    private static readonly string[] Kinds = ["manual", "decision", "auto", "wait", "notify", "subRunbook"];

    private static readonly Gen<string> Words = Gen.Elements(Texts);

    private static Gen<JsonNode> Text =>
        from fr in Words
        from en in Gen.OneOf(Gen.Constant(""), Words)
        select (JsonNode)(en == "" ? new JsonObject { ["fr"] = fr } : new JsonObject { ["fr"] = fr, ["en"] = en });

    private static Gen<JsonNode?> Maybe(Gen<JsonNode> gen) => Gen.Frequency((2, Gen.Constant<JsonNode?>(null)), (1, gen.Select(g => (JsonNode?)g)));

    private static Gen<JsonNode> Lines(int most) => from count in Gen.Choose(0, most) from lines in Gen.ListOf(Words, count) select (JsonNode)new JsonArray([.. lines.Select(l => (JsonNode)l)]);

    private static Gen<string> Duration => from days in Gen.Choose(0, 3) from hours in Gen.Choose(1, 23) select days == 0 ? $"PT{hours}H" : $"P{days}DT{hours}H";

    private static Gen<JsonNode> Step(int index, string state, bool compensation) =>
        from kind in compensation ? Gen.Constant("manual") : Gen.Elements(Kinds)
        from title in Text
        from why in Maybe(Text)
        from otherwise in Maybe(Text)
        from lines in Lines(7)
        from needs in Gen.SubListOf(Enumerable.Range(0, index).Where(i => i % 5 != 4).Select(i => $"e-{i}"))
        from any in Gen.Elements(true, false)
        from likely in Duration
        from within in Maybe(Duration.Select(d => (JsonNode)d))
        from role in Gen.Elements("dsi", "rssi")
        from undo in Gen.Elements(true, false)
        from once in Gen.Elements("exercise", "live", "")
        select (JsonNode)Built(index, state, compensation, kind, title, why, otherwise, lines, [.. needs], any, likely, within, role, undo, once);

    private static JsonObject Built(int index, string state, bool compensation, string kind, JsonNode title, JsonNode? why, JsonNode? otherwise, JsonNode lines, List<string> needs, bool any, string likely, JsonNode? within, string role, bool undo, string once)
    {
        var step = new JsonObject { ["id"] = $"e-{index}", ["in"] = state, ["kind"] = kind, ["role"] = role, ["title"] = title, ["do"] = lines, ["card"] = $"0{index % 10}-{index}", ["duration"] = new JsonObject { ["likely"] = likely } };
        if (why is not null) step["why"] = why;
        if (otherwise is not null) step["otherwise"] = otherwise;
        if (needs.Count > 0 && !compensation) step["needs"] = new JsonArray([.. needs.Select(n => (JsonNode)n)]);
        if (needs.Count > 1 && any && !compensation) step["join"] = "any";
        if (within is not null) step["deadline"] = new JsonObject { ["from"] = "lifecycle.crise.entered", ["within"] = within, ["onOverdue"] = new JsonArray(new JsonObject { ["notify"] = "rssi" }) };
        if (once != "") step["modes"] = new JsonArray(once);
        if (compensation) step["compensation"] = true;
        if (undo && index > 4 && !compensation) step["onFailure"] = new JsonObject { ["rollback"] = new JsonArray("e-4") };
        switch (kind)
        {
            case "decision":
                step["question"] = new JsonObject { ["fr"] = $"Question {index} ?" };
                step["options"] = new JsonArray(new JsonObject { ["id"] = "oui", ["label"] = new JsonObject { ["fr"] = "true" }, ["sets"] = new JsonObject { ["fait_1"] = true } }, new JsonObject { ["id"] = "non", ["label"] = new JsonObject { ["fr"] = "12" }, ["sets"] = new JsonObject { ["fait_1"] = "0.5" } });
                step["approvals"] = new JsonObject { ["quorum"] = 2, ["roles"] = new JsonArray("dsi", "rssi"), ["eachRole"] = any };
                break;
            case "auto":
                step["run"] = new JsonObject { ["agent"] = "a", ["action"] = any ? "restore.postgres" : "x y", ["with"] = new JsonObject { ["cible"] = "007" } };
                step["manualFallback"] = new JsonArray("À la main : suivre la fiche");
                step["verify"] = new JsonObject { ["by"] = "rssi", ["distinctFrom"] = "executor" };
                step["uses"] = new JsonObject { ["flux"] = 3 };
                break;
            case "wait":
                step["for"] = likely;
                break;
            case "notify":
                step["channel"] = "telephone";
                break;
            case "subRunbook":
                step["ref"] = new JsonObject { ["id"] = "autre", ["version"] = "1.0.0", ["sha256"] = new string('a', 64) };
                break;
        }

        return step;
    }

    public static readonly Gen<JsonObject> All =
        from count in Gen.Choose(1, 14)
        from states in Gen.ListOf(Gen.Elements("un", "deux", "crise"), count)
        from steps in states.Index().Aggregate(Gen.Constant<IReadOnlyList<JsonNode>>([]), (all, one) => from rest in all from step in Step(one.Index, one.Item, one.Index % 5 == 4) select (IReadOnlyList<JsonNode>)[.. rest, step])
        from title in Text
        from triggers in Gen.ListOf(Text, 2)
        from exit in Maybe(Text)
        from sources in Lines(3)
        select Runbook(steps, title, triggers, exit, sources);

    private static JsonObject Runbook(IReadOnlyList<JsonNode> steps, JsonNode title, IEnumerable<JsonNode> triggers, JsonNode? exit, JsonNode sources)
    {
        var book = (JsonObject)JsonNode.Parse("""
            {
              "format": "backupguard.runbook/v1", "id": "essai", "version": "1.2.3", "title": {}, "plan": "PRA",
              "review": { "owner": "dsi", "reviewBy": "2027-03-31", "approvedBy": ["rssi"] },
              "roles": { "dsi": { "label": { "fr": "DSI" }, "deputies": 1 }, "rssi": { "label": { "fr": "on" }, "deputies": 2, "capacity": 3 } },
              "facts": { "fait_2": { "label": { "fr": "Un fait" }, "type": "choice", "values": ["1", "true", "oui"], "setBy": ["dsi"] } },
              "lifecycle": { "initial": "veille", "states": {
                "veille": { "transitions": { "alerter": { "to": "crise", "reason": "required", "approvals": { "quorum": 2, "roles": ["dsi", "rssi"], "onTimeout": "reject" } } } },
                "crise": { "initial": "un", "states": {
                  "un": { "transitions": { "avancer": { "to": "deux", "guard": "facts.fait_2 == '1' or clock.crise > PT4H" } } },
                  "deux": { "activates": ["degrade-1"], "forbids": ["clore"], "transitions": { "reculer": { "to": "un" }, "pause": { "to": "suspendu" } } } },
                  "transitions": { "clore": { "to": "fini" } } },
                "suspendu": { "transitions": { "reprendre": { "to": "@previous" } } },
                "fini": { "final": true } } },
              "degraded": [ { "id": "degrade-1", "service": "urgences", "replaces": ["dpi"], "startWhen": "eta.unknown", "sustainable": "PT72H", "do": ["Numéroter: chaque dossier"], "reentry": { "owner": "dsi", "perHour": 12 } } ],
              "exercise": { "injects": [ { "at": "PT0M", "channel": "papier", "to": "dsi", "text": { "fr": "EXERCICE – panne" } } ] }
            }
            """)!;
        book["title"] = title;
        book["triggers"] = new JsonArray([.. triggers]);
        if (exit is not null) book["exit"] = exit;
        book["sources"] = sources;
        book["steps"] = new JsonArray([.. steps]);
        return book;
    }
}
