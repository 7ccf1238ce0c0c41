using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Spool;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Copies;

/// <summary>Copies as evidence: one entry a dataset, so that a server that hears several agents knows where each copy is.</summary>
internal static class CopiesRecord
{
    public const string EntryType = "copies.result";

    /// <param name="repository">Only the datasets that this one is a copy of; null for all.</param>
    /// <exception cref="IOException">The spool cannot be written.</exception>
    public static void Write(AgentSettings settings, string? repository, IEvidenceRecorder recorder, DateTimeOffset now)
    {
        foreach (var dataset in settings.Datasets.Where(d => repository is null || settings.Repositories.Any(r => r.Name == repository && r.Copy?.Of.Contains(d.Name) == true)))
            recorder.Record(EntryType, dataset.Application, Payload(DatasetCopies.Of(settings, dataset, now)), intent: null);
    }

    /// <summary>The document as a payload that fits: findings go first, then the newest copies stay.</summary>
    public static byte[] Payload(CopiesDocument document) => ResultDocuments.Fit(document.Findings, [.. document.Copies.OrderByDescending(c => c.VerifiedAt ?? DateTimeOffset.MinValue)], (findings, copies) =>
        JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings, Copies = copies, Requirements = copies.Count == document.Copies.Count ? document.Requirements : [] }, DocumentJson.Default.CopiesDocument));
}
