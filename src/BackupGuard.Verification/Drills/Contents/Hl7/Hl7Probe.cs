using System.Text.Json;

namespace BackupGuard.Verification.Drills.Contents.Hl7;

/// <summary>Every matching file holds whole HL7 v2 messages.</summary>
/// <param name="Least">files, messages, and messages by their type (ADT, or ADT^A01).</param>
/// <param name="UniqueIds">No two messages of one sender have the same control id.</param>
public sealed record Hl7Probe(Glob Glob, SortedDictionary<string, long> Least, TimeSpan Timeout, bool UniqueIds) : ContentProbe(Glob, Least, Timeout)
{
    public override string Kind => "hl7";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        base.WriteDefinition(json);
        json.WriteBoolean("uniqueIds", UniqueIds);
    }
}
