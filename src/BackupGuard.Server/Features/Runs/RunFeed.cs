using System.Collections.Concurrent;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Wakes whoever watches a run when this process appended to it. Another process is noticed by looking again.</summary>
internal sealed class RunFeed
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    public void Publish(string run)
    {
        if (waiting.TryRemove(run, out var source))
        {
            source.TrySetResult();
        }
    }

    /// <summary>Ask for it before looking: what is appended in between is not missed.</summary>
    public Task Next(string run) => waiting.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
