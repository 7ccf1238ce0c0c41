using System.Text.Json;
using System.Text.Unicode;

namespace BackupGuard.Verification.Drills.Contents.Fhir;

/// <summary>Reads FHIR resources written as JSON, strictly: UTF-8, no comment, no name twice in one object, each resource with its type.</summary>
/// <remarks>Source: HL7 FHIR R4 and R5, "JSON Representation of Resources", "Bundle" and "Bulk Data" (ndjson). Profiles and value sets are not judged.</remarks>
public static class FhirReader
{
    private const int MostBytes = 256 << 20;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 128, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow, AllowDuplicateProperties = false };

    /// <param name="found">Gets the type of each resource; of a Bundle those inside it, too.</param>
    /// <param name="references">See <see cref="FhirProbe"/>.</param>
    /// <exception cref="BrokenContentException">With the reason and the line.</exception>
    /// <exception cref="IOException"/>
    public static void Read(Stream stream, bool isLines, bool references, Action<string> found, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var resources = 0L;
        if (isLines)
            foreach (var (line, bytes) in Lines(stream))
            {
                cancellationToken.ThrowIfCancellationRequested();
                One(bytes, line, references, found);
                resources++;
            }
        else if (stream.Length > 0)
        {
            if (stream.Length > MostBytes) throw TooLarge();
            var whole = new byte[stream.Length];
            stream.ReadExactly(whole);
            One(whole, 0, references, found);
            resources++;
        }
        if (resources == 0) throw new BrokenContentException(new("there is no resource in it", "il ne contient aucune ressource"));
    }

    private static void One(ReadOnlyMemory<byte> json, long line, bool references, Action<string> found)
    {
        if (!Utf8.IsValid(json.Span)) throw Broken(line, new("it is no UTF-8", "ce n’est pas de l’UTF-8"));
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            Resource(document.RootElement, line, references, found);
        }
        catch (JsonException e)
        {
            // Its message may quote the text.
            throw Broken(line + (e.LineNumber ?? 0), new($"it is no JSON from character {e.BytePositionInLine ?? 0} of the line on", $"ce n’est plus du JSON à partir du caractère {e.BytePositionInLine ?? 0} de la ligne"));
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape: JSON by its grammar, and no text.
            throw Broken(line, new("a text of it is none", "un texte qu’il contient n’en est pas un"));
        }
    }

    private static void Resource(JsonElement resource, long line, bool references, Action<string> found)
    {
        var type = TypeOf(resource) ?? throw Broken(line, new("a resource has no type", "une ressource n’a pas de type"));
        found(type);
        if (type != "Bundle") return;
        if (!resource.TryGetProperty("type", out var kind) || kind.ValueKind != JsonValueKind.String) throw Broken(line, new("a Bundle does not say what it is for", "un Bundle ne dit pas à quoi il sert"));
        if (!resource.TryGetProperty("entry", out var entries)) return;
        if (entries.ValueKind != JsonValueKind.Array) throw Broken(line, new("the entries of a Bundle are no list", "les entrées d’un Bundle ne sont pas une liste"));
        foreach (var entry in entries.EnumerateArray())
            if (entry.ValueKind != JsonValueKind.Object) throw Broken(line, new("an entry of a Bundle is no object", "une entrée d’un Bundle n’est pas un objet"));
            else if (entry.TryGetProperty("resource", out var inner)) Resource(inner, line, references, found);
        if (references && BundleReferences.Unresolved(resource) is > 0 and var lost)
            throw Broken(line, new($"{lost} references lead to nothing in their Bundle", $"{lost} références ne mènent à rien dans leur Bundle"));
    }

    internal static string? TypeOf(JsonElement resource) =>
        resource.ValueKind == JsonValueKind.Object && resource.TryGetProperty("resourceType", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is { Length: > 1 and <= 64 } name
            && char.IsAsciiLetterUpper(name[0]) && name.All(char.IsAsciiLetter) ? name : null;

    private static IEnumerable<(long Line, ReadOnlyMemory<byte> Bytes)> Lines(Stream stream)
    {
        var (buffer, filled, line) = (new byte[64 * 1024], 0, 0L);
        for (var ended = false; !ended;)
        {
            if (filled == buffer.Length)
            {
                if (buffer.Length >= MostBytes) throw TooLarge();
                Array.Resize(ref buffer, buffer.Length * 2);
            }
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            (filled, ended) = (filled + read, read == 0);
            var from = 0;
            for (int at; (at = buffer.AsSpan(from, filled - from).IndexOf((byte)'\n')) >= 0; from += at + 1)
            {
                if (!IsBlank(buffer.AsSpan(from, at))) yield return (line, buffer.AsMemory(from, at));
                line++;
            }
            buffer.AsSpan(from, filled - from).CopyTo(buffer);
            filled -= from;
        }
        if (!IsBlank(buffer.AsSpan(0, filled))) yield return (line, buffer.AsMemory(0, filled));
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8).IsEmpty;

    private static BrokenContentException TooLarge() => new(new($"a resource of it is larger than {MostBytes >> 20} MiB", $"une de ses ressources dépasse {MostBytes >> 20} Mio"), isLimit: true);

    private static BrokenContentException Broken(long line, Words reason) => new(new($"line {line + 1}: {reason.En}", $"ligne {line + 1}\u00a0: {reason.Fr}"));
}
