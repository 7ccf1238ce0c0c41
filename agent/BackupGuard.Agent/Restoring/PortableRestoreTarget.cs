using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Restoring;

/// <summary>Restores into a folder where only the framework's own file system calls can be relied on: Windows. No owners, no modes, no special files.</summary>
internal sealed class PortableRestoreTarget : IRestoreTarget
{
    private readonly string folder;
    private readonly string staged;
    private readonly bool created;
    private readonly List<(RestorePath Path, RestoredMetadata Metadata)> folders = [];
    private readonly HashSet<string> folderPaths = new(StringComparer.Ordinal);
    private bool settled;

    private PortableRestoreTarget(string folder, bool created)
    {
        (this.folder, this.created) = (folder, created);
        staged = Path.Combine(folder, DirectoryRestoreTarget.UnfinishedFolder);
    }

    public static PortableRestoreTarget Create(string folder)
    {
        var existed = Directory.Exists(folder);
        if (existed && Directory.EnumerateFileSystemEntries(folder).Any()) throw new RestoreException(RestoreFailure.Misconfigured, folder, "it is not empty; give an empty folder");
        return Guard(folder, () =>
        {
            var target = new PortableRestoreTarget(folder, !existed);
            Directory.CreateDirectory(target.staged);
            return target;
        });
    }

    public void CreateDirectory(RestorePath path) => Guard(path.ToString(), () =>
    {
        RefuseExisting(path);
        Directory.CreateDirectory(Staged(path));
        return folderPaths.Add(path.ToString());
    });

    public IRestoredFile CreateFile(RestorePath path, long lengthBytes) =>
        Guard(path.ToString(), () => new RestoredFile(path.ToString(), File.OpenHandle(Staged(path), FileMode.CreateNew, FileAccess.Write)));

    public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target)
    {
        var text = System.Text.Encoding.UTF8.GetString(target);
        Guard(path.ToString(), () => File.CreateSymbolicLink(Staged(path), text));
    }

    public void CreateHardLink(RestorePath path, RestorePath existing) => Guard(path.ToString(), () =>
    {
        RefuseExisting(path);
        // No call for it in the framework: a copy has the same content, and takes more room.
        File.Copy(Staged(existing), Staged(path));
        return 0;
    });

    public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device) => false;

    public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        if (isSymbolicLink) return null;
        if (!folderPaths.Contains(path.ToString())) return Apply(Staged(path), metadata, isFolder: false);
        folders.Add((path, metadata));
        return null;
    }

    private static string? Apply(string path, RestoredMetadata metadata, bool isFolder)
    {
        if (metadata.ModifiedAtNanoseconds is not { } nanoseconds) return null;
        var at = DateTime.UnixEpoch.AddTicks((long)(nanoseconds / 100));
        if (isFolder) Directory.SetLastWriteTimeUtc(path, at);
        else File.SetLastWriteTimeUtc(path, at);
        return null;
    }

    public ValueTask CommitAsync()
    {
        foreach (var entry in new DirectoryInfo(staged).EnumerateFileSystemInfos())
        {
            var final = Path.Combine(folder, entry.Name);
            if (entry is DirectoryInfo) Directory.Move(entry.FullName, final);
            else File.Move(entry.FullName, final);
        }
        foreach (var (path, metadata) in folders.OrderByDescending(f => f.Path.Depth)) Apply(Path.Combine(folder, Native(path)), metadata, isFolder: true);
        Directory.Delete(staged);
        settled = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask DiscardAsync()
    {
        settled = true;
        FolderRemoval.Empty(folder);
        if (created) Directory.Delete(folder);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => settled ? ValueTask.CompletedTask : DiscardAsync();

    private void RefuseExisting(RestorePath path)
    {
        if (Path.Exists(Staged(path))) throw new RestoreException(RestoreFailure.Exists, path.ToString(), "something of that name was restored already");
    }

    private string Staged(RestorePath path) => Path.Combine(staged, Native(path));
    private static string Native(RestorePath path) => path.ToString().Replace('/', Path.DirectorySeparatorChar);

    private static T Guard<T>(string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
            var full = (e.HResult & 0xFFFF) is 112 or 39;
            throw new RestoreException(full ? RestoreFailure.NoSpace : e is UnauthorizedAccessException ? RestoreFailure.Denied : RestoreFailure.Failed, path, full ? "the disk is full" : e.Message, e);
        }
    }

    private sealed class RestoredFile(string path, Microsoft.Win32.SafeHandles.SafeFileHandle handle) : IRestoredFile
    {
        private readonly Lock gate = new();

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                lock (gate) RandomAccess.Write(handle, bytes, offset);
            }
            catch (IOException e)
            {
                throw new RestoreException((e.HResult & 0xFFFF) is 112 or 39 ? RestoreFailure.NoSpace : RestoreFailure.Failed, path, e.Message, e);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
