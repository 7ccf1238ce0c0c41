using System.Text.Json;
using System.Text.RegularExpressions;
using BackupGuard.Contracts;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>Turns a signed result into a fact. A pure function of the entry: fsck calls it again over the whole log.</summary>
internal static partial class FactProjection
{
    public const string VerifyResult = "verify.result";
    public const string DrillResult = "drill.result";

    /// <returns>Null for entries that are no result of an agent.</returns>
    public static FactRow? Of(long sequence, EvidenceEntry entry) => entry switch
    {
        { Type: VerifyResult } when entry.Origin.StartsWith(AgentProjection.AgentPrefix, StringComparison.Ordinal) => Verification(sequence, entry),
        { Type: DrillResult } when entry.Origin.StartsWith(AgentProjection.AgentPrefix, StringComparison.Ordinal) => Drill(sequence, entry),
        _ => null,
    };

    private static FactRow Verification(long sequence, EvidenceEntry entry)
    {
        if (Read(entry, DocumentJson.Default.VerifyDocument) is not { Schema: VerifyDocument.SchemaId } document)
        {
            return Unreadable(sequence, entry, ProofKind.Verification);
        }
        var outcome = OutcomeOf(document.Verdict);
        var (fr, en) = ReasonOf(outcome, document.Unfinished, document.UnfinishedFr, document.Findings, []);
        return Row(sequence, entry, ProofKind.Verification, outcome, document.Repository, fr, en, document.Coverage);
    }

    private static FactRow Drill(long sequence, EvidenceEntry entry)
    {
        if (Read(entry, DocumentJson.Default.DrillDocument) is not { Schema: DrillDocument.SchemaId } document)
        {
            return Unreadable(sequence, entry, ProofKind.Drill);
        }
        var outcome = OutcomeOf(document.Verdict);
        var (fr, en) = ReasonOf(outcome, document.Unfinished, document.UnfinishedFr, document.Findings, document.Steps);
        return Row(sequence, entry, ProofKind.Drill, outcome, document.Drill, fr, en, coverage: 1, document.DefinitionHash,
            Milliseconds(document.WholeRtoSeconds), Milliseconds(document.MeasuredRpoSeconds), document.Control?.AlarmProved);
    }

    private static T? Read<T>(EvidenceEntry entry, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Payload.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A result that this version cannot read is not good and not bad: something was tried, and nothing can be concluded.
    private static FactRow Unreadable(long sequence, EvidenceEntry entry, ProofKind kind) => Row(sequence, entry, kind, Outcome.Inconclusive, "",
        "L’agent a envoyé un résultat que cette version du serveur ne sait pas lire. Mettez le serveur au même niveau que l’agent.",
        "The agent sent a result that this version of the server cannot read. Bring the server to the agent’s version.", coverage: 0);

    private static FactRow Row(long sequence, EvidenceEntry entry, ProofKind kind, Outcome outcome, string name, string fr, string en, double coverage,
        string definitionHash = "", long? recoveryTimeMs = null, long? recoveryPointMs = null, bool? alarmRang = null) => new()
        {
            Seq = sequence,
            Application = entry.Application,
            Kind = kind.ToString(),
            Outcome = outcome.ToString(),
            At = entry.OccurredAt ?? entry.RecordedAt,
            Name = Storable(name),
            Agent = entry.Origin[AgentProjection.AgentPrefix.Length..],
            DefinitionHash = Storable(definitionHash),
            RecoveryTimeMs = recoveryTimeMs,
            RecoveryPointMs = recoveryPointMs,
            AlarmRang = alarmRang,
            Coverage = double.IsFinite(coverage) ? Math.Clamp(coverage, 0, 1) : 0,
            ReasonFr = Storable(ShortenHashes(fr)),
            ReasonEn = Storable(ShortenHashes(en)),
        };

    // PostgreSQL keeps every character but this one, and an agent's words must not stop its evidence.
    private static string Storable(string text) => text.Replace('\0', '\uFFFD');

    // A table shows the beginning of a hash; the entry itself has the whole.
    private static string ShortenHashes(string reason) => WholeHash().Replace(reason, m => m.Value[..8] + "…");

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex WholeHash();

    // Any other word is a verdict of a version that we do not know: never green.
    private static Outcome OutcomeOf(string verdict) => verdict switch
    {
        "proved" => Outcome.Proved,
        "failed" => Outcome.Failed,
        _ => Outcome.Inconclusive,
    };

    private static (string Fr, string En) ReasonOf(Outcome outcome, string? unfinished, string? unfinishedFr, IReadOnlyList<FindingDocument> findings, IReadOnlyList<DrillStepDocument> steps)
    {
        if (outcome == Outcome.Proved)
        {
            return ("", "");
        }
        if (outcome == Outcome.Inconclusive && unfinished is { Length: > 0 })
        {
            return (unfinishedFr is { Length: > 0 } french ? french : unfinished, unfinished);
        }
        if (findings.FirstOrDefault(f => f.Severity == "error") is { } finding)
        {
            return (finding.MessageFr is { Length: > 0 } fr ? fr : finding.Message, finding.Message);
        }
        if (steps.FirstOrDefault(s => s.Verdict != "proved") is { Detail.Length: > 0 } step)
        {
            return (step.DetailFr is { Length: > 0 } fr ? fr : step.Detail, step.Detail);
        }
        return (unfinishedFr ?? unfinished ?? "L’agent n’a pas donné de motif.", unfinished ?? "The agent gave no reason.");
    }

    private static long? Milliseconds(double? seconds) => seconds is >= 0 and < 1e11 ? (long)Math.Round(seconds.Value * 1000) : null;

    /// <summary>Work that was announced and never ended: tried, and nothing can be concluded.</summary>
    /// <returns>Null for intents of anything but a check or a drill.</returns>
    public static ProofFact? ToFact(OpenIntentRow intent, DateTimeOffset receivedAt) => KindOf(intent.Type) is not { } kind ? null
        : new ProofFact(intent.Seq, intent.Application, kind, Outcome.Inconclusive, receivedAt)
        {
            Agent = intent.Origin[AgentProjection.AgentPrefix.Length..],
            RecordedAt = receivedAt,
            ReasonFr = "L’agent a annoncé ce travail et n’en a jamais donné le résultat. Examinez cette machine et relancez-le.",
            ReasonEn = "The agent announced this work and never gave its result. Look at that machine and run it again.",
        };

    private static ProofKind? KindOf(string intentType) => intentType switch
    {
        "verify.intent" => ProofKind.Verification,
        "drill.intent" => ProofKind.Drill,
        _ => null,
    };

    public static ProofFact ToFact(FactRow row, DateTimeOffset receivedAt) =>
        new(row.Seq, row.Application, Enum.Parse<ProofKind>(row.Kind), Enum.Parse<Outcome>(row.Outcome), row.At)
        {
            Name = row.Name,
            Agent = row.Agent,
            DefinitionHash = row.DefinitionHash,
            MeasuredRecoveryTime = row.RecoveryTimeMs is { } rto ? TimeSpan.FromMilliseconds(rto) : null,
            MeasuredRecoveryPoint = row.RecoveryPointMs is { } rpo ? TimeSpan.FromMilliseconds(rpo) : null,
            Coverage = row.Coverage,
            AlarmRang = row.AlarmRang,
            RecordedAt = receivedAt,
            ReasonFr = row.ReasonFr,
            ReasonEn = row.ReasonEn,
        };
}
