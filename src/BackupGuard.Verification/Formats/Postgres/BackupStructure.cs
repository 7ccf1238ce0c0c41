using System.Collections.Concurrent;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>The small files that say what the others are, kept while they pass. Safe to fill from several threads.</summary>
internal sealed class BackupStructure
{
    public const string VersionFile = "PG_VERSION";

    private const int LargestBytes = 1 << 20;
    private const int MostHistories = 1_000;

    private readonly ConcurrentDictionary<string, byte[]> contents = new(StringComparer.Ordinal);

    public static IReadOnlyList<string> Names { get; } = [VersionFile, BackupLabel.FileName, TablespaceMap.FileName, ControlFile.FileName];

    /// <summary>Whether the content of this file is to be kept.</summary>
    public bool Wants(string path, long size) =>
        size <= LargestBytes && (Names.Contains(path) || (path.StartsWith(WalCheck.Folder, StringComparison.Ordinal) && WalSegments.IsHistory(path[WalCheck.Folder.Length..]) && contents.Count < MostHistories));

    public void Keep(string path, byte[] content) => contents[path] = content;

    public byte[]? this[string path] => contents.GetValueOrDefault(path);

    public int? Major =>
        this[VersionFile] is { Length: < 16 } bytes && int.TryParse(System.Text.Encoding.ASCII.GetString(bytes).TrimEnd('\n'), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : null;

    public BackupLabel? Label => this[BackupLabel.FileName] is { } bytes ? BackupLabel.Parse(bytes, out _) : null;

    public ControlFile? Control => this[ControlFile.FileName] is { } bytes ? ControlFile.Parse(bytes, out _, out _) : null;

    public IReadOnlyList<(string Oid, string Path)> Tablespaces => this[TablespaceMap.FileName] is { } bytes ? TablespaceMap.Parse(bytes, out _) ?? [] : [];
}
