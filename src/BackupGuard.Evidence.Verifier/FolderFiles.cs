using BackupGuard.Evidence.Packs;

namespace BackupGuard.Evidence.Verifier;

/// <summary>Files in a folder: an unpacked pack, or a log as static files.</summary>
internal sealed class FolderFiles : IEvidenceFiles
{
    private readonly Dictionary<string, FileInfo> files = new(StringComparer.Ordinal);

    private FolderFiles()
    {
    }

    public IReadOnlyCollection<string> Names => files.Keys;

    /// <exception cref="EvidenceException">A link, a name that may not be, or more than the limits (BG2031, BG2032).</exception>
    public static FolderFiles Open(string folder)
    {
        var (found, total) = (new FolderFiles(), 0L);
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false, MaxRecursionDepth = PackLimits.NameBytes / 2 };
        foreach (var item in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", everything))
        {
            var name = Path.GetRelativePath(folder, item.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (item.LinkTarget is not null) throw Refused(name, "it is a link");
            if (item is not FileInfo file) continue;
            if (!PackLimits.IsName(name)) throw Refused(name, "a name has lower-case letters, digits, dots, hyphens and underscores");
            Limit("the number of its files", found.files.Count + 1, PackLimits.Files);
            Limit($"the size of {name} in bytes", file.Length, PackLimits.FileBytes);
            Limit("the size of all files in bytes", total += file.Length, PackLimits.UnpackedBytes);
            found.files.Add(name, file);
        }
        return found;
    }

    public ReadOnlyMemory<byte> Read(string name)
    {
        using var stream = new FileStream(files[name].FullName, FileMode.Open, FileAccess.Read, FileShare.Read);
        // Not as long as it says now, but as it was said when the limits were kept.
        var content = new byte[files[name].Length];
        stream.ReadExactly(content);
        return content;
    }

    private static EvidenceException Refused(string name, string reason) => new(EvidenceProblems.PackNameRefused.At("The folder", ("name", name), ("reason", reason)));

    private static void Limit(string what, long found, long limit)
    {
        if (found > limit) throw new EvidenceException(EvidenceProblems.PackTooLarge.At("The folder", ("what", what), ("found", found), ("limit", limit)));
    }
}
