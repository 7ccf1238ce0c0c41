using System.Security.Cryptography;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>A tree on disk that this class generated itself, and nothing else: what attacks it must never be let loose on another folder.</summary>
/// <remarks>Three locks: a marker file that names this very folder, a place below the machine's temporary folder with no link on the way, and a bound on size and number.</remarks>
internal sealed class DiskTree : ISourceTree
{
    public const string MarkerName = ".backupguard-generated-tree";
    public const long MostBytes = 512L << 20;
    public const int MostFiles = 20_000;
    private readonly string folder;

    private DiskTree(string folder) => this.folder = folder;

    /// <summary>Where the tree's "/" lies.</summary>
    public string Folder => folder;

    /// <summary>Writes a tree into a new folder below the temporary one.</summary>
    public static DiskTree Generate(MemoryTree content)
    {
        var folder = Directory.CreateTempSubdirectory("bg-signals-").FullName;
        File.WriteAllText(Path.Combine(folder, MarkerName), MarkerOf(folder));
        var tree = Open(folder);
        foreach (var (path, file) in content.Files) tree.Write(path, file.Content, file.ModifiedAt);
        return tree;
    }

    /// <exception cref="InvalidOperationException">This is no tree that was generated here.</exception>
    public static DiskTree Open(string folder)
    {
        var full = Path.GetFullPath(folder);
        var temporary = Path.GetFullPath(Path.GetTempPath()).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        if (!full.StartsWith(temporary, StringComparison.Ordinal)) throw new InvalidOperationException($"{full} does not lie below {temporary}");
        for (var at = full; at is not null && at.Length > temporary.Length; at = Path.GetDirectoryName(at))
            if (new DirectoryInfo(at).LinkTarget is not null) throw new InvalidOperationException($"{at} is a link");
        var marker = Path.Combine(full, MarkerName);
        if (!File.Exists(marker) || new FileInfo(marker).LinkTarget is not null || File.ReadAllText(marker) != MarkerOf(full)) throw new InvalidOperationException($"{full} was not generated here: it has no marker of its own");
        var tree = new DiskTree(full);
        tree.CheckSize();
        return tree;
    }

    private static string MarkerOf(string folder) => $"generated for tests, may be destroyed: {Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(folder)))}";

    private void CheckSize()
    {
        long bytes = 0;
        var count = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            if (file.LinkTarget is not null) throw new InvalidOperationException($"{file.FullName} is a link: it could lead out of the tree");
            if (file is FileInfo { Length: var length }) { bytes += length; count++; }
            if (bytes > MostBytes || count > MostFiles) throw new InvalidOperationException($"{folder} is larger than anything generated here");
        }
    }

    /// <summary>Every write goes through here: the path stays inside, and inside are no links.</summary>
    private string PathOf(string path)
    {
        var full = Path.GetFullPath(Path.Combine(folder, path.TrimStart('/')));
        if (!full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.GetFileName(full) == MarkerName) throw new InvalidOperationException($"{path} leads out of the tree");
        return full;
    }

    public IReadOnlyList<string> Paths =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => "/" + Path.GetRelativePath(folder, f)).Where(p => p != "/" + MarkerName).Order(StringComparer.Ordinal),
    ];

    public byte[] Read(string path) => File.ReadAllBytes(PathOf(path));
    public DateTimeOffset ModifiedAt(string path) => File.GetLastWriteTimeUtc(PathOf(path));

    public void Write(string path, byte[] content, DateTimeOffset modifiedAt)
    {
        var full = PathOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);    // inside the folder: it has a parent
        File.WriteAllBytes(full, content);
        File.SetLastWriteTimeUtc(full, modifiedAt.UtcDateTime);
    }

    public void Delete(string path) => File.Delete(PathOf(path));
    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    /// <summary>Removes the tree; it is opened anew first, so that nothing but a generated tree is ever removed.</summary>
    public void Remove() => Directory.Delete(Open(folder).folder, recursive: true);
}
