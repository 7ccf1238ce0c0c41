using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using BackupGuard.Verification.Drills;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Drills;

/// <summary>One open folder, walked by names that are bytes and by handles that cannot be swapped for a link on the way.</summary>
/// <remarks>
/// .NET's own file API turns names into text: a file whose name is Latin-1 (common on old file servers) can then be neither read nor removed.
/// Flags and offsets: Linux, &lt;fcntl.h&gt; for x86-64 and arm64, statx(2), readdir(3) with 64-bit offsets.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class UnixFolder : IDisposable
{
    private const int ReadWrite = 0x2, CloseOnExec = 0x80000, NonBlocking = 0x800;
    private const int NoFollowAt = 0x100, EmptyPath = 0x1000, RemoveDirectory = 0x200;
    private const int CurrentFolder = -100, ExclusiveNow = 2 | 4;
    private const uint BasicStats = 0x7ff;
    private const int Missing = 2, Denied = 13, NotADirectory = 20, TooManyLinks = 40;
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int DirectoryOnly = Arm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = Arm ? 0x8000 : 0x20000;

    private readonly int _handle;

    private UnixFolder(int handle) => _handle = handle;

    public readonly record struct Status(ushort Mode, uint UserId, long LengthBytes, long ModifiedSeconds, uint ModifiedNanoseconds, long ChangedSeconds, uint ChangedNanoseconds)
    {
        // S_IFMT and its values, <sys/stat.h>.
        public RestoredKind Kind => (Mode & 0xF000) switch { 0x8000 => RestoredKind.File, 0x4000 => RestoredKind.Directory, 0xA000 => RestoredKind.Link, _ => RestoredKind.Other };

        public DateTimeOffset ModifiedAt => At(ModifiedSeconds, ModifiedNanoseconds);

        /// <summary>The last change of any kind: a file that was moved or copied here keeps its own date, and only this shows it.</summary>
        public DateTimeOffset TouchedAt => At(ChangedSeconds, ChangedNanoseconds) is var changed && changed > ModifiedAt ? changed : ModifiedAt;

        private static DateTimeOffset At(long seconds, uint nanoseconds) => seconds is < -62135596800 or > 253402300799
            ? DateTimeOffset.MaxValue    // no date that this machine can name: the caller treats it as a future one
            : DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
    }

    public static UnixFolder Open(string path)
    {
        var handle = OpenAt(CurrentFolder, Terminated(path), DirectoryOnly | NoFollow | CloseOnExec);
        return handle >= 0 ? new UnixFolder(handle) : throw Failure("open", path);
    }

    /// <summary>Holds the folder for this handle alone, until it is closed.</summary>
    public bool TryLock() => Lock(_handle, ExclusiveNow) == 0;

    public static Status StatusOf(string path) => Stat(CurrentFolder, Terminated(path), 0) ?? throw Failure("stat", path);

    /// <returns>Null when nothing of that name is there, or it is no folder of its own (a link is not followed).</returns>
    public UnixFolder? OpenFolder(ReadOnlySpan<byte> name)
    {
        var handle = OpenAt(_handle, Terminated(name), DirectoryOnly | NoFollow | CloseOnExec);
        if (handle >= 0) return new UnixFolder(handle);
        return Marshal.GetLastPInvokeError() is Missing or NotADirectory or TooManyLinks ? null : throw Failure("open", Encoding.UTF8.GetString(name));
    }

    /// <returns>Null when it is not there. Whoever gets a handle must look at <see cref="StatusOf(SafeFileHandle)"/>: a pipe would block.</returns>
    public SafeFileHandle? OpenFile(ReadOnlySpan<byte> name)
    {
        var handle = OpenAt(_handle, Terminated(name), NoFollow | CloseOnExec | NonBlocking);
        if (handle >= 0) return new SafeFileHandle(handle, ownsHandle: true);
        return Marshal.GetLastPInvokeError() is Missing ? null : throw Failure("open", Encoding.UTF8.GetString(name));
    }

    /// <returns>Null when it is not there. See <see cref="OpenFile"/>. A file without rights is given them first.</returns>
    public SafeFileHandle? OpenFileForWriting(ReadOnlySpan<byte> name)
    {
        // Not through a link: what is changed here is a regular file, or nothing.
        if (StatusOf(name) is { Kind: RestoredKind.File }) _ = ChangeModeAt(_handle, Terminated(name), 0x180, 0);
        var handle = OpenAt(_handle, Terminated(name), ReadWrite | NoFollow | CloseOnExec | NonBlocking);
        if (handle >= 0) return new SafeFileHandle(handle, ownsHandle: true);
        return Marshal.GetLastPInvokeError() is Missing ? null : throw Failure("open", Encoding.UTF8.GetString(name));
    }

    /// <summary>Removes a file, a link or an empty folder; what is not there is not missed.</summary>
    public void Delete(ReadOnlySpan<byte> name)
    {
        var terminated = Terminated(name);
        if (UnlinkAt(_handle, terminated, 0) == 0 || UnlinkAt(_handle, terminated, RemoveDirectory) == 0 || Marshal.GetLastPInvokeError() == Missing) return;
        throw Failure("remove", Encoding.UTF8.GetString(name));
    }

    public static Status StatusOf(SafeFileHandle file) => Stat((int)file.DangerousGetHandle(), [0], EmptyPath) ?? throw Failure("stat", "file");
    public Status? StatusOf(ReadOnlySpan<byte> name) => Stat(_handle, Terminated(name), NoFollowAt);

    public List<byte[]> Names()
    {
        var names = new List<byte[]>();
        // A handle of its own: closing the stream closes it, and its position is not shared.
        var own = OpenAt(_handle, "."u8.ToArray().Append((byte)0).ToArray(), DirectoryOnly | CloseOnExec);
        if (own < 0) throw Failure("open", ".");
        var stream = OpenStream(own);
        if (stream == 0) { var failure = Failure("list", "."); CloseHandle(own); throw failure; }
        try
        {
            while (true)
            {
                Marshal.SetLastPInvokeError(0);
                var entry = ReadStream(stream);
                if (entry == 0) break;
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + 19);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) names.Add(name.ToArray());
            }
            // readdir(3) tells the end from a failure by errno only.
            if (Marshal.GetLastPInvokeError() != 0) throw Failure("list", ".");
        }
        finally
        {
            _ = CloseStream(stream);
        }
        return names;
    }

    /// <summary>Removes everything below this folder without following a link. A folder without rights is given them first.</summary>
    /// <exception cref="IOException">Something could not be removed; the rest may still be there.</exception>
    public void RemoveContents()
    {
        foreach (var name in Names())
        {
            var terminated = Terminated(name);
            if (UnlinkAt(_handle, terminated, 0) == 0) continue;
            if (StatusOf(name) is not { } status) continue;
            if (status.Kind == RestoredKind.Directory)
            {
                using (var folder = OpenForRemoval(name)) folder?.RemoveContents();
                if (UnlinkAt(_handle, terminated, RemoveDirectory) == 0) continue;
            }
            if (Marshal.GetLastPInvokeError() != Missing) throw Failure("remove", Encoding.UTF8.GetString(name));
        }
    }

    private UnixFolder? OpenForRemoval(byte[] name)
    {
        // The mode that the backup gave may deny us, and so may its owner: a service without CAP_DAC_OVERRIDE is nobody in a folder that was given away.
        // 0777 opens nothing to others, for the drill's own folder above is 0700.
        _ = ChangeModeAt(_handle, Terminated(name), 0x1FF, 0);
        return OpenFolder(name);
    }

    private static Status? Stat(int folder, byte[] name, int flags)
    {
        var buffer = stackalloc byte[256];
        fixed (byte* path = name)
            if (StatX(folder, path, flags, BasicStats, buffer) != 0) return null;
        return new Status(*(ushort*)(buffer + 28), *(uint*)(buffer + 20), *(long*)(buffer + 40), *(long*)(buffer + 112), *(uint*)(buffer + 120), *(long*)(buffer + 96), *(uint*)(buffer + 104));
    }

    private static byte[] Terminated(string text) => Terminated(Encoding.UTF8.GetBytes(text));
    private static byte[] Terminated(ReadOnlySpan<byte> name) => [.. name, 0];

    private static IOException Failure(string what, string name)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"cannot {what} {Verification.Printable.Of(name)}: {Marshal.GetPInvokeErrorMessage(code)}", code);
    }

    public void Dispose() => _ = CloseHandle(_handle);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int folder, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseHandle(int handle);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint OpenStream(int handle);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    private static partial nint ReadStream(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir", SetLastError = true)]
    private static partial int CloseStream(nint stream);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(int folder, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]
    private static partial int ChangeModeAt(int folder, byte[] name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(int folder, byte* name, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int handle, int operation);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint CurrentUser();
}
