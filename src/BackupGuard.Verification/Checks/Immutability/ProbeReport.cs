using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <param name="Run">Of this probe; canaries lie under it.</param>
/// <param name="Mode">The lock that backups are said to have here: Compliance or Governance, which Azure calls Locked and Unlocked.</param>
/// <param name="Interval">Between two probes; a verdict holds for it and a day.</param>
/// <param name="ControlAfter">How long the short canary is held.</param>
/// <param name="LongestWait">For how long the probe may wait for the short canary's end.</param>
public sealed record ProbePlan(string Subject, CanaryRun Run, LockMode Mode, TimeSpan Interval, TimeSpan ControlAfter, TimeSpan LongestWait)
{
    public static readonly TimeSpan Margin = TimeSpan.FromDays(1);
}

/// <param name="Intact">Null when the witness could not say.</param>
public sealed record AttackResult(CanaryAttack Attack, StoreAnswer Answer, bool? Intact, string Seen);

/// <param name="Canary">On which canary; "" when there was none.</param>
public sealed record ControlResult(ControlOutcome Outcome, string Canary, DateTimeOffset? RetainUntil, StoreAnswer? Answer);

public sealed record Drift(string Name, string Before, string Now);

/// <summary>One probe: what was tried, what came of it, and until when it may be believed.</summary>
public sealed record ProbeReport
{
    public required ImmutabilityVerdict Verdict { get; init; }
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Why it is neither good nor bad, in English; null otherwise.</summary>
    public string? Unfinished { get; init; }
    public string Identity { get; init; } = "";
    public string Witness { get; init; } = "";
    public LockMode CanaryMode { get; init; }
    public LockScope Scope { get; init; } = LockScope.Empty;
    public IReadOnlyList<AttackResult> Attacks { get; init; } = [];
    public ControlResult Control { get; init; } = new(ControlOutcome.NotDue, "", null, null);
    public IReadOnlyList<ConfigurationAnswer> Configuration { get; init; } = [];
    public IReadOnlyList<Drift> Drifts { get; init; } = [];

    /// <summary>The store's clock minus ours.</summary>
    public TimeSpan? ServerAhead { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The interval and a day after the probe.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Canaries that stand there now.</summary>
    public int Standing { get; init; }

    /// <summary>Proved is proved; what is open is failed; everything between is nothing to rely on.</summary>
    public Verdict Word => Verdict switch
    {
        ImmutabilityVerdict.Proved => Verification.Verdict.Proved,
        ImmutabilityVerdict.Exposed or ImmutabilityVerdict.Hidden => Verification.Verdict.Failed,
        ImmutabilityVerdict.ProvedGovernance or ImmutabilityVerdict.IamOnly or ImmutabilityVerdict.ConfigOnly or ImmutabilityVerdict.Inconclusive => Verification.Verdict.Inconclusive,
    };
}
