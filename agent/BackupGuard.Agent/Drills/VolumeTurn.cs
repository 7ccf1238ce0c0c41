using System.Runtime.Versioning;

namespace BackupGuard.Agent.Drills;

/// <summary>One drill at a time in a sandbox folder, whichever process runs it: two restores on one volume would measure each other.</summary>
internal static class VolumeTurn
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Waits until no other drill works there. The folder exists.</summary>
    /// <returns>To be disposed of at the end of the drill; the end of the process does it too.</returns>
    public static async Task<IDisposable> TakeAsync(string folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((OperatingSystem.IsLinux() ? TryTake(folder) : (IDisposable?)TryTakeElsewhere(folder)) is { } turn) return turn;
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>The folder itself is locked: no file is left in it, and a lock that nobody holds any more cannot stand.</summary>
    [SupportedOSPlatform("linux")]
    private static UnixFolder? TryTake(string folder)
    {
        var open = UnixFolder.Open(folder);
        if (open.TryLock()) return open;
        open.Dispose();
        return null;
    }

    private static FileStream? TryTakeElsewhere(string folder)
    {
        var file = Path.Combine(folder, ".backupguard-turn");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }
}
