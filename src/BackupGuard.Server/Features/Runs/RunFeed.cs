using System.Collections.Concurrent;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Wakes whoever watches a run when this process appended to it. Another process is noticed by looking again.</summary>
internal sealed class RunFeed
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> last = new(StringComparer.Ordinal);

    /// <param name="line">Number of the last line, which is in the log.</param>
    public void Publish(string run, long line)
    {
        last.AddOrUpdate(run, line, (_, before) => Math.Max(before, line));
        if (waiting.TryRemove(run, out var source))
        {
            source.TrySetResult();
        }
    }

    /// <summary>Number of the last line that this process appended; 0: none yet.</summary>
    public long Last(string run) => last.GetValueOrDefault(run);

    /// <summary>Ask for it before looking: what is appended in between is not missed.</summary>
    public Task Next(string run) => waiting.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
