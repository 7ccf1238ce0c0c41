using BackupGuard.Agent.Restoring;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Driven;

/// <summary>A folder that only this account may enter, removed with all that lies in it.</summary>
internal sealed class ToolFolder : IToolFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private ToolFolder(string path) => (Path, Content) = (path, new FileSystemStore(path));

    public string Path { get; }
    public IBackupStore Content { get; }

    public static ToolFolder Create(string parent)
    {
        var path = System.IO.Path.Combine(parent, "backupguard-" + System.IO.Path.GetRandomFileName());
        try
        {
            MakePrivate(path);
            return new ToolFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ToolFailure.NoFolder, $"no folder could be made in {parent}: {e.Message}", e);
        }
    }

    public void MakeFolder(string name)
    {
        try
        {
            MakePrivate(System.IO.Path.Combine(Path, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ToolFailure.NoFolder, $"no folder could be made in {Path}: {e.Message}", e);
        }
    }

    /// <summary>What cannot be removed now goes with the folder, or stays and is said then.</summary>
    public void Remove(string name)
    {
        try
        {
            File.Delete(System.IO.Path.Combine(Path, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only room on the disk is lost.
        }
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            FolderRemoval.Empty(Path);
            Directory.Delete(Path);
            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ToolFailure.NoFolder, $"restored data could not be removed from {Path}: {e.Message}", e);
        }
    }

    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly);
    }
}
