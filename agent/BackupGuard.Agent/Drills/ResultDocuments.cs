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

    /// <param name="stateFolder">Where artefacts are kept; empty to keep none.</param>
    public static DrillDocument Of(DrillPlan plan, DrillReport report, string startedBy, string stateFolder) => new()
    {
        Drill = plan.Name,
        DefinitionHash = plan.DefinitionHash,
        Application = plan.Application,
        Repository = plan.Repository,
        Verdict = DocumentMapping.Word(report.Verdict),
        Unfinished = report.Unfinished?.En,
        UnfinishedFr = report.Unfinished?.Fr,
        DrivenBy = DocumentMapping.ToDocument(report.DrivenBy),
        Snapshot = report.Snapshot is { } snapshot ? DocumentMapping.ToDocument(snapshot) : null,
        StartedAt = report.StartedAt,
        DurationSeconds = DocumentMapping.Seconds(report.Duration),
        MeasuredRtoSeconds = report.MeasuredRto is { } rto ? DocumentMapping.Seconds(rto) : null,
        ScaledRtoSeconds = report.ScaledRto is { } scaled ? DocumentMapping.Seconds(scaled) : null,
        MeasuredRpoSeconds = report.MeasuredRpo is { } rpo ? DocumentMapping.Seconds(rpo) : null,
        RpoMethod = report.MeasuredRpo is null ? null : report.RpoFromData ? "data" : "snapshot",
        RestoreSeconds = DocumentMapping.Seconds(report.RestoreTook),
        Files = report.Files,
        Bytes = report.Bytes,
        Steps = [.. report.Steps.Select(s => new DrillStepDocument(s.Kind, s.Name, DocumentMapping.Seconds(s.Duration), DocumentMapping.Word(s.Verdict), s.Detail.English)
        {
            DetailFr = s.Detail.French, Measures = s.Measures.Count == 0 ? null : [.. s.Measures.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => new MeasureDocument(m.Key, m.Value))], Artefacts = s.Artefacts.Count == 0 ? null : [.. s.Artefacts.Select(a => ArtefactFiles.Keep(stateFolder, a))],
        })],
        Control = report.Control is not { } control ? null : new NegativeControlDocument(report.AlarmProved, [.. control.Select(c =>
            new ControlStepDocument(c.Name, c.Damage?.English ?? "", DocumentMapping.Word(c.Verdict), c.Detail.English) { DamageFr = c.Damage?.French ?? "", DetailFr = c.Detail.French })]),
        Findings = [.. report.Findings.Select(Of)],
        CleanedUp = report.CleanedUp,
        StartedBy = startedBy,
    };

    public static VerifyDocument Of(string repository, VerifyReport report, DateTimeOffset startedAt, TimeSpan duration) =>
        DocumentMapping.ToDocument(report with { Findings = [.. report.Findings.Select(f => f.WithoutPaths())] }, repository, startedAt, duration);

    /// <summary>Evidence leaves the machine: a file's name can be a patient's name.</summary>
    public static FindingDocument Of(Finding finding) => DocumentMapping.ToDocument(finding.WithoutPaths());

    /// <summary>The document as a payload that fits: the worst findings and the newest snapshots stay, and what was left out is counted in it.</summary>
    public static byte[] Payload(VerifyDocument document) => Fit(document.Findings, [.. document.Snapshots.OrderByDescending(s => s.Time)], (findings, snapshots) =>
        JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings, Snapshots = snapshots }, DocumentJson.Default.VerifyDocument));

    public static byte[] Payload(DrillDocument document) => Fit<SnapshotDocument>(document.Findings, [], (findings, _) =>
        JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings }, DocumentJson.Default.DrillDocument));

    /// <param name="newest">Newest first.</param>
    internal static byte[] Fit<T>(IReadOnlyList<FindingDocument> findings, IReadOnlyList<T> newest, Func<IReadOnlyList<FindingDocument>, IReadOnlyList<T>, byte[]> write)
    {
        var whole = write(findings, newest);
        if (whole.Length <= LargestPayloadBytes) return whole;
        var worst = findings.OrderBy(f => f.Severity switch { "error" => 0, "warning" => 1, _ => 2 }).ToList();
        for (var (f, s) = (worst.Count, newest.Count); f > 0 || s > 0;)
        {
            (f, s) = (f / 2, s / 2);
            var left = AgentFindings.RecordShortened.At("", ("count", worst.Count - f), ("snapshots", newest.Count - s));
            var shorter = write([.. worst.Take(f), Of(left)], [.. newest.Take(s)]);
            if (shorter.Length <= LargestPayloadBytes) return shorter;
        }
        throw new InvalidOperationException("The result does not fit into one evidence entry even without findings and snapshots.");
    }
}
