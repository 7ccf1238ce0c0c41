using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Deadlines of a run that do not come from its steps.</summary>
internal interface IDeadlineSource
{
    IReadOnlyList<DueItem> Of(JournaledRun run, DateTimeOffset now);
}

/// <summary>
/// What time brings to runs: deadlines that are missed become lines of the log, modules are started and their ends told to the
/// run they belong to. Every command is made from the run's last line, so that two processes, or one that died half way, do it once.
/// </summary>
internal sealed class RunClock(RunJournal journal, RunbookLibrary library, IEnumerable<IDeadlineSource> sources, TimeProvider clock, ILogger<RunClock> log)
{
    private static readonly Actor Server = new("serveur", "Horloge du serveur");

    public async Task TickAsync(CancellationToken stop)
    {
        foreach (var id in await journal.IdsAsync(stop))
        {
            try
            {
                if (await journal.LoadAsync(id, stop) is { } run)
                {
                    await TickAsync(run, stop);
                }
            }
#pragma warning disable CA1031 // A border: whatever is wrong with one run must not stop the clock of the others.
            catch (Exception e) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
            {
                log.RunUnreadable(id, e.GetType().Name);
            }
        }
    }

    public async Task TickAsync(JournaledRun run, CancellationToken stop)
    {
        var now = RunsFeature.Now(clock);
        DueItem[] others = [.. sources.SelectMany(s => s.Of(run, now))];
        if (Deadlines.Missed(run.Definition.Runbook, run.State, others, now).Count > 0)
        {
            await journal.ExecuteAsync(new RaiseDeadlines(others) { RunId = run.Started.RunId, CommandId = $"horloge:{run.State.Seq}", Actor = Server, Now = now });
        }

        foreach (var module in run.State.Modules.Values.Where(m => m.EndedIn is null))
        {
            await FollowAsync(run, module, now, stop);
        }
    }

    private async Task FollowAsync(JournaledRun run, ModuleRecord module, DateTimeOffset now, CancellationToken stop)
    {
        var child = await journal.LoadAsync(module.Run, stop);
        if (child is null)
        {
            // The plan that was asked for, or none: a file changed since is another plan.
            if (await library.FindAsync(module.RunbookId, stop) is { Definition: { } definition } && definition.Sha256 == module.Sha256)
            {
                await journal.StartAsync(definition, new StartRun(run.Started.Mode)
                {
                    RunId = module.Run, CommandId = module.Run, Actor = module.By, Now = now, Parent = run.Started.RunId, ParentStep = module.Step,
                });
            }
            else
            {
                await EndAsync(run, module, "fichier changé avant le début", now);
            }
        }
        else if (child.Closed || child.Started.Parent != run.Started.RunId)
        {
            await EndAsync(run, module, child.State.State, now);
        }
    }

    private Task<RunAnswer> EndAsync(JournaledRun run, ModuleRecord module, string state, DateTimeOffset now) =>
        journal.ExecuteAsync(new EndModule(module.Run, state) { RunId = run.Started.RunId, CommandId = $"fin:{module.Run}", Actor = Server, Now = now });
}

internal sealed class RunClockWorker(RunClock runs, TimeProvider clock, ILogger<RunClock> log) : RoundsWorker(clock, log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    protected override TimeSpan PauseAfterFault => Pause;

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stop)
    {
        await runs.TickAsync(stop);
        return Pause;
    }
}

internal static partial class RunClockLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The clock of run {Run} stopped on a fault ({Type}): its deadlines are not watched. Run backupguard-server fsck.")]
    public static partial void RunUnreadable(this ILogger logger, string run, string type);
}
