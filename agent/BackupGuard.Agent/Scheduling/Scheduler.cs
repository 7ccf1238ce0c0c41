namespace BackupGuard.Agent.Scheduling;

/// <summary>The calendar: what falls due is run, one heavy job at a time. It needs no server.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A job that is seen for the first time, or whose line was edited, begins to count from now.</item>
/// <item>However many occurrences were missed while the machine was off or busy, one run makes up for them.</item>
/// <item>What falls due in a blackout begins when it ends; asked again before each job, for the one before may have lasted into it.</item>
/// <item>A planned instant is run once, also when the clock is set back over it; a clock set back does not stop the calendar.</item>
/// </list>
/// </remarks>
/// <param name="finished">Told of every run with its recorded result.</param>
internal sealed class Scheduler(IReadOnlyList<ScheduledJob> jobs, ScheduleState state, JobRuns runs, TimeProvider clock, Action<IJob, byte[]> finished)
{
    /// <summary>The longest sleep: a clock that was set is noticed within it.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await RunDueAsync("missed", cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Wait(), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RunDueAsync("schedule", cancellationToken);
        }
    }

    /// <summary>Runs everything that is due now, in the order in which it was planned.</summary>
    public async Task RunDueAsync(string startedBy, CancellationToken cancellationToken)
    {
        Notice();
        foreach (var due in Due())
        {
            if (cancellationToken.IsCancellationRequested) return;
            if (due.Job.IsBlackedOut(clock.GetUtcNow())) continue;
            finished(due.Job.Job, await runs.RunAsync(due.Job.Job, Line(due.Job), due.PlannedAt, due.IsRepeat ? "missed" : startedBy, due.IsRepeat, cancellationToken));
        }
    }

    /// <summary>Runs every job once, whatever the calendar says.</summary>
    public async Task RunAllAsync(CancellationToken cancellationToken)
    {
        Notice();
        foreach (var job in jobs)
        {
            if (cancellationToken.IsCancellationRequested) return;
            finished(job.Job, await runs.RunAsync(job.Job, Line(job), clock.GetUtcNow(), "person", isRepeat: false, cancellationToken));
        }
    }

    /// <summary>When the job comes up next, or came up without having been run yet; null when it never does.</summary>
    public DateTimeOffset? NextAt(ScheduledJob job) => NextAt(job, state, clock.GetUtcNow());

    public static DateTimeOffset? NextAt(ScheduledJob job, ScheduleState state, DateTimeOffset now)
    {
        if (state.Find(job.Job.Id) is not { } known) return job.Calendar.NextAfter(now);
        var next = job.Calendar.NextAfter(known.SettledUntil);
        while (next is { } at && known.Ran.Contains(at)) next = job.Calendar.NextAfter(at);
        return next;
    }

    /// <summary>Brings the memory in line with the file and the clock.</summary>
    private void Notice()
    {
        var now = clock.GetUtcNow();
        foreach (var job in jobs)
        {
            var known = state.Find(job.Job.Id);
            if (known is null) state.Save(job.Job.Id, new JobState { Calendar = Line(job), SettledUntil = now });
            else if (known.Calendar != Line(job)) state.Save(job.Job.Id, known with { Calendar = Line(job), SettledUntil = now });
            // The clock was set back. What was run since is remembered by its planned instant.
            else if (known.SettledUntil > now) state.Save(job.Job.Id, known with { SettledUntil = now });
        }
    }

    private List<(ScheduledJob Job, DateTimeOffset PlannedAt, bool IsRepeat)> Due()
    {
        var now = clock.GetUtcNow();
        var due = new List<(ScheduledJob, DateTimeOffset PlannedAt, bool)>();
        foreach (var job in jobs.Where(j => !j.IsBlackedOut(now)))
        {
            if (NextAt(job) is { } at && at <= now) due.Add((job, at, false));
            else if (state.Find(job.Job.Id) is { RunAgain: true }) due.Add((job, now, true));
        }
        return [.. due.OrderBy(d => d.PlannedAt)];
    }

    /// <summary>How long nothing can be due.</summary>
    internal TimeSpan Wait()
    {
        var wait = LongestWait;
        var now = clock.GetUtcNow();
        foreach (var job in jobs.Where(j => !j.IsBlackedOut(now)))
            if (NextAt(job) is { } at && at - now < wait) wait = at > now ? at - now : TimeSpan.Zero;
        return wait;
    }

    private static string Line(ScheduledJob job) => $"{job.Calendar.Text} {job.Calendar.Zone.Id}";
}
