using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Drills;

/// <summary>A probe as the document that is printed and recorded.</summary>
internal static class ProbeDocuments
{
    public static string Word(ImmutabilityVerdict verdict) => verdict switch
    {
        ImmutabilityVerdict.Proved => "proved",
        ImmutabilityVerdict.ProvedGovernance => "proved-governance",
        ImmutabilityVerdict.IamOnly => "iam-only",
        ImmutabilityVerdict.ConfigOnly => "config-only",
        ImmutabilityVerdict.Inconclusive => "inconclusive",
        ImmutabilityVerdict.Hidden => "hidden",
        ImmutabilityVerdict.Exposed => "exposed",
    };

    public static ProbeDocument Of(LockProbeResult result, string repository, IReadOnlyList<string> approvedBy, TimeSpan duration)
    {
        var report = result.Report;
        return new ProbeDocument
        {
            Repository = repository,
            Verdict = DocumentMapping.Word(report.Word),
            Immutability = Word(report.Verdict),
            Unfinished = report.Unfinished?.En,
            UnfinishedFr = report.Unfinished?.Fr,
            Identity = report.Identity,
            Verifier = report.Witness,
            ApprovedBy = approvedBy,
            CanaryMode = Mode(report.CanaryMode),
            Scope = new ProbeScopeDocument(report.Scope.Objects, report.Scope.Looked, report.Scope.Unlocked, report.Scope.Unknown, [.. report.Scope.Modes.Select(Mode).Order(StringComparer.Ordinal)], report.Scope.Hidden),
            Attacks = [.. report.Attacks.Select(a => Of(a.Attack.ToString(), a.Answer, a.Intact, a.Seen)), .. report.FolderAttacks.Select(a => Of(a.Attack.ToString(), a.Answer, a.Intact, a.Seen))],
            Control = new ControlDocument(Outcome(report.Control.Outcome), report.Control.Canary, report.Control.RetainUntil, report.Control.Answer?.Status ?? 0, report.Control.Answer?.Code ?? "", report.Control.Answer?.RequestId ?? ""),
            Settings = [.. report.Configuration.Select(c => new SettingDocument(c.Name, c.State switch { AnswerState.Said => "said", AnswerState.NotSet => "not-set", AnswerState.Hidden => "hidden" }, c.Hash))],
            Drifts = [.. report.Drifts.Select(d => new DriftDocument(d.Name, Printable.Of(d.Before), Printable.Of(d.Now)))],
            ServerAheadSeconds = report.ServerAhead is { } ahead ? DocumentMapping.Seconds(ahead) : null,
            StartedAt = report.StartedAt,
            DurationSeconds = DocumentMapping.Seconds(duration),
            ExpiresAt = report.ExpiresAt,
            CanariesStanding = report.Standing,
            Horizons = [.. (result.Horizons?.Snapshots ?? []).Select(Of)],
            Findings = [.. report.Findings.Select(ResultDocuments.Of)],
        };
    }

    public static HorizonDocument Of(SnapshotHorizon h) =>
        new(h.Id, h.TakenAt, h.Until, h.UntilFull, h.Objects, h.Bytes, h.Unlocked, h.UnlockedBytes, h.Unknown, h.FirstExpiry, h.Plan.Objects, h.Plan.Bytes, h.Plan.Deadline, h.Unresolved?.En) { UnresolvedFr = h.Unresolved?.Fr };

    /// <summary>The document as a payload that fits: the worst findings and the newest snapshots stay.</summary>
    public static byte[] Payload(ProbeDocument document) => ResultDocuments.Fit(document.Findings, [.. document.Horizons.OrderByDescending(h => h.Time)], (findings, horizons) =>
        JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings, Horizons = horizons }, DocumentJson.Default.ProbeDocument));

    private static AttackDocument Of(string attack, StoreAnswer answer, bool? intact, string seen) => new(Words(attack, ' '), answer.Kind switch { AnswerKind.Accepted => "accepted", AnswerKind.Refused => "refused", AnswerKind.None => "none" },
        answer.Status, answer.Code, answer.RequestId, answer.ServerDate, intact switch { true => "yes", false => "no", null => "unknown" }, seen);

    private static string Mode(LockMode mode) => mode.ToString().ToLowerInvariant();

    private static string Outcome(ControlOutcome outcome) => Words(outcome.ToString(), '-');

    private static string Words(string name, char between) => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"{between}{char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));
}
