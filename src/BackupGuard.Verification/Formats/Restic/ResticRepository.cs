using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Cryptography.MultiHash;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>A restic repository, versions 1 and 2 (restic design document). Takes no lock and writes nothing.</summary>
public sealed class ResticRepository(IBackupStore store, ReadOnlyMemory<byte> password, TimeProvider clock) : IBackupRepository, IHistoryRepository, ILockHorizons
{
    /// <summary>Locks come and go with every command; everything else is written once.</summary>
    public static readonly BackupLayout Layout = new(WritesOnce: true, ["locks/", "lock/"]);

    public async Task<HorizonReport> HorizonsAsync(HorizonPolicy policy, CancellationToken cancellationToken)
    {
        var sink = new FindingSink();
        using var repository = await OpenRepository.TryOpenAsync(store, password, sink, cancellationToken);
        if (repository is null) return new HorizonReport { Snapshots = [], Findings = sink.ToList(), Unfinished = sink.Unfinished ?? "the repository could not be opened" };
        return await new ResticHorizons(repository, policy, sink, clock).RunAsync(cancellationToken);
    }

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var sink = new FindingSink(options.Found);
        progress?.Report(new WorkProgress("open", 0, 0, 0, 0, 0));
        // Deriving the key keeps one core busy: another can meanwhile compile and time the hash.
        _ = Task.Run(static () => Sha256Kernel.Fastest, CancellationToken.None);
        using var repository = await OpenRepository.TryOpenAsync(store, password, sink, cancellationToken);
        if (repository is null) return new VerifyReport { Findings = sink.ToList(), Unfinished = sink.Unfinished };
        return await new Verification(repository, options, sink, progress).RunAsync(cancellationToken);
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken)
    {
        var sink = new FindingSink();
        using var repository = await OpenRepository.TryOpenAsync(store, password, sink, cancellationToken);
        if (repository is null) return new InspectReport { Format = "restic", Findings = sink.ToList(), Unfinished = sink.Unfinished };
        await repository.LoadSnapshotsAsync(clock, cancellationToken);
        await repository.LoadIndexAsync(cancellationToken);
        var packs = await repository.ListPacksAsync(cancellationToken);
        await repository.CheckLocksAsync(clock, cancellationToken);
        return new InspectReport
        {
            Format = $"restic {repository.Version}",
            Findings = sink.ToList(),
            Unfinished = sink.Unfinished,
            RepositoryId = repository.Id,
            Inventory = repository.Inventory,
            Snapshots = [.. repository.Snapshots.Select(s => s.Summary)],
            Facts = [.. repository.Facts, ("packs", $"{packs.Count}"), ("bytes", $"{packs.Values.Sum(p => p.LengthBytes)}"), ("blobs", $"{repository.Index.Count}")],
        };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var around = new FindingSink();
        using var repository = await OpenRepository.TryOpenAsync(store, password, around, cancellationToken);
        if (repository is null) return new RestoreReport { Findings = around.ToList(), Unfinished = around.Unfinished };
        return await new Restoration(repository, options, target, around, progress).RunAsync(cancellationToken);
    }

    public async Task<ISnapshotHistory?> OpenHistoryAsync(ReadOnlyMemory<byte>? remembered, CancellationToken cancellationToken)
    {
        var sink = new FindingSink();
        var repository = await OpenRepository.TryOpenAsync(store, password, sink, cancellationToken);
        if (repository is null) return null;
        try
        {
            await repository.LoadSnapshotsAsync(clock, cancellationToken);
            await repository.LoadIndexAsync(cancellationToken);
            return new ResticHistory(repository, await repository.ListPacksAsync(cancellationToken));
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }
}
