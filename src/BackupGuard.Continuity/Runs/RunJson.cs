using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackupGuard.Continuity.Runs;

/// <summary>Events to JSON and back: strict, because what is read here is what was signed.</summary>
public static class RunJson
{
    public static string Write(RunEvent @event) => JsonSerializer.Serialize(@event, RunJsonContext.Default.RunEvent);

    /// <exception cref="JsonException">Unknown type, unknown or double member, missing value.</exception>
    public static RunEvent Read(string json) => JsonSerializer.Deserialize(json, RunJsonContext.Default.RunEvent) ?? throw new JsonException("An event cannot be null.");

    /// <summary>The stable name of an event's type, such as run.step-completed.</summary>
    public static string TypeOf(RunEvent @event) => Names[@event.GetType()];

    private static readonly Dictionary<Type, string> Names = typeof(RunEvent).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false)
        .Cast<JsonDerivedTypeAttribute>().ToDictionary(a => a.DerivedType, a => (string)a.TypeDiscriminator!);
}

// Out of order: canonical bytes sort their members, and "actor" comes before "type".
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(RunEvent))]
internal sealed partial class RunJsonContext : JsonSerializerContext;
