using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Spool;
using BackupGuard.Evidence;

namespace BackupGuard.Agent.Link;

/// <summary>What enrolment left behind in <c>link.json</c>: where the server is and how to know it again.</summary>
/// <param name="ServerKey">The pin, or null when the certificate's chain is trusted.</param>
/// <param name="Establishment">The hospital's name, for people.</param>
internal sealed record LinkSettings(string Server, string AgentId, string? ServerKey, string Establishment)
{
    public const string FileName = "link.json";

    /// <returns>Null when the agent was not enrolled.</returns>
    /// <exception cref="UsageException">The file is damaged.</exception>
    public static LinkSettings? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            var settings = JsonSerializer.Deserialize(new SpoolDisk().Read(path, 16 * 1024), LinkJson.Default.LinkSettings) ?? throw new JsonException("null");
            ServerAddress.Parse(settings.Server);
            if (settings.ServerKey is { } pin) ServerPin.Parse(pin);
            return EvidenceEntry.IsAgentName(settings.AgentId) ? settings : throw new JsonException("agentId");
        }
        catch (Exception e) when (e is JsonException or UsageException or IOException)
        {
            throw new UsageException($"{path} is damaged ({e.Message}). Enrol the agent again.");
        }
    }

    public void Save(string folder) => StateFile.Write(folder, FileName, JsonSerializer.SerializeToUtf8Bytes(this, LinkJson.Default.LinkSettings));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, WriteIndented = true)]
[JsonSerializable(typeof(LinkSettings))]
internal sealed partial class LinkJson : JsonSerializerContext;
