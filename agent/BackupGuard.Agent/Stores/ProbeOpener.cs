using BackupGuard.Agent.Config;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores;

/// <summary>Both sides of a store with locks that have a date, for a probe.</summary>
/// <param name="Store">As the verifier reads it.</param>
public sealed record ProbePorts(ICanaryTarget Target, ICanaryWitness Witness, IBackupStore Store, BackupLayout Layout, IDisposable Lifetime) : IDisposable
{
    public void Dispose() => Lifetime.Dispose();
}

/// <summary>A folder as the account under test and this process reach it.</summary>
internal sealed record FolderProbePorts(FolderCanaries Canaries, IBackupStore Store, BackupLayout Layout) : IDisposable
{
    public void Dispose() => Canaries.Dispose();
}

/// <summary>From a repository of agent.yaml to the two sides of its store.</summary>
internal static class ProbeOpener
{
    /// <exception cref="UsageException">Keys are missing or unusable, or the store is of a kind that is not probed.</exception>
    public static ProbePorts Open(RepositorySettings repository, LockProbeSettings probe, TimeProvider clock)
    {
        var address = RepositoryAddress.Parse(repository.Address);
        if (probe.IdentityUnderTest is null) throw new UsageException($"the probe of {repository.Name} needs identityUnderTest: a file with the keys that write the backups.");
        var tested = repository.Store with { CredentialsFile = probe.IdentityUnderTest };
        var verifiers = VerifiersStore(repository, probe);
        var layout = LayoutOf(address);
        if (S3Location.Is(address.Location))
        {
            var location = S3Location.Parse(address.Location);
            return Open(new S3CanaryTarget(location, tested, StoreLimits.Default), () => new S3CanaryWitness(location, verifiers, StoreLimits.Default, clock), w => w.Store, layout);
        }
        if (AzureLocation.Is(address.Location))
        {
            var location = AzureLocation.Parse(address.Location);
            return Open(new AzureCanaryTarget(location, tested, StoreLimits.Default, clock), () => new AzureCanaryWitness(location, verifiers, StoreLimits.Default, clock), w => w.Store, layout);
        }
        throw new UsageException($"{repository.Address}: it is no store with locks of its own.");
    }

    private static ProbePorts Open<TTarget, TWitness>(TTarget target, Func<TWitness> openWitness, Func<TWitness, IBackupStore> storeOf, BackupLayout layout)
        where TTarget : ICanaryTarget, IDisposable where TWitness : ICanaryWitness, IDisposable
    {
        try
        {
            var witness = openWitness();
            return new ProbePorts(target, witness, storeOf(witness), layout, new Both(target, witness));
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    private static BackupLayout LayoutOf(RepositoryAddress address) => address.Format switch
    {
        "restic" => ResticRepository.Layout,
        "borg" => BorgRepository.Layout,
        _ => new BackupLayout(WritesOnce: false, []),
    };

    /// <summary>Whether the repository lies in a folder, which is probed in another way.</summary>
    public static bool IsFolder(RepositorySettings repository) => IsFolder(RepositoryAddress.Parse(repository.Address).Location);

    public static bool IsFolder(string location) => StoreOpener.IsLocal(location);

    /// <exception cref="UsageException">There is no such account, this process may not take it, or there is no such folder.</exception>
    public static FolderProbePorts OpenFolder(RepositorySettings repository, LockProbeSettings probe)
    {
        var address = RepositoryAddress.Parse(repository.Address);
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(address.Location));
        if (!Directory.Exists(root)) throw new UsageException($"{repository.Address}: only folders are probed here, and {root} is none, or this account may not see it.");
        var canaries = new FolderCanaries(root, probe.IdentityUnderTest is { } name ? LocalAccount.Named(name) : LocalAccount.Own);
        return new FolderProbePorts(canaries, new FileSystemStore(root), LayoutOf(address) with { MayChange = canaries.MayChange });
    }

    public static StoreSettings VerifiersStore(RepositorySettings repository, LockProbeSettings probe) => probe.Verifier is { } file ? repository.Store with { CredentialsFile = file } : repository.Store;

    private sealed record Both(IDisposable Target, IDisposable Witness) : IDisposable
    {
        public void Dispose()
        {
            Target.Dispose();
            Witness.Dispose();
        }
    }
}
