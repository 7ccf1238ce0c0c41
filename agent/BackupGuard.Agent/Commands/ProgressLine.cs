using BackupGuard.Verification;

namespace BackupGuard.Agent.Commands;

/// <summary>One line of progress on standard error, redrawn at most five times a second, and above it the first findings as they are made; nothing at all when that is no terminal.</summary>
internal sealed class ProgressLine(TimeProvider clock) : IProgress<WorkProgress>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>All of them come at the end, with what they mean: here they must not push each other off the screen.</summary>
    private const int MostFindings = 20;

    private readonly bool terminal = !Console.IsErrorRedirected;
    private readonly Lock gate = new();
    private long last;
    private int drawn, found;

    public void Report(WorkProgress value)
    {
        if (!terminal) return;
        lock (gate)
        {
            if (last != 0 && clock.GetElapsedTime(last) < Interval) return;
            last = clock.GetTimestamp();
            var bar = value.TotalBytes > 0 ? Bar((double)value.DoneBytes / value.TotalBytes) : "";
            var line = $"{value.Phase} {bar} {CommandLine.Size(value.DoneBytes)}{(value.TotalBytes > 0 ? $" / {CommandLine.Size(value.TotalBytes)}" : "")}, {value.DoneObjects} objects{(value.Findings > 0 ? $", {value.Findings} findings" : "")}";
            Draw(line);
        }
    }

    public void Found(Finding finding)
    {
        if (!terminal) return;
        lock (gate)
        {
            if (++found > MostFindings) return;
            Erase();
            CommandLine.PrintFinding(finding);
        }
    }

    private static string Bar(double share)
    {
        var full = (int)(Math.Clamp(share, 0, 1) * 30);
        return $"[{new string('#', full)}{new string('.', 30 - full)}] {share:P0}";
    }

    private void Draw(string line)
    {
        Console.Error.Write($"\r{line}{new string(' ', Math.Max(0, drawn - line.Length))}");
        drawn = line.Length;
    }

    private void Erase()
    {
        if (drawn > 0) Console.Error.Write($"\r{new string(' ', drawn)}\r");
        drawn = 0;
    }

    public void Dispose()
    {
        if (terminal) Erase();
    }
}
