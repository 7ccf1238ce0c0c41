using BackupGuard.Agent.Config;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores;

/// <summary>Both sides of a store, for a probe.</summary>
/// <param name="Store">As the verifier reads it.</param>
public sealed record ProbePorts(ICanaryTarget Target, ICanaryWitness Witness, IBackupStore Store, BackupLayout Layout, IDisposable Lifetime) : IDisposable
{
    public void Dispose() => Lifetime.Dispose();
}

/// <summary>From a repository of agent.yaml to the two sides of its store.</summary>
internal static class ProbeOpener
{
    /// <exception cref="UsageException">Keys are missing or unusable, or the store is of a kind that is not probed.</exception>
    public static ProbePorts Open(RepositorySettings repository, LockProbeSettings probe, TimeProvider clock)
    {
        var address = RepositoryAddress.Parse(repository.Address);
        var tested = repository.Store with { CredentialsFile = probe.IdentityUnderTest };
        var verifiers = VerifiersStore(repository, probe);
        var layout = address.Format == "restic" ? ResticRepository.Layout : new BackupLayout(WritesOnce: false, []);
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
        throw new UsageException($"{repository.Address}: only stores with locks of their own (S3, Azure Blob) are probed by this version. What holds the files of a folder is shown by: backupguard-agent inspect --locks.");
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
