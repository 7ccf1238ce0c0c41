using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>The answer of <c>info --output=json</c> about one stanza.</summary>
/// <param name="Code">0 ok; 1 and 3 no such stanza, 2 no valid backup; others as pgBackRest has them (src/command/info/info.c).</param>
internal sealed record InfoAnswer(int Code, string Message, string Cipher, string SystemId, IReadOnlyList<ListedBackup> Backups, IReadOnlyList<(string Id, string Min, string Max)> Archives)
{
    public const int Ok = 0, NoStanza = 1, NoBackup = 2, NoStanzaData = 3;
    public const long LargestBytes = 64 << 20;

    /// <exception cref="InvalidDataException">It is not what info writes about this stanza.</exception>
    public static InfoAnswer Read(byte[] output, string stanza, int repository)
    {
        try
        {
            using var document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            var all = document.RootElement;
            if (all.ValueKind != JsonValueKind.Array || all.GetArrayLength() != 1) throw new InvalidDataException("info did not answer about one stanza");
            var about = all[0];
            if (about.GetProperty("name").GetString() != stanza) throw new InvalidDataException("info answered about another stanza");
            // The status of the repository asked for, not the mixture over all of them.
            var repo = about.GetProperty("repo").EnumerateArray().FirstOrDefault(r => r.GetProperty("key").GetInt32() == repository);
            if (repo.ValueKind == JsonValueKind.Undefined) throw new InvalidDataException($"info did not answer about repository {repository}");
            var status = repo.GetProperty("status");
            var db = about.GetProperty("db").EnumerateArray().LastOrDefault();
            return new InfoAnswer(status.GetProperty("code").GetInt32(), status.GetProperty("message").GetString() ?? "", repo.GetProperty("cipher").GetString() ?? "",
                db.ValueKind == JsonValueKind.Object && db.GetProperty("system-id") is { ValueKind: JsonValueKind.Number } id ? id.GetRawText() : "",
                [.. about.GetProperty("backup").EnumerateArray().Where(b => b.GetProperty("database").GetProperty("repo-key").GetInt32() == repository).Select(Backup)],
                [.. about.GetProperty("archive").EnumerateArray().Where(a => a.GetProperty("database").GetProperty("repo-key").GetInt32() == repository)
                    .Select(a => (Text(a, "id") ?? "", Text(a, "min") ?? "", Text(a, "max") ?? ""))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"info did not answer with what it is known to: {e.Message}", e);
        }
    }

    private static ListedBackup Backup(JsonElement b) => new(
        Text(b, "label") is { } label && StoredManifest.IsLabel(label) ? label : throw new InvalidDataException("info names a backup with a name that is none"),
        Seconds(b.GetProperty("timestamp"), "start"), b.GetProperty("info").GetProperty("size").GetInt64(), b.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.True, Text(b, "type") ?? "");

    private static DateTimeOffset Seconds(JsonElement times, string name) =>
        times.GetProperty(name).GetInt64() is var at and >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(at) : throw new InvalidDataException("info gives a time that cannot be");

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="HasPageErrors">pgBackRest saw wrong page checksums in the cluster while it copied.</param>
internal sealed record ListedBackup(string Label, DateTimeOffset StartedAt, long Size, bool HasPageErrors, string Type);

/// <param name="Subject">A backup's label or an archive's id.</param>
/// <param name="Faults">Kind and count, only those that are not 0.</param>
internal sealed record VerifiedPart(string Subject, bool IsArchive, string Status, long Checked, long Valid, IReadOnlyList<(string Kind, long Count)> Faults)
{
    public bool IsValid => Status == "valid" && Checked == Valid && Faults.Count == 0;
}

/// <summary>The answer of <c>verify --output=text --verbose</c>. Its exit status is 0 whatever it found (2.45, src/command/verify/verify.c), so only these lines count.</summary>
/// <param name="Errors">Sentences that stand for themselves, such as "No usable backup.info file".</param>
internal sealed partial record VerifyAnswer(bool IsOk, IReadOnlyList<VerifiedPart> Parts, IReadOnlyList<string> Errors)
{
    public const long LargestBytes = 64 << 20;
    private static readonly string[] FaultKinds = ["missing", "checksum invalid", "size invalid", "other"];

    /// <exception cref="InvalidDataException">A line of it is not known; says which.</exception>
    public static VerifyAnswer Read(byte[] output, string stanza)
    {
        var lines = Encoding.UTF8.GetString(output).Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        while (lines is [.., ""]) lines.RemoveAt(lines.Count - 1);
        if (lines.Count == 0) throw new InvalidDataException("verify said nothing at all");
        if (lines[0] != $"stanza: {stanza}") throw new InvalidDataException($"line 1 of verify is not about {stanza}");
        bool? ok = lines.Count < 2 ? null : lines[1] switch { "status: ok" => true, "status: error" => false, _ => null };
        var parts = new List<VerifiedPart>();
        var errors = new List<string>();
        for (var i = 2; i < lines.Count; i++)
        {
            if (Archive().Match(lines[i]) is { Success: true } a) parts.Add(new VerifiedPart(a.Groups["id"].Value, IsArchive: true, "valid", Long(a, "checked"), Long(a, "valid"), []));
            else if (Backup().Match(lines[i]) is { Success: true } b) parts.Add(new VerifiedPart(b.Groups["label"].Value, IsArchive: false, b.Groups["status"].Value, Long(b, "checked"), Long(b, "valid"), []));
            else if (lines[i] is "  archiveId: none found" or "  backup: none found") continue;
            else if (parts.Count > 0 && Faults(lines[i]) is { } faults) parts[^1] = parts[^1] with { Faults = faults };
            else if (ok == false && lines[i].StartsWith("  ", StringComparison.Ordinal)) errors.Add(lines[i].Trim());
            else throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"line {i + 1} of verify is not known"));
        }
        return new VerifyAnswer(ok ?? throw new InvalidDataException("line 2 of verify gives no status"), parts, errors);
    }

    private static List<(string, long)>? Faults(string line)
    {
        if (!line.StartsWith("    ", StringComparison.Ordinal)) return null;
        var found = new List<(string, long)>();
        foreach (var pair in line.Trim().Split(", "))
        {
            var colon = pair.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || !FaultKinds.Contains(pair[..colon]) || !long.TryParse(pair[(colon + 2)..], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 1L << 40) return null;
            if (count > 0) found.Add((pair[..colon], count));
        }
        return found;
    }

    private static long Long(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^  archiveId: (?<id>[0-9.]+-[0-9]+), total WAL checked: (?<checked>[0-9]{1,12}), total valid WAL: (?<valid>[0-9]{1,12})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Archive();

    [GeneratedRegex(@"^  backup: (?<label>[0-9A-Z_-]+), status: (?<status>[a-z -]+), total files checked: (?<checked>[0-9]{1,12}), total valid files: (?<valid>[0-9]{1,12})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Backup();
}

/// <summary>The answer of <c>repo-ls --recurse --output=json</c>: files and their lengths.</summary>
internal static class Listing
{
    public const long LargestBytes = 512 << 20;
    private const int MostEntries = 4_000_000;

    /// <exception cref="InvalidDataException">It is no such listing.</exception>
    public static Dictionary<string, long> Read(byte[] output)
    {
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        try
        {
            var json = new Utf8JsonReader(output, new JsonReaderOptions { MaxDepth = 3 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("repo-ls did not answer with a listing");
            for (var count = 0; json.Read() && json.TokenType == JsonTokenType.PropertyName; count++)
            {
                if (count > MostEntries) throw new InvalidDataException($"repo-ls lists more than {MostEntries} entries");
                var name = json.GetString() ?? "";
                json.Read();
                var (isFile, size) = Entry(ref json);
                if (isFile && !files.TryAdd(name, size)) throw new InvalidDataException($"repo-ls lists {name} twice");
            }
            if (json.TokenType != JsonTokenType.EndObject || json.Read()) throw new InvalidDataException("repo-ls did not end its listing");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"repo-ls did not answer with a listing: {e.Message}", e);
        }
        return files;
    }

    private static (bool IsFile, long Size) Entry(ref Utf8JsonReader json)
    {
        var (isFile, size) = (false, 0L);
        if (json.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("an entry of repo-ls is no object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isType = json.ValueTextEquals("type"u8);
            var isSize = json.ValueTextEquals("size"u8);
            json.Read();
            if (isType) isFile = json.ValueTextEquals("file"u8);
            else if (isSize) size = json.GetInt64() is var bytes and >= 0 and <= 1L << 50 ? bytes : throw new InvalidDataException("repo-ls gives a length that cannot be");
            else json.Skip();
        }
        return (isFile, size);
    }
}
