using System.Globalization;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>A stanza of pgBackRest, read through pgBackRest. What is checked by whom, and what is not: README.md beside this file.</summary>
/// <param name="repository">Its number in pgBackRest's own configuration: each is a copy of its own.</param>
public sealed class PgBackRestRepository(IDrivenTool program, string stanza, int repository) : IBackupRepository
{
    public const string Format = "pgbackrest";
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(PgBackRestFindings.MoreOfThem, options.Found);
        var tool = new PgBackRestTool(program, stanza, repository, findings);
        if (await tool.VersionAsync(cancellationToken) is not { } version) return new VerifyReport { Findings = findings.ToList(), Unfinished = findings.Unfinished };
        var report = new VerifyReport { Findings = [], DrivenBy = version };
        if (await InfoAsync(tool, findings, options.Clock.GetUtcNow(), cancellationToken) is not { } info) return report with { Findings = findings.ToList(), Unfinished = findings.Unfinished };

        var check = new StanzaCheck(tool, findings);
        var isSeen = await check.RunAsync(info, progress, cancellationToken);
        var verified = options.ReadData.Share > 0 ? await VerifyContentAsync(tool, info, check, findings, progress, cancellationToken) : null;
        if (options.ReadData.Share <= 0) findings.LeaveUnfinished(new("no data were read, as asked", "aucune donnée n’a été lue, comme demandé"));
        findings.Add(PgBackRestFindings.DrivenBy.At(stanza, ("tool", version.ToString())));
        var share = verified is { } v && v.Checked > 0 ? (double)v.Valid / v.Checked : 0;
        return report with
        {
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            RepositoryId = info.SystemId,
            BytesRead = verified is null ? 0 : check.StoredBytes,
            ObjectsRead = verified is null ? 0 : check.StoredObjects,
            Coverage = share,
            CoverageThisRun = share,
            Inventory = isSeen ? InventoryOf(info) : null,
            Snapshots = [.. info.Backups.Select(b => SummaryOf(b, check))],
        };
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken)
    {
        var findings = new FindingList(PgBackRestFindings.MoreOfThem);
        var tool = new PgBackRestTool(program, stanza, repository, findings);
        var version = await tool.VersionAsync(cancellationToken);
        var info = version is null ? null : await InfoAsync(tool, findings, null, cancellationToken);
        return new InspectReport
        {
            Format = Format,
            DrivenBy = version,
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            RepositoryId = info?.SystemId ?? "",
            Inventory = info is null ? null : InventoryOf(info),
            Snapshots = [.. (info?.Backups ?? []).Select(b => SummaryOf(b, null))],
            Facts =
            [
                ("tool", version?.ToString() ?? "not known"),
                .. info is null ? [] : (IEnumerable<(string, string)>)[("cipher", info.Cipher), ("status", $"{info.Code} {info.Message}"), .. info.Archives.Select(a => ("WAL", $"{a.Id}: {a.Min} to {a.Max}"))],
            ],
        };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(PgBackRestFindings.MoreOfThem);
        var tool = new PgBackRestTool(program, stanza, repository, findings);
        var version = await tool.VersionAsync(cancellationToken);
        var info = version is null ? null : await InfoAsync(tool, findings, options.Clock.GetUtcNow(), cancellationToken);
        var backup = info is null ? null : Choose(info, options.Snapshot, findings);
        if (backup is null) return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished, DrivenBy = version };

        var restoration = new Restoration(tool, options, target, findings, progress);
        var manifest = await restoration.RunAsync(backup.Label, cancellationToken);
        if (restoration.Files == 0 && findings.Unfinished is null) findings.Add(CommonFindings.NothingRestored.At(backup.Label));
        return new RestoreReport
        {
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            DrivenBy = version,
            Snapshot = new SnapshotSummary(backup.Label, backup.StartedAt, manifest?.Files.Count ?? 0, backup.Size),
            Files = restoration.Files,
            Bytes = restoration.Bytes,
        };
    }

    /// <summary>What the tool's own list says; null when there is nothing to go on with.</summary>
    private async Task<InfoAnswer?> InfoAsync(PgBackRestTool tool, FindingList findings, DateTimeOffset? now, CancellationToken cancellationToken)
    {
        if (await tool.InfoAsync(cancellationToken) is not { } info) return null;
        if (info.Code is InfoAnswer.NoStanza or InfoAnswer.NoBackup or InfoAnswer.NoStanzaData || info is { Code: InfoAnswer.Ok, Backups: [] })
        {
            findings.Add(PgBackRestFindings.NoBackup.At(stanza, ("reason", info.Message)));
            return null;
        }
        if (info.Code != InfoAnswer.Ok)
        {
            findings.Add(PgBackRestFindings.StatusNotOk.At(stanza, ("reason", string.Create(CultureInfo.InvariantCulture, $"{info.Code}, {info.Message}"))));
            findings.LeaveUnfinished(new($"pgBackRest gives the stanza the status {info.Code}", $"pgBackRest donne à la stanza l’état {info.Code}"));
        }
        foreach (var backup in info.Backups.Where(b => b.HasPageErrors)) findings.Add(PgBackRestFindings.PageErrors.At(backup.Label));
        foreach (var backup in info.Backups.Where(b => b.StartedAt > now + ClockTolerance))
        {
            findings.Add(PgBackRestFindings.FromTheFuture.At(backup.Label, ("time", backup.StartedAt.UtcDateTime.ToString("u", CultureInfo.InvariantCulture))));
            findings.LeaveUnfinished(new("a backup is from the future", "une sauvegarde vient du futur"));
        }
        return info;
    }

    /// <summary>The content, by the tool's own verify, held against what info and we ourselves saw.</summary>
    private async Task<(long Checked, long Valid)?> VerifyContentAsync(PgBackRestTool tool, InfoAnswer info, StanzaCheck check, FindingList findings, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new WorkProgress("verify", 0, check.StoredBytes, 0, check.StoredObjects, findings.Count));
        if (await tool.VerifyAsync(cancellationToken) is not { } answer) return null;
        foreach (var error in answer.Errors) findings.Add(PgBackRestFindings.VerifyError.At(stanza, ("reason", error)));
        foreach (var part in answer.Parts.Where(p => !p.IsValid))
        {
            var reason = part.Faults.Count > 0 ? string.Join(", ", part.Faults.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Kind} {f.Count}"))) : part.Status;
            if (part.IsArchive) findings.Add(PgBackRestFindings.ArchiveInvalid.At(part.Subject, ("reason", reason)));
            // A folder that info does not list is the rest of an interrupted backup, and was said to be there.
            else if (info.Backups.Any(b => b.Label == part.Subject)) findings.Add(PgBackRestFindings.BackupInvalid.At(part.Subject, ("reason", reason)));
        }
        if (!answer.IsOk && answer.Errors.Count == 0 && answer.Parts.All(p => p.IsValid)) findings.Add(PgBackRestFindings.VerifyError.At(stanza, ("reason", "status: error")));

        foreach (var backup in info.Backups)
        {
            if (answer.Parts.FirstOrDefault(p => !p.IsArchive && p.Subject == backup.Label) is not { } part)
            {
                findings.Add(PgBackRestFindings.NothingRead.At(backup.Label));
                continue;
            }
            if (part is { Checked: 0, Status: "valid" }) findings.Add(PgBackRestFindings.NothingRead.At(backup.Label));
            else if (check.Manifests.TryGetValue(backup.Label, out var manifest) && part.Checked < manifest.Files.Count(f => f.Size > 0))
                Contradict(backup.Label, new Words($"verify checked {part.Checked} files, its manifest lists {manifest.Files.Count}", $"verify a contrôlé {part.Checked} fichiers, son manifeste en énumère {manifest.Files.Count}"));
        }
        foreach (var id in check.Manifests.Values.Where(m => m.WalStart is not null).Select(m => m.ArchiveId).Distinct(StringComparer.Ordinal))
            if (!answer.Parts.Any(p => p.IsArchive && p.Subject == id && p.Checked > 0)) findings.Add(PgBackRestFindings.NothingRead.At($"archive {id}"));
        return (answer.Parts.Sum(p => p.Checked), answer.Parts.Sum(p => p.Valid));

        void Contradict(string subject, Words reason)
        {
            findings.Add(PgBackRestFindings.Contradiction.At(subject, ("reason", reason)));
            findings.LeaveUnfinished(new($"about {subject}: {reason.En}", $"sur {subject} : {reason.Fr}"));
        }
    }

    private static ListedBackup? Choose(InfoAnswer info, string snapshot, FindingList findings)
    {
        if (snapshot == "latest") return info.Backups.MaxBy(b => b.StartedAt);
        var matching = info.Backups.Where(b => b.Label == snapshot).ToList();
        if (matching.Count == 0 && snapshot.Length >= 4) matching = [.. info.Backups.Where(b => b.Label.StartsWith(snapshot, StringComparison.Ordinal))];
        if (matching.Count == 1) return matching[0];
        findings.Add(CommonFindings.SnapshotUnknown.At(snapshot, ("reason", matching.Count == 0
            ? new Words($"the stanza has {info.Backups.Count} backups, none of that name", $"la stanza a {info.Backups.Count} sauvegardes, aucune de ce nom") : new Words($"{matching.Count} backups begin so", $"{matching.Count} sauvegardes commencent ainsi"))));
        return null;
    }

    private static SnapshotSummary SummaryOf(ListedBackup backup, StanzaCheck? check) =>
        new(backup.Label, backup.StartedAt, check is not null && check.Manifests.TryGetValue(backup.Label, out var manifest) ? manifest.Files.Count : 0, backup.Size) { Tags = [backup.Type] };

    private static Inventory InventoryOf(InfoAnswer info) => new([.. info.Backups.Select(b => b.Label)], [], info.Cipher is "" or "none" ? Protection.Plain : new Protection(info.Cipher, "EVP_BytesToKey", new Words(
        "the cipher is not authenticated and the passphrase is hashed once: only a long random passphrase protects it", "le chiffrement n’est pas authentifié et la phrase secrète n’est hachée qu’une fois : seule une longue phrase aléatoire protège")), IsHistory: true);
}
