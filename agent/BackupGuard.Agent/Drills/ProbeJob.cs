using BackupGuard.Agent.Config;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Stores;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>The probe of one repository's immutability, with its evidence: an intent before the first request, a result after the last.</summary>
internal sealed class ProbeJob(RepositorySettings repository, LockProbeSettings settings, Func<RepositorySettings, CancellationToken, ValueTask<IBackupRepository>> openRepository,
    Func<RepositorySettings, LockProbeSettings, ProbePorts> openPorts, TimeProvider clock) : IJob
{
    /// <summary>The calendar waits for the control no longer than this: other jobs come after it.</summary>
    public static readonly TimeSpan ScheduledWait = TimeSpan.FromMinutes(2);

    public TimeSpan LongestWait { get; init; }
    public bool AcceptsBaseline { get; init; }

    public string Id => "probe:" + repository.Name;
    public string Type => "probe";
    public string Application => repository.Application;

    /// <summary>The last run's whole document; the payload may be shorter.</summary>
    public ProbeDocument? Last { get; private set; }

    public byte[] Intent(JobStart start) => IntentPayload.Of(start, ("repositoryName", repository.Name), ("repository", repository.Address), ("mode", settings.Mode.ToString()), ("approvedBy", string.Join(", ", settings.ApprovedBy)));

    public async Task<byte[]> RunAsync(JobStart start, CancellationToken cancellationToken)
    {
        var from = clock.GetTimestamp();
        var result = await ProbeAsync(cancellationToken);
        if (LastWords.Keep(repository.StateFolder, repository.Address, LastWordKind.Probed, new LastWord(ProbeDocuments.Word(result.Report.Verdict), clock.GetUtcNow(), result.Report.ExpiresAt, "")) is { } refusal)
            result = result with { Report = result.Report with { Findings = [.. result.Report.Findings, ImmutabilityFindings.MemoryLost.At(repository.Address, ("reason", refusal))] } };
        Last = ProbeDocuments.Of(result, repository.Address, settings.ApprovedBy, clock.GetElapsedTime(from));
        return ProbeDocuments.Payload(Last);
    }

    public byte[] Unknown(JobStart start, Finding finding, string reason) =>
        ProbeDocuments.Payload(ProbeDocuments.Of(new LockProbeResult(Probe().NothingTried([finding], reason), null), repository.Address, settings.ApprovedBy, TimeSpan.Zero));

    private LockProbe Probe() => new(repository, settings, openRepository, openPorts, clock) { LongestWait = LongestWait, AcceptsBaseline = AcceptsBaseline };

    private async Task<LockProbeResult> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Probe().RunAsync(cancellationToken);
        }
        catch (UsageException e)
        {
            return new LockProbeResult(Probe().NothingTried([DrillFindings.NotOpened.At(repository.Address, ("reason", e.Message))], e.Message), null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new LockProbeResult(Probe().NothingTried([DrillFindings.Interrupted.At(Id, ("reason", "it was cancelled"), ("reasonFr", "il a été annulé"))], "the probe was cancelled"), null);
        }
    }
}
