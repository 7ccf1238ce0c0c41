using System.Text.Json;

namespace BackupGuard.Verification.Drills.Contents.Fhir;

/// <summary>Every matching file holds FHIR resources in JSON: one (a Bundle, mostly), or in *.ndjson and *.jsonl one a line.</summary>
/// <param name="Least">files, resources, and resources by their type (Patient).</param>
/// <param name="References">Within a Bundle every reference that is not to another server leads to a resource of that Bundle.</param>
public sealed record FhirProbe(Glob Glob, SortedDictionary<string, long> Least, TimeSpan Timeout, bool References) : ContentProbe(Glob, Least, Timeout)
{
    public override string Kind => "fhir";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        base.WriteDefinition(json);
        json.WriteBoolean("references", References);
    }
}
