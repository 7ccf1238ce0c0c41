using BackupGuard.Agent.Config;
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
        if (!S3Location.Is(address.Location))
            throw new UsageException($"{repository.Address}: only stores with Object Lock (S3) are probed by this version. What holds the files of a folder is shown by: backupguard-agent inspect --locks.");
        var location = S3Location.Parse(address.Location);
        var target = new S3CanaryTarget(location, repository.Store with { CredentialsFile = probe.IdentityUnderTest }, S3Limits.Default);
        try
        {
            var witness = new S3CanaryWitness(location, VerifiersStore(repository, probe), S3Limits.Default, clock);
            return new ProbePorts(target, witness, witness.Store, address.Format == "restic" ? ResticRepository.Layout : new BackupLayout(WritesOnce: false, []), new Both(target, witness));
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    public static StoreSettings VerifiersStore(RepositorySettings repository, LockProbeSettings probe) => probe.Verifier is { } file ? repository.Store with { CredentialsFile = file } : repository.Store;

    private sealed record Both(S3CanaryTarget Target, S3CanaryWitness Witness) : IDisposable
    {
        public void Dispose()
        {
            Target.Dispose();
            Witness.Dispose();
        }
    }
}
