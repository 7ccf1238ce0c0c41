using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>A sealed file set: a folder, or an archive, with a signed manifest of what it held. The format and what is checked: README.md beside this file.</summary>
public sealed class FileSetRepository : IBackupRepository, IHistoryRepository
{
    public const string Format = "files";

    private const string NobodyVouches = "nobody we trust vouches for this manifest";

    private readonly FileSetSource source;
    private readonly FileSetTrust trust;

    private FileSetRepository(FileSetSource source, FileSetTrust trust)
    {
        this.source = source;
        this.trust = trust;
    }

    /// <summary>A folder with the manifest at its root.</summary>
    public static FileSetRepository OverFolder(IBackupStore store, FileSetTrust trust) => new(new FolderSource(store), trust);

    /// <summary>One archive in the store, by its name; see <see cref="IsArchive"/>.</summary>
    public static FileSetRepository OverArchive(IBackupStore store, string archive, FileSetTrust trust) => new(new ArchiveSource(store, archive), trust);

    /// <summary>Whether a file of this name is read as an archive: .tar, .tar.gz, .tgz, .tar.zst, .tzst, .zip.</summary>
    public static bool IsArchive(string name) => ArchiveItems.IsArchive(name);

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(FileSetFindings.MoreOfThem, options.Found);
        var manifest = await OpenAsync(findings, cancellationToken);
        if (manifest is null) return new VerifyReport { Findings = findings.ToList(), Unfinished = findings.Unfinished };

        foreach (var entry in manifest.Entries)
            if (FileSetNames.Refusal(entry.Path) is { } refusal) findings.Add(FileSetFindings.NameNotRestorable.AtPath(entry.Shown, ("reason", refusal)));
        var check = new FileSetCheck(options, findings, manifest, progress);
        await GuardedAsync(() => source.CheckAsync(manifest, check, cancellationToken), findings);
        if (check.Coverage?.Unfinished() is { } reason) findings.LeaveUnfinished(reason.En);
        var summary = check.Coverage?.Summary();
        return new VerifyReport
        {
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            RepositoryId = manifest.Id,
            Inventory = InventoryOf(manifest),
            BytesRead = check.BytesRead,
            ObjectsRead = check.ObjectsRead,
            Coverage = summary is null || manifest.Files == 0 ? 0 : options.Memory is null ? check.Coverage!.ShareThisRun : summary.Share,
            CoverageThisRun = check.Coverage?.ShareThisRun ?? 0,
            Memory = options.Memory is null ? null : summary,
            Snapshots = [SummaryOf(manifest)],
        };
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken)
    {
        var findings = new FindingList(FileSetFindings.MoreOfThem);
        var manifest = await OpenAsync(findings, cancellationToken);
        return new InspectReport
        {
            Format = Format,
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            RepositoryId = manifest?.Id ?? "",
            Inventory = manifest is null ? null : InventoryOf(manifest),
            Snapshots = manifest is null ? [] : [SummaryOf(manifest)],
            Facts = manifest is null ? [] :
            [
                ("sealed at", manifest.SealedAt.ToString("u", CultureInfo.InvariantCulture)),
                ("sealed by", Fingerprint(manifest.PublicKey)),
                ("entries", manifest.Entries.Count.ToString(CultureInfo.InvariantCulture)),
            ],
        };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(FileSetFindings.MoreOfThem);
        var manifest = await OpenAsync(findings, cancellationToken);
        if (manifest is not null && !IsAskedFor(manifest, options.Snapshot))
        {
            findings.Add(CommonFindings.SnapshotUnknown.At(options.Snapshot, ("reason", $"this set holds one, {manifest.Id}")));
            manifest = null;
        }

        if (manifest is null) return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished };
        var restore = new FileSetRestore(source, manifest, options, target, findings, progress);
        await GuardedAsync(() => restore.RunAsync(cancellationToken), findings);
        if (restore.Files == 0) findings.Add(CommonFindings.NothingRestored.At(source.Subject));
        return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished, Snapshot = SummaryOf(manifest), Files = restore.Files, Bytes = restore.Bytes };
    }

    /// <summary>Compares with the manifest of the set before, which the caller kept; a manifest that cannot be read counts as none.</summary>
    public async Task<ISnapshotHistory?> OpenHistoryAsync(ReadOnlyMemory<byte>? remembered, CancellationToken cancellationToken)
    {
        var manifest = await OpenAsync(new FindingList(FileSetFindings.MoreOfThem), cancellationToken);
        return manifest is null ? null : new FileSetHistory(source, manifest, remembered is { } bytes ? FileSetManifest.Parse(bytes.Span, out _) : null);
    }

    /// <summary>Short name of a public key, for people to compare.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> publicKey) => "SHA256:" + Convert.ToHexStringLower(SHA256.HashData(publicKey));

    internal static int WorkersOf(int asked) => asked > 0 ? asked : Environment.ProcessorCount;

    /// <summary>Reads the manifest and judges who signed it. Nothing is compared with a manifest that nobody signed.</summary>
    private async Task<FileSetManifest?> OpenAsync(FindingList findings, CancellationToken cancellationToken)
    {
        FileSetManifest? manifest = null;
        await GuardedAsync(async () =>
        {
            var seal = await source.ReadSealAsync(cancellationToken);
            manifest = Judge(seal, findings);
        }, findings);
        return manifest;
    }

    private FileSetManifest? Judge(StoredSeal seal, FindingList findings)
    {
        if (seal.Manifest is null)
        {
            findings.Add(FileSetFindings.ManifestMissing.At(source.Subject));
            return null;
        }

        if (FileSetManifest.Parse(seal.Manifest, out var refusal) is not { } manifest)
        {
            findings.Add(FileSetFindings.ManifestMalformed.At(seal.ManifestName, ("reason", refusal)));
            return null;
        }

        if (seal.Signature is null)
        {
            findings.Add(FileSetFindings.SignatureMissing.At(seal.SignatureName));
            return null;
        }

        switch (trust.Judge(manifest, seal.Manifest, seal.Signature))
        {
            case FileSetVoucher.Bad:
                findings.Add(FileSetFindings.SignatureBad.At(seal.SignatureName));
                return null;
            case FileSetVoucher.Unknown:
                findings.Add(FileSetFindings.SignerUnknown.At(source.Subject, ("key", Fingerprint(manifest.PublicKey))));
                findings.LeaveUnfinished(NobodyVouches);
                break;
            case FileSetVoucher.Trusted:
                break;
        }

        if (manifest.Files == 0) findings.Add(CommonFindings.NothingThere.At(source.Subject));
        return manifest;
    }

    /// <summary>Turns what a source throws into what is said about the set.</summary>
    private async Task GuardedAsync(Func<Task> work, FindingList findings)
    {
        try
        {
            await work();
        }
        catch (InvalidDataException e)
        {
            findings.Add(FileSetFindings.ArchiveDamaged.At(source.Subject, ("reason", e.Message)));
        }
        catch (ArchiveLimitException e)
        {
            findings.Add(FileSetFindings.LimitExceeded.At(source.Subject, ("reason", e.Message)));
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            findings.Add(CommonFindings.NotARepository.At(source.Subject, ("format", Format), ("reason", "there is nothing of that name")));
        }
        catch (StoreException e)
        {
            findings.Add(CommonFindings.ObjectUnreadable.At(e.ObjectName.Length > 0 ? e.ObjectName : source.Subject, ("reason", e.Message)));
            findings.LeaveUnfinished($"the store could not be read: {e.Message}");
        }
    }

    private static bool IsAskedFor(FileSetManifest manifest, string snapshot) =>
        snapshot == "latest" || (snapshot.Length >= 4 && manifest.Id.StartsWith(snapshot, StringComparison.OrdinalIgnoreCase));

    private static SnapshotSummary SummaryOf(FileSetManifest manifest) => new(manifest.Id, manifest.SealedAt, manifest.Files, manifest.Bytes)
    {
        NewestFileAt = manifest.Entries.Where(e => e.Kind == FileSetKind.File && e.ModifiedAtNanoseconds is { } at && at / 100 <= (manifest.SealedAt - DateTimeOffset.UnixEpoch).Ticks).Max(e => e.ModifiedAtNanoseconds) is { } newest
            ? DateTimeOffset.UnixEpoch.AddTicks(newest / 100) : null,
    };

    /// <summary>Nobody needs a key to read a sealed set; the key that signed it is who can make another one.</summary>
    private static Inventory InventoryOf(FileSetManifest manifest) => new([manifest.Id], [new KeyHolder(Fingerprint(manifest.PublicKey), "seal")], Protection.Plain, IsHistory: false);
}
