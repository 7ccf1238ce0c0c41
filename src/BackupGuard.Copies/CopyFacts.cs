namespace BackupGuard.Copies;

/// <summary>What the last look at a copy said.</summary>
public enum CopyVerdict { Proved, Failed, Inconclusive }

/// <summary>What the last probe of a copy's locks said.</summary>
public enum LockVerdict { Proved, ProvedGovernance, IamOnly, ConfigOnly, Inconclusive, Hidden, Exposed }

/// <summary>The words of the documents that agents print and send.</summary>
public static class CopyWords
{
    /// <summary>A word of a version that we do not know is never good.</summary>
    public static CopyVerdict Verdict(string word) => word switch
    {
        "proved" => CopyVerdict.Proved,
        "failed" => CopyVerdict.Failed,
        _ => CopyVerdict.Inconclusive,
    };

    /// <summary>A word of a version that we do not know is never good.</summary>
    public static LockVerdict Lock(string word) => word switch
    {
        "proved" => LockVerdict.Proved,
        "proved-governance" => LockVerdict.ProvedGovernance,
        "iam-only" => LockVerdict.IamOnly,
        "config-only" => LockVerdict.ConfigOnly,
        "hidden" => LockVerdict.Hidden,
        "exposed" => LockVerdict.Exposed,
        _ => LockVerdict.Inconclusive,
    };

    public static string Of(CopiesRequirement requirement) => requirement switch
    {
        CopiesRequirement.ThreeCopies => "three-copies",
        CopiesRequirement.TwoMedia => "two-media",
        CopiesRequirement.OneOffSite => "one-off-site",
        CopiesRequirement.OneOfflineOrImmutable => "one-offline-or-immutable",
        CopiesRequirement.ZeroErrors => "zero-errors",
    };

    public static string Of(RequirementState state) => state switch
    {
        RequirementState.Met => "met",
        RequirementState.Missing => "missing",
        RequirementState.Unknown => "unknown",
    };
}

/// <summary>One copy of a dataset as it was last seen.</summary>
/// <param name="Medium">disk, object, tape, …: two copies on one kind of medium fall to one fault of it. Null: nobody said, or two said different things.</param>
/// <param name="Site">Where it stands. Null likewise.</param>
/// <param name="VerifiedAt">When <paramref name="Verified"/> was said; null when nobody ever looked.</param>
/// <remarks>Only what this product looked at itself. What others attest has no member in here, so that it cannot count.</remarks>
public sealed record CopyFacts(string Name, string? Medium, string? Site, CopyVerdict? Verified, DateTimeOffset? VerifiedAt)
{
    /// <summary>Where it lies: two views of one place are one copy, however many agents look at it.</summary>
    public string Place { get; init; } = Name;
    public LockVerdict? Immutability { get; init; }
    public DateTimeOffset? ProbedAt { get; init; }

    /// <summary>From then on the probe says nothing good any more; null for <see cref="CopiesRule.ProbeValidFor"/> after it.</summary>
    public DateTimeOffset? ProbeExpiresAt { get; init; }

    /// <summary>When a person last saw it disconnected; null when nobody did. Declared evidence: it weighs less than an attempt.</summary>
    public DateTimeOffset? SeenOfflineAt { get; init; }

    /// <summary>Indexes of the entries that say so in the server's log, where there is one.</summary>
    public long? VerifiedEntry { get; init; }
    public long? ProbedEntry { get; init; }
    public long? SeenOfflineEntry { get; init; }
}

/// <summary>Where the data live. Null: nobody said.</summary>
public sealed record Original(string? Medium, string? Site);

public enum CopiesRequirement { ThreeCopies, TwoMedia, OneOffSite, OneOfflineOrImmutable, ZeroErrors }

public enum RequirementState { Met, Missing, Unknown }

/// <summary>What speaks for a requirement or against it: a copy, what was seen of it in both languages, when, and where that is written.</summary>
public sealed record CopyEvidence(string Copy, string En, string Fr, DateTimeOffset? At, long? Entry);

public sealed record CopiesLine(CopiesRequirement Requirement, RequirementState State, IReadOnlyList<CopyEvidence> Evidence);
