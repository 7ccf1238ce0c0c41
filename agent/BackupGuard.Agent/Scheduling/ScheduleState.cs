using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackupGuard.Agent.Scheduling;

/// <summary>What is known of one job between runs.</summary>
internal sealed record JobState
{
    /// <summary>The line and zone for which the rest was written: an edit of the line makes up for nothing.</summary>
    public required string Calendar { get; init; }

    /// <summary>Occurrences up to here were run, or were made up for by one run.</summary>
    public required DateTimeOffset SettledUntil { get; init; }

    /// <summary>Planned instants that were run, the newest last: after the clock stepped back they must not come up again.</summary>
    public IReadOnlyList<DateTimeOffset> Ran { get; init; } = [];

    /// <summary>A run was interrupted and is to be repeated, once.</summary>
    public bool RunAgain { get; init; }
    public OpenRun? Open { get; init; }
}

/// <summary>A run between its intent and its result.</summary>
/// <param name="Type">verify or drill.</param>
/// <param name="Result">What to record should nobody come back: at first that it was interrupted, at the end the true result.</param>
/// <param name="IsRepeat">It repeats an interrupted run; should it be interrupted too, the next occurrence will do.</param>
internal sealed record OpenRun(string Run, string Type, string Application, DateTimeOffset PlannedAt, DateTimeOffset StartedAt, bool IsRepeat, JsonElement Result)
{
    public long? Intent { get; init; }
    public bool IsFinished { get; init; }
}

internal sealed record ScheduleDocument
{
    public const string SchemaId = "backupguard.schedule/v1";
    public required string Schema { get; init; }
    public required Dictionary<string, JobState> Jobs { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ScheduleDocument))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ScheduleJson : JsonSerializerContext;

/// <summary>The calendar's memory, one durable file. Every change is on disk before the method returns.</summary>
internal sealed class ScheduleState
{
    private const int LargestBytes = 16 * 1024 * 1024;

    private readonly string _file;
    private readonly Dictionary<string, JobState> _jobs;

    private ScheduleState(string file, Dictionary<string, JobState> jobs) => (_file, _jobs) = (file, jobs);

    /// <param name="setAside">Where an unreadable file was moved, or null. The calendar then begins anew: nothing is made up for.</param>
    public static ScheduleState Open(string file, out string? setAside)
    {
        setAside = null;
        if (Read(file) is { } state) return state;
        setAside = file + ".damaged";
        File.Move(file, setAside, overwrite: true);
        return new ScheduleState(file, new(StringComparer.Ordinal));
    }

    /// <returns>Null when the file is not one of ours, which stays where it is.</returns>
    public static ScheduleState? Read(string file)
    {
        if (!File.Exists(file)) return new ScheduleState(file, new(StringComparer.Ordinal));
        try
        {
            if (new FileInfo(file).Length > LargestBytes) return null;
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(file), ScheduleJson.Default.ScheduleDocument);
            return document?.Schema == ScheduleDocument.SchemaId ? new ScheduleState(file, new(document.Jobs, StringComparer.Ordinal)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public IReadOnlyCollection<KeyValuePair<string, JobState>> Jobs => _jobs;
    public JobState? Find(string job) => _jobs.GetValueOrDefault(job);

    public void Save(string job, JobState state)
    {
        _jobs[job] = state;
        DurableFile.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(new ScheduleDocument { Schema = ScheduleDocument.SchemaId, Jobs = _jobs }, ScheduleJson.Default.ScheduleDocument));
    }
}
