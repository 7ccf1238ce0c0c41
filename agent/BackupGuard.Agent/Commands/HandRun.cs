using System.Runtime.InteropServices;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Scheduling;

namespace BackupGuard.Agent.Commands;

/// <summary>A job that a person starts at the shell: evidence like any other when the spool is free, and no evidence, which is said, while the service holds it.</summary>
internal static class HandRun
{
    /// <returns>False when the evidence could not be written: then nothing may be claimed.</returns>
    public static async Task<bool> RunAsync(IJob job, AgentSettings settings, AgentParts parts, TextWriter error, CancellationToken cancellationToken)
    {
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Ctrl-C ends the run with a result and leaves time to clean up: the process ends when the job has ended, and no intent is left open.
        using var onInterrupt = Cancelling(PosixSignal.SIGINT, interrupted);
        using var onTerminate = Cancelling(PosixSignal.SIGTERM, interrupted);
        try
        {
            StateFiles.CreateFolder(settings.StateFolder);
            if (TryOpen(job, settings, parts, error) is not { } spool)
            {
                var now = parts.Clock.GetUtcNow();
                await job.RunAsync(new JobStart(Guid.CreateVersion7(now).ToString("N"), now, now, "person"), interrupted.Token);
                return true;
            }
            using (spool.Lifetime)
            {
                var runs = new JobRuns(ScheduleState.Open(StateFiles.Console(settings), out _), spool.Recorder, spool.Recorded, parts.Clock);
                runs.CloseInterrupted();
                await runs.RunAsync(job, "", parts.Clock.GetUtcNow(), "person", isRepeat: true, interrupted.Token);
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"The {job.Type}'s evidence cannot be written, so nothing is claimed: {e.Message}");
            return false;
        }
    }

    private static OpenSpool? TryOpen(IJob job, AgentSettings settings, AgentParts parts, TextWriter error)
    {
        try
        {
            return parts.OpenSpool(settings);
        }
        catch (IOException e)
        {
            error.WriteLine($"This {job.Type} is not recorded as evidence: {e.Message}");
            return null;
        }
    }

    private static PosixSignalRegistration Cancelling(PosixSignal signal, CancellationTokenSource cancel) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        cancel.Cancel();
    });
}
