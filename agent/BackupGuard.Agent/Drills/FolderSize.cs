namespace BackupGuard.Agent.Drills;

internal static class FolderSize
{
    /// <summary>Bytes of its regular files; what vanishes meanwhile does not count.</summary>
    public static long Of(string folder)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return new DirectoryInfo(folder).EnumerateFiles("*", all).Sum(f => f.Length);
    }
}
