using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Restoring;

/// <summary>The few Linux calls that restoring needs and the framework lacks: names as bytes, hard links, owners, nanoseconds, extended attributes.</summary>
/// <remarks>All paths are NUL-terminated bytes. Constants are those of Linux on x86-64 and arm64.</remarks>
internal static partial class Posix
{
    private const int WriteOnly = 1, Create = 0x40, Exclusive = 0x80, CloseOnExec = 0x80000, AtFdCwd = -100, NoFollow = 0x100;
    public const int NoSpace = 28, QuotaExceeded = 122, NotPermitted = 1, AccessDenied = 13, FileExists = 17, NameTooLong = 36, NotSupported = 95, ReadOnly = 30;

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", SetLastError = true)] private static partial int mkdir(byte[] path, uint mode);
    [LibraryImport("libc", SetLastError = true)] private static partial int open(byte[] path, int flags, uint mode);
    [LibraryImport("libc", SetLastError = true)] private static partial int symlink(byte[] target, byte[] path);
    [LibraryImport("libc", SetLastError = true)] private static partial int linkat(int fromFolder, byte[] from, int toFolder, byte[] to, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int mknod(byte[] path, uint mode, ulong device);
    [LibraryImport("libc", SetLastError = true)] private static partial int chmod(byte[] path, uint mode);
    [LibraryImport("libc", SetLastError = true)] private static partial int lchown(byte[] path, uint user, uint group);
    [LibraryImport("libc", SetLastError = true)] private static partial int utimensat(int folder, byte[] path, [In] TimeSpec[] times, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int lsetxattr(byte[] path, byte[] name, byte[] value, nuint size, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int rename(byte[] from, byte[] to);
    [LibraryImport("libc", SetLastError = true)] private static partial int fsync(SafeFileHandle file);
    [LibraryImport("libc", SetLastError = true)] private static partial int syncfs(SafeFileHandle file);
    [LibraryImport("libc", SetLastError = true)] private static partial int unlink(byte[] path);
    [LibraryImport("libc", SetLastError = true)] private static partial int rmdir(byte[] path);
    [LibraryImport("libc", SetLastError = true)] private static partial nint opendir(byte[] path);
    [LibraryImport("libc", SetLastError = true)] private static partial nint readdir(nint stream);
    [LibraryImport("libc")] private static partial int closedir(nint stream);
    [LibraryImport("libc")] private static partial uint geteuid();

    public static bool IsRoot => geteuid() == 0;

    /// <returns>0 or the error number.</returns>
    public static int MakeDirectory(byte[] path, uint mode) => Result(mkdir(path, mode));

    public static int CreateFile(byte[] path, out SafeFileHandle? file)
    {
        var descriptor = open(path, WriteOnly | Create | Exclusive | CloseOnExec, 0x180);
        file = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        return Result(descriptor);
    }

    public static int SymbolicLink(byte[] target, byte[] path) => Result(symlink(target, path));
    public static int HardLink(byte[] existing, byte[] path) => Result(linkat(AtFdCwd, existing, AtFdCwd, path, 0));
    public static int MakeNode(byte[] path, uint mode, ulong device) => Result(mknod(path, mode, device));
    public static int ChangeMode(byte[] path, int mode) => Result(chmod(path, (uint)mode));
    public static int ChangeOwner(byte[] path, uint user, uint group) => Result(lchown(path, user, group));
    public static int SetAttribute(byte[] path, byte[] name, byte[] value) => Result(lsetxattr(path, name, value, (nuint)value.Length, 0));
    public static int Rename(byte[] from, byte[] to) => Result(rename(from, to));

    public static int SetTimes(byte[] path, Int128 accessed, Int128 modified) => Result(utimensat(AtFdCwd, path, [Spec(accessed), Spec(modified)], NoFollow));

    private static TimeSpec Spec(Int128 nanoseconds)
    {
        var seconds = nanoseconds / 1_000_000_000;
        var rest = nanoseconds - seconds * 1_000_000_000;
        if (rest < 0) { rest += 1_000_000_000; seconds--; }
        return new TimeSpec { Seconds = (long)seconds, Nanoseconds = (long)rest };
    }

    public static int OpenFolder(byte[] path, out SafeFileHandle? folder)
    {
        var descriptor = open(path, CloseOnExec, 0);
        folder = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        return Result(descriptor);
    }

    /// <summary>Makes durable everything that was written to the file system of this folder: one call for a million small files.</summary>
    /// <remarks>Tells, once, of every write to that file system that failed since the folder was opened (syncfs(2), Linux 5.8).</remarks>
    public static int SyncFileSystem(SafeFileHandle folder) => Result(syncfs(folder));

    /// <summary>Makes the entries of a folder durable.</summary>
    public static int SyncFolder(byte[] path)
    {
        var error = OpenFolder(path, out var folder);
        if (folder is null) return error;
        using (folder) return Result(fsync(folder));
    }

    /// <summary>The entries of a folder, names as bytes and without NUL. Null with the error when it cannot be read.</summary>
    public static unsafe List<(byte[] Name, bool IsFolder)>? ReadFolder(byte[] path, out int error)
    {
        var stream = opendir(path);
        error = stream == 0 ? Marshal.GetLastPInvokeError() : 0;
        if (stream == 0) return null;
        var entries = new List<(byte[], bool)>();
        try
        {
            while (readdir(stream) is var entry and not 0)
            {
                // struct dirent: inode 8, offset 8, record length 2, type 1, then the name (getdents64(2)).
                var type = *(byte*)(entry + 18);
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)(entry + 19));
                if (name is [(byte)'.'] or [(byte)'.', (byte)'.']) continue;
                entries.Add((name.ToArray(), type == 4));
            }
        }
        finally
        {
            _ = closedir(stream);
        }
        return entries;
    }

    /// <returns>0 or the error number.</returns>
    public static int Remove(byte[] path, bool isFolder) => Result(isFolder ? rmdir(path) : unlink(path));

    public static string Message(int error) => new Win32Exception(error).Message;

    private static int Result(int returned) => returned < 0 ? Marshal.GetLastPInvokeError() : 0;
}
