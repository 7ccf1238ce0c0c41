using BackupGuard.Agent.Config;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Drills;

/// <param name="Horizons">Null where the format does not tell, or could not be opened.</param>
internal sealed record LockProbeResult(ProbeReport Report, HorizonReport? Horizons);

/// <summary>One probe of a repository of agent.yaml, with what earlier ones left behind. The verb and the service go the same way.</summary>
internal sealed class LockProbe(RepositorySettings repository, LockProbeSettings probe, Func<RepositorySettings, CancellationToken, ValueTask<IBackupRepository>> openRepository,
    Func<RepositorySettings, LockProbeSettings, ProbePorts> openPorts, TimeProvider clock)
{
    /// <summary>The one format that can tell what its own pruning left hidden; of others everything hidden is missed.</summary>
    private const string ResticFormat = "restic";

    private readonly List<Finding> findings = [];

    /// <summary>For how long it may wait for the positive control.</summary>
    public TimeSpan LongestWait { get; init; }

    /// <summary>A person says that the settings are right as they are now.</summary>
    public bool AcceptsBaseline { get; init; }

    /// <summary>The immutable attribute and accounts are those of Linux.</summary>
    public bool KnowsFolders { get; init; } = OperatingSystem.IsLinux();

    /// <exception cref="UsageException">Keys are missing or unusable, or the store is of a kind that is not probed.</exception>
    public async Task<LockProbeResult> RunAsync(CancellationToken cancellationToken)
    {
        if (!probe.IsApproved) return new LockProbeResult(NothingTried([ImmutabilityFindings.NotApproved.At(repository.Address, ("count", probe.ApprovedBy.Count))], new("two different persons must approve it in agent.yaml", "deux personnes différentes doivent l’approuver dans agent.yaml")), null);
        if (ProbeOpener.IsFolder(repository)) return await FolderAsync(cancellationToken);
        using var ports = openPorts(repository, probe);
        using var folder = TryRemember();
        var before = Load(folder);
        var horizons = await HorizonsAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var scope = await LockScope.ReadAsync(ports.Store, ports.Layout with { IsMissed = horizons is null || RepositoryAddress.Parse(repository.Address).Format != ResticFormat ? null : v => IsMissed(v, horizons, now) }, now, cancellationToken);
        var run = new CanaryRun(Guid.CreateVersion7(now).ToString("N"));
        var plan = new ProbePlan(repository.Address, run, probe.Mode, probe.Interval, probe.ControlAfter, LongestWait);
        var report = await new ImmutabilityProbe(ports.Target, ports.Witness, plan, clock, memory => Save(folder, memory)).RunAsync(AcceptsBaseline ? before with { Baseline = null } : before, scope, cancellationToken);
        // A lock that a permission bypasses counts only for an identity that was shown not to have it.
        if (horizons is not null && probe.Mode == LockMode.Governance && report.Verdict is not (ImmutabilityVerdict.Proved or ImmutabilityVerdict.ProvedGovernance))
            horizons = horizons with { Snapshots = [.. horizons.Snapshots.Select(s => s with { Until = null, UntilFull = null, Unresolved = s.Unresolved ?? new Words("governance locks count only once the probe has proved them", "les verrous de gouvernance ne comptent qu’une fois prouvés par l’essai") })] };
        return new LockProbeResult(report with { Findings = [.. report.Findings.Concat(findings).Concat(horizons?.Findings ?? []).OrderByDescending(f => f.Severity).ThenBy(f => f.Code, StringComparer.Ordinal)] }, horizons);
    }

    private async Task<LockProbeResult> FolderAsync(CancellationToken cancellationToken)
    {
        if (!KnowsFolders) return new LockProbeResult(NothingTried([FolderFindings.NotOnThisSystem.At(repository.Address)], new("folders are probed on Linux only", "les dossiers ne sont essayés que sous Linux")), null);
        using var ports = ProbeOpener.OpenFolder(repository, probe);
        using var folder = TryRemember();
        var before = Load(folder);
        var now = clock.GetUtcNow();
        var scope = await LockScope.ReadAsync(ports.Store, ports.Layout, now, cancellationToken);
        var plan = new ProbePlan(repository.Address, new CanaryRun(Guid.CreateVersion7(now).ToString("N")), LockMode.Attribute, probe.Interval, TimeSpan.Zero, TimeSpan.Zero);
        var report = new FolderProbe(ports.Canaries, ports.Canaries, plan, clock, memory => Save(folder, memory)).Run(before, scope, cancellationToken);
        return new LockProbeResult(report with { Findings = [.. report.Findings.Concat(findings).OrderByDescending(f => f.Severity).ThenBy(f => f.Code, StringComparer.Ordinal)] }, null);
    }

    /// <summary>The result of a run of which nothing is known but why.</summary>
    public ProbeReport NothingTried(IReadOnlyList<Finding> why, Words reason) => new()
    {
        Verdict = ImmutabilityVerdict.Inconclusive, Findings = why, Unfinished = reason, StartedAt = clock.GetUtcNow(), ExpiresAt = clock.GetUtcNow() + probe.Interval + ProbePlan.Margin,
    };

    /// <summary>With the verifier's keys: those of the identity under test are for the attacks alone.</summary>
    private async Task<HorizonReport?> HorizonsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var opened = await openRepository(repository with { Store = ProbeOpener.VerifiersStore(repository, probe) }, cancellationToken);
            return opened is ILockHorizons format ? await format.HorizonsAsync(probe.Horizon, cancellationToken) : null;
        }
        catch (StoreException e)
        {
            findings.Add(DrillFindings.NotOpened.At(repository.Address, ("reason", e.Message)));
            return null;
        }
    }

    /// <summary>What a prune of restic leaves behind is not missed by anybody: packs that no snapshot names, indexes that were written anew, snapshots older than was promised.</summary>
    private bool IsMissed(StoredVersion v, HorizonReport horizons, DateTimeOffset now)
    {
        if (horizons.Snapshots.Count == 0) return true;
        var isBroken = horizons.Unfinished is not null || horizons.Snapshots.Any(s => s.Unresolved is not null);
        var name = v.Name[(v.Name.LastIndexOf('/') + 1)..];
        if (v.Name.StartsWith("data/", StringComparison.Ordinal)) return isBroken || horizons.Missing.Contains(name);
        if (v.Name.StartsWith("index/", StringComparison.Ordinal)) return isBroken;
        if (v.Name.StartsWith("snapshots/", StringComparison.Ordinal)) return repository.Policy.Retention is not { } retention || v.ModifiedAt + retention > now;
        return true;
    }

    private RepositoryMemory? TryRemember()
    {
        try
        {
            return RepositoryMemory.Open(repository.StateFolder, RepositoryAddress.Parse(repository.Address));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(ImmutabilityFindings.MemoryLost.At(repository.Address, ("reason", e.Message)));
            return null;
        }
    }

    private ProbeMemory Load(RepositoryMemory? folder)
    {
        if (folder is null) return new ProbeMemory();
        try
        {
            try
            {
                return ProbeFile.Load(folder.Probe);
            }
            catch (InvalidDataException e)
            {
                ProbeFile.PutAside(folder.Probe);
                findings.Add(ImmutabilityFindings.MemoryLost.At(repository.Address, ("reason", e.Message)));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(ImmutabilityFindings.MemoryLost.At(repository.Address, ("reason", e.Message)));
        }
        return new ProbeMemory();
    }

    private void Save(RepositoryMemory? folder, ProbeMemory memory)
    {
        if (folder is null) return;
        try
        {
            ProbeFile.Save(folder.Probe, memory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!findings.Exists(f => f.Kind == ImmutabilityFindings.MemoryLost)) findings.Add(ImmutabilityFindings.MemoryLost.At(repository.Address, ("reason", e.Message)));
        }
    }
}
