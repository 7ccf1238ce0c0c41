using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>One planted file.</summary>
/// <param name="Path">Inside the snapshot, from its root, with '/' in front.</param>
/// <param name="Sha256">Of its content, 64 hex digits.</param>
public sealed record CanaryFile(string Path, long Size, string Sha256);

/// <summary>Files planted together in one source tree. Until they are retired every snapshot must hold them unchanged.</summary>
/// <param name="Root">The source folder, as the snapshot names it.</param>
public sealed record CanarySet(string Root, DateTimeOffset PlantedAt, IReadOnlyList<CanaryFile> Files)
{
    /// <summary>A backup may have begun before the old files were taken away.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    public DateTimeOffset? RetiredAt { get; init; }

    public bool MustBeIn(DateTimeOffset takenAt) => takenAt >= PlantedAt && (RetiredAt is not { } retired || takenAt < retired - Grace);
}

/// <summary>All canary sets; lies outside the sources, or whoever encrypts them would learn which files to leave alone.</summary>
public sealed record CanaryRegister(IReadOnlyList<CanarySet> Sets)
{
    public const string SchemaId = "backupguard.canaries/v1";
    public const int LargestBytes = 1 << 20;
    public string Schema { get; init; } = SchemaId;

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AnomalyJson.Default.CanaryRegister);

    /// <summary>The new set takes the place of the others under its root.</summary>
    public CanaryRegister Rotate(CanarySet fresh) => this with { Sets = [.. Sets.Select(s => s.Root == fresh.Root && s.RetiredAt is null ? s with { RetiredAt = fresh.PlantedAt } : s), fresh] };

    /// <returns>Null with the reason when these bytes are no register.</returns>
    public static CanaryRegister? Parse(ReadOnlySpan<byte> bytes, out string refusal)
    {
        refusal = "";
        try
        {
            if (bytes.Length > LargestBytes) refusal = $"it is larger than {LargestBytes} bytes";
            else if (JsonSerializer.Deserialize(bytes, AnomalyJson.Default.CanaryRegister) is not { Schema: SchemaId } register) refusal = $"it is not of the schema {SchemaId}";
            else if (register.Sets.Any(s => s is null || s.Files.Count == 0 || s.Files.Any(f => f is null || f.Path is not ['/', ..] || f.Sha256.Length != 64))) refusal = "a set has no files, or a file no path or hash";
            else return register;
        }
        catch (JsonException e)
        {
            refusal = $"it is not the JSON of a register ({e.Message})";
        }
        return null;
    }
}

/// <summary>Invents canaries: names as people give them, first and last in the order of names, of several kinds.</summary>
public static class CanaryMaker
{
    private static readonly string[] Words = ["facture", "budget", "planning", "inventaire", "compte-rendu", "courrier", "procedure", "convention", "bordereau", "synthese"];
    private static readonly string[] Kinds = ["docx", "pdf", "xlsx", "csv", "txt", "jpg"];

    /// <param name="folder">Relative to the root, "" for the root itself; two files are made for it.</param>
    /// <param name="below">A random number below the given one; null for the machine's own, which nobody can foresee.</param>
    /// <returns>Path relative to the root, and content.</returns>
    public static IEnumerable<(string Path, byte[] Content)> Make(string folder, Func<int, int>? below = null)
    {
        below ??= RandomNumberGenerator.GetInt32;
        foreach (var prefix in (string[])["00-", "zz-"])
        {
            var kind = Kinds[below(Kinds.Length)];
            var name = $"{prefix}{Words[below(Words.Length)]}-{2000 + below(8000)}.{kind}";
            yield return (folder.Length == 0 ? name : $"{folder}/{name}", ContentOf(kind, below));
        }
    }

    /// <summary>Begins as such a file does, so that what picks its victims by their first bytes picks these too; then text that no other file has.</summary>
    private static byte[] ContentOf(string kind, Func<int, int> below)
    {
        byte[] magic = kind switch
        {
            "docx" or "xlsx" => [0x50, 0x4B, 3, 4, 20, 0, 6, 0],
            "pdf" => "%PDF-1.4\n"u8.ToArray(),
            "jpg" => [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46, 0],
            _ => [],
        };
        var text = new StringBuilder();
        while (text.Length < 6000) text.Append(Words[below(Words.Length)]).Append(below(100) < 12 ? ";\n" : " ");
        return [.. magic, .. Encoding.UTF8.GetBytes(text.ToString())];
    }
}

/// <summary>Stage 0: are the canaries where they were planted, as they were planted?</summary>
internal static class CanaryStage
{
    private const int LargestCanary = 1 << 20;

    public static async Task<(StageOutcome Outcome, IReadOnlyList<Finding> Findings, Vote? Vote)> RunAsync(
        ISnapshotHistory history, SnapshotSummary snapshot, IReadOnlyList<CanarySet> sets, CancellationToken cancellationToken)
    {
        var due = sets.Where(s => s.MustBeIn(snapshot.TakenAt) && IsOf(s, snapshot)).ToList();
        if (due.Count == 0)
        {
            var why = sets.Count == 0 ? new Words("no canaries are planted", "aucun fichier témoin n’est posé") : new Words("no canaries were planted in these folders when it was taken", "aucun fichier témoin n’était posé dans ces dossiers à cette date");
            return (new StageOutcome(AnomalyStage.Canary, StageState.NotRun, why), [], null);
        }
        if (!history.HasContents(snapshot)) return (new StageOutcome(AnomalyStage.Canary, StageState.NotRun, new("its contents are no longer there", "son contenu n’est plus disponible")), [], null);
        var expected = due.SelectMany(s => s.Files).DistinctBy(f => f.Path, StringComparer.Ordinal).ToDictionary(f => f.Path, StringComparer.Ordinal);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        await history.ReadAsync(snapshot, [.. expected.Keys], async (path, content, token) => seen[path] = await HashAsync(content, token), cancellationToken);
        var findings = new List<Finding>();
        foreach (var file in expected.Values.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            if (seen.TryGetValue(file.Path, out var hash) && string.Equals(hash, file.Sha256, StringComparison.OrdinalIgnoreCase)) continue;
            Words what = hash is not null ? new("it was changed", "il a été modifié")
                : await RenamedToAsync(history, snapshot, file.Path, cancellationToken) is { } name ? new($"it was renamed to {name}", $"il a été renommé en {name}") : new("it is missing", "il manque");
            findings.Add(AnomalyFindings.CanaryHurt.AtPath(file.Path, ("snapshot", Short(snapshot)), ("reason", what)));
        }
        var uncovered = snapshot.Paths.Where(p => !due.Exists(s => Touches(s.Root, p))).ToList();
        Words? open = uncovered.Count == 0 ? null : new($"no canaries under {string.Join(", ", uncovered)}", $"aucun fichier témoin sous {string.Join(", ", uncovered)}");
        var vote = findings.Count == 0 ? null : new Vote(Signal.Canary, AnomalyStage.Canary, VoteWeight.Proof,
            new($"{findings.Count} of {expected.Count} canaries are changed, renamed or missing", $"{findings.Count} fichiers témoins sur {expected.Count} sont modifiés, renommés ou absents")) { Paths = [.. findings.Take(10).Select(f => f.Subject)] };
        return (new StageOutcome(AnomalyStage.Canary, StageState.Ran, open), findings, vote);
    }

    public static string Short(SnapshotSummary snapshot) => snapshot.Id[..Math.Min(8, snapshot.Id.Length)];

    /// <summary>Another series of the same repository has other sources, and other canaries.</summary>
    private static bool IsOf(CanarySet set, SnapshotSummary snapshot) => snapshot.Paths.Count == 0 || snapshot.Paths.Any(p => Touches(set.Root, p));

    /// <summary>A relative path given to restic stands in the snapshot's paths as the whole path, in its tree without what was in front.</summary>
    private static bool Touches(string root, string path) => SnapshotPaths.Normal(path) is var normal && (IsBelow(root, normal) || IsBelow(normal, root) || normal.EndsWith(root.TrimEnd('/'), StringComparison.Ordinal));

    private static bool IsBelow(string path, string folder) => (path.TrimEnd('/') + "/").StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static async Task<string> HashAsync(IFileContent content, CancellationToken cancellationToken)
    {
        // No canary is that long: whatever this is, it is not one.
        if (content.Length > LargestCanary) return "";
        var bytes = new byte[content.Length];
        var count = await content.ReadAsync(0, bytes, cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, count)));
    }

    private static async Task<string?> RenamedToAsync(ISnapshotHistory history, SnapshotSummary snapshot, string path, CancellationToken cancellationToken)
    {
        var slash = path.LastIndexOf('/');
        if (await SnapshotPaths.FolderAsync(await history.OpenAsync(snapshot, cancellationToken), path[..slash], cancellationToken) is not { } folder) return null;
        var name = Encoding.UTF8.GetBytes(path[(slash + 1)..] + ".");
        foreach (var entry in folder.Entries)
            if (entry.Kind == EntryKind.File && entry.Name.AsSpan().StartsWith(name)) return Printable.Of(Encoding.UTF8.GetString(entry.Name));
        return null;
    }
}

/// <summary>Finds one path without walking the whole snapshot.</summary>
public static class SnapshotPaths
{
    /// <returns>Null when there is no such folder.</returns>
    public static async ValueTask<SnapshotFolder?> FolderAsync(SnapshotFolder root, string path, CancellationToken cancellationToken)
    {
        var folder = root;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var index = IndexOf(folder, Encoding.UTF8.GetBytes(part));
            if (index < 0 || folder.Entries[index].Kind != EntryKind.Folder) return null;
            folder = await folder.OpenAsync(index, cancellationToken);
        }
        return folder;
    }

    /// <summary>As trees name it: C:\data is the folder /C/data (restic design, "Trees and Data").</summary>
    public static string Normal(string path) => path is [_, ':', ..] ? $"/{path[0]}{path[2..].Replace('\\', '/')}" : path;

    /// <returns>-1 when the folder has no such name.</returns>
    public static int IndexOf(SnapshotFolder folder, ReadOnlySpan<byte> name)
    {
        int low = 0, high = folder.Entries.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = folder.Entries[middle].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }
}
