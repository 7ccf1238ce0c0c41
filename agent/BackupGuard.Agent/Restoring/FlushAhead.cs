namespace BackupGuard.Agent.Restoring;

/// <summary>Makes durable what was written while more is being written, so that the end need not wait for all of it. One call at a time, on a thread of its own.</summary>
/// <param name="flush">Makes durable all that was written before it was called; gives 0 or the error number.</param>
internal sealed class FlushAhead(Func<int> flush)
{
    /// <summary>Enough for a disk to work at its own speed, little to wait for at the end.</summary>
    public const long EveryBytes = 128 << 20;

    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private long written;
    private int failed;

    /// <summary>May be called by several threads; returns at once.</summary>
    public void Wrote(int bytes)
    {
        if (Interlocked.Add(ref written, bytes) < EveryBytes) return;
        lock (gate)
        {
            if (!running.IsCompleted || Volatile.Read(ref written) < EveryBytes) return;
            Volatile.Write(ref written, 0);
            running = Task.Factory.StartNew(Flush, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Flushes what is left. To be called when nothing is being written any more.</summary>
    /// <returns>0, or the first error of any call: a system tells of a write that failed only once.</returns>
    public int Finish()
    {
        Wait();
        Flush();
        return failed;
    }

    /// <summary>Returns when no call is under way.</summary>
    public void Wait() => running.GetAwaiter().GetResult();

    private void Flush() => Interlocked.CompareExchange(ref failed, flush(), 0);
}
