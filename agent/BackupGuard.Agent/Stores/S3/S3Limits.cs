namespace BackupGuard.Agent.Stores.S3;

/// <summary>How long a store may take, and how often it is asked. Together they bound every call: a store that hangs costs minutes, never for ever.</summary>
internal sealed record S3Limits
{
    public static readonly S3Limits Default = new();

    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the request to the first byte of the answer.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Without a single byte in the middle of an answer.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>An answer that nobody read from for so long is given up before the store does it; the next read asks again from where it stands.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts after the first, with growing pauses, of a request that failed before any byte of it was used.</summary>
    public int Retries { get; init; } = 3;
}
