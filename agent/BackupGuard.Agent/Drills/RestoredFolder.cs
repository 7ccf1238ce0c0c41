using System.IO.Enumeration;
using System.Runtime.Versioning;
using System.Text;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>The restored files of a sandbox, as they lie on this machine's disk.</summary>
/// <param name="isLive">A folder in which people work, and no restored one: what vanishes while it is listed is not named, and the time of a file is that of its last change of any kind. Linux only.</param>
internal sealed class RestoredFolder(string folder, bool isLive = false) : IRestoredFiles
{
    public IEnumerable<RestoredEntry> List() => OperatingSystem.IsLinux() ? ListUnix() : ListElsewhere();

    public Stream? OpenRead(RestoredPath path)
    {
        try
        {
            return OperatingSystem.IsLinux() ? OpenUnix(path) : OpenElsewhere(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"{Printable.Of(path.ToString())} could not be opened: {e.Message}", e);
        }
    }

    [SupportedOSPlatform("linux")]
    private IEnumerable<RestoredEntry> ListUnix()
    {
        // Handles of the folders on the way down: no path is walked twice, and none can be swapped for a link.
        var open = new Stack<Level>();
        try
        {
            open.Push(Guarded(() => new Level(UnixFolder.Open(folder), [])));
            while (open.TryPeek(out var level))
            {
                if (!level.Names.TryDequeue(out var name))
                {
                    open.Pop().Folder.Dispose();
                    continue;
                }
                byte[] path = level.Path.Length == 0 ? name : [.. level.Path, (byte)'/', .. name];
                var text = Encoding.UTF8.GetString(path);
                if (level.Folder.StatusOf(name) is not { } status)
                {
                    if (isLive) continue;
                    throw Vanished(text);
                }
                yield return new RestoredEntry(text, status.Kind, status.LengthBytes, isLive ? status.TouchedAt : status.ModifiedAt);
                if (status.Kind != RestoredKind.Directory) continue;
                if (Guarded(() => level.Folder.OpenFolder(name)) is { } inner) open.Push(Guarded(() => new Level(inner, path)));
                else if (!isLive) throw Vanished(text);
            }
        }
        finally
        {
            foreach (var level in open) level.Folder.Dispose();
        }
    }

    [SupportedOSPlatform("linux")]
    private sealed class Level(UnixFolder folder, byte[] path)
    {
        public UnixFolder Folder => folder;
        public byte[] Path => path;
        public Queue<byte[]> Names { get; } = new(folder.Names());
    }

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (IOException e)
        {
            throw new SandboxException($"the restored folder could not be listed: {e.Message}", e);
        }
    }

    private static SandboxException Vanished(string path) => new($"{Printable.Of(path)} vanished while it was listed");

    /// <summary>Goes down part by part: a part that is a link ends the walk with null.</summary>
    [SupportedOSPlatform("linux")]
    private UnixFolder? Walk(byte[] path)
    {
        var here = UnixFolder.Open(folder);
        foreach (var part in path.AsSpan().Split((byte)'/'))
        {
            if (path.Length == 0) break;
            var next = here.OpenFolder(path.AsSpan(part));
            here.Dispose();
            if (next is null) return null;
            here = next;
        }
        return here;
    }

    [SupportedOSPlatform("linux")]
    private FileStream? OpenUnix(RestoredPath path)
    {
        var bytes = Encoding.UTF8.GetBytes(path.ToString());
        var slash = bytes.AsSpan().LastIndexOf((byte)'/');
        using var parent = Walk(slash < 0 ? [] : bytes[..slash]);
        var name = bytes.AsSpan(slash + 1);
        if (parent?.StatusOf(name) is not { } status) return null;
        if (status.Kind != RestoredKind.File) throw new SandboxException($"{path} is no regular file; name the file itself");
        var handle = parent.OpenFile(name);
        if (handle is null) return null;
        if (UnixFolder.StatusOf(handle).Kind == RestoredKind.File) return new FileStream(handle, FileAccess.Read);
        handle.Dispose();
        throw new SandboxException($"{path} is no regular file; name the file itself");
    }

    private IEnumerable<RestoredEntry> ListElsewhere()
    {
        using var entries = new FileSystemEnumerable<RestoredEntry>(folder, Entry, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 })
        {
            ShouldRecursePredicate = (ref e) => (e.Attributes & FileAttributes.ReparsePoint) == 0,
        }.GetEnumerator();
        while (Next(entries)) yield return entries.Current;
    }

    private RestoredEntry Entry(ref FileSystemEntry entry) => new(
        Path.GetRelativePath(folder, entry.ToFullPath()).Replace(Path.DirectorySeparatorChar, '/'),
        (entry.Attributes & FileAttributes.ReparsePoint) != 0 ? RestoredKind.Link : entry.IsDirectory ? RestoredKind.Directory : RestoredKind.File,
        entry.Length, entry.LastWriteTimeUtc);

    private static bool Next(IEnumerator<RestoredEntry> entries)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"the restored folder could not be listed: {e.Message}", e);
        }
    }

    private FileStream? OpenElsewhere(RestoredPath path)
    {
        var full = folder;
        foreach (var part in path.Parts)
        {
            full = Path.Combine(full, part);
            if (!Path.Exists(full)) return null;
            if ((File.GetAttributes(full) & FileAttributes.ReparsePoint) != 0) throw new SandboxException($"{path} lies behind a link; name the file itself");
        }
        return Directory.Exists(full) ? throw new SandboxException($"{path} is a folder; name the file itself") : File.OpenRead(full);
    }
}
