using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace BackupGuard.Agent.Driven;

/// <summary>A variable that a started program hands on to everything that it starts itself: by it they are found, even when they went into the background.</summary>
internal sealed class ProcessMark(TimeProvider clock)
{
    private const string Name = "BACKUPGUARD_PROBE";

    private readonly string value = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");

    /// <summary>An environment with nothing of ours in it but a search path, a language and the mark.</summary>
    public void SetEnvironment(ProcessStartInfo start)
    {
        start.Environment.Clear();
        if (OperatingSystem.IsWindows())
            foreach (var name in (string[])["SystemRoot", "PATH"]) start.Environment[name] = Environment.GetEnvironmentVariable(name);
        else
            start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment[Name] = value;
    }

    /// <summary>Kills whoever carries the mark in its environment or works in <paramref name="workingFolder"/> (a process that detached itself has no parent to be found by), until nobody holds the output open.</summary>
    /// <remarks>More than once: a process that is just becoming another program (execve) shows no mark for a moment.</remarks>
    /// <returns>Whether the output ended in that time.</returns>
    public async Task<bool> KillAllAsync(Task output, string? workingFolder, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        do
        {
            KillAll(workingFolder);
            await Task.WhenAny(output, Task.Delay(TimeSpan.FromMilliseconds(250), clock, cancellationToken));
        }
        while (!output.IsCompleted && clock.GetElapsedTime(began) < patience && !cancellationToken.IsCancellationRequested);
        return output.IsCompleted;
    }

    private static void Kill(Process process)
    {
        using (process)
        {
            process.Kill();
            process.WaitForExit(TimeSpan.FromMilliseconds(100));
        }
    }

    private void KillAll(string? workingFolder)
    {
        if (!OperatingSystem.IsLinux()) return;
        var wanted = Encoding.ASCII.GetBytes($"{Name}={value}");
        // Again until none is found: one may have been starting another meanwhile. Bounded, should one be unkillable (uninterruptible I/O).
        for (var round = 0; round < 100 && LeftBehind(wanted, workingFolder) is { Count: > 0 } found; round++)
            found.ForEach(Kill);
    }

    private static List<Process> LeftBehind(byte[] wanted, string? workingFolder)
    {
        var found = new List<Process>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                // A zombie has an empty environment and needs no second kill.
                var isOurs = File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(wanted) >= 0
                    || workingFolder is not null && new FileInfo(Path.Combine(folder, "cwd")).LinkTarget is { } at && (at + "/").StartsWith(workingFolder + "/", StringComparison.Ordinal);
                if (isOurs) found.Add(Process.GetProcessById(id));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // It ended while we looked, or belongs to somebody else and cannot be ours.
            }
        }
        return found;
    }
}
