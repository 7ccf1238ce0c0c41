using System.Runtime.InteropServices;
using BackupGuard.Verification.Stores;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Stores;

/// <summary>The immutable attribute of a Linux file (chattr +i), as a hardened repository sets it: FS_IOC_GETFLAGS, ioctl_iflags(2).</summary>
/// <remarks>
/// Root of that machine lifts it in one command, so it is no proof against whoever takes the machine. It is set and lifted only by the probe, on its own canary.
/// The append-only attribute alone (chattr +a) does not keep a file from growing and is not reported as a lock.
/// </remarks>
internal static partial class FileAttributeLock
{
    // _IOR('f', 1, long), the number of Linux on x86-64 and arm64; the kernel writes 32 bits in spite of the type.
    private const nuint GetFlags = 0x80086601;

    // _IOW('f', 2, long)
    private const nuint SetFlags = 0x40086602;
    private const int ImmutableFlag = 0x10;

    [LibraryImport("libc", SetLastError = true)] private static partial int ioctl(SafeHandle file, nuint request, ref long flags);

    /// <returns>Unknown where the file system does not keep such attributes, and on other systems.</returns>
    public static ObjectLock Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) return ObjectLock.Unknown;
        var flags = 0L;
        if (ioctl(file, GetFlags, ref flags) != 0) return ObjectLock.Unknown;
        return (flags & ImmutableFlag) != 0 ? new ObjectLock(LockMode.Attribute, null, false) : ObjectLock.None;
    }

    /// <returns>0 or the error number.</returns>
    public static int Set(SafeFileHandle file, bool immutable)
    {
        var flags = 0L;
        if (ioctl(file, GetFlags, ref flags) != 0) return Marshal.GetLastPInvokeError();
        flags = immutable ? flags | ImmutableFlag : flags & ~(long)ImmutableFlag;
        return ioctl(file, SetFlags, ref flags) != 0 ? Marshal.GetLastPInvokeError() : 0;
    }
}
