using BackupGuard.Verification.Formats.Archives;
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>The canonical text of a manifest. What is read is written again and must come out the same: so there is one text for one manifest.</summary>
internal static class FileSetManifestText
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static byte[] Write(FileSetManifest manifest)
    {
        var text = new ArrayBufferWriter<byte>(256 + (manifest.Entries.Count * 200));
        Put(text, $"{{\"schema\":\"{FileSetManifest.Schema}\",\"id\":");
        Quote(text, manifest.Id);
        Put(text, $",\"sealedAt\":\"{manifest.SealedAt.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture)}\",\"key\":\"{Convert.ToBase64String(manifest.PublicKey)}\",\"entries\":[");
        for (var i = 0; i < manifest.Entries.Count; i++)
        {
            Put(text, i == 0 ? "\n" : ",\n");
            WriteEntry(text, manifest.Entries[i]);
        }

        Put(text, "\n]}\n");
        return text.WrittenSpan.ToArray();
    }

    public static FileSetManifest? Parse(ReadOnlySpan<byte> bytes, out string refusal)
    {
        ManifestWire? wire;
        try
        {
            wire = JsonSerializer.Deserialize(bytes, ManifestJson.Default.ManifestWire);
        }
        catch (JsonException e)
        {
            refusal = $"it is not the JSON that is expected, near line {e.LineNumber + 1}";
            return null;
        }

        if (wire is null || wire.Schema != FileSetManifest.Schema)
        {
            refusal = "its schema is another one";
            return null;
        }

        var manifest = FromWire(wire, out refusal);
        if (manifest is null) return null;
        refusal = manifest.ToBytes().AsSpan().SequenceEqual(bytes) ? "" : "it is not written in the one canonical way: somebody edited it, or another program wrote it";
        return refusal.Length == 0 ? manifest : null;
    }

    private static FileSetManifest? FromWire(ManifestWire wire, out string refusal)
    {
        refusal = "";
        if (wire.Entries.Count > FileSetManifest.MostEntries) refusal = $"it has more than {FileSetManifest.MostEntries} entries";
        if (wire.Id.Length != 32 || !wire.Id.All(char.IsAsciiHexDigitLower)) refusal = "its id is not 32 hexadecimal digits";
        if (!DateTimeOffset.TryParseExact(wire.SealedAt, InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sealedAt)) refusal = "its date is malformed";
        if (Base64(wire.Key) is not { } key) refusal = "its key is malformed";
        else if (refusal.Length == 0)
        {
            var entries = new List<FileSetEntry>(wire.Entries.Count);
            foreach (var entryWire in wire.Entries)
            {
                if (EntryFromWire(entryWire, out refusal) is not { } entry)
                {
                    refusal = $"entry {entries.Count + 1} {refusal}";
                    return null;
                }

                if (entries.Count > 0 && FileSetManifest.ByPath.Compare(entries[^1], entry) >= 0)
                {
                    refusal = $"the path of entry {entries.Count + 1} comes twice or out of order";
                    return null;
                }

                entries.Add(entry);
            }

            if (HasLinkedButDifferent(entries)) refusal = "two files are said to be the same and have another content";
            else if (PathBelowAFile(entries) is { } path) refusal = $"{Printable.Of(path)} lies below something that is no folder";
            else return new FileSetManifest(wire.Id, sealedAt, key, entries);
        }

        return null;
    }

    private static bool HasLinkedButDifferent(List<FileSetEntry> entries)
    {
        var first = new Dictionary<int, FileSetEntry>();
        foreach (var entry in entries)
        {
            if (entry.LinkGroup is not { } group || first.TryAdd(group, entry)) continue;
            if (first[group].Size != entry.Size || !first[group].Sha256.AsSpan().SequenceEqual(entry.Sha256)) return true;
        }

        return false;
    }

    /// <summary>What lies below a link would be written where the link leads.</summary>
    private static string? PathBelowAFile(List<FileSetEntry> entries)
    {
        var leaves = new HashSet<byte[]>(entries.Where(e => e.Kind != FileSetKind.Directory).Select(e => e.Path), ByteOrder.Instance);
        byte[] looked = [];
        foreach (var entry in entries)
        {
            var slash = entry.Path.AsSpan().LastIndexOf((byte)'/');
            if (slash <= 0 || entry.Path.AsSpan(0, slash).SequenceEqual(looked)) continue;
            looked = entry.Path[..slash];
            for (; slash > 0; slash = entry.Path.AsSpan(0, slash).LastIndexOf((byte)'/'))
                if (leaves.Contains(entry.Path[..slash])) return entry.Shown;
        }
        return null;
    }

    private static FileSetEntry? EntryFromWire(EntryWire? wire, out string refusal)
    {
        refusal = "is null";
        if (wire is null) return null;
        var path = wire.PathBytes is null ? TextBytes(wire.Path) : Base64(wire.PathBytes);
        var target = wire.TargetBytes is null ? TextBytes(wire.Target) : Base64(wire.TargetBytes);
        var kind = wire.Kind switch { "file" => FileSetKind.File, "directory" => FileSetKind.Directory, "symlink" => FileSetKind.SymbolicLink, _ => (FileSetKind?)null };
        var hash = Hash(wire.Sha256);
        refusal = (path, kind) switch
        {
            (null or [], _) => "has no path",
            ({ Length: > FileSetManifest.LongestPath }, _) => $"has a path of {path.Length} bytes, {FileSetManifest.LongestPath} are allowed",
            (_, null) => "is of an unknown kind",
            (_, FileSetKind.File) when wire.Size is not (>= 0 and < 1L << 53) || hash is null || target is not null => "lacks the size or hash of a file",
            (_, not FileSetKind.File) when wire.Size is not null || wire.Sha256 is not null || wire.LinkGroup is not null => "is no file and has the size, hash or links of one",
            (_, FileSetKind.SymbolicLink) when target is not { Length: > 0 and <= FileSetManifest.LongestPath } => "lacks the target of a link",
            (_, FileSetKind.Directory) when target is not null => "is a folder and has the target of a link",
            _ => "",
        };
        if (refusal.Length > 0 || path is null || kind is null) return null;
        return new FileSetEntry(path, kind.Value)
        {
            Size = wire.Size ?? 0,
            Sha256 = hash ?? [],
            Mode = Mode(wire.Mode),
            ModifiedAtNanoseconds = long.TryParse(wire.Mtime, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var mtime) ? mtime : null,
            Target = target ?? [],
            LinkGroup = wire.LinkGroup,
        };
    }

    private static void WriteEntry(ArrayBufferWriter<byte> text, FileSetEntry entry)
    {
        Put(text, "{");
        Name(text, "path", entry.Path);
        Put(text, $",\"kind\":\"{entry.Kind switch { FileSetKind.File => "file", FileSetKind.Directory => "directory", FileSetKind.SymbolicLink => "symlink" }}\"");
        if (entry.Kind == FileSetKind.File) Put(text, string.Create(CultureInfo.InvariantCulture, $",\"size\":{entry.Size},\"sha256\":\"{Convert.ToHexStringLower(entry.Sha256)}\""));
        if (entry.Mode is { } mode) Put(text, $",\"mode\":\"{Convert.ToString(mode, 8).PadLeft(4, '0')}\"");
        if (entry.ModifiedAtNanoseconds is { } mtime) Put(text, string.Create(CultureInfo.InvariantCulture, $",\"mtime\":\"{mtime}\""));
        if (entry.Kind == FileSetKind.SymbolicLink)
        {
            Put(text, ",");
            Name(text, "target", entry.Target);
        }

        if (entry.LinkGroup is { } group) Put(text, string.Create(CultureInfo.InvariantCulture, $",\"linkGroup\":{group}"));
        Put(text, "}");
    }

    /// <summary>As text where the bytes are valid UTF-8, otherwise as base64 under a name that says so.</summary>
    private static void Name(ArrayBufferWriter<byte> text, string member, byte[] bytes)
    {
        if (FileSetText.OrNull(bytes) is { } valid)
        {
            Put(text, $"\"{member}\":");
            Quote(text, valid);
        }
        else
        {
            Put(text, $"\"{member}Bytes\":\"{Convert.ToBase64String(bytes)}\"");
        }
    }

    /// <summary>Only what JSON demands is escaped (RFC 8259, section 7), and in one way: everything else stands for itself.</summary>
    private static void Quote(ArrayBufferWriter<byte> text, string value)
    {
        var quoted = new StringBuilder("\"", value.Length + 2);
        foreach (var c in value)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c < ' ') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }

        Put(text, quoted.Append('"').ToString());
    }

    private static void Put(ArrayBufferWriter<byte> text, string value) => Encoding.UTF8.GetBytes(value, text);

    private static byte[]? TextBytes(string? text)
    {
        if (text is null) return null;
        try
        {
            return FileSetText.Bytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null; // half of a surrogate pair, written as an escape
        }
    }

    private static byte[]? Base64(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    private static byte[]? Hash(string? text) =>
        text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower) ? Convert.FromHexString(text) : null;

    private static int? Mode(string? text) =>
        text is { Length: 4 } && text.All(c => c is >= '0' and <= '7') ? Convert.ToInt32(text, 8) : null;
}

internal sealed record ManifestWire(string Schema, string Id, string SealedAt, string Key, List<EntryWire?> Entries);

internal sealed record EntryWire(string Kind)
{
    public string? Path { get; init; }
    public string? PathBytes { get; init; }
    public long? Size { get; init; }
    public string? Sha256 { get; init; }
    public string? Mode { get; init; }
    public string? Mtime { get; init; }
    public string? Target { get; init; }
    public string? TargetBytes { get; init; }
    public int? LinkGroup { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ManifestWire))]
internal sealed partial class ManifestJson : JsonSerializerContext;
