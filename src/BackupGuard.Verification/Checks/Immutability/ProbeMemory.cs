using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>A canary that was planted, as the witness saw it then.</summary>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Mode">As seen, not as asked for.</param>
/// <param name="RetainUntil">As seen; as asked for where nothing was seen.</param>
public sealed record PlantedCanary(CanaryVersion Canary, string Sha256, LockMode Mode, DateTimeOffset RetainUntil, DateTimeOffset PlantedAt)
{
    public bool IsLocked => Mode is LockMode.Compliance or LockMode.Governance or LockMode.Locked or LockMode.Unlocked;

    /// <returns>Null when it could not be seen well enough to say.</returns>
    /// <remarks>A hold is not compared: it has no date, and whoever may set it may lift it.</remarks>
    public bool? IsIntact(CanarySight sight) => sight.Kind switch
    {
        SightKind.Gone => false,
        SightKind.Unseen => null,
        SightKind.Seen when sight.Sha256 != Sha256 => false,
        // A header that is not there is no answer, before or after.
        SightKind.Seen when Mode == LockMode.Unknown || sight.Lock.Mode == LockMode.Unknown => null,
        SightKind.Seen when !IsLocked => true,
        SightKind.Seen => sight.Lock.Mode == Mode && sight.Lock.RetainUntil >= RetainUntil,
    };
}

/// <summary>What is kept between probes, outside the store.</summary>
public sealed record ProbeMemory
{
    /// <summary>The settings that count as right; null before the first look.</summary>
    public IReadOnlyList<ConfigurationAnswer>? Baseline { get; init; }
    public DateTimeOffset? BaselineAt { get; init; }
    public IReadOnlyList<PlantedCanary> Canaries { get; init; } = [];

    /// <summary>The store's clock minus ours at the last probe: where it has moved since, one of the two jumped.</summary>
    public TimeSpan? ServerAhead { get; init; }
}
