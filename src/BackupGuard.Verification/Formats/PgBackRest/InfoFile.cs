using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>One of pgBackRest's own files (backup.info, archive.info, backup.manifest): sections of keys with JSON values, and a SHA-1 over all of them.</summary>
/// <remarks>
/// The checksum is over the text <c>{"section":{"key":value,…},…}</c> in the order of the file, without itself (src/info/info.c). It has no key: it shows accidents and
/// careless hands. The copy beside each file is the second witness.
/// </remarks>
internal sealed class InfoFile
{
    public const int LargestBytes = 512 << 20;
    private const int MostLines = 4_000_000;

    /// <summary>Bound on every number, so that no sum of them overflows.</summary>
    private const long Most = 1L << 50;
    private const string OwnSection = "backrest", ChecksumKey = "backrest-checksum";

    private readonly Dictionary<string, OrderedDictionary<string, string>> sections = new(StringComparer.Ordinal);

    private InfoFile(string checksum) => Checksum = checksum;

    /// <summary>Its own checksum, found right.</summary>
    public string Checksum { get; private set; }

    /// <summary>Its keys and values in the order of the file; empty when there is no such section.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Section(string name) => sections.TryGetValue(name, out var lines) ? lines : [];

    /// <summary>The value of a key, or null when it is not there.</summary>
    /// <exception cref="InvalidDataException">It is there and of another kind.</exception>
    public string? Text(string section, string key) => Find(section, key) is { } value ? Json(value, JsonValueKind.String).GetString() : null;

    public long? Number(string section, string key) => Find(section, key) is { } value ? Long(Json(value, JsonValueKind.Number), key) : null;
    public bool Flag(string section, string key) => Find(section, key) == "true";

    /// <exception cref="InvalidDataException">It is not such a file, or does not match its checksum.</exception>
    public static InfoFile Read(byte[] bytes) => Guarded(() => ReadLines(bytes));

    /// <summary>Values that are JSON and yet nothing (half a character, a sum without bounds) are damage, not a bug of ours.</summary>
    internal static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException or FormatException)
        {
            throw new InvalidDataException("a value in it is none that can be", e);
        }
    }

    private static InfoFile ReadLines(byte[] bytes)
    {
        var text = Decoded(bytes);
        var file = new InfoFile("");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        OrderedDictionary<string, string>? lines = null;
        string? section = null, stated = null;
        var (line, isOpen, hasAny) = (0, false, false);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var row = text[range];
            if (++line > MostLines) throw new InvalidDataException($"it has more than {MostLines} lines");
            if (row.Length == 0) continue;
            if (row[0] == '[' && row[^1] == ']')
            {
                section = row[1..^1];
                isOpen = false;
                if (!file.sections.TryGetValue(section, out lines)) file.sections[section] = lines = new(StringComparer.Ordinal);
                continue;
            }
            if (lines is null) throw new InvalidDataException($"line {line} stands before any section");
            var (key, value) = Split(row, line);
            if (!lines.TryAdd(key, value)) throw new InvalidDataException($"line {line} says for the second time what {key} is");
            if (section == OwnSection && key == ChecksumKey) { stated = Json(value, JsonValueKind.String).GetString(); continue; }
            Append(hash, isOpen ? "," : $"{(hasAny ? "}," : "{")}\"{section}\":{{");
            Append(hash, $"\"{key}\":{value}");
            (isOpen, hasAny) = (true, true);
        }
        if (stated is null) throw new InvalidDataException("it has no checksum of its own: it was cut, or is something else");
        Append(hash, "}}");
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != stated) throw new InvalidDataException("it does not match its own checksum: it was changed after it was written");
        file.Checksum = stated;
        return file;
    }

    internal static JsonElement Json(string value, JsonValueKind kind)
    {
        var element = Parse(value) ?? throw new InvalidDataException("a value in it is not JSON");
        return element.ValueKind == kind ? element : throw new InvalidDataException("a value in it is of another kind than expected");
    }

    internal static long Long(JsonElement number, string name) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var value) && value is >= 0 and <= Most ? value : throw new InvalidDataException($"{name} in it is no number that can be");

    private string? Find(string section, string key) => sections.TryGetValue(section, out var lines) && lines.TryGetValue(key, out var value) ? value : null;

    private static string Decoded(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("it is no text: it was overwritten, or encrypted with another passphrase", e);
        }
    }

    /// <summary>A key is a file's name and may hold an equals sign: the first behind which valid JSON stands is the one.</summary>
    private static (string Key, string Value) Split(string row, int line)
    {
        for (var at = row.IndexOf('='); at >= 0; at = row.IndexOf('=', at + 1))
        {
            var value = row[(at + 1)..];
            if (at > 0 && Parse(value) is not null) return (row[..at], value);
        }
        throw new InvalidDataException($"line {line} is no key with a value");
    }

    private static JsonElement? Parse(string value)
    {
        if (value.Length == 0 || !(value[0] is '{' or '[' or '"' or '-' or 't' or 'f' or 'n' || char.IsAsciiDigit(value[0]))) return null;
        try
        {
            using var document = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Append(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
}
