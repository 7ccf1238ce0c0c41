using System.Text.Json.Serialization;

namespace BackupGuard.Contracts;

/// <summary>A finding as printed by --format json and carried in evidence.</summary>
/// <param name="Severity">error, warning or info.</param>
/// <param name="Message">In English; the server shows its own language by code.</param>
public sealed record FindingDocument(string Code, string Severity, string Subject, string Message, string Remedy)
{
    /// <summary>The same two sentences in French, so that a reader needs no catalogue of this version.</summary>
    public string MessageFr { get; init; } = "";
    public string RemedyFr { get; init; } = "";

    /// <summary>Some of the paths concerned; printed for people at the machine, left out of evidence.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];
}

public sealed record SnapshotDocument(string Id, DateTimeOffset Time, long Files, long Bytes)
{
    public string Host { get; init; } = "";
    public IReadOnlyList<string> Paths { get; init; } = [];
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>backupguard.verify/v1: the outcome of one verification.</summary>
public sealed record VerifyDocument
{
    public const string SchemaId = "backupguard.verify/v1";
    public string Schema { get; init; } = SchemaId;
    public required string Repository { get; init; }
    public string RepositoryId { get; init; } = "";

    /// <summary>proved, failed or inconclusive.</summary>
    public required string Verdict { get; init; }

    /// <summary>Why the look could not be finished; null otherwise.</summary>
    public string? Unfinished { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required double DurationSeconds { get; init; }
    public long BytesRead { get; init; }
    public long ObjectsRead { get; init; }

    /// <summary>Share of the stored bytes read and authenticated: in this run, or, where the agent remembers, within its promise. 0 to 1.</summary>
    public double Coverage { get; init; }

    /// <summary>The same for this run alone.</summary>
    public double CoverageThisRun { get; init; }

    /// <summary>When each byte was last read, over all runs; null where nothing is remembered.</summary>
    public MemoryDocument? Memory { get; init; }
    public IReadOnlyList<SnapshotDocument> Snapshots { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <summary>The promise "nothing older than so many days", and what it lacks.</summary>
/// <param name="Oldest">The oldest last reading of any byte that was ever read; null when none was.</param>
public sealed record MemoryDocument(double PromiseDays, long Bytes, long BytesNeverRead, long BytesTooOld, DateTimeOffset? Oldest);

/// <summary>backupguard.inspect/v1.</summary>
public sealed record InspectDocument
{
    public const string SchemaId = "backupguard.inspect/v1";
    public string Schema { get; init; } = SchemaId;
    public required string Repository { get; init; }
    public string RepositoryId { get; init; } = "";
    public required string Format { get; init; }
    public required string Verdict { get; init; }
    public string? Unfinished { get; init; }
    public IReadOnlyList<FactDocument> Facts { get; init; } = [];
    public IReadOnlyList<SnapshotDocument> Snapshots { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

public sealed record FactDocument(string Label, string Value);

/// <summary>backupguard.restore/v1.</summary>
public sealed record RestoreDocument
{
    public const string SchemaId = "backupguard.restore/v1";
    public string Schema { get; init; } = SchemaId;
    public required string Repository { get; init; }
    public required string Verdict { get; init; }
    public string? Unfinished { get; init; }
    public string Snapshot { get; init; } = "";
    public required string Target { get; init; }
    public long Files { get; init; }
    public long Bytes { get; init; }
    public required double DurationSeconds { get; init; }
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <summary>One step of a drill.</summary>
/// <param name="Kind">restore, probe or cleanup.</param>
/// <param name="Verdict">proved, failed or inconclusive.</param>
public sealed record DrillStepDocument(string Kind, string Name, double DurationSeconds, string Verdict, string Detail)
{
    public string DetailFr { get; init; } = "";
}

/// <summary>backupguard.drill/v1.</summary>
public sealed record DrillDocument
{
    public const string SchemaId = "backupguard.drill/v1";
    public string Schema { get; init; } = SchemaId;
    public required string Drill { get; init; }

    /// <summary>SHA-256 of the drill's definition: an edit is another drill, and starts without proof.</summary>
    public required string DefinitionHash { get; init; }
    public required string Application { get; init; }
    public required string Repository { get; init; }
    public required string Verdict { get; init; }
    public string? Unfinished { get; init; }
    public SnapshotDocument? Snapshot { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required double DurationSeconds { get; init; }

    /// <summary>From the start of the drill to the last probe passed; null when not everything passed.</summary>
    public double? MeasuredRtoSeconds { get; init; }

    /// <summary>Age of the restored data when the drill started; null when nothing was restored.</summary>
    public double? MeasuredRpoSeconds { get; init; }
    public long Files { get; init; }
    public long Bytes { get; init; }
    public IReadOnlyList<DrillStepDocument> Steps { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
    public bool CleanedUp { get; init; }

    /// <summary>schedule, missed (caught up after the machine was off), server or person.</summary>
    public string StartedBy { get; init; } = "person";
}

/// <summary>Source-generated serialization of what is printed and sent. Unknown members are tolerated across versions, duplicates never.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(VerifyDocument))]
[JsonSerializable(typeof(InspectDocument))]
[JsonSerializable(typeof(RestoreDocument))]
[JsonSerializable(typeof(DrillDocument))]
public sealed partial class DocumentJson : JsonSerializerContext;
