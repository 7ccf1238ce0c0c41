namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>What was shown about the locks of a store. Only an attempt shows anything; only Proved is good; every one of them expires.</summary>
public enum ImmutabilityVerdict
{
    /// <summary>Every attack on the canary was refused by its lock, its bytes and lock are as they were, and the same identity could delete one whose time was over.</summary>
    Proved,

    /// <summary>As Proved for the identity that was tried, but a named permission can bypass the lock.</summary>
    ProvedGovernance,

    /// <summary>This identity may not delete anything, locked or not: whoever may, can.</summary>
    IamOnly,

    /// <summary>Settings were read and nothing was tried.</summary>
    ConfigOnly,

    /// <summary>A control failed, the clock is suspect, the state could not be read, or the positive control has not had its time yet.</summary>
    Inconclusive,

    /// <summary>A delete marker or a newer version lies over backup objects.</summary>
    Hidden,

    /// <summary>The canary or its lock was changed, or backup objects have no lock.</summary>
    Exposed,
}
