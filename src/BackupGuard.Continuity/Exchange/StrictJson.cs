using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackupGuard.Continuity.Exchange;

/// <summary>JSON from strangers: bounded in size, depth and number of values, and refused where one key is written twice (two programs would read two different files).</summary>
internal static class StrictJson
{
    public const int MaxCharacters = 8 * 1024 * 1024;
    private const int MaxDepth = 48;
    private const int MaxValues = 500_000;

    /// <exception cref="ExchangeRefused">With the place, line:column from 1.</exception>
    public static JsonObject Read(string text)
    {
        if (text.Length > MaxCharacters)
        {
            throw new ExchangeRefused("BG3151", "1:1", "Le fichier dépasse 8 Mio. Un playbook n’est jamais si grand : demandez-le sans pièces jointes.",
                "The file is larger than 8 MiB. A playbook never is: ask for it without attachments.");
        }

        var bytes = Encoding.UTF8.GetBytes(text.TrimStart('\ufeff'));
        Walk(bytes);
        return JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth + 1 }) as JsonObject
            ?? throw new ExchangeRefused("BG3153", "1:1", "Le fichier n’est pas un objet JSON : ce n’est pas un playbook.", "The file is not a JSON object: this is no playbook.");
    }

    private static void Walk(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth + 2 });
        var keys = new Stack<HashSet<string>?>();
        var values = 0;
        try
        {
            while (reader.Read())
            {
                if (++values > MaxValues || reader.CurrentDepth > MaxDepth)
                {
                    throw new ExchangeRefused("BG3151", Place(bytes, reader.TokenStartIndex),
                        $"Trop de valeurs ({MaxValues}) ou d’imbrications ({MaxDepth}). Découpez ce playbook.", $"Too many values ({MaxValues}) or levels ({MaxDepth}). Split this playbook.");
                }

                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        keys.Push(new(StringComparer.Ordinal));
                        break;
                    case JsonTokenType.StartArray:
                        keys.Push(null);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        keys.Pop();
                        break;
                    case JsonTokenType.PropertyName when !keys.Peek()!.Add(reader.GetString()!):
                        throw new ExchangeRefused("BG3152", Place(bytes, reader.TokenStartIndex),
                            $"La clé « {Short(reader.GetString()!)} » est écrite deux fois : laquelle est la bonne ?", $"The key “{Short(reader.GetString()!)}” is written twice: which one is right?");
                    case JsonTokenType.String:
                        _ = reader.GetString();
                        break;
                }
            }
        }
        // Half of a surrogate pair has no text; it is found here, so that nobody who reads on meets it.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var at = e is JsonException { LineNumber: { } line, BytePositionInLine: { } column } ? $"{line + 1}:{column + 1}" : Place(bytes, reader.TokenStartIndex);
            throw new ExchangeRefused("BG3150", at, "Ce n’est pas du JSON lisible à cet endroit : le fichier est tronqué, abîmé, ou n’est pas un playbook CACAO.",
                "This is not readable JSON here: the file is cut off, damaged, or no CACAO playbook.");
        }
    }

    public static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static string Place(byte[] bytes, long index)
    {
        var before = bytes.AsSpan(0, (int)Math.Min(index, bytes.Length));
        var line = before.Count((byte)'\n') + 1;
        return $"{line}:{before.Length - before.LastIndexOf((byte)'\n')}";
    }
}
