using BackupGuard.Continuity.Readiness;

namespace BackupGuard.Continuity.Measures;

/// <summary>How long applications took to come back, in tests that proved it.</summary>
public static class RecoveryMeasures
{
    /// <summary>
    /// Recovery times of the drills that proved an application, whichever definition they had: each was really measured. What
    /// failed, or could not be judged, or is dated ahead of its reception, measures nothing.
    /// </summary>
    /// <returns>By application; one without a measure is not in it.</returns>
    public static IReadOnlyDictionary<string, MeasuredDuration> Of(IEnumerable<ProofFact> facts, DateTimeOffset now) => facts
        .Where(f => f is { Kind: ProofKind.Drill, Outcome: Outcome.Proved } && f.MeasuredRecoveryTime > TimeSpan.Zero && OwnReadiness.IsBelievable(f, now))
        .GroupBy(f => f.ApplicationId, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => MeasuredDuration.Of(g.Select(f => new Measure(f.MeasuredRecoveryTime!.Value, f.At)))!, StringComparer.Ordinal);
}
