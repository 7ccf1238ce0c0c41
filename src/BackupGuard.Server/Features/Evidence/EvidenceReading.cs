using System.Text;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Copies;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Evidence;

/// <summary>Turns verified entries into what the pages show. Pure.</summary>
internal static class EvidenceReading
{
    public static EvidenceItem Item(LoggedEntry logged)
    {
        var entry = logged.Entry;
        var fact = FactProjection.Of(logged.Sequence, entry);
        var (outcome, name) = OfCopies(entry);
        return new EvidenceItem(logged.Sequence, Kind(entry.Type), entry.Origin, entry.Counter, logged.ReceivedAt, logged.Verified.Hash.ToString())
        {
            Outcome = fact is null ? outcome : Enum.Parse<Outcome>(fact.Outcome),
            Subject = fact is { Name.Length: > 0 } ? fact.Name : name.Length > 0 ? name : entry.Application.Length > 0 ? $"{entry.Type} {entry.Application}" : entry.Type,
        };
    }

    /// <summary>The verdict and the subject of what is no fact of readiness. What others attest has no verdict of ours, and what an agent retells of its memory is judged on the page of the copies.</summary>
    private static (Outcome? Outcome, string Subject) OfCopies(EvidenceEntry entry) => entry.Type switch
    {
        CopiesLedger.ProbeResult when entry.ReadAs(DocumentJson.Default.ProbeDocument) is { } probe => (EvidenceWords.Verdict(probe.Verdict), probe.Repository),
        CopiesLedger.CopiesResult when entry.ReadAs(DocumentJson.Default.CopiesDocument) is { } copies => (null, copies.Dataset),
        CopiesLedger.Attested when entry.ReadAs(DocumentJson.Default.AttestedDocument) is { } attested => (null, attested.Source),
        _ => (null, ""),
    };

    private static IReadOnlyList<FindingDocument> FindingsOfCopies(EvidenceEntry entry) => entry.Type switch
    {
        CopiesLedger.ProbeResult => entry.ReadAs(DocumentJson.Default.ProbeDocument)?.Findings ?? [],
        CopiesLedger.CopiesResult => entry.ReadAs(DocumentJson.Default.CopiesDocument)?.Findings ?? [],
        CopiesLedger.Attested => entry.ReadAs(DocumentJson.Default.AttestedDocument)?.Findings ?? [],
        _ => [],
    };

    /// <param name="withheld">Its text is not for this reader yet; that it is there, whole and signed, is shown all the same.</param>
    public static EvidenceEntryView Entry(EvidenceDetail detail, bool withheld)
    {
        var entry = detail.Logged.Entry;
        var verification = entry.Type == FactProjection.VerifyResult ? entry.ReadAs(DocumentJson.Default.VerifyDocument) : null;
        var drill = entry.Type == FactProjection.DrillResult ? entry.ReadAs(DocumentJson.Default.DrillDocument) : null;
        return new EvidenceEntryView(
            Item(detail.Logged),
            withheld ? null : Encoding.UTF8.GetString(detail.Logged.Verified.Bytes.Span),
            detail.Logged.Verified.Key.Fingerprint.ToString(),
            new LogHead(detail.Head.Size, detail.Head.Root.ToString()),
            [.. detail.Inclusion.Select(h => h.ToString())])
        {
            ApplicationId = entry.Application,
            SignedAt = entry.RecordedAt,
            Findings = verification?.Findings ?? drill?.Findings ?? FindingsOfCopies(entry),
            Steps = drill?.Steps ?? [],
        };
    }

    private static EntryKind Kind(string type) => type switch
    {
        FactProjection.VerifyResult => EntryKind.Verification,
        FactProjection.DrillResult => EntryKind.Drill,
        CopiesLedger.ProbeResult => EntryKind.Probe,
        CopiesLedger.CopiesResult => EntryKind.Copies,
        CopiesLedger.Attested => EntryKind.Attested,
        _ when type.EndsWith(".intent", StringComparison.Ordinal) => EntryKind.Intent,
        _ when type.StartsWith("run.", StringComparison.Ordinal) => EntryKind.Run,
        _ => EntryKind.Other,
    };
}
