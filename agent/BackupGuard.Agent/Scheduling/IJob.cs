using BackupGuard.Verification;

namespace BackupGuard.Agent.Scheduling;

/// <summary>Why and when a run began.</summary>
/// <param name="Run">An id of its own, in the intent's payload.</param>
/// <param name="StartedBy">schedule, missed (caught up after the machine was off), server or person.</param>
public sealed record JobStart(string Run, DateTimeOffset PlannedAt, DateTimeOffset StartedAt, string StartedBy);

/// <summary>Heavy work that leaves evidence: an intent before, a result after.</summary>
public interface IJob
{
    /// <summary>Stable across restarts, such as drill:dpi-weekly.</summary>
    string Id { get; }

    /// <summary>verify or drill: the evidence types are TYPE.intent and TYPE.result.</summary>
    string Type { get; }
    string Application { get; }

    /// <summary>JSON object, below 48 KiB.</summary>
    byte[] Intent(JobStart start);

    /// <summary>The result's JSON object, below 48 KiB. MUST end as a result when cancelled; an exception is a bug.</summary>
    Task<byte[]> RunAsync(JobStart start, CancellationToken cancellationToken);

    /// <summary>The result of a run of which nothing is known but why.</summary>
    byte[] Unknown(JobStart start, Finding finding, Words reason);
}

/// <summary>A job that comes up by itself.</summary>
public sealed record ScheduledJob(IJob Job, Calendar Calendar)
{
    /// <summary>When it does not begin.</summary>
    public IReadOnlyList<Blackout> Blackouts { get; init; } = [];

    public bool IsBlackedOut(DateTimeOffset now) => Blackouts.Any(b => b.Contains(now));
}

/// <summary>What the spool still knows of earlier runs; asked once, at start, when a run was cut off.</summary>
public interface IRecordedRuns
{
    /// <summary>The counter of the TYPE.intent entry whose payload's "run" is that id, or null.</summary>
    long? FindIntent(string type, string run);

    /// <summary>Whether a result that closes this intent was recorded.</summary>
    bool HasResult(long intent);
}
