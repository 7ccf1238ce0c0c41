using System.Text.Json;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Hosting;

/// <summary>What is due, overdue, running or waiting.</summary>
internal static class AgentQueue
{
    public const string EntryType = "calendar.plan";

    public static QueueDocument Of(IReadOnlyList<ScheduledJob> jobs, ScheduleState state, DateTimeOffset now) => new()
    {
        At = now,
        Jobs = [.. jobs.Select(j => Of(j, state, now)).OrderBy(j => j.NextAt ?? DateTimeOffset.MaxValue).ThenBy(j => j.Job, StringComparer.Ordinal)],
    };

    /// <summary>As evidence: whoever holds the plan sees what did not come, also when this machine is silent.</summary>
    public static byte[] Payload(QueueDocument document) =>
        ResultDocuments.Fit([], document.Jobs, (_, jobs) => JsonSerializer.SerializeToUtf8Bytes(document with { Jobs = jobs, LeftOut = document.Jobs.Count - jobs.Count }, DocumentJson.Default.QueueDocument));

    private static QueuedJobDocument Of(ScheduledJob job, ScheduleState state, DateTimeOffset now)
    {
        var known = state.Find(job.Job.Id);
        var next = Scheduler.NextAt(job, state, now);
        var isDue = next <= now || known is { RunAgain: true };
        // "running" is what the last write says: a service that was killed says it too, until its next start.
        var word = known is { Open.IsFinished: false } ? "running"
            : !isDue ? "planned"
            : now - next > QueueDocument.Patience ? "overdue"
            : job.IsBlackedOut(now) ? "waiting"
            : "due";
        return new QueuedJobDocument(job.Job.Id, job.Job.Application, word, next, known?.Ran is [.., var last] ? last : null);
    }
}
