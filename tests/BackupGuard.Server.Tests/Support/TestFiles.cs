namespace BackupGuard.Server.Tests.Support;

internal static class TestFiles
{
    /// <summary>Where the solution lies.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "BackupGuard.sln"))) at = at.Parent ?? throw new InvalidOperationException("BackupGuard.sln not found above the tests.");
        return at.FullName;
    }
}
