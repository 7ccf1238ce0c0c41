using System.Text.Json;
using BackupGuard.Agent.Spool;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Scheduling;

/// <summary>Runs one job with its evidence, so that a kill at any moment leaves a result, and one only.</summary>
/// <remarks>
/// The order, each step durable before the next:
/// 1. state: open, with the words "interrupted" as its result; 2. evidence: intent; 3. state: the intent's counter; 4. the work;
/// 5. state: the true result; 6. evidence: result; 7. state: closed.
/// A kill between 2 and 3, or 6 and 7, is recognised by what the spool holds (<see cref="IRecordedRuns"/>).
/// </remarks>
internal sealed class JobRuns(ScheduleState state, IEvidenceRecorder recorder, IRecordedRuns recorded, TimeProvider clock)
{
    /// <summary>As many planned instants are remembered for a clock that steps back.</summary>
    private const int RememberedRuns = 128;

    /// <param name="calendar">The job's line and zone, or "" for a job without one.</param>
    /// <returns>The result's payload as it was recorded.</returns>
    /// <exception cref="IOException">The spool or the state cannot be written: nothing may be claimed.</exception>
    public async Task<byte[]> RunAsync(IJob job, string calendar, DateTimeOffset plannedAt, string startedBy, bool isRepeat, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var start = new JobStart(Guid.CreateVersion7(now).ToString("N"), plannedAt, now, startedBy);
        var interrupted = job.Unknown(start, DrillFindings.Interrupted.At(job.Id, ("reason", "the agent was stopped or lost its power"), ("reasonFr", "l’agent a été arrêté ou privé de courant")), new("the run was interrupted", "l’exécution a été interrompue"));
        var open = new OpenRun(start.Run, job.Type, job.Application, plannedAt, now, isRepeat, Element(interrupted));
        IReadOnlyList<DateTimeOffset> ran = [.. (state.Find(job.Id)?.Ran ?? []).Append(plannedAt).TakeLast(RememberedRuns)];
        var before = new JobState { Calendar = calendar, SettledUntil = now, Ran = ran };
        state.Save(job.Id, before with { Open = open });

        open = open with { Intent = recorder.Record($"{job.Type}.intent", job.Application, job.Intent(start), intent: null) };
        state.Save(job.Id, before with { Open = open });

        var result = await WorkAsync(job, start, cancellationToken);
        open = open with { Result = Element(result), IsFinished = true };
        state.Save(job.Id, before with { Open = open });
        recorder.Record($"{job.Type}.result", job.Application, result, open.Intent);
        // Stopped in the middle by a restart of the service: it is done again, as after a crash.
        state.Save(job.Id, before with { RunAgain = cancellationToken.IsCancellationRequested && !isRepeat });
        return result;
    }

    /// <summary>Gives every run that was cut off its result. To be called once, before anything else is run.</summary>
    public void CloseInterrupted()
    {
        foreach (var (job, jobState) in state.Jobs.ToList())
        {
            if (jobState.Open is not { } open) continue;
            var intent = open.Intent ?? recorded.FindIntent($"{open.Type}.intent", open.Run);
            // Without an intent nothing was announced, so there is nothing to close; the work is done again all the same.
            if (intent is { } counter && !recorded.HasResult(counter))
                recorder.Record($"{open.Type}.result", open.Application, JsonSerializer.SerializeToUtf8Bytes(open.Result, ScheduleJson.Default.JsonElement), counter);
            state.Save(job, jobState with { Open = null, RunAgain = !open.IsFinished && !open.IsRepeat });
        }
    }

    /// <summary>The job loop's border: a bug in one job must neither stop the calendar nor be mistaken for an answer.</summary>
    private static async Task<byte[]> WorkAsync(IJob job, JobStart start, CancellationToken cancellationToken)
    {
        try
        {
            return await job.RunAsync(start, cancellationToken);
        }
#pragma warning disable CA1031 // One of the three named borders where everything is caught; only the type leaves, a message may hold data.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return job.Unknown(start, AgentFindings.JobCrashed.At(job.Id, ("type", e.GetType().Name)), new($"the agent itself failed ({e.GetType().Name})", $"l’agent lui-même a échoué ({e.GetType().Name})"));
        }
    }

    private static JsonElement Element(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.Clone();
    }
}
