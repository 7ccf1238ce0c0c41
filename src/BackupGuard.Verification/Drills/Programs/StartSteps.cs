using System.Globalization;

namespace BackupGuard.Verification.Drills.Programs;

/// <summary>Starts the program of a <see cref="StartStep"/> and waits until it is up.</summary>
public sealed class StartSteps(TimeProvider clock) : IProbeRunner
{
    public bool CanRun(Probe probe) => probe is StartStep;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var step = (StartStep)probe;
        var room = await scene.Room(cancellationToken);
        // Whoever listens there already would be taken for it.
        if (step.Port is { } port && await Port.IsOpenAsync(room, port, step.Timeout, cancellationToken))
            return new(Verdict.Inconclusive, new($"something listens on port {port} already", $"quelque chose écoute déjà sur le port {port}"));
        var process = room.Start(new RoomCommand(step.Run) { Timeout = TimeSpan.FromDays(2), MostOutputBytes = 64 * 1024 });
        try
        {
            var answer = await WaitAsync(step, room, process, cancellationToken);
            if (answer.Verdict == Verdict.Proved) scene.Services.Add(step.Service, process, process.KillAsync);
            else await process.KillAsync();
            return answer;
        }
        catch
        {
            await process.KillAsync();
            throw;
        }
    }

    /// <summary>Nobody knows what the program reads: every file is emptied, and it is started again.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        await scene.Services.StopAsync(((StartStep)probe).Service);
        return scene.EmptyAll(cancellationToken) is not { } emptied ? null : new($"stopped, and {emptied} files emptied", $"arrêtée, et {emptied} fichiers vidés");
    }

    private async Task<ProbeAnswer> WaitAsync(StartStep step, IDrillRoom room, IRoomProcess process, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var isUp = step.Port is { } port ? await IsUpAsync(Port.WaitFor(room, port, step.Timeout), process, cancellationToken) : await RunsOnAsync(process, step.UpFor, cancellationToken);
        if (process.Ended.IsCompleted)
        {
            var end = await process.Ended;
            return new(Verdict.Failed, new($"it ended with exit code {end.ExitCode} instead of staying up", $"elle a fini avec le code de sortie {end.ExitCode} au lieu de rester active"));
        }
        return isUp
            ? new(Verdict.Proved, new(string.Create(CultureInfo.InvariantCulture, $"up after {clock.GetElapsedTime(began).TotalSeconds:0.0} s"), string.Create(CultureInfo.InvariantCulture, $"active après {clock.GetElapsedTime(began).TotalSeconds:0.0} s")))
            : new(Verdict.Inconclusive, new(string.Create(CultureInfo.InvariantCulture, $"it was not up within {step.Timeout.TotalSeconds:0} s"), string.Create(CultureInfo.InvariantCulture, $"elle n’était pas active en {step.Timeout.TotalSeconds:0} s")));
    }

    private static async Task<bool> IsUpAsync(IRoomProcess waiting, IRoomProcess process, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAny(waiting.Ended, process.Ended).WaitAsync(cancellationToken);
            return waiting.Ended.IsCompletedSuccessfully && (await waiting.Ended).Succeeded;
        }
        finally
        {
            await waiting.KillAsync();
        }
    }

    private async Task<bool> RunsOnAsync(IRoomProcess process, TimeSpan time, CancellationToken cancellationToken)
    {
        await Task.WhenAny(process.Ended, Task.Delay(time, clock, cancellationToken)).WaitAsync(cancellationToken);
        return !process.Ended.IsCompleted;
    }
}
