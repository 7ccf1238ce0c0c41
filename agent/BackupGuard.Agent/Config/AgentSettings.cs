using BackupGuard.Agent.Driven;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Config;

/// <summary>The agent's own configuration file, read and checked. Paths are absolute. Only this file says what may run on this machine.</summary>
public sealed record AgentSettings
{
    public required string File { get; init; }
    public required string StateFolder { get; init; }

    /// <summary>The server's address, or null; how this agent is known there is in the state folder.</summary>
    public Uri? Server { get; init; }
    public required IReadOnlyList<RepositorySettings> Repositories { get; init; }
    public required IReadOnlyList<DrillSettings> Drills { get; init; }

    /// <summary>What the repositories are copies of.</summary>
    public IReadOnlyList<DatasetSettings> Datasets { get; init; } = [];

    /// <summary>When no drill begins.</summary>
    public IReadOnlyList<Blackout> Blackouts { get; init; } = [];

    /// <summary>Whose test results may be taken in by `attest`.</summary>
    public IReadOnlyList<ExternalSettings> External { get; init; } = [];
}

/// <param name="Address">Format and location, such as restic:/srv/backup. Holds no secret.</param>
/// <param name="PasswordFile">Where its password is, or null when it needs none. Never the password.</param>
public sealed record RepositorySettings(string Name, string Address, string? PasswordFile, string Application, VerifySchedule? Verify)
{
    /// <summary>The agent's own folder: sets that it sealed are vouched for by its key.</summary>
    public string StateFolder { get; init; } = "";

    /// <summary>Where the key of a Borg repository in a keyfile mode is, or null. Never the key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How the program is run that reads it, where it is not this agent.</summary>
    public ToolSettings Tool { get; init; } = ToolSettings.Default;

    /// <summary>How its store is reached.</summary>
    public StoreSettings Store { get; init; } = StoreSettings.Default;

    /// <summary>Files with further public keys whose seals count.</summary>
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];

    /// <summary>How its immutability is tried; null when it is not.</summary>
    public LockProbeSettings? LockProbe { get; init; }

    /// <summary>Of what it is a copy, or null where nobody said.</summary>
    public CopySettings? Copy { get; init; }

    /// <summary>What is expected of this copy.</summary>
    public CopyPolicy Policy { get; init; } = new();

    /// <summary>The anomaly check, or null where it is not asked for.</summary>
    public SignalsSettings? Signals { get; init; }
}

/// <param name="ReadDataText">As written: all, none, 5%, 10GiB.</param>
/// <param name="Promise">The copy is good while no byte of it was last read longer ago than this.</param>
public sealed record VerifySchedule(Calendar Calendar, ReadData ReadData, string ReadDataText, TimeSpan Promise);

/// <param name="Folder">Each run of the drill gets a fresh folder in it.</param>
/// <param name="QuotaBytes">The most that one run may write there, or null.</param>
/// <param name="OwnsFiles">Restored files belong to the agent's account and not to their old owners: so that a room can use them.</param>
public sealed record SandboxSettings(string Folder, long? QuotaBytes, bool OwnsFiles)
{
    /// <summary>On Windows, restored programs may be started in a job with a firewall rule: less than a room, and never tried.</summary>
    public bool AllowsJob { get; init; }
}

public sealed record DrillSettings(RepositorySettings Repository, DrillPlan Plan, Calendar Calendar, SandboxSettings Sandbox)
{
    public string Name => Plan.Name;
    public string Application => Plan.Application;
}
