using BackupGuard.Verification.Checks.Immutability;

namespace BackupGuard.Verification.Checks.Copies;

/// <summary>One copy of a dataset as it was last seen.</summary>
/// <param name="Medium">disk, object, tape, …: two copies on one kind of medium fall to one fault of it.</param>
/// <param name="Site">Where it stands.</param>
/// <param name="VerifiedAt">When <paramref name="Verified"/> was said; null when nobody ever looked.</param>
public sealed record CopyFacts(string Name, string Medium, string Site, Verdict? Verified, DateTimeOffset? VerifiedAt)
{
    public ImmutabilityVerdict? Immutability { get; init; }
    public DateTimeOffset? ProbedAt { get; init; }

    /// <summary>When a person last saw it disconnected; null when nobody did. Declared evidence: it weighs less than an attempt.</summary>
    public DateTimeOffset? SeenOfflineAt { get; init; }
}

public enum CopiesRequirement { ThreeCopies, TwoMedia, OneOffSite, OneOfflineOrImmutable, ZeroErrors }

public enum RequirementState { Met, Missing, Unknown }

/// <summary>What speaks for a requirement: a copy, what was seen of it, and when.</summary>
public sealed record CopyEvidence(string Copy, Words What, DateTimeOffset? At);

public sealed record CopiesLine(CopiesRequirement Requirement, RequirementState State, IReadOnlyList<CopyEvidence> Evidence);

/// <summary>3-2-1-1-0 of one dataset: three copies (the original counts), two media, one off-site, one offline or immutable, zero errors. Pure.</summary>
/// <remarks>A copy counts when it was proved and the proof has not run out. A requirement that copies of unknown state could meet is Unknown, never Met.</remarks>
public static class CopiesRule
{
    public static readonly TimeSpan ProofValidFor = TimeSpan.FromDays(35);

    /// <summary>The interval of a weekly probe and a day.</summary>
    public static readonly TimeSpan ProbeValidFor = TimeSpan.FromDays(8);
    public static readonly TimeSpan OfflineValidFor = TimeSpan.FromDays(100);

    /// <param name="productionSite">Where the original is: what stands there is not off-site.</param>
    /// <param name="productionMedium">The medium of the original.</param>
    public static IReadOnlyList<CopiesLine> Judge(IReadOnlyList<CopyFacts> copies, string productionSite, string productionMedium, DateTimeOffset now)
    {
        var proved = copies.Where(c => IsProved(c, now)).ToList();
        // What may turn out good: everything but what failed.
        var possible = copies.Where(c => c.Verified != Verdict.Failed || !IsFresh(c.VerifiedAt, ProofValidFor, now)).ToList();
        return
        [
            Line(CopiesRequirement.ThreeCopies, proved.Count + 1 >= 3, possible.Count + 1 >= 3, copies.Select(c => VerifiedAs(c, now))),
            Line(CopiesRequirement.TwoMedia, Media(proved) >= 2, Media(possible) >= 2, copies.Select(c => new CopyEvidence(c.Name, new Words(c.Medium, c.Medium), c.VerifiedAt))),
            Line(CopiesRequirement.OneOffSite, proved.Exists(IsOffSite), possible.Exists(IsOffSite), copies.Where(IsOffSite).Select(c => VerifiedAs(c, now))),
            Line(CopiesRequirement.OneOfflineOrImmutable, proved.Exists(IsHeld), possible.Exists(MayBeHeld), copies.Select(HeldAs)),
            Line(CopiesRequirement.ZeroErrors, copies.Count > 0 && proved.Count == copies.Count, copies.Count > 0 && possible.Count == copies.Count, copies.Select(c => VerifiedAs(c, now))),
        ];

        int Media(IEnumerable<CopyFacts> of) => of.Select(c => c.Medium).Append(productionMedium).Distinct(StringComparer.OrdinalIgnoreCase).Count();
        bool IsOffSite(CopyFacts c) => !string.Equals(c.Site, productionSite, StringComparison.OrdinalIgnoreCase);
        bool IsHeld(CopyFacts c) => (c.Immutability == ImmutabilityVerdict.Proved && IsFresh(c.ProbedAt, ProbeValidFor, now)) || IsFresh(c.SeenOfflineAt, OfflineValidFor, now);
        // A probe that ended badly and is still valid answers the question; an old one, or none, leaves it open.
        bool MayBeHeld(CopyFacts c) => IsHeld(c) || !(c.Immutability is ImmutabilityVerdict.Exposed or ImmutabilityVerdict.Hidden or ImmutabilityVerdict.IamOnly or ImmutabilityVerdict.ProvedGovernance && IsFresh(c.ProbedAt, ProbeValidFor, now));
    }

    private static CopiesLine Line(CopiesRequirement requirement, bool met, bool possible, IEnumerable<CopyEvidence> evidence) =>
        new(requirement, met ? RequirementState.Met : possible ? RequirementState.Unknown : RequirementState.Missing, [.. evidence]);

    private static bool IsProved(CopyFacts c, DateTimeOffset now) => c.Verified == Verdict.Proved && IsFresh(c.VerifiedAt, ProofValidFor, now);

    /// <summary>A time that has not come yet proves nothing.</summary>
    private static bool IsFresh(DateTimeOffset? at, TimeSpan validFor, DateTimeOffset now) => at is { } when && when <= now && now - when <= validFor;

    private static CopyEvidence VerifiedAs(CopyFacts c, DateTimeOffset now) => new(c.Name, c switch
    {
        { Verified: null } => new("never verified", "jamais vérifiée"),
        _ when !IsFresh(c.VerifiedAt, ProofValidFor, now) => new("verified too long ago", "vérifiée il y a trop longtemps"),
        { Verified: Verdict.Proved } => new("proved", "prouvée"),
        { Verified: Verdict.Failed } => new("failed", "en échec"),
        _ => new("inconclusive", "non concluante"),
    }, c.VerifiedAt);

    private static CopyEvidence HeldAs(CopyFacts c) => c switch
    {
        { SeenOfflineAt: { } at } => new(c.Name, new Words("seen disconnected (declared)", "vue déconnectée (déclaré)"), at),
        { Immutability: { } verdict } => new(c.Name, new Words($"probe: {verdict}", $"essai : {verdict}"), c.ProbedAt),
        _ => new(c.Name, new Words("never tried", "jamais essayée"), null),
    };
}
