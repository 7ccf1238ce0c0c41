namespace BackupGuard.Server.Hosting;

/// <summary>Rounds in the background, one after the other. What goes wrong in one is logged and ends neither the server nor the rounds after it.</summary>
internal abstract partial class RoundsWorker(TimeProvider clock, ILogger logger) : BackgroundService
{
    /// <summary>False: nothing is configured, and no round is made.</summary>
    protected virtual bool IsNeeded => true;

    /// <returns>Pause until the next round.</returns>
    protected abstract Task<TimeSpan> RoundAsync(CancellationToken stop);

    /// <summary>Pause after a round that failed.</summary>
    protected abstract TimeSpan PauseAfterFault { get; }

    /// <summary>May end early, never with an exception.</summary>
    protected virtual async Task WaitAsync(TimeSpan pause, CancellationToken stop) => await Task.Delay(pause, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (IsNeeded && !stoppingToken.IsCancellationRequested)
        {
            var pause = PauseAfterFault;
            try
            {
                pause = await RoundAsync(stoppingToken);
            }
#pragma warning disable CA1031 // A border: what is wrong with one round must not end the server, and the next round tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                RoundFailed(GetType().Name, e.GetType().Name);
            }

            await WaitAsync(pause, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of {Worker} stopped on a fault of the server itself ({Type}); it is tried again.")]
    private partial void RoundFailed(string worker, string type);
}
