using System.Runtime.InteropServices;
using BackupGuard.Agent.Commands;
using BackupGuard.Verification.Stores;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Stores;

/// <summary>Opens a regular file that lies below a folder, through no link at all, and never waits for a pipe.</summary>
/// <remarks>
/// Linux: openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, so that nobody can swap a folder for a link between a look and the opening. Where the kernel is older
/// than 5.6 or a filter forbids the call, and on other systems, each part of the path is looked at before opening: whoever can write into the store while it is read could win that race.
/// </remarks>
internal static partial class FileBeneath
{
    private const long OpenAt2 = 437;
    private const int CurrentFolder = -100, EmptyPath = 0x1000, BasicStatus = 0x7FF;
    private const ulong NonBlocking = 0x800, CloseOnExec = 0x80000, Beneath = 0x08, NoSymbolicLinks = 0x04;
    private const int NotThere = 2, TryAgain = 11, Denied = 13, Crosses = 18, NotAFolder = 20, NoSuchCall = 38, ALink = 40, Forbidden = 1, TooLong = 36;

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags, Mode, Resolve;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial nint syscall(nint number, SafeHandle folder, string path, in OpenHow how, nint size);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int statx(SafeHandle file, string path, int flags, uint mask, [Out] byte[] status);

    /// <param name="name">Relative, with '/', already checked for "." and "..".</param>
    /// <exception cref="StoreException">NotFound, Denied or Transient.</exception>
    public static SafeFileHandle Open(string root, string name)
    {
        if (OperatingSystem.IsLinux() && TryOpen(root, name) is { } handle) return handle;
        return OpenAfterLooking(root, name);
    }

    /// <returns>Null where this kernel cannot be asked.</returns>
    private static SafeFileHandle? TryOpen(string root, string name)
    {
        var descriptor = open(root, (int)CloseOnExec);
        if (descriptor < 0) throw Failure(name);
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        var how = new OpenHow { Flags = NonBlocking | CloseOnExec, Resolve = Beneath | NoSymbolicLinks };
        var opened = (int)syscall((nint)OpenAt2, folder, name, in how, Marshal.SizeOf<OpenHow>());
        if (opened < 0) return Marshal.GetLastPInvokeError() is NoSuchCall or Forbidden or TryAgain ? null : throw Failure(name);
        var file = new SafeFileHandle(opened, ownsHandle: true);
        var status = new byte[256];
        // struct statx: stx_mode at 28.
        if (statx(file, "", EmptyPath, BasicStatus, status) == 0 && (BitConverter.ToUInt16(status, 28) & 0xF000) == 0x8000) return file;
        file.Dispose();
        throw new StoreException(StoreFailure.Denied, name, "it is not a regular file");
    }

    internal static SafeFileHandle OpenAfterLooking(string root, string name)
    {
        var path = root;
        foreach (var part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null) throw new StoreException(StoreFailure.Denied, name, "a symbolic link is on its path, which is not followed");
        }
        if (FileStatus.Of(path).Kind != FileStatusKind.File) throw new StoreException(StoreFailure.Denied, name, "it is not a regular file");
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
    }

    private static StoreException Failure(string name) => Marshal.GetLastPInvokeError() switch
    {
        NotThere or NotAFolder or TooLong => new StoreException(StoreFailure.NotFound, name, "it is not there"),
        ALink or Crosses => new StoreException(StoreFailure.Denied, name, "a symbolic link is on its path, which is not followed"),
        Denied or Forbidden => new StoreException(StoreFailure.Denied, name, "this account may not read it"),
        var code => new StoreException(StoreFailure.Transient, name, $"the file system failed ({Marshal.GetPInvokeErrorMessage(code)})"),
    };
}
