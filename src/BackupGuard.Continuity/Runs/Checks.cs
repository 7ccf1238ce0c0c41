using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

internal static class Checks
{
    public static IEnumerable<Refusal> Text(string text, int most = RunEngine.LongestText, bool required = true) =>
        (required && string.IsNullOrWhiteSpace(text)) || text.Length > most || text.Any(c => char.IsControl(c)) ? [Refusals.TextNeeded(most)] : [];

    public static IEnumerable<Refusal> Role(string role, IReadOnlyCollection<string> expected) => expected.Contains(role) ? [] : [Refusals.WrongRole(role, expected)];

    public static IEnumerable<Refusal> Evidence(IReadOnlyList<EvidenceDefinition> asked, IReadOnlyDictionary<string, string> given)
    {
        foreach (var unknown in given.Keys.Where(k => asked.All(a => a.Id != k)))
        {
            yield return Refusals.EvidenceUnknown(unknown);
        }

        foreach (var one in asked)
        {
            var label = one.Label.Fr == "" ? one.Id : one.Label.Fr;
            if (!given.TryGetValue(one.Id, out var value) || value == "")
            {
                if (one.Required)
                {
                    yield return Refusals.EvidenceMissing(label);
                }
            }
            else if (!FactRules.Accepts(one, value) || Text(value).Any())
            {
                yield return Refusals.EvidenceWrong(label, one.Type);
            }
        }
    }

    /// <summary>Empty fields of a form are no evidence.</summary>
    public static IReadOnlyDictionary<string, string> Given(IReadOnlyDictionary<string, string> evidence) =>
        evidence.Where(e => e.Value != "").OrderBy(e => e.Key, StringComparer.Ordinal).ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
}
