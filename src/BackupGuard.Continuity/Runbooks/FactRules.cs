using BackupGuard.Continuity.Runbooks.Guards;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>Whether a value fits what a fact or a piece of evidence is.</summary>
public static class FactRules
{
    public static bool Accepts(FactDefinition fact, string value) => Fits(fact.Type, fact.Values, value);

    public static bool Accepts(EvidenceDefinition evidence, string value) => value.Trim() != "" && Fits(evidence.Type, evidence.Values, value);

    /// <summary>In a century that a crisis of ours can speak of: a year of three digits, or 9999, is a slip of the hand.</summary>
    public static bool IsPlausible(DateTimeOffset instant) => instant.UtcDateTime.Year is >= 2000 and < 2200;

    private static bool Fits(string type, IReadOnlyList<string> values, string value) => type switch
    {
        "truth" => GuardValue.Of(value) is GuardValue.Truth,
        "number" => GuardValue.Of(value) is GuardValue.Number,
        "duration" => GuardValue.Of(value) is GuardValue.Duration,
        "datetime" => GuardValue.IsInstant(value, out var instant) && IsPlausible(instant),
        "choice" => values.Contains(value),
        _ => true,
    };
}
