using System.Text.Json;

namespace BackupGuard.Verification.Drills.Contents.Fhir;

/// <summary>Whether the references inside one Bundle lead somewhere. Source: HL7 FHIR R4, "Bundle", "Resolving references in Bundles".</summary>
internal static class BundleReferences
{
    /// <summary>How many lead to nothing. One with http: or https: that is not in the Bundle, and one that is a search, lead to a server: they are not judged.</summary>
    public static long Unresolved(JsonElement bundle)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in bundle.GetProperty("entry").EnumerateArray())
        {
            if (TextOf(entry, "fullUrl") is { } url) known.Add(url);
            if (entry.TryGetProperty("resource", out var resource) && TextOf(resource, "id") is { } id) known.Add($"{FhirReader.TypeOf(resource)}/{id}");
        }
        var lost = 0L;
        foreach (var entry in bundle.GetProperty("entry").EnumerateArray())
            if (entry.TryGetProperty("resource", out var resource)) lost += Lost(resource, known, Contained(resource));
        return lost;
    }

    private static HashSet<string> Contained(JsonElement resource)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal) { "#" };
        if (resource.TryGetProperty("contained", out var contained) && contained.ValueKind == JsonValueKind.Array)
            foreach (var inner in contained.EnumerateArray())
                if (inner.ValueKind == JsonValueKind.Object && TextOf(inner, "id") is { } id) ids.Add("#" + id);
        return ids;
    }

    /// <remarks>As deep as the parser went: it refuses more than 128 levels.</remarks>
    private static long Lost(JsonElement element, HashSet<string> known, HashSet<string> contained) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Sum(e => Lost(e, known, contained)),
        JsonValueKind.Object => element.EnumerateObject().Sum(p => p.NameEquals("reference") && p.Value.ValueKind == JsonValueKind.String
            ? Leads(p.Value.GetString()!, known, contained) ? 0 : 1
            : Lost(p.Value, known, contained)),
        _ => 0,
    };

    private static bool Leads(string reference, HashSet<string> known, HashSet<string> contained)
    {
        if (reference.StartsWith('#')) return contained.Contains(reference);
        var target = reference.Split("/_history/")[0];
        return known.Contains(target) || target.StartsWith("http:", StringComparison.Ordinal) || target.StartsWith("https:", StringComparison.Ordinal) || target.Contains('?', StringComparison.Ordinal);
    }

    private static string? TextOf(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
