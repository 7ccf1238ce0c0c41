namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What stands of one series of snapshots after a look: the newest one, what is doubted, and where to start again.</summary>
/// <param name="Newest">Null when none could be judged.</param>
/// <param name="StandingDoubt">The oldest doubt that nobody has answered: while it stands, retention must not delete anything.</param>
public sealed record SeriesSignals(string Key, RunRecord? Newest, RunRecord? StandingDoubt, RunRecord? LastKnownClean)
{
    public bool FreezeRetention => StandingDoubt is not null;

    public static SeriesSignals Of(AnomalyMemory memory) => new(memory.Key, memory.Records is [.., var last] ? last : null, memory.StandingDoubt, memory.LastKnownClean);
}
