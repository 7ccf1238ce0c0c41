using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification;

/// <summary>A backup of one format, opened for looking: every format gives these three and nothing that writes into it.</summary>
/// <remarks>
/// None of the members throws for what is wrong with the backup: that is a <see cref="Finding"/>. What the store refuses or cannot do ends as an
/// unfinished look (<see cref="VerifyReport.Unfinished"/>). Only a bug or a cancellation leaves as an exception.
/// </remarks>
public interface IBackupRepository
{
    Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken);

    /// <summary>What is there, without reading data.</summary>
    Task<InspectReport> InspectAsync(CancellationToken cancellationToken);

    /// <summary>Restores one snapshot into <paramref name="target"/>, which the caller commits or discards by the report's verdict.</summary>
    Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken);
}

/// <summary>How much of the data to read. Structure and metadata are always read whole.</summary>
/// <param name="Share">1 for all, 0 for none, between for a sample.</param>
/// <param name="LimitBytes">A bound on the bytes of data read, or null.</param>
/// <param name="LimitTime">No object is begun after this time, or null.</param>
public readonly record struct ReadData(double Share, long? LimitBytes, TimeSpan? LimitTime = null)
{
    public static ReadData All => new(1, null);
    public static ReadData None => new(0, null);
}

public sealed record VerifyOptions
{
    public ReadData ReadData { get; init; } = ReadData.All;

    /// <summary>What was read in earlier runs; null to judge by this run alone.</summary>
    public ICoverageMemory? Memory { get; init; }

    /// <summary>A backup is proved when no byte of it was last read longer ago than this.</summary>
    public TimeSpan Promise { get; init; } = DefaultPromise;

    public static readonly TimeSpan DefaultPromise = TimeSpan.FromDays(31);

    /// <summary>Threads that read and check; 0 for one a processor.</summary>
    public int Workers { get; init; }

    /// <summary>Told of each finding as soon as it is made, from any thread: a long look must not keep to itself what it saw in its first minute. What the damage hurts
    /// ("?") is known only at the end, and stands in the report, with everything else.</summary>
    public Action<Finding>? Found { get; init; }

    public required TimeProvider Clock { get; init; }
}

public sealed record RestoreOptions
{
    /// <summary>The id, an unambiguous beginning of it (at least 4 digits), or "latest".</summary>
    public required string Snapshot { get; init; }

    /// <summary>Globs over the path inside the snapshot ("*", "?", "**"); empty for everything.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    public int Workers { get; init; }

    public required TimeProvider Clock { get; init; }
}

/// <summary>Progress of long work. <see cref="TotalBytes"/> is 0 while it is not known yet.</summary>
public readonly record struct WorkProgress(string Phase, long DoneBytes, long TotalBytes, long DoneObjects, long TotalObjects, int Findings);

/// <param name="TakenAt">When the data were read, by the backup's own word.</param>
/// <param name="Files">Regular files reachable.</param>
/// <param name="Bytes">Their content, in bytes, before compression and deduplication.</param>
public sealed record SnapshotSummary(string Id, DateTimeOffset TakenAt, long Files, long Bytes)
{
    /// <summary>The newest change of any file in it, by the files' own word and not later than now; null when the format does not tell. Old data in a new snapshot show here.</summary>
    public DateTimeOffset? NewestFileAt { get; init; }
    public string Host { get; init; } = "";
    public IReadOnlyList<string> Paths { get; init; } = [];
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>What a copy consists of beside its data, whole or not given at all: what is missing from it is missing from the backup.</summary>
/// <param name="SnapshotIds">Every snapshot that is listed, readable or not, by an id that changes with its content.</param>
/// <param name="IsHistory">Whether snapshots gather in it (restic, Borg), or each takes the place of the one before (a sealed set, a base backup).</param>
public sealed record Inventory(IReadOnlyList<string> SnapshotIds, IReadOnlyList<KeyHolder> Keys, Protection Protection, bool IsHistory);

/// <summary>Somebody who can open the copy.</summary>
/// <param name="Id">Changes when the key does.</param>
public sealed record KeyHolder(string Id, string Description);

/// <summary>How a copy is encrypted, as seen by opening it.</summary>
/// <param name="Cipher">"" for a plain copy.</param>
/// <param name="KeyDerivation">From the password, with its cost; "" where none is involved.</param>
/// <param name="Weakness">What an attacker with the copy would begin with; null when nothing is known.</param>
public sealed record Protection(string Cipher, string KeyDerivation, Words? Weakness)
{
    public static readonly Protection Plain = new("", "", null);

    /// <summary>Nobody looked. Neither plain nor encrypted: where encryption is required, this is no answer.</summary>
    public static readonly Protection Unknown = new("", "", null) { IsKnown = false };

    public bool IsKnown { get; private init; } = true;
    public bool IsEncrypted => Cipher.Length > 0;
}

/// <summary>Whose word a result is, where this agent did not look itself or not at everything.</summary>
/// <param name="Tool">As the program names itself.</param>
/// <param name="Version">As it says; "" when it did not.</param>
public sealed record DrivenBy(string Tool, string Version)
{
    public override string ToString() => $"{Tool} {Version}".TrimEnd();
}

public sealed record VerifyReport
{
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Null where this agent read everything itself.</summary>
    public DrivenBy? DrivenBy { get; init; }

    /// <summary>Why the look could not be finished; null when it was.</summary>
    public Words? Unfinished { get; init; }

    /// <summary>The repository's own id, or "" when it could not be read.</summary>
    public string RepositoryId { get; init; } = "";

    public long BytesRead { get; init; }
    public long ObjectsRead { get; init; }

    /// <summary>Share of the stored data bytes that was read and authenticated, 0 to 1: in this run, or, with a memory, within the promise.</summary>
    public double Coverage { get; init; }

    /// <summary>The same for this run alone.</summary>
    public double CoverageThisRun { get; init; }

    /// <summary>When each byte was last read, over all runs; null where no memory was given.</summary>
    public CoverageSummary? Memory { get; init; }

    public IReadOnlyList<SnapshotSummary> Snapshots { get; init; } = [];

    /// <summary>Whether what is inside is still our data, by series; empty where that was not asked.</summary>
    public IReadOnlyList<SeriesSignals> Signals { get; init; } = [];

    /// <summary>Null when any part of it could not be listed.</summary>
    public Inventory? Inventory { get; init; }
    public Verdict Verdict => Verdicts.Judge(Findings, Unfinished);
}

public sealed record InspectReport
{
    public required string Format { get; init; }

    /// <summary>Null where this agent read everything itself.</summary>
    public DrivenBy? DrivenBy { get; init; }
    public required IReadOnlyList<Finding> Findings { get; init; }
    public Words? Unfinished { get; init; }
    public string RepositoryId { get; init; } = "";
    public IReadOnlyList<SnapshotSummary> Snapshots { get; init; } = [];

    /// <summary>What else is worth showing (keys, locks, sizes), as label and value, in the format's own words.</summary>
    public IReadOnlyList<(string Label, string Value)> Facts { get; init; } = [];

    /// <summary>Null when any part of it could not be listed.</summary>
    public Inventory? Inventory { get; init; }
    public Verdict Verdict => Verdicts.Judge(Findings, Unfinished);
}

public sealed record RestoreReport
{
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The tool that gave the bytes; null where this agent read the backup itself.</summary>
    public DrivenBy? DrivenBy { get; init; }
    public Words? Unfinished { get; init; }
    public SnapshotSummary? Snapshot { get; init; }
    public long Files { get; init; }
    public long Bytes { get; init; }
    public Verdict Verdict => Verdicts.Judge(Findings, Unfinished);
}
