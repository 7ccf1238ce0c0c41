using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Anomaly;

namespace BackupGuard.Agent;

/// <summary>From what was found to what is printed and sent.</summary>
public static class DocumentMapping
{
    /// <summary>Evidence has room for this many; doubted ones come first.</summary>
    private const int MostSeries = 50;

    public static string Word(Verdict verdict) => verdict switch { Verdict.Proved => "proved", Verdict.Failed => "failed", Verdict.Inconclusive => "inconclusive" };

    public static string Word(Severity severity) => severity switch { Severity.Error => "error", Severity.Warning => "warning", Severity.Info => "info" };

    public static FindingDocument ToDocument(Finding finding) =>
        new(finding.Code, Word(finding.Severity), finding.Subject, finding.Message("en"), finding.Remedy("en")) { MessageFr = finding.Message("fr"), RemedyFr = finding.Remedy("fr"), Paths = finding.Paths };

    public static SnapshotDocument ToDocument(SnapshotSummary s) => new(s.Id, s.TakenAt, s.Files, s.Bytes) { Host = s.Host, Paths = s.Paths, Tags = s.Tags };

    public static DrivenByDocument? ToDocument(DrivenBy? by) => by is null ? null : new DrivenByDocument(by.Tool, by.Version);

    public static VerifyDocument ToDocument(VerifyReport report, string repository, DateTimeOffset startedAt, TimeSpan duration) => new()
    {
        Repository = repository,
        RepositoryId = report.RepositoryId,
        Verdict = Word(report.Verdict),
        Unfinished = report.Unfinished?.En,
        UnfinishedFr = report.Unfinished?.Fr,
        DrivenBy = ToDocument(report.DrivenBy),
        StartedAt = startedAt,
        DurationSeconds = Seconds(duration),
        BytesRead = report.BytesRead,
        ObjectsRead = report.ObjectsRead,
        Coverage = report.Coverage,
        CoverageThisRun = report.CoverageThisRun,
        Memory = report.Memory is { } m ? new MemoryDocument(m.Promise.TotalDays, m.Bytes, m.BytesNeverRead, m.BytesTooOld, m.OldestAt) : null,
        Snapshots = [.. report.Snapshots.Select(ToDocument)],
        Signals = [.. report.Signals.OrderByDescending(s => s.FreezeRetention).ThenBy(s => s.Key, StringComparer.Ordinal).Take(MostSeries).Select(ToDocument)],
        Findings = [.. report.Findings.Select(ToDocument)],
    };

    private static SignalsDocument ToDocument(SeriesSignals s) => new(s.Key, s.Newest switch
    {
        null => "not-judged",
        { Accepted: not null } => "accepted",
        { Verdict: AnomalyVerdict.Clean } or { Verdict: AnomalyVerdict.NoSignSeen, Drilled: true } => "clean",
        { Verdict: AnomalyVerdict.NoSignSeen } => "no-sign-seen",
        { Verdict: AnomalyVerdict.Suspicious } => "suspicious",
        { Verdict: AnomalyVerdict.Infected } => "infected",
        _ => "not-judged",
    }, s.Newest?.Snapshot ?? "", s.Newest?.TakenAt ?? default, s.FreezeRetention, s.LastKnownClean?.Snapshot, s.LastKnownClean?.TakenAt, s.LastKnownClean is { Verdict: AnomalyVerdict.Clean } or { Drilled: true });

    public static InspectDocument ToDocument(InspectReport report, string repository) => new()
    {
        Repository = repository,
        RepositoryId = report.RepositoryId,
        Format = report.Format,
        Verdict = Word(report.Verdict),
        Unfinished = report.Unfinished?.En,
        UnfinishedFr = report.Unfinished?.Fr,
        DrivenBy = ToDocument(report.DrivenBy),
        Facts = [.. report.Facts.Select(f => new FactDocument(f.Label, f.Value))],
        Snapshots = [.. report.Snapshots.Select(ToDocument)],
        Findings = [.. report.Findings.Select(ToDocument)],
    };

    public static RestoreDocument ToDocument(RestoreReport report, string repository, string target, TimeSpan duration) => new()
    {
        Repository = repository,
        Verdict = Word(report.Verdict),
        Unfinished = report.Unfinished?.En,
        UnfinishedFr = report.Unfinished?.Fr,
        DrivenBy = ToDocument(report.DrivenBy),
        Snapshot = report.Snapshot?.Id ?? "",
        Target = target,
        Files = report.Files,
        Bytes = report.Bytes,
        DurationSeconds = Seconds(duration),
        Findings = [.. report.Findings.Select(ToDocument)],
    };

    public static double Seconds(TimeSpan duration) => Math.Round(duration.TotalSeconds, 3);

    /// <summary>For --format json: indented, in a stable order.</summary>
    public static string ToJson<T>(T document, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            JsonSerializer.Serialize(writer, document, type);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
