namespace BackupGuard.Agent.Stores;

/// <summary>How long a store may take, and how often it is asked. Together they bound every call: a store that hangs costs minutes, never for ever.</summary>
internal sealed record StoreLimits
{
    public static readonly StoreLimits Default = new();

    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the request to the first byte of the answer.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Without a single byte in the middle of an answer.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>An answer that nobody read from for so long is given up before the store does it; the next read asks again from where it stands.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts after the first, with growing pauses, of a request that failed before any byte of it was used.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>A store that asks for a longer pause than this between two attempts is asked again after this one.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);
}
