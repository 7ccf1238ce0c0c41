using System.Globalization;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>A PostgreSQL base backup with a backup_manifest, in plain or tar format. What is checked, and what is not: README.md beside this file.</summary>
public sealed class PostgresRepository(IBackupStore store) : IBackupRepository
{
    public const string Format = "postgres";

    private sealed record Opened(BackupManifest Manifest, BackupListing Listing, BackupSource Source);

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(PostgresFindings.MoreOfThem, options.Found);
        if (await OpenAsync(findings, cancellationToken) is not { } opened) return new VerifyReport { Findings = findings.ToList(), Unfinished = findings.Unfinished };
        var (manifest, listing, source) = opened;
        using var pass = new BackupPass(manifest, source, listing, findings, null, progress);
        await pass.RunAsync(options, WorkersOf(options.Workers), cancellationToken);
        JudgeKind(manifest, pass.Structure, findings);
        if (pass.Coverage?.Unfinished() is { } reason) findings.LeaveUnfinished(reason);
        var summary = pass.Coverage?.Summary();
        return new VerifyReport
        {
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            RepositoryId = Identifier(manifest, pass.Structure, pass.Wal.SystemIdentifier),
            BytesRead = pass.BytesRead,
            ObjectsRead = pass.ObjectsRead,
            Coverage = summary is null || manifest.Files.Count == 0 ? 0 : options.Memory is null ? pass.Coverage!.ShareThisRun : summary.Share,
            CoverageThisRun = pass.Coverage?.ShareThisRun ?? 0,
            Memory = options.Memory is null ? null : summary,
            Inventory = InventoryOf(manifest),
            Snapshots = [SummaryOf(manifest, pass.Structure)],
        };
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken)
    {
        var findings = new FindingList(PostgresFindings.MoreOfThem);
        if (await OpenAsync(findings, cancellationToken) is not { } opened) return new InspectReport { Format = Format, Findings = findings.ToList(), Unfinished = findings.Unfinished };
        var (manifest, listing, source) = opened;
        var inspection = await BackupInspection.ReadAsync(manifest, listing, source, findings, cancellationToken);
        JudgeKind(manifest, inspection.Structure, findings);
        return new InspectReport
        {
            Format = Format,
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            RepositoryId = Identifier(manifest, inspection.Structure, inspection.SystemIdentifier),
            Inventory = InventoryOf(manifest),
            Snapshots = [SummaryOf(manifest, inspection.Structure)],
            Facts = inspection.Facts(manifest, listing, source),
        };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(PostgresFindings.MoreOfThem);
        var opened = await OpenAsync(findings, cancellationToken);
        if (opened is not null && !IsAskedFor(opened.Manifest, options.Snapshot))
        {
            findings.Add(CommonFindings.SnapshotUnknown.At(options.Snapshot, ("reason", new Words($"this backup is {opened.Manifest.Checksum}", $"cette sauvegarde est {opened.Manifest.Checksum}"))));
            opened = null;
        }

        if (opened is null) return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished };
        var (manifest, listing, source) = opened;
        var sink = new RestoreSink(manifest, options, target, findings);
        if (!target.Fits(sink.WantedBytes, findings)) return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished };
        using var pass = new BackupPass(manifest, source, listing, findings, sink, progress);
        sink.Begin();
        await pass.RunAsync(null, WorkersOf(options.Workers), cancellationToken);
        sink.Finish(pass.Structure.Tablespaces);
        JudgeKind(manifest, pass.Structure, findings);

        if (sink.Files == 0) findings.Add(CommonFindings.NothingRestored.At(store.Location));
        return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished, Snapshot = SummaryOf(manifest, pass.Structure), Files = sink.Files, Bytes = sink.Bytes };
    }

    private static int WorkersOf(int asked) => asked > 0 ? asked : Environment.ProcessorCount;

    /// <summary>The manifest, and what lies beside it; null when the look ends here, with the reason in the findings.</summary>
    private async Task<Opened?> OpenAsync(FindingList findings, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadManifestAsync(findings, cancellationToken) is not { } bytes) return null;
            if (ManifestReader.Read(bytes, findings) is not { } manifest) return null;
            if (manifest.Files.Count == 0) findings.Add(CommonFindings.NothingThere.At(store.Location));
            if (await BackupListing.ReadAsync(store, findings, cancellationToken) is not { } listing) return null;
            return new Opened(manifest, listing, listing.Source(store, findings));
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound && e.ObjectName == BackupManifest.FileName)
        {
            findings.Add(PostgresFindings.ManifestMissing.At(store.Location));
        }
        catch (StoreException e)
        {
            findings.Add(CommonFindings.ObjectUnreadable.At(e.ObjectName.Length > 0 ? e.ObjectName : store.Location, ("reason", e.Message)));
            findings.LeaveUnfinished(new($"the store could not be read: {e.Message}", $"le stockage n’a pas pu être lu : {e.Message}"));
        }

        return null;
    }

    private async Task<byte[]?> ReadManifestAsync(FindingList findings, CancellationToken cancellationToken)
    {
        await using var reader = await store.OpenAsync(BackupManifest.FileName, cancellationToken);
        if (reader.LengthBytes > BackupManifest.LargestBytes)
        {
            findings.Add(PostgresFindings.LimitExceeded.At(BackupManifest.FileName, ("reason", new Words($"it has {reader.LengthBytes} bytes, {BackupManifest.LargestBytes} are allowed", $"il fait {reader.LengthBytes} octets, {BackupManifest.LargestBytes} sont admis"))));
            return null;
        }

        var bytes = new byte[reader.LengthBytes];
        if (await reader.ReadAsync(0, bytes, cancellationToken) == bytes.Length) return bytes;
        throw new StoreException(StoreFailure.Transient, BackupManifest.FileName, "it became shorter while it was read");
    }

    /// <summary>What every look says of the kind of backup: an incremental one, and one without checksums, cannot be called good however whole they are.</summary>
    private void JudgeKind(BackupManifest manifest, BackupStructure structure, FindingList findings)
    {
        var isIncremental = structure.Label?.IncrementalFrom is not null || manifest.Files.Any(f => f.Shown[(f.Shown.LastIndexOf('/') + 1)..].StartsWith("INCREMENTAL.", StringComparison.Ordinal));
        if (isIncremental)
        {
            findings.Add(PostgresFindings.Incremental.At(store.Location));
            findings.LeaveUnfinished(new("an incremental backup is worth what the backups before it are, and they were not looked at", "une sauvegarde incrémentale vaut ce que valent celles d’avant, et elles n’ont pas été examinées"));
        }

        var without = manifest.Files.Count(f => f.Algorithm == ChecksumAlgorithm.None && f.Size > 0);
        if (without == 0) return;
        findings.Add(PostgresFindings.NoChecksums.At(BackupManifest.FileName, ("count", without)));
        findings.LeaveUnfinished(new("files without a checksum cannot be told good or bad", "des fichiers sans somme de contrôle ne peuvent être dits bons ou mauvais"));
    }

    private static bool IsAskedFor(BackupManifest manifest, string snapshot) =>
        snapshot == "latest" || (snapshot.Length >= 4 && manifest.Checksum.StartsWith(snapshot, StringComparison.OrdinalIgnoreCase));

    private static string Identifier(BackupManifest manifest, BackupStructure structure, ulong? fromWal) =>
        (manifest.SystemIdentifier ?? structure.Control?.SystemIdentifier ?? fromWal)?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static SnapshotSummary SummaryOf(BackupManifest manifest, BackupStructure structure) => new(manifest.Checksum, TakenAt(manifest, structure), manifest.Files.Count, manifest.Bytes)
    {
        NewestFileAt = manifest.Files.Max(f => f.ModifiedAt),
        Tags = structure.Label is { Label.Length: > 0 } label ? [label.Label] : [],
    };

    /// <summary>A base backup lies plain, whatever the disk under it does.</summary>
    private static Inventory InventoryOf(BackupManifest manifest) => new([manifest.Checksum], [], Protection.Plain, IsHistory: false);

    /// <summary>The label's start, where its zone is clear; else the last checkpoint's time; else when the server sent the label, which the manifest has in UTC.</summary>
    private static DateTimeOffset TakenAt(BackupManifest manifest, BackupStructure structure) =>
        structure.Label?.StartedAt ?? structure.Control?.CheckpointAt ?? manifest.Files.FirstOrDefault(f => f.Shown == BackupLabel.FileName)?.ModifiedAt ?? DateTimeOffset.UnixEpoch;
}
