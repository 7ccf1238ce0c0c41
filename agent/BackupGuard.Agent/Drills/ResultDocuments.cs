using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>Reports as the documents that are printed and recorded.</summary>
internal static class ResultDocuments
{
    /// <summary>Evidence takes payloads of at most 48 KiB (<see cref="Spool.IEvidenceRecorder"/>); the rest is for the entry's own members.</summary>
    public const int LargestPayloadBytes = 47 * 1024;

    public static DrillDocument Of(DrillPlan plan, DrillReport report, string startedBy) => new()
    {
        Drill = plan.Name,
        DefinitionHash = plan.DefinitionHash,
        Application = plan.Application,
        Repository = plan.Repository,
        Verdict = Word(report.Verdict),
        Unfinished = report.Unfinished,
        Snapshot = report.Snapshot is { } snapshot ? Of(snapshot) : null,
        StartedAt = report.StartedAt,
        DurationSeconds = Seconds(report.Duration),
        MeasuredRtoSeconds = report.MeasuredRto is { } rto ? Seconds(rto) : null,
        MeasuredRpoSeconds = report.MeasuredRpo is { } rpo ? Seconds(rpo) : null,
        Files = report.Files,
        Bytes = report.Bytes,
        Steps = [.. report.Steps.Select(s => new DrillStepDocument(s.Kind, s.Name, Seconds(s.Duration), Word(s.Verdict), s.Detail.English) { DetailFr = s.Detail.French })],
        Findings = [.. report.Findings.Select(Of)],
        CleanedUp = report.CleanedUp,
        StartedBy = startedBy,
    };

    public static VerifyDocument Of(string repository, VerifyReport report, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Repository = repository,
        RepositoryId = report.RepositoryId,
        Verdict = Word(report.Verdict),
        Unfinished = report.Unfinished,
        StartedAt = startedAt,
        DurationSeconds = Seconds(duration),
        BytesRead = report.BytesRead,
        ObjectsRead = report.ObjectsRead,
        Coverage = report.Coverage,
        Snapshots = [.. report.Snapshots.Select(Of)],
        Findings = [.. report.Findings.Select(Of)],
    };

    public static FindingDocument Of(Finding finding) => new(finding.Code, finding.Severity switch { Severity.Error => "error", Severity.Warning => "warning", Severity.Info => "info" },
        finding.Subject, finding.Message("en"), finding.Remedy("en")) { MessageFr = finding.Message("fr"), RemedyFr = finding.Remedy("fr") };

    /// <summary>The document as a payload that fits: the worst findings and the newest snapshots stay, and what was left out is counted in it.</summary>
    public static byte[] Payload(VerifyDocument document) => Fit(document.Findings, document.Snapshots, (findings, snapshots) =>
        JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings, Snapshots = snapshots }, DocumentJson.Default.VerifyDocument));

    public static byte[] Payload(DrillDocument document) => Fit(document.Findings, [], (findings, _) =>
        JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings }, DocumentJson.Default.DrillDocument));

    private static byte[] Fit(IReadOnlyList<FindingDocument> findings, IReadOnlyList<SnapshotDocument> snapshots, Func<IReadOnlyList<FindingDocument>, IReadOnlyList<SnapshotDocument>, byte[]> write)
    {
        var whole = write(findings, snapshots);
        if (whole.Length <= LargestPayloadBytes) return whole;
        var worst = findings.OrderBy(f => f.Severity switch { "error" => 0, "warning" => 1, _ => 2 }).ToList();
        var newest = snapshots.OrderByDescending(s => s.Time).ToList();
        for (var (f, s) = (worst.Count, newest.Count); f > 0 || s > 0;)
        {
            (f, s) = (f / 2, s / 2);
            var left = AgentFindings.RecordShortened.At("", ("count", worst.Count - f), ("snapshots", newest.Count - s));
            var shorter = write([.. worst.Take(f), Of(left)], [.. newest.Take(s)]);
            if (shorter.Length <= LargestPayloadBytes) return shorter;
        }
        throw new InvalidOperationException("The result does not fit into one evidence entry even without findings and snapshots.");
    }

    private static SnapshotDocument Of(SnapshotSummary snapshot) =>
        new(snapshot.Id, snapshot.TakenAt, snapshot.Files, snapshot.Bytes) { Host = snapshot.Host, Paths = snapshot.Paths, Tags = snapshot.Tags };

    private static string Word(Verdict verdict) => verdict switch { Verdict.Proved => "proved", Verdict.Failed => "failed", Verdict.Inconclusive => "inconclusive" };

    // Milliseconds: finer digits would only look exact.
    private static double Seconds(TimeSpan duration) => Math.Round(duration.TotalSeconds, 3);
}
