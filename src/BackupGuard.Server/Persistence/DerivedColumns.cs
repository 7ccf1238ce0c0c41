using System.Text.Json;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>The columns that stand beside an entry so that it can be found: written once, derived again by fsck.</summary>
internal sealed record DerivedColumns(string Origin, string KeyId, long Counter, string Type, string? Run)
{
    public static DerivedColumns Of(EvidenceEntry entry) => new(entry.Origin, entry.KeyId, entry.Counter, entry.Type, RunOf(entry));

    // Only this server writes runs: an agent's payload may say "run" and mean something else.
    private static string? RunOf(EvidenceEntry entry)
    {
        if (entry.Origin != EvidenceEntry.ServerOrigin)
        {
            return null;
        }
        using var payload = JsonDocument.Parse(entry.Payload);
        return payload.RootElement.TryGetProperty("run", out var run) && run.ValueKind == JsonValueKind.String ? run.GetString() : null;
    }
}
