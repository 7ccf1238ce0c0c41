namespace BackupGuard.Agent.Tests.Spool;

/// <summary>A clock that moves only when told; its timers fire when it passes them.</summary>
internal sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock guard = new();
    private readonly List<Timer> timers = [];
    private long ticks;

    public DateTimeOffset Now { get; set; } = now;

    /// <summary>Called with the time that each new timer shall wait.</summary>
    public Action<TimeSpan>? TimerMade { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
    public override long GetTimestamp() => ticks;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        Now += by;
        ticks += by.Ticks;
        Timer[] due;
        lock (guard) due = [.. timers.Where(t => t.DueAt <= ticks)];
        foreach (var timer in due) timer.Fire();
    }

    private sealed class Timer(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            DueAt = clock.ticks + dueTime.Ticks;
            lock (clock.guard) clock.timers.Add(this);
            clock.TimerMade?.Invoke(dueTime);
            return true;
        }

        public void Fire()
        {
            lock (clock.guard)
                if (!clock.timers.Remove(this)) return;
            callback(state);
        }

        public void Dispose()
        {
            lock (clock.guard) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
