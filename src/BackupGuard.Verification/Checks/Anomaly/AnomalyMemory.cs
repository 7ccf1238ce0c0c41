using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Who decided that a suspicious snapshot is all right, and why.</summary>
public sealed record Acceptance(string By, string Reason, DateTimeOffset At);

/// <summary>What is kept of one judged snapshot.</summary>
/// <param name="Numbers">Null where nothing could be compared.</param>
public sealed record RunRecord(string Snapshot, DateTimeOffset TakenAt, AnomalyVerdict Verdict, long Files, long Bytes, RunNumbers? Numbers)
{
    public Acceptance? Accepted { get; init; }

    /// <summary>Whether a drill restored this snapshot and its probes passed.</summary>
    public bool Drilled { get; init; }

    /// <summary>What was said when the doubt arose, for whoever decides.</summary>
    public string Reasons { get; init; } = "";

    [JsonIgnore]
    public bool IsDoubted => Verdict is AnomalyVerdict.Suspicious or AnomalyVerdict.Infected && Accepted is null;
}

/// <summary>What the check of one repository, host and set of paths remembers between its runs.</summary>
/// <param name="Key">Repository id, host and paths, hashed: see <see cref="KeyOf"/>.</param>
public sealed record AnomalyMemory(string Key)
{
    public const string SchemaId = "backupguard.signals/v1";
    public const int MostRecords = 400;
    public const int MostExtensions = 4096;
    public const int LargestBytes = 4 << 20;

    public string Schema { get; init; } = SchemaId;

    /// <summary>By time, oldest first.</summary>
    public IReadOnlyList<RunRecord> Records { get; init; } = [];

    /// <summary>Extensions of snapshots that nobody doubts.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Runs that teach what is normal: doubted ones only once a person accepted them.</summary>
    [JsonIgnore]
    public IEnumerable<RunRecord> Teaching => Records.Where(r => !r.IsDoubted);

    /// <summary>The oldest doubt that nobody has answered.</summary>
    [JsonIgnore]
    public RunRecord? StandingDoubt => Records.FirstOrDefault(r => r.IsDoubted);

    /// <summary>The newest snapshot before any standing doubt that was proved clean; else the newest without a sign.</summary>
    [JsonIgnore]
    public RunRecord? LastKnownClean
    {
        get
        {
            var undoubted = Records.TakeWhile(r => !r.IsDoubted).Where(r => r.Verdict is AnomalyVerdict.Clean or AnomalyVerdict.NoSignSeen || r.Accepted is not null).ToList();
            return undoubted.FindLast(r => r.Verdict == AnomalyVerdict.Clean || r.Drilled) ?? undoubted.LastOrDefault();
        }
    }

    public RunRecord? Find(string snapshot) => Records.LastOrDefault(r => r.Snapshot == snapshot);

    /// <summary>Adds a judged snapshot, in its place in time; a second judgement of one snapshot replaces the first but keeps what people decided.</summary>
    public AnomalyMemory With(RunRecord record, IEnumerable<string> extensions)
    {
        if (Find(record.Snapshot) is { } known) record = record with { Accepted = record.Accepted ?? known.Accepted, Drilled = record.Drilled || known.Drilled };
        var records = Records.Where(r => r.Snapshot != record.Snapshot).Append(record).OrderBy(r => r.TakenAt).ThenBy(r => r.Snapshot, StringComparer.Ordinal).TakeLast(MostRecords).ToList();
        var known2 = record.IsDoubted ? Extensions : [.. Extensions.Union(extensions, StringComparer.Ordinal).Take(MostExtensions)];
        return this with { Records = records, Extensions = known2 };
    }

    /// <summary>A person has looked: the snapshot is no longer doubted, and teaches.</summary>
    /// <returns>Null when no snapshot of that id is doubted.</returns>
    public AnomalyMemory? Accept(string snapshot, Acceptance acceptance)
    {
        if (Find(snapshot) is not { IsDoubted: true } doubted) return null;
        return this with { Records = [.. Records.Select(r => ReferenceEquals(r, doubted) ? r with { Accepted = acceptance } : r)] };
    }

    /// <summary>A drill restored this snapshot and its probes passed.</summary>
    public AnomalyMemory WithDrill(string snapshot) => this with { Records = [.. Records.Select(r => r.Snapshot == snapshot ? r with { Drilled = true } : r)] };

    /// <summary>Backups of one host and one set of paths are a series; others in the same repository are others.</summary>
    public static string KeyOf(string repositoryId, SnapshotSummary snapshot)
    {
        var text = string.Join('\0', [repositoryId, snapshot.Host, .. snapshot.Paths.Order(StringComparer.Ordinal)]);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AnomalyJson.Default.AnomalyMemory);

    /// <returns>Null with the reason when these bytes are no such memory.</returns>
    public static AnomalyMemory? Parse(ReadOnlySpan<byte> bytes, out string refusal)
    {
        refusal = "";
        try
        {
            if (bytes.Length > LargestBytes) refusal = $"it is larger than {LargestBytes} bytes";
            else if (JsonSerializer.Deserialize(bytes, AnomalyJson.Default.AnomalyMemory) is not { Schema: SchemaId } memory) refusal = $"it is not of the schema {SchemaId}";
            else if (memory.Records.Any(r => r is null) || memory.Records.Zip(memory.Records.Skip(1), (a, b) => a.TakenAt <= b.TakenAt).Contains(false)) refusal = "its records are not in the order of time";
            else return memory;
        }
        catch (JsonException e)
        {
            refusal = $"it is not the JSON of such a memory ({e.Message})";
        }
        return null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AnomalyMemory))]
[JsonSerializable(typeof(CanaryRegister))]
internal sealed partial class AnomalyJson : JsonSerializerContext;
