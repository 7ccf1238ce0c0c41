using System.Collections.Concurrent;
using System.Text;
using BackupGuard.Verification.Restoring;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Restoring;

/// <summary>Restores into a folder of a Linux machine.</summary>
/// <remarks>
/// Everything is written below <c>.backupguard-unfinished</c> inside the target; committing moves it up, part by part, and removes that folder last.
/// As long as it is there, the restore is not finished, whatever else lies beside it.
/// </remarks>
public sealed class DirectoryRestoreTarget : IRestoreTarget
{
    public const string UnfinishedFolder = ".backupguard-unfinished";
    private const int OwnerOnly = 0x1C0;

    private readonly byte[] root;
    private readonly byte[] staging;
    private readonly string staged;
    private readonly string folder;
    private readonly bool created;
    private readonly bool ownsFiles = Posix.IsRoot;
    private readonly SafeFileHandle opened;
    private readonly FlushAhead flush;
    private readonly List<RestorePath> top = [];
    private readonly HashSet<string> folderPaths = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(RestorePath Path, RestoredMetadata Metadata)> folders = new();
    private readonly Lock topGate = new();
    private bool settled;

    private DirectoryRestoreTarget(string folder, bool created, Func<SafeFileHandle, int> syncFileSystem)
    {
        this.folder = folder;
        this.created = created;
        staged = Path.Combine(folder, UnfinishedFolder);
        root = Encoding.UTF8.GetBytes(folder);
        staging = Encoding.UTF8.GetBytes(staged);
        Require(Posix.OpenFolder(Terminated(root), out var handle), RestorePath.Root);
        opened = handle!;    // no error: there is a handle
        flush = new FlushAhead(() => syncFileSystem(opened));
    }

    /// <exception cref="RestoreException">Misconfigured: the folder is not empty, or cannot be made.</exception>
    public static IRestoreTarget Create(string folder) => Create(folder, Posix.SyncFileSystem);

    /// <param name="syncFileSystem">What makes durable all that was written to the file system of a folder: 0 or the error number.</param>
    internal static IRestoreTarget Create(string folder, Func<SafeFileHandle, int> syncFileSystem)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!OperatingSystem.IsLinux()) return PortableRestoreTarget.Create(path);
        var existed = Directory.Exists(path);
        try
        {
            if (File.Exists(path)) throw new RestoreException(RestoreFailure.Misconfigured, path, "it is a file; give an empty folder");
            if (existed && Directory.EnumerateFileSystemEntries(path).Any())
                throw new RestoreException(RestoreFailure.Misconfigured, path, Directory.Exists(Path.Combine(path, UnfinishedFolder))
                    ? "it holds an interrupted restore; delete the folder and begin again" : "it is not empty; give an empty folder");
            Directory.CreateDirectory(path);
            var target = new DirectoryRestoreTarget(path, !existed, syncFileSystem);
            target.Require(Posix.MakeDirectory(Terminated(target.staging), OwnerOnly), RestorePath.Root);
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RestoreException(RestoreFailure.Misconfigured, path, e.Message, e);
        }
    }

    public void CreateDirectory(RestorePath path)
    {
        Require(Posix.MakeDirectory(Staged(path), OwnerOnly), path);
        NoteTop(path);
        lock (topGate) folderPaths.Add(Key(path));
    }

    public IRestoredFile CreateFile(RestorePath path, long lengthBytes)
    {
        Require(Posix.CreateFile(Staged(path), out var file), path);
        NoteTop(path);
        return new RestoredFile(this, path, file!);    // no error: there is a handle
    }

    public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target)
    {
        if (target.Length == 0 || target.Contains((byte)0)) throw new RestoreException(RestoreFailure.NameRefused, path.ToString(), "the target of this symbolic link is empty or holds a NUL byte");
        Require(Posix.SymbolicLink(Terminated(target), Staged(path)), path);
        NoteTop(path);
    }

    public void CreateHardLink(RestorePath path, RestorePath existing)
    {
        Require(Posix.HardLink(Staged(existing), Staged(path)), path);
        NoteTop(path);
    }

    public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device)
    {
        var type = kind switch { SpecialFile.NamedPipe => 0x1000u, SpecialFile.CharacterDevice => 0x2000u, SpecialFile.BlockDevice => 0x6000u, SpecialFile.Socket => 0xC000u, _ => 0u };
        var error = Posix.MakeNode(Staged(path), type | 0x180, kind is SpecialFile.CharacterDevice or SpecialFile.BlockDevice ? device : 0);
        if (error is Posix.NotPermitted or Posix.AccessDenied or Posix.NotSupported) return false;
        Require(error, path);
        NoteTop(path);
        return true;
    }

    public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        bool isFolder;
        lock (topGate) isFolder = folderPaths.Contains(Key(path));
        if (!isFolder) return Apply(Staged(path), metadata, isSymbolicLink);
        // A folder keeps our own rights until everything is in it, and its times until nothing more is put there.
        folders.Enqueue((path, metadata));
        return null;
    }

    private static string Key(RestorePath path) => Encoding.Latin1.GetString(path.ToBytes());

    private string? Apply(byte[] path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        var problems = new List<string>();
        // Owner first: changing it clears the set-id bits that the mode then sets again.
        if (ownsFiles && metadata is { UserId: { } user, GroupId: { } group }) Note(Posix.ChangeOwner(path, user, group), "its owner could not be set");
        foreach (var (name, value) in metadata.ExtendedAttributes)
            Note(Posix.SetAttribute(path, Terminated(name), value), $"its attribute {Encoding.UTF8.GetString(name)} could not be set");
        if (!isSymbolicLink && metadata.Mode is { } mode) Note(Posix.ChangeMode(path, mode & 0xFFF), "its mode could not be set");
        if (metadata.ModifiedAtNanoseconds is { } modified) Note(Posix.SetTimes(path, metadata.AccessedAtNanoseconds ?? modified, modified), "its times could not be set");
        return problems.Count == 0 ? null : string.Join(", ", problems);

        void Note(int error, string what)
        {
            if (error != 0) problems.Add($"{what} ({Posix.Message(error)})");
        }
    }

    public ValueTask CommitAsync()
    {
        Require(flush.Finish(), RestorePath.Root);
        foreach (var path in top) Require(Posix.Rename(Staged(path), Final(path)), path);
        // Deepest first, so that setting one folder's times is not undone by touching what is in it.
        foreach (var (path, metadata) in folders.OrderByDescending(f => f.Path.Depth)) Apply(Final(path), metadata, isSymbolicLink: false);
        Directory.Delete(staged);
        Require(Posix.SyncFolder(Terminated(root)), RestorePath.Root);
        settled = true;
        opened.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DiscardAsync()
    {
        settled = true;
        flush.Wait();
        opened.Dispose();
        // The folder was empty when we came: all that lies in it is ours.
        FolderRemoval.Empty(folder);
        if (created) Directory.Delete(folder);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => settled ? ValueTask.CompletedTask : DiscardAsync();

    private void NoteTop(RestorePath path)
    {
        if (path.Depth != 1) return;
        lock (topGate) top.Add(path);
    }

    private byte[] Staged(RestorePath path) => Join(staging, path);
    private byte[] Final(RestorePath path) => Join(root, path);
    private static byte[] Join(byte[] start, RestorePath path) => path.Parent is null ? Terminated(start) : [.. start, (byte)'/', .. path.ToBytes(), 0];
    private static byte[] Terminated(ReadOnlySpan<byte> bytes) => [.. bytes, 0];

    private void Require(int error, RestorePath path)
    {
        if (error == 0) return;
        var failure = error switch
        {
            Posix.NoSpace or Posix.QuotaExceeded => RestoreFailure.NoSpace,
            Posix.AccessDenied or Posix.NotPermitted or Posix.ReadOnly => RestoreFailure.Denied,
            Posix.FileExists => RestoreFailure.Exists,
            Posix.NameTooLong => RestoreFailure.NameRefused,
            _ => RestoreFailure.Failed,
        };
        var shown = path.Parent is null ? folder : path.ToString();
        throw new RestoreException(failure, shown, failure switch
        {
            RestoreFailure.NoSpace => $"the disk of {folder} is full",
            RestoreFailure.Exists => "something of that name was restored already",
            RestoreFailure.NameRefused => "the path is too long for this file system",
            _ => Posix.Message(error),
        });
    }

    private sealed class RestoredFile(DirectoryRestoreTarget target, RestorePath path, SafeFileHandle handle) : IRestoredFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
                target.flush.Wrote(bytes.Length);
            }
            catch (IOException e)
            {
                // .NET carries the error number in the low bits of HResult on Linux.
                throw new RestoreException((e.HResult & 0xFFFF) is Posix.NoSpace or Posix.QuotaExceeded ? RestoreFailure.NoSpace : RestoreFailure.Failed, path.ToString(),
                    (e.HResult & 0xFFFF) is Posix.NoSpace or Posix.QuotaExceeded ? $"the disk of {target.folder} is full" : e.Message, e);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
