using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Exchange;

/// <summary>A definition as plain data: the same keys as in its file, without comments or places. What is written here is read back as the same definition.</summary>
internal static partial class DefinitionTree
{
    private const int LongestFlow = 120;

    /// <summary>Words that one reader of YAML or another takes for something else than text.</summary>
    private static readonly HashSet<string> Reserved = new(["true", "false", "null", "yes", "no", "on", "off", "y", "n"], StringComparer.OrdinalIgnoreCase);

    public static JsonNode Of(YamlNode node) => node switch
    {
        YamlMapping map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Value, (JsonNode?)Of(e.Value)))),
        YamlSequence sequence => new JsonArray([.. sequence.Items.Select(Of)]),
        // Only what reads the same in both languages becomes a value of JSON: 007 stays a text.
        YamlScalar { Quoted: false, Value: "true" or "false" } truth => JsonValue.Create(truth.Value == "true"),
        YamlScalar { Quoted: false } plain when Whole().IsMatch(plain.Value) => JsonValue.Create(int.Parse(plain.Value, CultureInfo.InvariantCulture)),
        YamlScalar scalar => JsonValue.Create(scalar.Value),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Yaml(JsonObject root)
    {
        var text = new StringBuilder();
        Map(text, root, 0);
        return text.ToString();
    }

    private static void Map(StringBuilder text, JsonObject map, int indent, bool inItem = false)
    {
        foreach (var (index, (key, value)) in map.Index())
        {
            text.Append(' ', index == 0 && inItem ? 0 : indent).Append(Key(key)).Append(':');
            Value(text, value, indent);
        }
    }

    private static void Value(StringBuilder text, JsonNode? value, int indent)
    {
        if (value is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 }) || Flow(value) is { Length: <= LongestFlow })
        {
            text.Append(' ').Append(Flow(value)).Append('\n');
            return;
        }

        text.Append('\n');
        if (value is JsonObject map)
        {
            Map(text, map, indent + 2);
            return;
        }

        foreach (var item in (JsonArray)value)
        {
            text.Append(' ', indent + 2).Append("- ");
            if (item is JsonObject { Count: > 0 } entry && Flow(entry).Length > LongestFlow)
            {
                Map(text, entry, indent + 4, inItem: true);
            }
            else
            {
                text.Append(Flow(item)).Append('\n');
            }
        }
    }

    private static string Flow(JsonNode? value) => value switch
    {
        JsonObject map => map.Count == 0 ? "{}" : $"{{ {string.Join(", ", map.Select(e => $"{Key(e.Key)}: {Flow(e.Value)}"))} }}",
        JsonArray items => $"[{string.Join(", ", items.Select(Flow))}]",
        JsonValue scalar when scalar.TryGetValue<string>(out var words) => Scalar(words),
        null => "null",
        _ => value.ToJsonString(),
    };

    private static string Key(string key) => PlainKey().IsMatch(key) ? key : Quoted(key);

    private static string Scalar(string text) =>
        LeadingZero().IsMatch(text) || (Word().IsMatch(text) && !Reserved.Contains(text)) ? text : Quoted(text);

    /// <summary>Everything that YAML could take for a line end, a mark or nothing is written by its number.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '"' or '\\')
            {
                quoted.Append('\\').Append(c);
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                quoted.Append(c).Append(text[++i]);
            }
            else if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff')
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(char.IsSurrogate(c) ? 0xfffd : c):x4}");
            }
            else
            {
                quoted.Append(c);
            }
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,8})\z")]
    private static partial Regex Whole();

    // A number is only read as one where it has no quotes, a text either way: 007 may have been either.
    [GeneratedRegex(@"^0[0-9]{1,8}\z")]
    private static partial Regex LeadingZero();

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9]*([-_][a-zA-Z0-9]+)*\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[a-zA-Z_][a-zA-Z0-9_-]*\z")]
    private static partial Regex PlainKey();
}
