namespace BackupGuard.Continuity.Readiness;

/// <summary>Whether a drill, as it is defined today, was ever seen to go red on a copy damaged on purpose. A drill that cannot fail proves nothing by passing.</summary>
/// <param name="EvidenceSequence">The run that showed it; null where none did.</param>
public sealed record DrillAlarm(string Drill, bool Proved, long? EvidenceSequence)
{
    /// <summary>One for each drill that was ever proved, in the order of names. An edit of the definition resets it, and so does a later control in which something stayed green.</summary>
    public static IReadOnlyList<DrillAlarm> Of(IEnumerable<ProofFact> facts) =>
        [.. facts.Where(f => f.Kind == ProofKind.Drill).GroupBy(f => f.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Of).OfType<DrillAlarm>()];

    private static DrillAlarm? Of(IGrouping<string, ProofFact> drill)
    {
        if (drill.Where(f => f.Outcome == Outcome.Proved).MaxBy(f => f.EvidenceSequence) is not { } newest) return null;
        var tried = drill.Where(f => f.DefinitionHash == newest.DefinitionHash && f.AlarmRang is not null).MaxBy(f => f.EvidenceSequence);
        return new DrillAlarm(drill.Key, tried?.AlarmRang == true, tried?.EvidenceSequence);
    }
}
