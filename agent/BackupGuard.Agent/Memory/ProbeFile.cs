using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Memory;

/// <summary>What probes left behind, as one durable file of JSON: the settings taken for right, and the canaries that still stand.</summary>
internal static class ProbeFile
{
    private const string SchemaId = "backupguard.probe-memory/v1";
    private const int LargestBytes = 16 * 1024 * 1024;

    /// <returns>An empty memory when there is none yet.</returns>
    /// <exception cref="InvalidDataException">There is one, and it is not one of a probe.</exception>
    public static ProbeMemory Load(string path)
    {
        if (!File.Exists(path)) return new ProbeMemory();
        if (new FileInfo(path).Length > LargestBytes) throw new InvalidDataException($"it has more than {LargestBytes} bytes");
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(path), ProbeJson.Default.ProbeMemoryDocument) is not { Schema: SchemaId } document) throw new InvalidDataException("it is not of this version");
            return new ProbeMemory
            {
                Baseline = document.Baseline?.Select(b => new ConfigurationAnswer(b.Name, b.State, b.Text)).ToList(),
                BaselineAt = document.BaselineAt,
                ServerAhead = document.ServerAheadSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                // The names go through the type again: a file that somebody wrote cannot aim a deletion at anything else.
                Canaries = [.. document.Canaries.Select(c => new PlantedCanary(new CanaryVersion(new CanaryKey(new CanaryRun(c.Run), c.Name), c.Version), c.Sha256, c.Mode, c.RetainUntil, c.PlantedAt))],
            };
        }
        catch (Exception e) when (e is JsonException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("it is not the JSON of what a probe left behind");
        }
    }

    public static void Save(string path, ProbeMemory memory) => DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new ProbeMemoryDocument(SchemaId,
        memory.Baseline?.Select(b => new SettingLine(b.Name, b.State, b.Text)).ToList(), memory.BaselineAt, memory.ServerAhead?.TotalSeconds,
        [.. memory.Canaries.Select(c => new CanaryLine(c.Canary.Key.Run.Text, c.Canary.Key.Name, c.Canary.Version, c.Sha256, c.Mode, c.RetainUntil, c.PlantedAt))]), ProbeJson.Default.ProbeMemoryDocument));

    public static void PutAside(string path) => File.Move(path, path + ".unreadable", overwrite: true);
}

internal sealed record SettingLine(string Name, AnswerState State, string Text);

internal sealed record CanaryLine(string Run, string Name, string Version, string Sha256, LockMode Mode, DateTimeOffset RetainUntil, DateTimeOffset PlantedAt);

internal sealed record ProbeMemoryDocument(string Schema, IReadOnlyList<SettingLine>? Baseline, DateTimeOffset? BaselineAt, double? ServerAheadSeconds, IReadOnlyList<CanaryLine> Canaries);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(ProbeMemoryDocument))]
internal sealed partial class ProbeJson : JsonSerializerContext;
