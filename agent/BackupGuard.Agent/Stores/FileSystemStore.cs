using System.Runtime.CompilerServices;
using BackupGuard.Verification.Stores;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Stores;

/// <summary>A backup in a folder of this machine. Opens nothing for writing and follows no link out of the folder.</summary>
public sealed class FileSystemStore : IBackupStore
{
    private readonly string root;

    /// <exception cref="StoreException">Misconfigured: there is no such folder.</exception>
    public FileSystemStore(string folder)
    {
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(root)) return;
        throw File.Exists(root)
            ? new StoreException(StoreFailure.Misconfigured, "", $"{root} is a file, not a folder")
            : new StoreException(StoreFailure.Misconfigured, "", $"there is no folder {root}, or this account may not see it");
    }

    public string Location => root;

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Names are matched by prefix, as on object stores; the folder part of the prefix only saves walking the rest.
        var slash = prefix.LastIndexOf('/');
        var start = root;
        foreach (var part in slash < 0 ? [] : prefix[..slash].Split('/'))
        {
            if (part is "" or "." or "..") throw new ArgumentException($"Not the beginning of an object's name: {prefix}", nameof(prefix));
            start = Path.Combine(start, part);
            // A link is an object, not a folder: nothing lies below it.
            if (new DirectoryInfo(start) is not { Exists: true, LinkTarget: null }) yield break;
        }
        await Task.CompletedTask;
        var walk = new FolderWalk(root, start, prefix);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            StoredObject next;
            try
            {
                if (!walk.MoveNext(out next)) yield break;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Translate(e, prefix);
            }
            yield return next;
        }
    }

    /// <summary>Depth-first over real folders; links are listed as objects and never entered.</summary>
    private sealed class FolderWalk(string root, string start, string prefix)
    {
        private readonly Stack<IEnumerator<FileSystemInfo>> open = new([Entries(start)]);

        private static IEnumerator<FileSystemInfo> Entries(string folder) =>
            new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false }).GetEnumerator();

        public bool MoveNext(out StoredObject item)
        {
            while (open.TryPeek(out var entries))
            {
                if (!entries.MoveNext())
                {
                    open.Pop().Dispose();
                    continue;
                }
                var entry = entries.Current;
                if (entry is DirectoryInfo && entry.LinkTarget is null)
                {
                    open.Push(Entries(entry.FullName));
                    continue;
                }
                var name = Path.GetRelativePath(root, entry.FullName).Replace(Path.DirectorySeparatorChar, '/');
                if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
                item = new StoredObject(name, entry is FileInfo { LinkTarget: null } file ? file.Length : 0, entry.LastWriteTimeUtc);
                return true;
            }
            item = default;
            return false;
        }
    }

    public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        Check(name);
        try
        {
            return ValueTask.FromResult<IObjectReader>(new FileReader(FileBeneath.Open(root, name), name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translate(e, name);
        }
    }

    public async IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var o in ListAsync(prefix, cancellationToken)) yield return new StoredVersion(o.Name, "", o.LengthBytes, o.ModifiedAt, IsCurrent: true, IsDeleteMarker: false);
    }

    public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken)
    {
        Check(name);
        try
        {
            using var file = FileBeneath.Open(root, name);
            return ValueTask.FromResult(FileAttributeLock.Of(file));
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Denied)
        {
            return ValueTask.FromResult(ObjectLock.Unknown);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translate(e, name);
        }
    }

    private static void Check(string name)
    {
        if (name.Length == 0 || name.Split('/').Any(part => part is "" or "." or "..")) throw new ArgumentException($"Not the name of an object: {name}", nameof(name));
    }

    internal static StoreException Translate(Exception e, string name) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new StoreException(StoreFailure.NotFound, name, "it is not there", e),
        UnauthorizedAccessException => new StoreException(StoreFailure.Denied, name, "this account may not read it", e),
        _ => new StoreException(StoreFailure.Transient, name, $"the file system failed ({e.Message})", e),
    };

    private sealed class FileReader(SafeFileHandle handle, string name) : IObjectReader
    {
        public long LengthBytes { get; } = RandomAccess.GetLength(handle);

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var total = 0;
                while (total < buffer.Length)
                {
                    var read = RandomAccess.Read(handle, buffer.Span[total..], offset + total);
                    if (read == 0) break;
                    total += read;
                }
                return ValueTask.FromResult(total);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Translate(e, name);
            }
        }

        public ValueTask DisposeAsync()
        {
            handle.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
