namespace BackupGuard.Continuity.Readiness;

public enum VetoKind
{
    /// <summary>No copy of a dataset is offline or immutable: whoever takes over the administration destroys them all.</summary>
    NothingHeld,

    /// <summary>Whether one is, nobody knows now.</summary>
    HeldUnknown,

    /// <summary>The newest snapshots are doubted, and nobody has answered for them.</summary>
    Suspicious,

    /// <summary>The log does not verify: what it says is unknown.</summary>
    LogUnsound,
}

/// <summary>A named reason why an application is not ready however well its drills went. Never averaged, and only ever lowers an answer.</summary>
/// <param name="Subject">The dataset or repository concerned, or "".</param>
public sealed record Veto(string ApplicationId, VetoKind Kind, string Subject, long? EvidenceSequence);
