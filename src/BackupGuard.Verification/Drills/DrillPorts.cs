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

    /// <summary>Bytes that may still be written there (disk and quota, whichever is less), or null where nobody can tell.</summary>
    long? FreeBytes => null;

    /// <summary>Damages what was restored, for the negative control; null where that cannot be done.</summary>
    IDamage? Damage => null;

    /// <summary>The room for processes, made when it is first asked for. MUST be gone after <see cref="CleanUpAsync"/>.</summary>
    /// <exception cref="SandboxException">This machine can make none.</exception>
    ValueTask<IDrillRoom> RoomAsync(CancellationToken cancellationToken) => throw new SandboxException("this sandbox has no room for processes");

    /// <summary>Removes everything, whatever went before, even nothing. MUST NOT throw and MUST NOT follow links. Takes no token: a drill that is cancelled is cleaned up too.</summary>
    /// <returns>Why something was left, or null when nothing was.</returns>
    ValueTask<string?> CleanUpAsync();
}

/// <summary>Puts one kind of question, or several, to what was restored.</summary>
/// <remarks>
/// MUST answer Failed only where the restored data gave a wrong answer, and Inconclusive where the question could not be put.
/// MUST leave no process and no file behind when the scene is closed. May throw <see cref="SandboxException"/>, which counts as Inconclusive.
/// An engine adds what it started to <see cref="ProbeScene.Services"/>, and MUST be able to start it again after that service was stopped.
/// </remarks>
public interface IProbeRunner
{
    bool CanRun(Probe probe);
    Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken);

    /// <summary>
    /// Damages the restored copy so that this question, which was answered well, must now be answered badly. Called in the order from the last question to the first, so
    /// that a database is emptied before its files are destroyed.
    /// </summary>
    /// <returns>What was damaged, for people, or null where this question cannot be spoiled: its alarm is then never proved.</returns>
    Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => Task.FromResult<Said?>(null);
}

/// <summary>A sentence for people in both languages, without its final stop. Never file contents.</summary>
public readonly record struct Said(string English, string French);

public sealed record ProbeAnswer(Verdict Verdict, Said Detail)
{
    /// <summary>What was counted, by name: kept in the evidence, and what the next drill is compared with. Never a patient's data.</summary>
    public IReadOnlyDictionary<string, double> Measures { get; init; } = new Dictionary<string, double>();

    /// <summary>The newest business date found in the data; it measures the RPO better than the snapshot's own time.</summary>
    public DateTimeOffset? NewestData { get; init; }

    /// <summary>What is kept beside the evidence (a screenshot); only its hash goes into it.</summary>
    public IReadOnlyList<Artefact> Artefacts { get; init; } = [];

    /// <summary>The files that were found wrong, by name (<see cref="FindingKind.AtPath"/>): the name stays at the machine.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

public sealed record Artefact(string Name, string MediaType, byte[] Content);

/// <param name="Kind">restore, engine, probe or cleanup.</param>
public sealed record DrillStep(string Kind, string Name, TimeSpan Duration, Verdict Verdict, Said Detail)
{
    public IReadOnlyDictionary<string, double> Measures { get; init; } = new Dictionary<string, double>();
    public IReadOnlyList<Artefact> Artefacts { get; init; } = [];
}

/// <summary>One question, put again to a copy that was damaged so that it must be answered badly.</summary>
/// <param name="Damage">What was done to the copy; null where this question cannot be spoiled.</param>
/// <param name="Verdict">The answer then: only Failed proves that the alarm rings.</param>
public sealed record ControlStep(string Name, Said? Damage, Verdict Verdict, Said Detail)
{
    public bool Rang => Damage is not null && Verdict == Verdict.Failed;
}

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

    /// <summary>Where only a part was restored: the restore's time scaled by the bytes of the whole snapshot, the questions' time as it was. Null otherwise.</summary>
    public TimeSpan? ScaledRto { get; init; }

    /// <summary>Age of the restored data at the start; null when it is not known.</summary>
    public TimeSpan? MeasuredRpo { get; init; }

    /// <summary>Whether a date inside the data measured the RPO, and not the snapshot's own time.</summary>
    public bool RpoFromData { get; init; }

    /// <summary>Regular files found in the sandbox after the restore: counted there, not taken from the restore's word.</summary>
    public long Files { get; init; }
    public long Bytes { get; init; }

    /// <summary>How long reading and writing of <see cref="Bytes"/> took.</summary>
    public TimeSpan RestoreTook { get; init; }

    /// <summary>The negative control; null where none was run.</summary>
    public IReadOnlyList<ControlStep>? Control { get; init; }

    /// <summary>Every question of the definition was seen to go red on a damaged copy.</summary>
    public bool AlarmProved => Control is { Count: > 0 } control && control.All(c => c.Rang);
    public bool CleanedUp { get; init; }
    public Verdict Verdict => Verdicts.Judge(Findings, Unfinished);
}
