using System.Runtime.Versioning;
using System.Text;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>Damages a restored copy on purpose, by handles that cannot be led out of it by a link.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RestoredDamage(string folder) : IDamage
{
    public void Delete(RestoredPath path) => Do(path, (parent, name) =>
    {
        if (parent.StatusOf(name) is { Kind: RestoredKind.Directory })
            using (var inner = parent.OpenFolder(name)) inner?.RemoveContents();
        parent.Delete(name);
        return true;
    });

    public Stream OpenWrite(RestoredPath path) => Do(path, (parent, name) => parent.OpenFileForWriting(name) is { } handle
        ? UnixFolder.StatusOf(handle).Kind == RestoredKind.File ? new FileStream(handle, FileAccess.ReadWrite) : throw new IOException("it is no regular file")
        : throw new IOException("it is not there")) ?? throw new SandboxException($"{Shown(path)} is not there");

    public void SetModified(RestoredPath path, DateTimeOffset at) => Do(path, (parent, name) =>
    {
        using var handle = parent.OpenFileForWriting(name);
        if (handle is not null) File.SetLastWriteTimeUtc(handle, at.UtcDateTime);
        return true;
    });

    private T? Do<T>(RestoredPath path, Func<UnixFolder, byte[], T> act)
    {
        try
        {
            var parts = path.Parts;
            var here = UnixFolder.Open(folder);
            foreach (var part in parts.SkipLast(1))
            {
                var next = here.OpenFolder(Encoding.UTF8.GetBytes(part));
                here.Dispose();
                if (next is null) return default;
                here = next;
            }
            using (here) return act(here, Encoding.UTF8.GetBytes(parts[^1]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"{Shown(path)} could not be damaged: {e.Message}", e);
        }
    }

    private static string Shown(RestoredPath path) => Printable.Of(path.ToString());
}
