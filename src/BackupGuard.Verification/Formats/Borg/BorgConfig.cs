using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>The repository's <c>config</c> file: one INI section, values may go on in indented lines (Borg internals, "Config file").</summary>
/// <param name="Id">32 bytes.</param>
/// <param name="Key">The encrypted key in base64 of the repokey modes, or "".</param>
internal sealed record BorgConfig(int Version, int SegmentsPerFolder, byte[] Id, string Key, bool AppendOnly)
{
    public const int LargestBytes = 64 * 1024;
    private const int MostPerFolder = 1_000_000;

    public static BorgConfig? TryParse(ReadOnlySpan<byte> bytes, out Words reason)
    {
        reason = new("it is not text", "ce n’est pas du texte");
        if (bytes.ContainsAnyInRange((byte)0, (byte)8)) return null;
        if (Values(Encoding.UTF8.GetString(bytes), out reason) is not { } values) return null;
        string Value(string name) => values.GetValueOrDefault(name, "");

        reason = new("its version is no number", "sa version n’est pas un nombre");
        if (!int.TryParse(Value("version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return null;
        // Of another version only the number counts: the rest may look different there.
        if (version != 1) return new BorgConfig(version, 1, [], "", false);
        reason = new("its segments_per_dir is no usable number", "son segments_per_dir n’est pas un nombre utilisable");
        if (!int.TryParse(Value("segments_per_dir"), NumberStyles.None, CultureInfo.InvariantCulture, out var perFolder) || perFolder is < 1 or > MostPerFolder) return null;
        reason = new("its id is not 64 hexadecimal digits", "son id n’est pas fait de 64 chiffres hexadécimaux");
        if (Value("id") is not { Length: 64 } id || !id.All(char.IsAsciiHexDigit)) return null;
        return new BorgConfig(version, perFolder, Convert.FromHexString(id), Value("key"), Value("append_only") == "1");
    }

    private static Dictionary<string, string>? Values(string text, out Words reason)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var (inSection, last) = (false, "");
        reason = new("it has no section [repository]", "il n’a pas de section [repository]");
        foreach (var line in text.Split('\n'))
        {
            var content = line.Trim();
            if (content.Length == 0 || content[0] is '#' or ';') continue;
            if (content[0] == '[' && line[0] == '[') { (inSection, last) = (content == "[repository]", ""); continue; }
            if (!inSection) continue;
            if (line[0] is ' ' or '\t' && last.Length > 0) { values[last] += "\n" + content; continue; }
            var equals = content.IndexOf('=');
            if (equals <= 0)
            {
                reason = new("a line has no name and value", "une ligne n’a pas de nom et de valeur");
                return null;
            }
            last = content[..equals].TrimEnd().ToLowerInvariant();
            if (values.TryAdd(last, content[(equals + 1)..].TrimStart())) continue;
            reason = new($"it names {last} twice", $"il nomme {last} deux fois");
            return null;
        }
        return values.Count == 0 ? null : values;
    }
}
