using BackupGuard.Contracts;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Copies;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Copies;

/// <summary>The signals of one series of snapshots, out of the newest verification that was asked about them.</summary>
public sealed record SignalsRow(string Agent, string Repository, SignalsDocument Signals, long Sequence, DateTimeOffset At);

/// <summary>What somebody else vouches for. It has no way into a requirement or a readiness.</summary>
public sealed record AttestedRow(string Agent, AttestedDocument Document, long Sequence, bool IsExpired)
{
    /// <summary>Never the mark of a proof of ours.</summary>
    public Look Look => Document.Claim switch
    {
        "failed" => new("failed", CopiesTexts.AttestedFailed),
        "passed" when IsExpired => new("expired", CopiesTexts.AttestedExpired),
        "passed" => new("unproven", CopiesTexts.AttestedPassed),
        _ => new("inconclusive", CopiesTexts.AttestedNothing),
    };
}

/// <summary>How many datasets are in which state, for the application's page.</summary>
public sealed record CopiesSummary(int Datasets, int Met, int Missing, int Unknown, bool FreezeRetention, int Attested)
{
    public static CopiesSummary None { get; } = new(0, 0, 0, 0, false, 0);

    public Look Look => Missing > 0 ? CopiesWords.Of(RequirementState.Missing) : Datasets > 0 && Met == Datasets ? CopiesWords.Of(RequirementState.Met) : Datasets == 0 ? new("unproven", CopiesTexts.NeverLooked) : CopiesWords.Of(RequirementState.Unknown);
}

/// <summary>The copies of one application's data.</summary>
/// <param name="IsSound">False: the log does not verify, and nothing of it is shown.</param>
public sealed record CopiesView(string ApplicationId, string ApplicationName, bool IsSound, IReadOnlyList<DatasetView> Datasets, IReadOnlyList<SignalsRow> Signals, IReadOnlyList<AttestedRow> Attested, DateTimeOffset At)
{
    public static CopiesView From(string id, string name, CopiesKnown known, IReadOnlyList<ProofFact> facts, DateTimeOffset now)
    {
        var datasets = CopiesJudgement.Datasets(known, facts, id, now);
        var copies = datasets.SelectMany(d => d.Copies).Select(c => (c.Agent, c.Repository)).ToHashSet();
        return new CopiesView(id, name, known.IsSound, datasets,
            [.. known.Signals.Where(s => s.Application == id || copies.Contains((s.Agent, s.Document.Repository)))
                .SelectMany(s => s.Document.Signals.Select(d => new SignalsRow(s.Agent, s.Document.Repository, d, s.Sequence, s.At))).OrderByDescending(s => s.Signals.FreezeRetention).ThenBy(s => s.Repository, StringComparer.Ordinal)],
            [.. known.Attested.Where(a => a.Application == id).OrderBy(a => a.Document.Source, StringComparer.Ordinal).Select(a => new AttestedRow(a.Agent, a.Document, a.Sequence, IsExpired(a, now)))],
            now);
    }

    // An end later than any document may have is none.
    private static bool IsExpired(Logged<AttestedDocument> attested, DateTimeOffset now) => attested.Document.ExpiresAt is not { } expires || expires <= now || now - attested.ReceivedAt > CopiesRule.ProofValidFor;

    public CopiesSummary Summary => new(Datasets.Count, Datasets.Count(d => d.Worst == RequirementState.Met), Datasets.Count(d => d.Worst == RequirementState.Missing), Datasets.Count(d => d.Worst == RequirementState.Unknown),
        Signals.Any(s => s.Signals.FreezeRetention), Attested.Count);
}

internal static class CopiesWords
{
    public static Look Of(RequirementState state) => state switch
    {
        RequirementState.Met => new("proven", CopiesTexts.Met),
        RequirementState.Missing => new("failed", CopiesTexts.Missing),
        RequirementState.Unknown => new("unproven", CopiesTexts.Unknown),
    };

    public static Phrase Of(CopiesRequirement requirement) => requirement switch
    {
        CopiesRequirement.ThreeCopies => CopiesTexts.ThreeCopies,
        CopiesRequirement.TwoMedia => CopiesTexts.TwoMedia,
        CopiesRequirement.OneOffSite => CopiesTexts.OneOffSite,
        CopiesRequirement.OneOfflineOrImmutable => CopiesTexts.OneHeld,
        CopiesRequirement.ZeroErrors => CopiesTexts.ZeroErrors,
    };

    /// <summary>The last look at a copy: an old good one is not good.</summary>
    public static Look Verified(CopyFacts facts, DateTimeOffset now) => facts switch
    {
        { Verified: null } => new("unproven", CopiesTexts.NeverVerified),
        { Verified: CopyVerdict.Failed } => new("failed", CopiesTexts.Failed),
        { Verified: CopyVerdict.Inconclusive } => new("inconclusive", CopiesTexts.Inconclusive),
        _ when now - facts.VerifiedAt > CopiesRule.ProofValidFor => new("expired", CopiesTexts.Expired),
        _ when facts.VerifiedAt > now + CopiesRule.ClockTolerance => new("inconclusive", StateTexts.DatedInFuture),
        _ => new("proven", CopiesTexts.Proved),
    };

    public static Look Locked(CopyFacts facts, DateTimeOffset now) => facts.Immutability switch
    {
        null => new("unproven", CopiesTexts.NeverTried),
        LockVerdict.Exposed or LockVerdict.Hidden => new("failed", CopiesTexts.Exposed),
        LockVerdict.Proved when !CopiesRule.ProbeCounts(facts, now) => new("expired", CopiesTexts.Expired),
        LockVerdict.Proved => new("proven", CopiesTexts.Immutable),
        LockVerdict.ProvedGovernance or LockVerdict.IamOnly => new("failed", CopiesTexts.NotImmutable),
        _ => new("inconclusive", StateTexts.Inconclusive),
    };

    public static Look Signals(string verdict) => verdict switch
    {
        "clean" => new("proven", CopiesTexts.SignalsClean),
        "no-sign-seen" => new("unproven", CopiesTexts.SignalsNoSign),
        "accepted" => new("unproven", CopiesTexts.SignalsAccepted),
        "suspicious" => new("failed", CopiesTexts.SignalsSuspicious),
        "infected" => new("failed", CopiesTexts.SignalsInfected),
        _ => new("inconclusive", CopiesTexts.SignalsNotJudged),
    };

    /// <summary>A word that this version does not know is shown as it came.</summary>
    public static string Product(Reader reader, string word) => word switch
    {
        "veeam-surebackup" => "Veeam SureBackup",
        "rubrik" => "Rubrik",
        "aws-backup" => "AWS Backup",
        "declared" => reader.Say(CopiesTexts.Declared),
        _ => SafeText.Visible(word),
    };
}
