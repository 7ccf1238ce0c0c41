using BackupGuard.Agent.Config;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Drills;

/// <summary>The scheduled verification of one repository.</summary>
internal sealed class VerifyJob(RepositorySettings repository, ReadData readData, Func<RepositorySettings, CancellationToken, ValueTask<IBackupRepository>> openRepository,
    TimeProvider clock) : IJob
{
    public string Id => "verify:" + repository.Name;
    public string Type => "verify";
    public string Application => repository.Application;

    public byte[] Intent(JobStart start) => IntentPayload.Of(start, ("repositoryName", repository.Name), ("repository", repository.Address), ("readData", repository.Verify?.ReadDataText ?? "all"));

    public async Task<byte[]> RunAsync(JobStart start, CancellationToken cancellationToken)
    {
        var from = clock.GetTimestamp();
        var report = await VerifyAsync(cancellationToken);
        if (LastWords.Keep(repository.StateFolder, repository.Address, LastWordKind.Verified, new LastWord(DocumentMapping.Word(report.Verdict), clock.GetUtcNow(), null, "")) is { } refusal)
            report = report with { Findings = [.. report.Findings, CoverageFindings.NotRemembered.At(repository.Address, ("reason", refusal))] };
        return ResultDocuments.Payload(ResultDocuments.Of(repository.Address, report, start.StartedAt, clock.GetElapsedTime(from)));
    }

    public byte[] Unknown(JobStart start, Finding finding, string reason) =>
        ResultDocuments.Payload(ResultDocuments.Of(repository.Address, new VerifyReport { Findings = [finding], Unfinished = reason }, start.StartedAt, TimeSpan.Zero));

    private async Task<VerifyReport> VerifyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var opened = await openRepository(repository, cancellationToken);
            try
            {
                return await new CopyVerification(RepositoryAddress.Parse(repository.Address), repository.StateFolder, clock)
                {
                    ReadData = readData,
                    Policy = repository.Policy,
                    Signals = repository.Signals,
                    Promise = repository.Verify?.Promise ?? VerifyOptions.DefaultPromise,
                }.RunAsync(opened, null, cancellationToken);
            }
            finally
            {
                if (opened is IAsyncDisposable disposable) await disposable.DisposeAsync();
            }
        }
        catch (StoreException e)
        {
            return new VerifyReport { Findings = [DrillFindings.NotOpened.At(repository.Address, ("reason", e.Message))], Unfinished = $"the repository could not be opened: {e.Message}" };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var finding = DrillFindings.Interrupted.At(Id, ("reason", "it was cancelled"), ("reasonFr", "elle a été annulée"));
            return new VerifyReport { Findings = [finding], Unfinished = "the verification was cancelled" };
        }
    }
}
