namespace BackupGuard.Continuity.Tests;

internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "BackupGuard.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("BackupGuard.sln not found above the tests.");
        }

        return folder.FullName;
    }
}
