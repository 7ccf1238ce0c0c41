namespace BackupGuard.Continuity.Readiness;

public enum Outcome { Proved, Failed, Inconclusive }

public enum ProofKind
{
    /// <summary>A verification of the stored bytes: necessary, never sufficient.</summary>
    Verification,

    /// <summary>A restore with probes: the only thing that proves recovery.</summary>
    Drill,
}

/// <summary>One check or drill as the log tells it. Facts come only from signed entries.</summary>
/// <param name="EvidenceSequence">Index of the entry in the log: every number on a page links to it.</param>
/// <param name="At">When it ended, by the agent's clock.</param>
public sealed record ProofFact(long EvidenceSequence, string ApplicationId, ProofKind Kind, Outcome Outcome, DateTimeOffset At)
{
    /// <summary>Name of the drill or of the repository.</summary>
    public string Name { get; init; } = "";
    public string Agent { get; init; } = "";

    /// <summary>When the server appended it. With it, a result dated ahead of its reception never counts, however long one waits.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>The drill's definition; proofs of an earlier definition no longer count.</summary>
    public string DefinitionHash { get; init; } = "";
    public TimeSpan? MeasuredRecoveryTime { get; init; }
    public TimeSpan? MeasuredRecoveryPoint { get; init; }
    public double Coverage { get; init; } = 1;

    /// <summary>Whether every question of the drill went red on a copy damaged on purpose; null where that was not tried in this run.</summary>
    public bool? AlarmRang { get; init; }

    /// <summary>First reason of a verdict that is not Proved, in both languages.</summary>
    public string ReasonFr { get; init; } = "";
    public string ReasonEn { get; init; } = "";
}

/// <summary>The words of a page. Unknown is not green, and every green expires.</summary>
public enum ReadinessState
{
    /// <summary>Measured and failed, or out of target.</summary>
    Failed,

    /// <summary>Never tried.</summary>
    Unproven,

    /// <summary>Once proven; too old, or changed since.</summary>
    Expired,

    /// <summary>Tried; cannot conclude.</summary>
    Inconclusive,

    /// <summary>Measured, within target, recent, and its whole chain too.</summary>
    Proved,
}

/// <summary>A reason with its two languages and, where there is one, the entry that carries it.</summary>
public sealed record Reason(string Code, string Fr, string En, long? EvidenceSequence);

/// <summary>What may be said of one application now.</summary>
/// <param name="ProvedAt">Time of the newest drill that proved it, or null.</param>
/// <param name="ExpiresAt">When that proof ends, or null.</param>
public sealed record ApplicationReadiness(string ApplicationId, ReadinessState State, IReadOnlyList<Reason> Reasons, DateTimeOffset? ProvedAt, DateTimeOffset? ExpiresAt)
{
    public ProofFact? NewestProof { get; init; }

    /// <summary>Newest drill first.</summary>
    public IReadOnlyList<ProofFact> History { get; init; } = [];
}

/// <summary>The hospital's answer. No mean, no score: the worst of the chain counts.</summary>
public sealed record HospitalReadiness(DateTimeOffset At, IReadOnlyList<ApplicationReadiness> Applications)
{
    /// <summary>Ids that evidence names and the catalogue does not: shown, never dropped in silence.</summary>
    public IReadOnlyList<string> UncataloguedApplications { get; init; } = [];
}
