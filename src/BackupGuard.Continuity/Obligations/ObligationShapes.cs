using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Obligations;

/// <summary>Every mapping of the format with its keys, as <see cref="Runbooks.RunbookShapes"/> does for runbooks.</summary>
internal static class ObligationShapes
{
    public static readonly Shape File = new("obligations", ["format", "id", "version", "title", "timeZone", "profiles", "roles", "events", "duties"], ["escalateTo", "fields", "templates"]);
    public static readonly Shape Text = new("text", ["fr"], ["en"]);
    public static readonly Shape Profile = new("profile", ["label", "mode"], ["enacted", "inForceFrom", "decider", "stamp"]);
    public static readonly Shape Role = new("role", ["label"], []);
    public static readonly Shape Event = new("event", ["label"], ["setBy", "propose", "proposeEvidence", "onSending"]);
    public static readonly Shape Duty = new("duty",
        ["id", "enabled", "profile", "label", "recipients", "channels", "legalBasis", "startEvent", "validatorRole", "senderRole", "source", "certainty", "checkedOn", "checkedBy"],
        ["due", "dueText", "target", "reminders", "requiredFields", "template", "sequenceAfter", "guards", "lateReason", "notes"]);
    public static readonly Shape Recipient = new("recipient", ["label"], ["contact"]);
    public static readonly Shape Guard = new("guard", ["text"], ["condition"]);
    public static readonly Shape Field = new("field", ["label"], ["value"]);
    public static readonly Shape Template = new("template", ["fields"], ["intro"]);

    public static readonly IReadOnlyList<Shape> All = [File, Text, Profile, Role, Event, Duty, Recipient, Guard, Field, Template];

    /// <summary>The words that a key may take; the schema lists the same.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        ["profile"] = ["socle", "ose", "oiv", "nis2", "assurance", "local"],
        ["mode"] = ["off", "blanc", "on"],
        ["certainty"] = ["sourced", "background", "unknown"],
        ["lateReason"] = ["required"],
    };
}
