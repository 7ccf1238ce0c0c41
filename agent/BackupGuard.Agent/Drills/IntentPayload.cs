using System.Globalization;
using System.Text.Json.Nodes;
using BackupGuard.Agent.Scheduling;

namespace BackupGuard.Agent.Drills;

internal static class IntentPayload
{
    /// <summary>What is about to be done, and under which "run" it will be found again.</summary>
    public static byte[] Of(JobStart start, params ReadOnlySpan<(string Name, string Value)> about)
    {
        var payload = new JsonObject
        {
            ["run"] = start.Run, ["plannedAt"] = Instant(start.PlannedAt), ["startedAt"] = Instant(start.StartedAt), ["startedBy"] = start.StartedBy,
        };
        foreach (var (name, value) in about) payload[name] = value;
        return System.Text.Encoding.UTF8.GetBytes(payload.ToJsonString());
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
