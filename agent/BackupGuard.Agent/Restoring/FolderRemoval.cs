using System.Text;

namespace BackupGuard.Agent.Restoring;

/// <summary>Removes what a restore left, whatever its modes and names, without following a link.</summary>
internal static class FolderRemoval
{
    /// <summary>Removes everything in a folder and keeps the folder.</summary>
    /// <exception cref="IOException">Something could not be removed.</exception>
    public static void Empty(string folder)
    {
        if (new DirectoryInfo(folder).LinkTarget is not null) throw new IOException($"{folder} is a symbolic link, which is not followed");
        if (OperatingSystem.IsLinux()) EmptyByBytes([.. Encoding.UTF8.GetBytes(folder), 0]);
        else foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos()) DeletePortably(entry);
    }

    /// <summary>Names need not be UTF-8, so the framework's own deletion would miss some.</summary>
    private static void EmptyByBytes(byte[] folder)
    {
        // A restored folder may forbid even its owner to look into it.
        _ = Posix.ChangeMode(folder, 0x1C0);
        var entries = Posix.ReadFolder(folder, out var error) ?? throw Failed(folder, error);
        foreach (var (name, isFolder) in entries)
        {
            byte[] path = [.. folder.AsSpan(0, folder.Length - 1), (byte)'/', .. name, 0];
            if (isFolder) EmptyByBytes(path);
            error = Posix.Remove(path, isFolder);
            if (error != 0) throw Failed(path, error);
        }
    }

    private static void DeletePortably(FileSystemInfo entry)
    {
        if (entry is DirectoryInfo { LinkTarget: null } folder)
            foreach (var below in folder.EnumerateFileSystemInfos()) DeletePortably(below);
        entry.Delete();
    }

    private static IOException Failed(byte[] path, int error) => new($"{Encoding.UTF8.GetString(path.AsSpan(0, path.Length - 1))} could not be removed: {Posix.Message(error)}");
}
