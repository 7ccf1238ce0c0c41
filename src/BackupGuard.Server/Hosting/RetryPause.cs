namespace BackupGuard.Server.Hosting;

/// <summary>After a write that failed: pages that look at the same thing must not each wait for the same database again.</summary>
internal sealed class RetryPause(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private DateTimeOffset? failedAt;

    /// <summary>False for a minute after a failure, whichever way the clock is set meanwhile.</summary>
    public bool MayTry => failedAt is not { } at || (clock.GetUtcNow() - at).Duration() >= Length;

    public void Failed() => failedAt = clock.GetUtcNow();

    public void Succeeded() => failedAt = null;
}
