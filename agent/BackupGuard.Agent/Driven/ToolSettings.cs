namespace BackupGuard.Agent.Driven;

/// <summary>How somebody else's program is run for a repository: the tool section of agent.yaml, or options. Nothing of it ever comes from the server.</summary>
public sealed record ToolSettings
{
    // Before Default, which takes it.
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(24);
    public static readonly ToolSettings Default = new();

    /// <summary>Absolute path; null for pgbackrest on the system's search path, and for the adapter of the address.</summary>
    public string? Program { get; init; }

    /// <summary>The tool's own configuration file (pgBackRest); null for the one it finds itself.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Arguments before the verb (adapters). Never a secret: every user of the machine can read them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The whole environment of the program, but for the search path and the language.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>For each call.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Where a tool restores to before we take it over; null for the system's temporary folder.</summary>
    public string? Scratch { get; init; }
}
