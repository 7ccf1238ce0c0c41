using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace BackupGuard.Verification.Drills;

/// <summary>What to restore and what to ask of it.</summary>
/// <param name="Repository">Its address, without secrets.</param>
/// <param name="Snapshot">Rule for the snapshot: "latest", or the beginning of an id.</param>
public sealed record DrillPlan(string Name, string Application, string Repository, string Snapshot, IReadOnlyList<Probe> Probes)
{
    /// <summary>SHA-256 of the canonical definition in hexadecimal: an edit is another drill and starts without proof.</summary>
    /// <remarks>When and where the drill runs are not part of it: they change neither what is restored nor what is asked.</remarks>
    public string DefinitionHash => Convert.ToHexStringLower(SHA256.HashData(Canonical()));

    internal byte[] Canonical()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("definition", "backupguard.drill-definition/v1");
            json.WriteString("name", Name);
            json.WriteString("application", Application);
            json.WriteString("repository", Repository);
            json.WriteString("snapshot", Snapshot);
            json.WriteStartArray("probes");
            foreach (var probe in Probes)
            {
                json.WriteStartObject();
                json.WriteString("kind", probe.Kind);
                probe.WriteDefinition(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}
