namespace BackupGuard.Server.Features.Runs;

/// <summary>What lies in the folder of runbooks and below it.</summary>
/// <param name="Files">Paths of the *.yaml files, in the order of their names.</param>
/// <param name="Unreadable">Folders that could not be looked into: what is in them is missing, and somebody must say so.</param>
internal sealed record DefinitionFolder(IReadOnlyList<string> Files, IReadOnlyList<string> Unreadable)
{
    private const int Deepest = 16;
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Whether a file may be read whole. A pipe or a device has no length, and reading it might never end; an empty file says nothing either.</summary>
    public static bool MayRead(string path) => new FileInfo(path).Length is > 0 and <= MaxBytes;

    /// <param name="folder">Null, or gone: nothing lies in it.</param>
    public static DefinitionFolder Look(string? folder)
    {
        var (files, unreadable) = (new List<string>(), new List<string>());
        if (folder is not null && Directory.Exists(folder)) Look(folder, 0, new HashSet<string>(StringComparer.Ordinal), files, unreadable);
        files.Sort(StringComparer.Ordinal);
        return new(files, unreadable);
    }

    private static void Look(string folder, int depth, HashSet<string> seen, List<string> files, List<string> unreadable)
    {
        try
        {
            // A link to a folder above it would lead round and round.
            if (depth > Deepest || !seen.Add(new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder))) return;
            files.AddRange(Directory.EnumerateFiles(folder, "*.yaml"));
            foreach (var below in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)) Look(below, depth + 1, seen, files, unreadable);
        }
        catch (DirectoryNotFoundException)
        {
            // Taken away while it was looked at: it holds nothing now.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(folder);
        }
    }
}
