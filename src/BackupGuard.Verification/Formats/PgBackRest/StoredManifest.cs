using System.Globalization;
using System.Text.Json;
using BackupGuard.Verification.Formats.Postgres;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <param name="Name">As pgBackRest writes it: pg_data/… or pg_tblspc/&lt;oid&gt;/….</param>
/// <param name="RepoSize">Length in the repository, in bytes.</param>
/// <param name="Sha1">Of the content as it was in the cluster, lower-case hexadecimal; null for an empty file.</param>
/// <param name="Owner">The backup that stores it: this one, or an earlier one that it refers to.</param>
/// <param name="Bundle">The bundle in which it lies, or null.</param>
/// <param name="IsStored">False for an empty file of a backup with bundles, which is nowhere.</param>
internal sealed record StoredFile(string Name, long Size, long RepoSize, string? Sha1, string Owner, long? Bundle, long BundleOffset, bool IsBlockIncremental, bool IsStored, long ModifiedAt);

/// <summary>One backup.manifest, its own checksum checked.</summary>
internal sealed class StoredManifest
{
    private const int MostFiles = 2_000_000;
    private const string DataFolder = "pg_data/", Tablespaces = "pg_tblspc/";

    public required string Label { get; init; }
    public required string Type { get; init; }
    public required string Checksum { get; init; }
    public string? Prior { get; init; }
    public string? WalStart { get; init; }
    public string? WalStop { get; init; }
    public string? LsnStart { get; init; }
    public string? LsnStop { get; init; }
    public required long StartedAt { get; init; }
    public required long StoppedAt { get; init; }

    /// <summary>The folder of the archive that has its WAL, such as 15-1.</summary>
    public required string ArchiveId { get; init; }
    public required int Major { get; init; }

    /// <summary>What is put behind a file's name, such as ".gz".</summary>
    public required string Extension { get; init; }
    public required IReadOnlyList<StoredFile> Files { get; init; }
    public required IReadOnlyList<string> Folders { get; init; }
    public IReadOnlySet<string> References { get; private set; } = new HashSet<string>();

    /// <summary>The tablespaces' numbers.</summary>
    public required IReadOnlyList<string> TablespaceIds { get; init; }
    public long Bytes { get; private set; }

    /// <exception cref="InvalidDataException">It is not a manifest that pgBackRest writes, or one of a kind that is not known here.</exception>
    public static StoredManifest Read(byte[] bytes, string label) => InfoFile.Guarded(() => ReadSections(bytes, label));

    private static StoredManifest ReadSections(byte[] bytes, string label)
    {
        var file = InfoFile.Read(bytes);
        var stated = file.Text("backup", "backup-label");
        if (stated != label) throw new InvalidDataException($"it is the manifest of {stated ?? "nothing"}");
        var isBundled = file.Flag("backup", "backup-bundle");
        var files = new List<StoredFile>();
        foreach (var (name, value) in file.Section("target:file"))
        {
            if (files.Count >= MostFiles) throw new InvalidDataException($"it lists more than {MostFiles} files");
            files.Add(ReadFile(name, InfoFile.Json(value, JsonValueKind.Object), label, isBundled));
        }

        var version = file.Text("backup:db", "db-version") ?? throw new InvalidDataException("it does not say of which PostgreSQL it is");
        var manifest = new StoredManifest
        {
            Label = label, Type = file.Text("backup", "backup-type") ?? "", Checksum = file.Checksum, Prior = file.Text("backup", "backup-prior"),
            WalStart = Segment(file.Text("backup", "backup-archive-start")), WalStop = Segment(file.Text("backup", "backup-archive-stop")),
            LsnStart = file.Text("backup", "backup-lsn-start"), LsnStop = file.Text("backup", "backup-lsn-stop"),
            StartedAt = Time(file, "backup-timestamp-start"), StoppedAt = Time(file, "backup-timestamp-stop"),
            ArchiveId = string.Create(CultureInfo.InvariantCulture, $"{version}-{file.Number("backup:db", "db-id")}"),
            Major = int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : throw new InvalidDataException($"its version {version} is none of PostgreSQL"),
            Extension = ExtensionOf(file.Text("backup:option", "option-compress-type"), file.Flag("backup:option", "option-compress")),
            Files = files,
            Folders = [.. file.Section("target:path").Select(p => Checked(p.Key))],
            TablespaceIds = [.. file.Section("backup:target").Where(t => t.Key.StartsWith(Tablespaces, StringComparison.Ordinal)).Select(t => TablespaceId(t.Key))],
        };
        manifest.References = files.Select(f => f.Owner).Where(o => o != label).ToHashSet(StringComparer.Ordinal);
        manifest.Bytes = files.Sum(f => f.Size);
        return manifest;
    }

    /// <summary>Where a file lies, relative to the stanza's folder of backups.</summary>
    /// <param name="extension">That of the backup which owns it.</param>
    public static string PathOf(StoredFile file, string extension) =>
        file.Bundle is { } bundle ? string.Create(CultureInfo.InvariantCulture, $"{file.Owner}/bundle/{bundle}") : $"{file.Owner}/{file.Name}{(file.IsBlockIncremental ? ".pgbi" : extension)}";

    private static StoredFile ReadFile(string name, JsonElement about, string label, bool isBundled)
    {
        long? size = null, repoSize = null, bundle = null, offset = null, modified = null;
        string? checksum = null, reference = null;
        var isBlocks = false;
        foreach (var member in about.EnumerateObject())
        {
            switch (member.Name)
            {
                case "size": size = InfoFile.Long(member.Value, "a size"); break;
                case "repo-size": repoSize = InfoFile.Long(member.Value, "a size"); break;
                case "timestamp": modified = InfoFile.Long(member.Value, "a time"); break;
                case "bni": bundle = InfoFile.Long(member.Value, "a bundle"); break;
                case "bno": offset = InfoFile.Long(member.Value, "an offset"); break;
                case "checksum": checksum = Sha1(member.Value); break;
                case "reference": reference = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : throw new InvalidDataException("a reference in it is of a kind that is not known"); break;
                case "bi" or "bims" or "bim": isBlocks = true; break;
                default: break;   // owner, mode, page checksums, the repository's own checksum: nothing that is judged here
            }
        }

        if (size is null) throw new InvalidDataException($"it gives {name} no size");
        if (size > 0 && checksum is null) throw new InvalidDataException($"it gives {name} no checksum");
        if (reference is not null && !IsLabel(reference)) throw new InvalidDataException($"{name} refers to {reference}, which is no backup's name");
        var isStored = size > 0 || !isBundled || repoSize is > 0;
        return new StoredFile(Checked(name), size.Value, repoSize ?? size.Value, checksum, reference ?? label, bundle, offset ?? 0, isBlocks, isStored, modified ?? 0);
    }

    public static bool IsLabel(string text) => text.Length is >= 16 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && char.IsAsciiDigit(text[0]);

    /// <summary>Names become paths on our own disk.</summary>
    private static string Checked(string name)
    {
        var isPlace = name == "pg_data" || name == "pg_tblspc" || name.StartsWith(DataFolder, StringComparison.Ordinal) || name.StartsWith(Tablespaces, StringComparison.Ordinal);
        if (isPlace && name.Length <= 4096 && !name.Contains('\0') && name.Split('/').All(p => p is not ("" or "." or ".."))) return name;
        throw new InvalidDataException($"it lists {name}, which is no place in a cluster");
    }

    private static string TablespaceId(string target) => Checked(target)[Tablespaces.Length..] is var id && id.All(char.IsAsciiDigit) ? id : throw new InvalidDataException($"its tablespace {target} has no number");

    private static string Sha1(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: 40 } text && text.All(char.IsAsciiHexDigitLower) ? text : throw new InvalidDataException("a checksum in it is none");

    private static string? Segment(string? name) => name is null || WalSegments.IsName(name) ? name : throw new InvalidDataException($"{name} is no WAL segment");

    private static long Time(InfoFile file, string key) =>
        file.Number("backup", key) is { } seconds && seconds < 253_402_300_800 ? seconds : throw new InvalidDataException($"its {key} cannot be");

    private static string ExtensionOf(string? type, bool isCompressed) => type switch
    {
        null => isCompressed ? ".gz" : "",   // before 2.27 there was gz and nothing else
        "none" => "",
        "gz" or "lz4" or "zst" or "bz2" => "." + type,
        _ => throw new InvalidDataException($"its compression {type} is not known"),
    };
}
