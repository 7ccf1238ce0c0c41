using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>Bends JSON text the way a hostile or broken writer would: mostly it stays JSON, and says something else.</summary>
internal static class JsonDamage
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 };

    private static readonly string[] Numbers = ["0", "-1", "1", "4294967295", "4294967296", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e400", "0.5"];
    private static readonly string[] Texts = ["", ".", "..", "/", "../../x", "a/b", "\\x00", "\\xff", "\\q", "\\", "con", "é", "\u202E", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z", "file", "dir", "symlink", "fifo", "data", "tree", "null"];

    public static byte[] Bend(byte[] json, Random random)
    {
        for (var times = random.Next(1, 4); times > 0; times--) json = BendOnce(json, random);
        return json;
    }

    private static byte[] BendOnce(byte[] json, Random random)
    {
        if (random.Next(5) == 0) return BendBytes(json, random);
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json);
            var places = Places(root).ToList();
            if (places.Count == 0) return BendBytes(json, random);
            Change(places[random.Next(places.Count)], random);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return BendBytes(json, random);
        }
        return Encoding.UTF8.GetBytes(root!.ToJsonString(Plain));    // a place was found in it
    }

    private static byte[] BendBytes(byte[] json, Random random)
    {
        if (json.Length == 0) return [(byte)random.Next(256)];
        var at = random.Next(json.Length);
        return random.Next(4) switch
        {
            0 => json[..at],
            1 => [.. json[..at], (byte)random.Next(256), .. json[at..]],
            2 => [.. json, .. json],
            _ => [.. json[..at], (byte)(json[at] ^ (1 << random.Next(8))), .. json[(at + 1)..]],
        };
    }

    private static IEnumerable<JsonNode> Places(JsonNode? node)
    {
        if (node is null) yield break;
        if (node.Parent is not null) yield return node;
        var below = node switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] };
        foreach (var place in below.ToList().SelectMany(Places)) yield return place;
    }

    private static void Change(JsonNode node, Random random)
    {
        JsonNode? other = random.Next(9) switch
        {
            0 => null,
            1 => JsonNode.Parse(Numbers[random.Next(Numbers.Length)]),
            2 => JsonValue.Create(Texts[random.Next(Texts.Length)]),
            3 => JsonValue.Create(new string((char)random.Next('0', 'z'), random.Next(2) == 0 ? 64 : 300)),
            4 => new JsonArray(),
            5 => new JsonObject(),
            6 => new JsonArray(node.DeepClone(), node.DeepClone()),
            7 => JsonValue.Create(random.Next(2) == 0),
            _ => node.Root is var root && Places(root).ToList() is var all ? all[random.Next(all.Count)].DeepClone() : null,
        };
        switch (node.Parent)
        {
            case JsonArray array when random.Next(4) == 0: array.Insert(random.Next(array.Count + 1), other); break;
            case JsonArray array when random.Next(4) == 0: array.Remove(node); break;
            case JsonArray array: array[array.IndexOf(node)] = other; break;
            case JsonObject parent when random.Next(4) == 0: parent.Remove(node.GetPropertyName()); break;
            case JsonObject parent: parent[node.GetPropertyName()] = other; break;
        }
    }
}
