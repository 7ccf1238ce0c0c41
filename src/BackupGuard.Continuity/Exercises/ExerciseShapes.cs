using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Exercises;

/// <summary>Every mapping of the language with its keys. The names are those of the definitions in the published schema.</summary>
internal static class ExerciseShapes
{
    public static readonly Shape Exercise = new("exercise",
        [
            "format", "id", "version", "title", "level", "runbook", "duration", "audience", "players", "story", "rules", "kit", "objectives", "chronogramme", "criteria", "debrief",
            "reminders", "report", "sources",
        ],
        ["scenario", "cast"]);
    public static readonly Shape Text = new("text", ["fr"], ["en"]);
    public static readonly Shape Kit = new("kit", ["facilitator", "players", "observers"], []);
    public static readonly Shape Objective = new("objective", ["id", "text"], []);
    public static readonly Shape Member = new("member", ["label"], ["outside", "number"]);
    public static readonly Shape Chronogramme = new("chronogramme", ["debex", "finex", "phases", "injects"], []);
    public static readonly Shape Debex = new("debex", ["text"], []);
    public static readonly Shape Finex = new("finex", ["at", "text"], []);
    public static readonly Shape Phase = new("phase", ["id", "title", "from"], []);
    public static readonly Shape Inject = new("inject", ["id", "at", "phase", "channel", "from", "to", "text"], ["expect", "onlyIf", "pressure", "spare"]);
    public static readonly Shape Expect = new("expect", ["reaction", "within"], ["step", "transition"]);
    public static readonly Shape Criterion = new("criterion", ["id", "objective", "label", "look", "meaning"], []);
    public static readonly Shape Debrief = new("debrief", ["hot", "cold"], []);
    public static readonly Shape Reminder = new("reminder", ["id", "when", "text"], ["days"]);
    public static readonly Shape Report = new("report", ["recipients", "within"], []);

    public static readonly IReadOnlyList<Shape> All =
        [Exercise, Text, Kit, Objective, Member, Chronogramme, Debex, Finex, Phase, Inject, Expect, Criterion, Debrief, Reminder, Report];

    /// <summary>The words that a key may take; the schema lists the same.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        ["level"] = ["debutant", "intermediaire", "confirme"],
        ["channel"] =
        [
            "presentiel", "papier", "ecran", "radio", "telephone-analogique", "telephone-mobile", "sms", "fax", "presse", "messagerie", "voip", "intranet", "internet", "impression-reseau",
        ],
        ["when"] = ["before", "after"],
    };
}
