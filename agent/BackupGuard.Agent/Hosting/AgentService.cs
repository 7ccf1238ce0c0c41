using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Copies;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Spool;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Hosting;

/// <param name="EverythingNow">Every job is run once before the calendar takes over.</param>
internal sealed record RunOptions(bool EverythingNow);

/// <summary>The service: closes what was cut off, then keeps the calendar and sends the evidence, each without waiting for the other.</summary>
internal sealed class AgentService(AgentSettings settings, AgentParts parts, OpenSpool spool, RunOptions options, ServiceNotification notification, IHostApplicationLifetime lifetime, ILogger<AgentService> logger) : BackgroundService
{
    private static readonly TimeSpan LinkPause = TimeSpan.FromMinutes(1), InboxPause = TimeSpan.FromSeconds(30);

    /// <summary>The evidence could not be written.</summary>
    public bool HasFailed { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        List<Task> beside = [];
        try
        {
            spool.Recorder.Record("agent.start", "", StartPayload(), intent: null);
            CopiesRecord.Write(settings, null, spool.Recorder, parts.Clock.GetUtcNow());
            var (scheduler, tellPlan) = Recover();
            tellPlan();
            notification.Send("READY=1");
            beside = [notification.KeepAliveAsync(stop.Token), KeepLinkAsync(stop.Token), KeepInboxAsync(stop.Token)];
            if (options.EverythingNow) await scheduler.RunAllAsync(stoppingToken);
            await scheduler.RunAsync(stoppingToken);
        }
        catch (IOException e)
        {
            HasFailed = true;
            logger.EvidenceRefused(e.Message);
            lifetime.StopApplication();
        }
        finally
        {
            notification.Send("STOPPING=1");
            await stop.CancelAsync();
            await Task.WhenAll(beside);
        }
    }

    private (Scheduler Scheduler, Action TellPlan) Recover()
    {
        // A drill from the console that was killed has its own memory; it is closed, not repeated.
        Runs(Open(StateFiles.Console(settings))).CloseInterrupted();
        var state = Open(StateFiles.Schedule(settings));
        var runs = Runs(state);
        runs.CloseInterrupted();
        foreach (var folder in settings.Drills.Select(d => d.Sandbox.Folder).Distinct(StringComparer.Ordinal)) RemoveLeftovers(folder);

        var jobs = AgentJobs.Of(settings, parts);
        void TellPlan() => spool.Recorder.Record(AgentQueue.EntryType, "", AgentQueue.Payload(AgentQueue.Of(jobs, state, parts.Clock.GetUtcNow())), intent: null);
        var scheduler = new Scheduler(jobs, state, runs, parts.Clock, (job, result) =>
        {
            TellResult(job, result);
            TellPlan();
        });
        var next = jobs.Select(j => (j.Job.Id, At: scheduler.NextAt(j))).Where(j => j.At is not null).OrderBy(j => j.At).FirstOrDefault();
        logger.Started(jobs.Count, next.Id is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{next.Id} at {next.At:u}"));
        return (scheduler, TellPlan);
    }

    private void TellResult(IJob job, byte[] result)
    {
        // After the look and not with it: where each copy is counts even when the look failed.
        if (job is VerifyJob or ProbeJob) CopiesRecord.Write(settings, job.Id[(job.Id.IndexOf(':') + 1)..], spool.Recorder, parts.Clock.GetUtcNow());
        using var document = JsonDocument.Parse(result);
        logger.JobFinished(job.Id, document.RootElement.GetProperty("verdict").GetString() ?? "");
    }

    private JobRuns Runs(ScheduleState state) => new(state, spool.Recorder, spool.Recorded, parts.Clock);

    private ScheduleState Open(string file)
    {
        var state = ScheduleState.Open(file, out var setAside);
        if (setAside is not null) logger.MemorySetAside(setAside);
        return state;
    }

    private void RemoveLeftovers(string sandbox)
    {
        foreach (var (folder, left) in DirectorySandbox.RemoveLeftovers(sandbox))
        {
            var payload = new JsonObject { ["folder"] = folder, ["removed"] = left is null, ["reason"] = left };
            spool.Recorder.Record("drill.cleanup", "", Encoding.UTF8.GetBytes(payload.ToJsonString()), intent: null);
            logger.Leftover(folder, left ?? "removed");
        }
    }

    private byte[] StartPayload()
    {
        var drills = new JsonObject();
        foreach (var drill in settings.Drills) drills[drill.Name] = drill.Plan.DefinitionHash;
        var payload = new JsonObject { ["softwareVersion"] = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "", ["drills"] = drills };
        return Encoding.UTF8.GetBytes(payload.ToJsonString());
    }

    /// <summary>Records what people's commands leave while the service holds the spool.</summary>
    private async Task KeepInboxAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Inbox.Drain(settings.StateFolder, spool.Recorder, AttestCommand.EntryType, CopiesRecord.EntryType);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It stays there; what cannot be recorded at all stops the job loop at its next entry.
                logger.InboxRefused(e.Message);
            }
            await Task.Delay(InboxPause, parts.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KeepLinkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await parts.RunLink(settings, spool, cancellationToken);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A job loop's border: a bug in sending must not stop the calendar. What was not sent stays in the spool.
            catch (Exception e)
#pragma warning restore CA1031
            {
                logger.LinkFailed(e.GetType().Name);
                await Task.Delay(LinkPause, parts.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
