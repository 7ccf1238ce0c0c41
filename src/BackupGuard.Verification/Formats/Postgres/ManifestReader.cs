using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Reads a backup_manifest: its own checksum over the raw bytes first, then JSON in which nothing is forgiven.</summary>
/// <remarks>The server writes this file in one way only (src/backend/backup/backup_manifest.c); whatever looks different was written by something else.</remarks>
internal static class ManifestReader
{
    private const int HexDigits = 64;

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);
    private static ReadOnlySpan<byte> ChecksumKey => "\"Manifest-Checksum\": \""u8;
    private static ReadOnlySpan<byte> ChecksumEnd => "\"}\n"u8;

    /// <returns>The manifest; or null, with the finding in <paramref name="findings"/>.</returns>
    public static BackupManifest? Read(ReadOnlySpan<byte> bytes, FindingList findings)
    {
        try
        {
            var checksum = CheckOwnChecksum(bytes);
            return new Document(findings).Read(bytes, checksum);
        }
        catch (ManifestException e)
        {
            findings.Add(e.Kind.At(BackupManifest.FileName, ("reason", e.Message)));
            if (e.Kind.Severity != Severity.Error) findings.LeaveUnfinished(new("this version of the manifest is not known", "cette version du manifeste n’est pas connue"));
            return null;
        }
        catch (JsonException e)
        {
            findings.Add(PostgresFindings.ManifestMalformed.At(BackupManifest.FileName, ("reason", new Words($"it is not JSON near line {(e.LineNumber ?? 0) + 1}", $"ce n’est pas du JSON vers la ligne {(e.LineNumber ?? 0) + 1}"))));
            return null;
        }
        catch (InvalidOperationException)
        {
            // What the reader throws at text that is no Unicode, or at a value of another kind.
            findings.Add(PostgresFindings.ManifestMalformed.At(BackupManifest.FileName, ("reason", new Words("a value in it is of another kind than expected, or no valid text", "une valeur y est d’un autre genre que prévu, ou n’est pas un texte valide"))));
            return null;
        }
    }

    /// <summary>The last line holds the SHA-256 of all bytes before it.</summary>
    private static string CheckOwnChecksum(ReadOnlySpan<byte> bytes)
    {
        var lineBytes = ChecksumKey.Length + HexDigits + ChecksumEnd.Length;
        if (bytes.Length <= lineBytes) throw Malformed("it is too short");
        var body = bytes[..^lineBytes];
        var line = bytes[^lineBytes..];
        var hex = line.Slice(ChecksumKey.Length, HexDigits);
        if (body[^1] != '\n' || !line.StartsWith(ChecksumKey) || !line.EndsWith(ChecksumEnd) || hex.ContainsAnyExcept(LowerHex))
            throw Malformed("its last line is not that of its checksum: it was cut, or written by another program");
        var text = Encoding.ASCII.GetString(hex);
        if (Convert.ToHexStringLower(SHA256.HashData(body)) != text) throw new ManifestException(PostgresFindings.ManifestChecksumWrong, "");
        return text;
    }

    private static ManifestException Malformed(string reason) => new(PostgresFindings.ManifestMalformed, reason);

    private sealed class ManifestException(FindingKind kind, string message) : Exception(message)
    {
        public FindingKind Kind => kind;
    }

    private sealed class Document(FindingList findings)
    {
        private readonly List<ManifestFile> files = [];
        private readonly HashSet<byte[]> paths = new(ByteOrder.Instance);
        private readonly List<WalRange> ranges = [];
        private int? version;
        private ulong? systemIdentifier;
        private long bytes;

        public BackupManifest Read(ReadOnlySpan<byte> text, string checksum)
        {
            var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 3 });
            json.Read();
            Expect(json.TokenType == JsonTokenType.StartObject, "it is no object");
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (NextKey(ref json, seen) is { } key)
            {
                Expect((seen.Count == 1) == (key == "PostgreSQL-Backup-Manifest-Version"), "its first member is not its version");
                json.Read();
                ReadMember(ref json, key);
            }

            Expect(!json.Read(), "something follows it");
            Expect(seen.Contains("Files") && seen.Contains("WAL-Ranges"), "it lacks its list of files or of WAL ranges");
            Expect((version == 2) == seen.Contains("System-Identifier"), "a system identifier belongs to version 2, and only there");
            return new BackupManifest { Version = version ?? 0, SystemIdentifier = systemIdentifier, Files = files, Ranges = ranges, Checksum = checksum, Bytes = bytes };
        }

        private void ReadMember(ref Utf8JsonReader json, string key)
        {
            switch (key)
            {
                case "PostgreSQL-Backup-Manifest-Version":
                    version = json.TryGetInt32(out var number) ? number : throw Malformed("its version is no number");
                    if (version is not (1 or 2)) throw new ManifestException(PostgresFindings.ManifestVersionUnknown, number.ToString(CultureInfo.InvariantCulture));
                    break;
                case "System-Identifier":
                    systemIdentifier = json.TryGetUInt64(out var identifier) ? identifier : throw Malformed("its system identifier is no number");
                    break;
                case "Files":
                    Expect(json.TokenType == JsonTokenType.StartArray, "its files are no list");
                    while (json.Read() && json.TokenType != JsonTokenType.EndArray) ReadFile(ref json);
                    break;
                case "WAL-Ranges":
                    Expect(json.TokenType == JsonTokenType.StartArray, "its WAL ranges are no list");
                    while (json.Read() && json.TokenType != JsonTokenType.EndArray) ReadRange(ref json);
                    break;
                case "Manifest-Checksum":
                    break;
                default:
                    throw Malformed($"'{key}' is not known");
            }
        }

        private void ReadFile(ref Utf8JsonReader json)
        {
            if (files.Count >= BackupManifest.MostFiles) throw new ManifestException(PostgresFindings.LimitExceeded, $"it lists more than {BackupManifest.MostFiles} files");
            Expect(json.TokenType == JsonTokenType.StartObject, "a file in it is no object");
            byte[]? path = null;
            long? size = null;
            ChecksumAlgorithm? algorithm = null;
            byte[]? checksum = null;
            DateTimeOffset? modified = null;
            var seen = new Seen();
            while (NextKey(ref json, ref seen) is { } key)
            {
                json.Read();
                switch (key)
                {
                    case "Path":
                        Expect(path is null, "a file in it has two paths");
                        path = Encoding.UTF8.GetBytes(Text(ref json));
                        break;
                    case "Encoded-Path":
                        Expect(path is null, "a file in it has two paths");
                        path = Hex(Text(ref json)) ?? throw Malformed("an encoded path in it is not hexadecimal");
                        break;
                    case "Size":
                        size = json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var number) && number >= 0 ? number : throw Malformed("a size in it is negative or no number");
                        break;
                    case "Last-Modified":
                        modified = Time(Text(ref json));
                        break;
                    case "Checksum-Algorithm":
                        var name = Text(ref json);
                        algorithm = ContentHash.Parse(name) ?? throw Malformed($"the checksum algorithm '{name}' is not known");
                        break;
                    case "Checksum":
                        checksum = Hex(Text(ref json)) ?? throw Malformed("a checksum in it is not hexadecimal");
                        break;
                    default:
                        throw Malformed($"'{key}' of a file is not known");
                }
            }

            if (path is null || size is null) throw Malformed("a file in it lacks its path or size");
            var kind = algorithm ?? ChecksumAlgorithm.None;
            Expect((checksum?.Length ?? 0) == ContentHash.LengthOf(kind), "a checksum in it is not as long as its algorithm demands");
            bytes = bytes <= long.MaxValue - size.Value ? bytes + size.Value : throw Malformed("its sizes add up to more than can be");
            Take(new ManifestFile(path, size.Value, kind, checksum ?? [], modified));
        }

        private void Take(ManifestFile file)
        {
            if (Refusal(file.Path) is { } refusal) findings.Add(PostgresFindings.PathRefused.AtPath(file.Shown, ("reason", refusal)));
            else if (!paths.Add(file.Path)) findings.Add(PostgresFindings.PathTwice.AtPath(file.Shown));
            else files.Add(file);
        }

        private void ReadRange(ref Utf8JsonReader json)
        {
            if (ranges.Count >= BackupManifest.MostRanges) throw new ManifestException(PostgresFindings.LimitExceeded, $"it lists more than {BackupManifest.MostRanges} WAL ranges");
            Expect(json.TokenType == JsonTokenType.StartObject, "a WAL range in it is no object");
            uint? timeline = null;
            Lsn? start = null, end = null;
            var seen = new Seen();
            while (NextKey(ref json, ref seen) is { } key)
            {
                json.Read();
                switch (key)
                {
                    case "Timeline": timeline = json.TokenType == JsonTokenType.Number && json.TryGetUInt32(out var number) && number > 0 ? number : throw Malformed("a timeline in it is no number"); break;
                    case "Start-LSN": start = Position(ref json); break;
                    case "End-LSN": end = Position(ref json); break;
                    default: throw Malformed($"'{key}' of a WAL range is not known");
                }
            }

            if (timeline is null || start is null || end is null) throw Malformed("a WAL range in it is not complete");
            ranges.Add(new WalRange(timeline.Value, start.Value, end.Value));
        }

        private static Lsn Position(ref Utf8JsonReader json) => Lsn.TryParse(Text(ref json), out var lsn) ? lsn : throw Malformed("a position in the WAL is malformed");

        private static string? NextKey(ref Utf8JsonReader json, HashSet<string> seen)
        {
            json.Read();
            if (json.TokenType == JsonTokenType.EndObject) return null;
            var key = json.GetString() ?? "";
            Expect(seen.Add(key), $"'{key}' comes twice");
            return key;
        }

        /// <summary>As above, for the few keys of an entry: no set is made for a million of them.</summary>
        private static string? NextKey(ref Utf8JsonReader json, ref Seen seen)
        {
            json.Read();
            if (json.TokenType == JsonTokenType.EndObject) return null;
            for (var i = 0; i < Keys.Length; i++)
            {
                if (!json.ValueTextEquals(Keys[i])) continue;
                return seen.Add(i) ? Keys[i] : throw Malformed($"'{Keys[i]}' comes twice in one entry");
            }

            return json.GetString();
        }

        private static readonly string[] Keys = ["Path", "Encoded-Path", "Size", "Last-Modified", "Checksum-Algorithm", "Checksum", "Timeline", "Start-LSN", "End-LSN"];

        private struct Seen
        {
            private int bits;

            public bool Add(int key)
            {
                var isNew = (bits & (1 << key)) == 0;
                bits |= 1 << key;
                return isNew;
            }
        }

        private static string Text(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.String ? json.GetString() ?? "" : throw Malformed("a value in it is no text");

        private static byte[]? Hex(string text)
        {
            var bytes = new byte[text.Length / 2];
            return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done ? bytes : null;
        }

        private static DateTimeOffset? Time(string text) =>
            DateTimeOffset.TryParseExact(text, "yyyy-MM-dd HH:mm:ss 'GMT'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

        private static void Expect(bool isSo, string otherwise)
        {
            if (!isSo) throw Malformed(otherwise);
        }
    }

    /// <returns>Why this path may not stand in a manifest, or null.</returns>
    private static Words? Refusal(ReadOnlySpan<byte> path)
    {
        if (path.Length > ArchiveItem.LongestPath) return new Words($"it is {path.Length} bytes long", $"il fait {path.Length} octets");
        var safe = RestorePath.Root;
        foreach (var part in path.Split((byte)'/'))
            if (!safe.TryAppend(path[part], out safe, out var refusal)) return refusal;
        return null;
    }
}
