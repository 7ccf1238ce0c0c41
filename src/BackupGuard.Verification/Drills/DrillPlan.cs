using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace BackupGuard.Verification.Drills;

/// <summary>What to restore and what to ask of it.</summary>
/// <param name="Repository">Its address, without secrets.</param>
/// <param name="Probes">Engines and questions, in their order.</param>
public sealed record DrillPlan(string Name, string Application, string Repository, SnapshotRule Snapshot, IReadOnlyList<Probe> Probes)
{
    /// <summary>Globs over the path inside the snapshot; empty for everything.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>How long it may take from the start to the last question answered; null where nobody said.</summary>
    public TimeSpan? LongestRto { get; init; }

    /// <summary>How old the restored data may be; null where nobody said.</summary>
    public TimeSpan? LongestRpo { get; init; }

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
            json.WriteString("snapshot", Snapshot.Text);
            // What is not asked for is not written: a definition keeps its hash when the language grows.
            if (Include.Count > 0) WriteAll(json, "include", Include);
            if (LongestRto is { } rto) json.WriteNumber("longestRtoSeconds", (long)rto.TotalSeconds);
            if (LongestRpo is { } rpo) json.WriteNumber("longestRpoSeconds", (long)rpo.TotalSeconds);
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

    internal static void WriteAll(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
