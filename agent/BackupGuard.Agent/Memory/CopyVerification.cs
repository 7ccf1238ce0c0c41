using BackupGuard.Verification;
using BackupGuard.Verification.Checks;

namespace BackupGuard.Agent.Memory;

/// <summary>Verifies one copy with everything that the agent remembers of it. The verb and the service go the same way.</summary>
/// <param name="StateFolder">Where memories lie, or null to judge by this run alone.</param>
internal sealed record CopyVerification(RepositoryAddress Address, string? StateFolder, TimeProvider Clock)
{
    public ReadData ReadData { get; init; } = ReadData.All;
    public TimeSpan Promise { get; init; } = VerifyOptions.DefaultPromise;

    public async Task<VerifyReport> RunAsync(IBackupRepository repository, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        using var memory = TryRemember(out var problem);
        var report = await repository.VerifyAsync(new VerifyOptions { ReadData = ReadData, Promise = Promise, Memory = memory, Clock = Clock }, progress, cancellationToken);
        problem ??= memory?.Problem;
        return problem is null ? report : report with { Findings = [.. report.Findings, CoverageFindings.NotRemembered.At(Address.ToString(), ("reason", problem))] };
    }

    private RepositoryMemory? TryRemember(out string? problem)
    {
        problem = null;
        if (StateFolder is null) return null;
        try
        {
            return RepositoryMemory.Open(StateFolder, Address);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return null;
        }
    }
}
