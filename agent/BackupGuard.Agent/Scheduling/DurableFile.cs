using System.Runtime.InteropServices;

namespace BackupGuard.Agent.Scheduling;

/// <summary>Replaces small files so that a power cut leaves the old content or the new one, never a part.</summary>
internal static partial class DurableFile
{
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var unfinished = path + ".tmp";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
        // Without this the new name may be lost with the power; Windows has no such call and journals names itself.
        if (OperatingSystem.IsLinux()) FlushFolder(Path.GetDirectoryName(path)!);    // a file of the state folder always has a parent
    }

    internal static void FlushFolder(string folder)
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
