using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Envelopes;

/// <summary>The backup that a sealed envelope names, opened with nothing but what lies in it: the source of a bare-metal drill.</summary>
/// <remarks>
/// An envelope that cannot be read, names a tool of this machine, lacks something or does not open is damage, and not a fault of the drill:
/// on the day it is all there is. A store that does not answer is neither.
/// </remarks>
internal sealed class EnvelopeRepository(string file) : IBackupRepository, IDisposable
{
    /// <summary>Before the file's path, in a drill's definition.</summary>
    public const string AddressPrefix = "envelope:";

    private OpenedEnvelope? _opened;

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        if (Open(out var said) is not { } repository) return new RestoreReport { Findings = [said] };
        var report = await repository.RestoreAsync(options, target, progress, cancellationToken);
        return report is { Snapshot: null, Verdict: Verdict.Failed } ? report with { Findings = [said, .. report.Findings] } : report;
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken) =>
        Open(out var damage) is { } repository ? await repository.InspectAsync(cancellationToken) : new InspectReport { Format = "envelope", Findings = [damage] };

    public Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose() => _opened?.Dispose();

    /// <param name="damage">What is to be said when it does not open, here or at the first reading.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    private IBackupRepository? Open(out Finding damage)
    {
        damage = EnvelopeFindings.DoesNotOpen.At(file, ("sealed", "?"));
        var (subject, sealedOn) = (AddressPrefix + file, "?");
        try
        {
            var envelope = Envelope.Read(file);
            var address = RepositoryAddress.Parse(envelope.Repository);
            (subject, sealedOn) = (address.ToString(), envelope.SealedOn);
            damage = EnvelopeFindings.DoesNotOpen.At(subject, ("sealed", sealedOn));
            if (RepositoryAddress.IsDriven(subject)) throw new UsageException("it is read by a program of this machine, which a bare one does not have");
            AzureSettingsFile.RefuseWhatLiesOutside(envelope.Credentials ?? "");
            _opened ??= new OpenedEnvelope(envelope);
            return RepositoryOpener.Open(address, _opened.Secrets);
        }
        catch (UsageException e)
        {
            damage = EnvelopeFindings.Lacks.At(subject, ("sealed", sealedOn), ("reason", e.Message.TrimEnd('.')));
        }
        catch (StoreException e) when (e.Failure is StoreFailure.Denied)
        {
            // As it was said above.
        }
        return null;
    }
}
