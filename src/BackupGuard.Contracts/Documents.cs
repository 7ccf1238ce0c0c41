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

/// <summary>Whose word a result is, where the agent did not look itself or not at everything.</summary>
/// <param name="Version">As the tool says; "" when it did not.</param>
public sealed record DrivenByDocument(string Tool, string Version);

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
    public string? UnfinishedFr { get; init; }

    /// <summary>Null where the agent read everything itself.</summary>
    public DrivenByDocument? DrivenBy { get; init; }
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

    /// <summary>Whether what is inside is still the hospital's data, one for each series of snapshots, the doubted first; empty where nobody asked.</summary>
    public IReadOnlyList<SignalsDocument> Signals { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <summary>What the anomaly check says of the newest snapshot of one series (the backups of one host and one set of paths).</summary>
/// <param name="Verdict">clean, no-sign-seen, suspicious, infected, accepted (doubted, and a person answered for it) or not-judged.</param>
/// <param name="FreezeRetention">Somebody must stop pruning: a doubt stands that nobody has answered.</param>
/// <param name="LastClean">The newest snapshot before any standing doubt; null when there is none.</param>
/// <param name="LastCleanProved">By canaries or a drill; otherwise there was only no sign.</param>
public sealed record SignalsDocument(string Series, string Verdict, string Snapshot, DateTimeOffset SnapshotTime, bool FreezeRetention, string? LastClean, DateTimeOffset? LastCleanTime, bool LastCleanProved);

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
    public string? UnfinishedFr { get; init; }

    /// <summary>Null where the agent read everything itself.</summary>
    public DrivenByDocument? DrivenBy { get; init; }
    public IReadOnlyList<FactDocument> Facts { get; init; } = [];
    public IReadOnlyList<SnapshotDocument> Snapshots { get; init; } = [];

    /// <summary>With --locks: until when each snapshot cannot be destroyed, by the store's own word.</summary>
    public IReadOnlyList<HorizonDocument> Horizons { get; init; } = [];
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
    public string? UnfinishedFr { get; init; }

    /// <summary>Null where the agent read everything itself.</summary>
    public DrivenByDocument? DrivenBy { get; init; }
    public string Snapshot { get; init; } = "";
    public required string Target { get; init; }
    public long Files { get; init; }
    public long Bytes { get; init; }
    public required double DurationSeconds { get; init; }
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <summary>One step of a drill.</summary>
/// <param name="Kind">restore, engine, probe or cleanup.</param>
/// <param name="Verdict">proved, failed or inconclusive.</param>
public sealed record DrillStepDocument(string Kind, string Name, double DurationSeconds, string Verdict, string Detail)
{
    public string DetailFr { get; init; } = "";

    /// <summary>What was counted, by name; null where nothing was.</summary>
    public IReadOnlyList<MeasureDocument>? Measures { get; init; }

    /// <summary>What was kept on the agent's machine; null where nothing was.</summary>
    public IReadOnlyList<ArtefactDocument>? Artefacts { get; init; }
}

public sealed record MeasureDocument(string Name, double Value);

/// <summary>Something kept beside the evidence, under its hash.</summary>
/// <param name="Sha256">Hexadecimal.</param>
public sealed record ArtefactDocument(string Name, string MediaType, string Sha256, long Bytes);

/// <summary>One question put again to a copy damaged on purpose.</summary>
/// <param name="Damage">What was done to the copy; empty where this question cannot be spoiled.</param>
/// <param name="Verdict">The answer then; only failed proves that the alarm rings.</param>
public sealed record ControlStepDocument(string Name, string Damage, string Verdict, string Detail)
{
    public string DamageFr { get; init; } = "";
    public string DetailFr { get; init; } = "";
}

/// <summary>The negative control of a drill.</summary>
/// <param name="AlarmProved">Every question went red.</param>
public sealed record NegativeControlDocument(bool AlarmProved, IReadOnlyList<ControlStepDocument> Steps);

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
    public string? UnfinishedFr { get; init; }

    /// <summary>The tool that gave the bytes; null where the agent read the backup itself.</summary>
    public DrivenByDocument? DrivenBy { get; init; }
    public SnapshotDocument? Snapshot { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required double DurationSeconds { get; init; }

    /// <summary>From the start of the drill to the last probe passed; null when not everything passed.</summary>
    public double? MeasuredRtoSeconds { get; init; }

    /// <summary>Where only a part was restored: the restore's time in proportion to the bytes of the whole snapshot, plus the time of everything else. Null otherwise.</summary>
    public double? ScaledRtoSeconds { get; init; }

    /// <summary>What readiness goes by: a part that came back fast says nothing of the whole.</summary>
    [JsonIgnore]
    public double? WholeRtoSeconds => ScaledRtoSeconds ?? MeasuredRtoSeconds;

    /// <summary>Of the restore; null where nothing was measured.</summary>
    [JsonIgnore]
    public double? RestoreBytesPerSecond => RestoreSeconds > 0 ? Bytes / RestoreSeconds : null;

    /// <summary>Age of the restored data when the drill started; null when nothing was restored.</summary>
    public double? MeasuredRpoSeconds { get; init; }

    /// <summary>data: a date inside the restored data; snapshot: the snapshot's own time. Null when the RPO was not measured.</summary>
    public string? RpoMethod { get; init; }

    /// <summary>How long the restore itself took; 0 when it did not end well.</summary>
    public double RestoreSeconds { get; init; }
    public long Files { get; init; }
    public long Bytes { get; init; }
    public IReadOnlyList<DrillStepDocument> Steps { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
    public bool CleanedUp { get; init; }

    /// <summary>Null where none was run this time: the alarm of this definition was proved before, or not everything passed.</summary>
    public NegativeControlDocument? Control { get; init; }

    /// <summary>schedule, missed (caught up after the machine was off), server or person.</summary>
    public string StartedBy { get; init; } = "person";
}

/// <summary>One job of the agent's calendar.</summary>
/// <param name="Job">Such as drill:dpi-weekly.</param>
/// <param name="State">planned, due, waiting (for the end of a blackout), running or overdue (due for more than a day).</param>
/// <param name="NextAt">The next planned moment, or the one that was not run yet; null when there is none.</param>
/// <param name="LastAt">The planned moment of the last run that began; null when none did.</param>
public sealed record QueuedJobDocument(string Job, string Application, string State, DateTimeOffset? NextAt, DateTimeOffset? LastAt);

/// <summary>backupguard.queue/v1.</summary>
public sealed record QueueDocument
{
    public const string SchemaId = "backupguard.queue/v1";

    /// <summary>Due for longer than this is overdue: a night and the day after it have passed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);
    public string Schema { get; init; } = SchemaId;
    public required DateTimeOffset At { get; init; }
    public required IReadOnlyList<QueuedJobDocument> Jobs { get; init; }

    /// <summary>Jobs that did not fit into an evidence entry.</summary>
    public int LeftOut { get; init; }
}

/// <summary>backupguard.probe/v1: one attempt to destroy what must not be destroyed, on a canary.</summary>
public sealed record ProbeDocument
{
    public const string SchemaId = "backupguard.probe/v1";
    public string Schema { get; init; } = SchemaId;
    public required string Repository { get; init; }

    /// <summary>proved, failed or inconclusive: proved only where <see cref="Immutability"/> is.</summary>
    public required string Verdict { get; init; }

    /// <summary>proved, proved-governance, iam-only, config-only, inconclusive, hidden or exposed.</summary>
    public required string Immutability { get; init; }

    /// <summary>Why it is neither good nor bad; null otherwise.</summary>
    public string? Unfinished { get; init; }
    public string? UnfinishedFr { get; init; }

    /// <summary>Whose keys were tried, by their public name.</summary>
    public string Identity { get; init; } = "";
    public string Verifier { get; init; } = "";
    public IReadOnlyList<string> ApprovedBy { get; init; } = [];

    /// <summary>The lock of the canary as the verifier saw it: compliance, governance, none, unknown.</summary>
    public string CanaryMode { get; init; } = "";
    public ProbeScopeDocument? Scope { get; init; }
    public IReadOnlyList<AttackDocument> Attacks { get; init; } = [];
    public ControlDocument? Control { get; init; }
    public IReadOnlyList<SettingDocument> Settings { get; init; } = [];
    public IReadOnlyList<DriftDocument> Drifts { get; init; } = [];

    /// <summary>The store's clock minus the agent's; null when the store never said.</summary>
    public double? ServerAheadSeconds { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required double DurationSeconds { get; init; }

    /// <summary>From then on this says nothing any more.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
    public int CanariesStanding { get; init; }
    public IReadOnlyList<HorizonDocument> Horizons { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <summary>What was read of the backup objects themselves: the locks of the newest ones, and what lies hidden.</summary>
public sealed record ProbeScopeDocument(long Objects, int NewestLooked, int NewestUnlocked, int NewestUnknown, IReadOnlyList<string> Modes, long Hidden);

/// <param name="Answer">accepted, refused or none. What counts is <paramref name="Intact"/>.</param>
/// <param name="Status">HTTP status, 0 without one.</param>
/// <param name="Intact">yes, no or unknown: by the verifier's own reading afterwards.</param>
public sealed record AttackDocument(string Attack, string Answer, int Status, string Code, string RequestId, DateTimeOffset? ServerDate, string Intact, string Seen);

/// <summary>The deletion of a canary past its date by the same identity.</summary>
/// <param name="Outcome">passed, refused, accepted-but-there, not-due or unknown.</param>
public sealed record ControlDocument(string Outcome, string Canary, DateTimeOffset? RetainUntil, int Status, string Code, string RequestId);

/// <param name="State">said, not-set or hidden.</param>
public sealed record SettingDocument(string Name, string State, string Sha256);

public sealed record DriftDocument(string Setting, string Before, string Now);

/// <summary>Until when one snapshot cannot be destroyed.</summary>
/// <param name="Until">Recoverable until; null when something that it needs is not held now, or not known to be.</param>
/// <param name="UntilFull">Readable as it is until.</param>
public sealed record HorizonDocument(string Snapshot, DateTimeOffset Time, DateTimeOffset? Until, DateTimeOffset? UntilFull, int Objects, long Bytes, int Unlocked, long UnlockedBytes, int Unknown,
    DateTimeOffset? FirstExpiry, int ExtendObjects, long ExtendBytes, DateTimeOffset? ExtendBefore, string? Unresolved)
{
    public string? UnresolvedFr { get; init; }
}

/// <summary>backupguard.copies/v1: the copies of one dataset that one agent knows, and 3-2-1-1-0 as far as it can tell. A server that hears several agents judges anew.</summary>
public sealed record CopiesDocument
{
    public const string SchemaId = "backupguard.copies/v1";
    public string Schema { get; init; } = SchemaId;
    public required string Dataset { get; init; }
    public required string Application { get; init; }

    /// <summary>proved when all five are met, failed when one is missing, inconclusive otherwise.</summary>
    public required string Verdict { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Where the data themselves live; null where this agent was not told.</summary>
    public string? OriginalMedium { get; init; }
    public string? OriginalSite { get; init; }
    public IReadOnlyList<CopyDocument> Copies { get; init; } = [];
    public IReadOnlyList<RequirementDocument> Requirements { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <summary>One copy, with what the agent remembers of it.</summary>
/// <param name="Name">The repository's name in agent.yaml.</param>
/// <param name="Repository">Its address.</param>
public sealed record CopyDocument(string Name, string Repository, string Medium, string Site)
{
    /// <summary>By procedure it is disconnected most of the time.</summary>
    public bool Offline { get; init; }

    /// <summary>The last verification: proved, failed or inconclusive; null when there was none.</summary>
    public string? Verdict { get; init; }
    public DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>The last probe, in the words of backupguard.probe/v1; null when there was none.</summary>
    public string? Immutability { get; init; }
    public DateTimeOffset? ProbedAt { get; init; }
    public DateTimeOffset? ProbeExpiresAt { get; init; }

    /// <summary>When a person last saw it disconnected, and in which role.</summary>
    public DateTimeOffset? SeenOfflineAt { get; init; }
    public string? SeenOfflineBy { get; init; }
}

/// <param name="Requirement">three-copies, two-media, one-off-site, one-offline-or-immutable or zero-errors.</param>
/// <param name="State">met, missing or unknown.</param>
public sealed record RequirementDocument(string Requirement, string State, IReadOnlyList<RequirementEvidenceDocument> Evidence);

/// <param name="At">When that was seen; null when it never was.</param>
public sealed record RequirementEvidenceDocument(string Copy, string What, string WhatFr, DateTimeOffset? At);

/// <summary>backupguard.copies-report/v1: what `copies` prints.</summary>
public sealed record CopiesReportDocument
{
    public const string SchemaId = "backupguard.copies-report/v1";
    public string Schema { get; init; } = SchemaId;

    /// <summary>The worst of all datasets.</summary>
    public required string Verdict { get; init; }
    public required IReadOnlyList<CopiesDocument> Datasets { get; init; }
}

/// <summary>backupguard.attested/v1: results of restore tests that somebody else ran and somebody else vouches for. Never a proof of ours.</summary>
public sealed record AttestedDocument
{
    public const string SchemaId = "backupguard.attested/v1";
    public string Schema { get; init; } = SchemaId;

    /// <summary>Its name under external in agent.yaml.</summary>
    public required string Source { get; init; }

    /// <summary>veeam-surebackup, rubrik, aws-backup or declared.</summary>
    public required string Product { get; init; }
    public required string Application { get; init; }

    /// <summary>Account, cluster or backup server that the results are from.</summary>
    public required string Tenant { get; init; }

    /// <summary>The role of the person who took it in.</summary>
    public required string AttestedBy { get; init; }
    public required DateTimeOffset AttestedAt { get; init; }

    /// <summary>The document itself stays with the hospital; this is its hash, in lower-case hexadecimal.</summary>
    public required string DocumentSha256 { get; init; }
    public required long DocumentBytes { get; init; }

    /// <summary>What the document claims: passed, failed or nothing (no test was run, or none finished).</summary>
    public required string Claim { get; init; }

    /// <summary>From then on it says nothing any more; null when it says nothing now.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
    public IReadOnlyList<AttestedTestDocument> Tests { get; init; } = [];

    /// <summary>Tests of the document that are not listed here.</summary>
    public int TestsLeftOut { get; init; }
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
}

/// <param name="Subject">Machine or resource that was restored.</param>
/// <param name="Outcome">passed, failed, not-tested or unfinished.</param>
/// <param name="Level">How far it went: application, boot, restore or none.</param>
/// <param name="RestorePoint">The age of the data that were restored; null where the document does not tell.</param>
public sealed record AttestedTestDocument(string Subject, string Outcome, string Level, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? RestorePoint, string Says);

/// <summary>Source-generated serialization of what is printed and sent. Unknown members are tolerated across versions, duplicates never.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(VerifyDocument))]
[JsonSerializable(typeof(InspectDocument))]
[JsonSerializable(typeof(RestoreDocument))]
[JsonSerializable(typeof(DrillDocument))]
[JsonSerializable(typeof(QueueDocument))]
[JsonSerializable(typeof(ProbeDocument))]
[JsonSerializable(typeof(CopiesDocument))]
[JsonSerializable(typeof(CopiesReportDocument))]
[JsonSerializable(typeof(AttestedDocument))]
public sealed partial class DocumentJson : JsonSerializerContext;
