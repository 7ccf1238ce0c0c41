using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>A repository of Borg 1.x. Takes no lock and writes nothing.</summary>
/// <param name="secrets">Not needed for repositories in mode "none".</param>
public sealed class BorgRepository(IBackupStore store, BorgSecrets secrets, TimeProvider clock) : IBackupRepository
{
    public const string Format = "borg";

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var sink = NewSink(options.Found);
        using var repository = await OpenRepository.TryOpenAsync(store, secrets, sink, cancellationToken);
        if (repository is null) return new VerifyReport { Findings = sink.ToList(), Unfinished = sink.Unfinished };
        return await new Verification(repository, options, sink, progress).RunAsync(cancellationToken);
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken)
    {
        var sink = NewSink();
        using var repository = await OpenRepository.TryOpenAsync(store, secrets, sink, cancellationToken);
        if (repository is null) return new InspectReport { Format = Format, Findings = sink.ToList(), Unfinished = sink.Unfinished };
        await repository.LoadArchivesAsync(clock, cancellationToken);
        return new InspectReport
        {
            Format = "borg 1",
            Findings = sink.ToList(),
            Unfinished = sink.Unfinished,
            RepositoryId = repository.Id,
            Snapshots = [.. repository.Archives.Select(a => a.Summary)],
            Facts = repository.Facts,
            Inventory = repository.Inventory,
        };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var around = NewSink();
        using var repository = await OpenRepository.TryOpenAsync(store, secrets, around, cancellationToken);
        if (repository is null) return new RestoreReport { Findings = around.ToList(), Unfinished = around.Unfinished };
        return await new Restoration(repository, options, target, around, progress).RunAsync(cancellationToken);
    }

    internal static FindingSink NewSink(Action<Finding>? found = null) => new(BorgFindings.TooManyFindings, BorgFindings.TooManyNotes, found);
}
