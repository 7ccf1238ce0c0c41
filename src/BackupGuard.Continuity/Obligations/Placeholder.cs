using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Obligations;

/// <summary>{event.ID}, {event.ID.motive}, {event.ID.by}, {sent.DUTY}, {fact.NAME}, {evidence.NAME}, {steps.done}, {steps.running}, {applications}, {establishment}, {run}, {now}; a | gives another for what is unknown.</summary>
internal sealed partial record Placeholder(string Text)
{
    private static readonly string[] Words = ["steps.done", "steps.running", "applications", "establishment", "run", "now"];

    public IReadOnlyList<string> Names => Text.Split('|');

    public static IEnumerable<Placeholder> In(string value) => Pattern().Matches(value).Select(m => new Placeholder(m.Groups[1].Value));

    public static string Fill(string value, Func<Placeholder, string> fill) => Pattern().Replace(value, m => fill(new(m.Groups[1].Value)));

    public bool IsKnown(IReadOnlyCollection<string> events, IReadOnlyCollection<string> duties) => Names.All(n => Words.Contains(n) || n.Split('.') switch
    {
        ["event", var id] => events.Contains(id),
        ["event", var told, "motive" or "by"] => events.Contains(told),
        ["sent", var duty] => duties.Contains(duty),
        ["fact" or "evidence", var name] => Definitions.Identifiers.IsName(name),
        _ => false,
    });

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Pattern();
}
