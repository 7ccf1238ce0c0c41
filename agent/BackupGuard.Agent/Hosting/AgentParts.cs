using BackupGuard.Agent.Config;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Spool;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Hosting;

/// <summary>An open spool: it is held by one process at a time.</summary>
/// <param name="Recorded">What it still knows of earlier runs.</param>
/// <param name="Lifetime">Closes it.</param>
public sealed record OpenSpool(IEvidenceRecorder Recorder, IRecordedRuns Recorded, IDisposable Lifetime);

/// <summary>What the commands of this folder need from the rest of the agent.</summary>
public sealed record AgentParts
{
    public required TimeProvider Clock { get; init; }

    /// <summary>Says what is wrong with the address of a repository, or null.</summary>
    public required Func<string, string?> AddressRefusal { get; init; }

    /// <summary>Opens a repository with its secrets. MUST throw a StoreException for what cannot be opened.</summary>
    public required Func<RepositorySettings, CancellationToken, ValueTask<IBackupRepository>> OpenRepository { get; init; }

    /// <summary>A target that writes into that folder, which exists and is empty.</summary>
    public required Func<string, IRestoreTarget> CreateTarget { get; init; }

    /// <summary>Both sides of a repository's store for a probe. MUST throw a UsageException for what cannot be probed.</summary>
    public Func<RepositorySettings, LockProbeSettings, ProbePorts> OpenProbe { get; init; } = (repository, probe) => ProbeOpener.Open(repository, probe, TimeProvider.System);

    /// <summary>Opens the spool of the state folder. MUST throw an IOException with a sentence when another process holds it or the disk refuses.</summary>
    public required Func<AgentSettings, OpenSpool> OpenSpool { get; init; }

    /// <summary>Sends the spool to the server until cancelled. MUST NOT throw because of the server.</summary>
    public required Func<AgentSettings, OpenSpool, CancellationToken, Task> RunLink { get; init; }

    /// <summary>Progress for people, on standard error; may give null.</summary>
    public required Func<TextWriter, IProgress<WorkProgress>?> Progress { get; init; }
}
