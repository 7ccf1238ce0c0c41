using System.Runtime.InteropServices;

namespace BackupGuard.Agent.Commands;

internal enum FileStatusKind { File, Folder, SymbolicLink, Special }

/// <summary>What the file system says about a name itself, links not followed.</summary>
/// <param name="Identity">The same for all names of one file, or null when the file has no other name or the system does not tell.</param>
internal sealed partial record FileStatus(FileStatusKind Kind, long Size, int? Mode, long ModifiedAtNanoseconds, (ulong Device, ulong Inode)? Identity)
{
    private const int AtFdCwd = -100, NoFollow = 0x100, BasicStatus = 0x7FF;

    /// <exception cref="IOException">The system refuses to tell.</exception>
    public static FileStatus Of(string path) => OperatingSystem.IsLinux() ? FromLinux(path) : FromFramework(path);

    /// <summary>By statx(2): the framework tells neither a named pipe from a file nor two names of one file.</summary>
    private static FileStatus FromLinux(string path)
    {
        var status = new byte[256];
        if (statx(AtFdCwd, path, NoFollow, BasicStatus, status) != 0)
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        var mode = BitConverter.ToUInt16(status, 28);
        var kind = (mode & 0xF000) switch { 0x8000 => FileStatusKind.File, 0x4000 => FileStatusKind.Folder, 0xA000 => FileStatusKind.SymbolicLink, _ => FileStatusKind.Special };
        var modified = (BitConverter.ToInt64(status, 112) * 1_000_000_000) + BitConverter.ToUInt32(status, 120);
        var device = ((ulong)BitConverter.ToUInt32(status, 136) << 32) | BitConverter.ToUInt32(status, 140);
        var hasOtherNames = BitConverter.ToUInt32(status, 16) > 1 && kind == FileStatusKind.File;
        return new FileStatus(kind, BitConverter.ToInt64(status, 40), mode & 0xFFF, modified, hasOtherNames ? (device, BitConverter.ToUInt64(status, 32)) : null);
    }

    private static FileStatus FromFramework(string path)
    {
        var info = new FileInfo(path);
        var kind = info.LinkTarget is not null ? FileStatusKind.SymbolicLink
            : (info.Attributes & FileAttributes.Directory) != 0 ? FileStatusKind.Folder
            : (info.Attributes & FileAttributes.Device) != 0 ? FileStatusKind.Special
            : FileStatusKind.File;
        var modified = (info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100;
        return new FileStatus(kind, kind == FileStatusKind.File ? info.Length : 0, OperatingSystem.IsWindows() ? null : (int)info.UnixFileMode, modified, null);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, [Out] byte[] status);
}
