using System.Runtime.InteropServices;

namespace BackupGuard.Witness;

/// <summary>Files that only this account may read, replaced so that a power cut leaves the old content or the new one.</summary>
internal static partial class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
    }

    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var unfinished = path + ".tmp";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(unfinished, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
        // Without this the new name may be lost with the power; Windows journals names itself.
        if (OperatingSystem.IsLinux()) FlushFolder(Path.GetDirectoryName(path)!);    // a file of the data folder has a parent
    }

    private static void FlushFolder(string folder)
    {
        var handle = Open(folder, 0);
        if (handle < 0) throw new IOException($"{folder}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        var failed = Flush(handle) != 0;
        var code = Marshal.GetLastPInvokeError();
        _ = Close(handle);
        if (failed) throw new IOException($"{folder}: {Marshal.GetPInvokeErrorMessage(code)}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
