using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Drills;

/// <summary>A room for one drill: fresh, away from production, and gone afterwards.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A sandbox serves one drill: <see cref="PrepareAsync"/> MUST give an empty place that no other drill uses.</item>
/// <item>What it holds MUST be found again after the process was killed, so that the next start can remove it.</item>
/// <item>Every failure of <see cref="PrepareAsync"/> MUST be a <see cref="SandboxException"/>.</item>
/// </list>
/// </remarks>
public interface IDrillSandbox
{
    ValueTask<IRestoreTarget> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>What was restored; only after the target was committed.</summary>
    IRestoredFiles Files { get; }

    /// <summary>Removes everything, whatever went before, even nothing. MUST NOT throw and MUST NOT follow links. Takes no token: a drill that is cancelled is cleaned up too.</summary>
    /// <returns>Why something was left, or null when nothing was.</returns>
    ValueTask<string?> CleanUpAsync();
}

/// <summary>Puts one kind of question, or several, to what was restored.</summary>
/// <remarks>
/// MUST answer Failed only where the restored data gave a wrong answer, and Inconclusive where the question could not be put.
/// MUST leave no process and no file behind. May throw <see cref="SandboxException"/>, which counts as Inconclusive.
/// </remarks>
public interface IProbeRunner
{
    bool CanRun(Probe probe);
    Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken);
}

/// <summary>A sentence for people in both languages, without its final stop. Never file contents.</summary>
public readonly record struct Said(string English, string French);

public sealed record ProbeAnswer(Verdict Verdict, Said Detail);

/// <param name="Files">Regular files found in the sandbox.</param>
public sealed record ProbeScene(DateTimeOffset StartedAt, IRestoredFiles Restored, long Files, long Bytes);

/// <param name="Kind">restore, probe or cleanup.</param>
public sealed record DrillStep(string Kind, string Name, TimeSpan Duration, Verdict Verdict, Said Detail);

/// <summary>The outcome of one drill.</summary>
public sealed record DrillReport
{
    public required DateTimeOffset StartedAt { get; init; }
    public required TimeSpan Duration { get; init; }
    public required IReadOnlyList<Finding> Findings { get; init; }
    public required IReadOnlyList<DrillStep> Steps { get; init; }

    /// <summary>Why the drill proves nothing although nothing was wrong; null otherwise.</summary>
    public Words? Unfinished { get; init; }
    public SnapshotSummary? Snapshot { get; init; }

    /// <summary>The tool that gave the bytes; null where this agent read the backup itself.</summary>
    public DrivenBy? DrivenBy { get; init; }

    /// <summary>From the start to the last probe passed; null when not everything passed.</summary>
    public TimeSpan? MeasuredRto { get; init; }

    /// <summary>Age of the restored data at the start; null when it is not known.</summary>
    public TimeSpan? MeasuredRpo { get; init; }

    /// <summary>Regular files found in the sandbox after the restore: counted there, not taken from the restore's word.</summary>
    public long Files { get; init; }
    public long Bytes { get; init; }
    public bool CleanedUp { get; init; }
    public Verdict Verdict => Verdicts.Judge(Findings, Unfinished);
}
