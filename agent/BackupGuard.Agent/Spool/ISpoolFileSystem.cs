using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Spool;

/// <summary>The durable steps of the spool, one method each, so that a test can fail or cut the power at every one of them.</summary>
/// <remarks>All methods throw IOException or UnauthorizedAccessException and nothing else for what the disk refuses.</remarks>
internal interface ISpoolFileSystem
{
    /// <summary>Creates the folder for its owner alone; an existing one is left as it is.</summary>
    void CreateDirectory(string path);

    /// <summary>Takes a lock that ends with the process. MUST throw IOException while another holds it.</summary>
    IDisposable Lock(string path);

    /// <summary>Full names of the files (not folders) in a folder.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>The whole file; MUST throw IOException when it is longer than <paramref name="limit"/>.</summary>
    byte[] Read(string path, int limit);

    /// <summary>Writes a file, replacing one that is there. Not durable before <see cref="Flush"/>.</summary>
    void Write(string path, ReadOnlySpan<byte> bytes);

    /// <summary>MUST return only when the file's content survives a power cut.</summary>
    void Flush(string path);

    /// <summary>Renames atomically, replacing. Durable after <see cref="FlushDirectory"/>.</summary>
    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>MUST return only when names created, renamed and deleted in the folder survive a power cut.</summary>
    void FlushDirectory(string path);
}

/// <summary>The disk. On Windows a folder cannot be flushed: there NTFS's own journal orders renames, and the last one may be lost with the power.</summary>
internal sealed partial class SpoolDisk : ISpoolFileSystem
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    public IDisposable Lock(string path) => new FileStream(path, Options(FileMode.OpenOrCreate));

    public IReadOnlyList<string> ListFiles(string directory) => Directory.GetFiles(directory);

    public byte[] Read(string path, int limit)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length > limit) throw new IOException($"{path} has {length} bytes, more than the {limit} that it may have.");
        var bytes = new byte[length];
        var read = 0;
        while (read < bytes.Length)
        {
            var count = RandomAccess.Read(file, bytes.AsSpan(read), read);
            if (count == 0) throw new IOException($"{path} became shorter while it was read.");
            read += count;
        }
        return bytes;
    }

    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(path, Options(FileMode.Create));
        file.Write(bytes);
    }

    public void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        using var directory = Open(path, ReadOnlyDirectory);
        if (directory.IsInvalid || FSync(directory) != 0)
            throw new IOException($"The folder {path} could not be made durable: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    // Unbuffered: a full disk then shows at the write, not at the close.
    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return options;
    }

    // open(2): O_RDONLY is 0 everywhere; O_CLOEXEC is 02000000 on Linux.
    private static int ReadOnlyDirectory => OperatingSystem.IsLinux() ? 0x80000 : 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);
}
