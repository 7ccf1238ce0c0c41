using BackupGuard.Verification;
using BackupGuard.Verification.Checks;

namespace BackupGuard.Agent.Memory;

/// <summary>Verifies one copy with everything that the agent remembers and the hospital expects of it. The verb and the service go the same way.</summary>
/// <param name="StateFolder">Where memories lie, or null to judge by this run alone.</param>
internal sealed record CopyVerification(RepositoryAddress Address, string? StateFolder, TimeProvider Clock)
{
    public ReadData ReadData { get; init; } = ReadData.All;
    public TimeSpan Promise { get; init; } = VerifyOptions.DefaultPromise;
    public CopyPolicy Policy { get; init; } = new();

    /// <summary>Whether what is inside is still the hospital's data is asked only where this is given.</summary>
    public SignalsSettings? Signals { get; init; }

    /// <summary>Told of findings in the backup as they are made.</summary>
    public Action<Finding>? Found { get; init; }

    public async Task<VerifyReport> RunAsync(IBackupRepository repository, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var more = new List<Finding>();
        using var memory = TryRemember(more);
        var report = await repository.VerifyAsync(new VerifyOptions { ReadData = ReadData, Promise = Promise, Memory = memory, Found = Found, Clock = Clock }, progress, cancellationToken);
        var now = Clock.GetUtcNow();
        if (report.Inventory is { } inventory)
        {
            if (memory is not null) more.AddRange(Register(memory, report, inventory, now));
            more.AddRange(EncryptionCheck.Judge(Address.ToString(), inventory.Protection, Policy));
            if (Policy.EncryptionRequired && !inventory.Protection.IsKnown) report = report with { Unfinished = report.Unfinished ?? new Words("whether the copy is encrypted was seen by nobody", "personne n’a vu si la copie est chiffrée") };
            more.AddRange(FreshnessCheck.Judge(report.Snapshots, Policy, now));
        }
        if (memory?.Problem is { } problem) more.Add(CoverageFindings.NotRemembered.At(Address.ToString(), ("reason", problem)));
        report = report with { Findings = [.. report.Findings, .. more] };
        return Signals is null ? report : await new SignalsRun(memory?.Signals, Signals, Address.ToString()).AddToAsync(report, repository, progress, cancellationToken);
    }

    private List<Finding> Register(RepositoryMemory memory, VerifyReport report, Inventory inventory, DateTimeOffset now)
    {
        var findings = new List<Finding>();
        try
        {
            CopyRegister? known = null;
            try
            {
                known = RegisterFile.Load(memory.Register);
            }
            catch (InvalidDataException e)
            {
                RegisterFile.PutAside(memory.Register);
                findings.Add(CoverageFindings.RegisterLost.At(Address.ToString(), ("reason", e.Message)));
            }
            var (register, found) = RegisterCheck.Judge(known, report.RepositoryId, inventory, report.Snapshots, Policy, now);
            findings.AddRange(found);
            RegisterFile.Save(memory.Register, register);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(CoverageFindings.NotRemembered.At(Address.ToString(), ("reason", e.Message)));
        }
        return findings;
    }

    private RepositoryMemory? TryRemember(List<Finding> findings)
    {
        if (StateFolder is null) return null;
        try
        {
            return RepositoryMemory.Open(StateFolder, Address);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(CoverageFindings.NotRemembered.At(Address.ToString(), ("reason", e.Message)));
            return null;
        }
    }
}
