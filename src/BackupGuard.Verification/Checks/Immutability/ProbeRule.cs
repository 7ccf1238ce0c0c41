using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>The positive control: the same identity deletes a canary whose time is over. Without it a refusal proves only a missing right.</summary>
public enum ControlOutcome
{
    /// <summary>No canary is past its date yet.</summary>
    NotDue,

    /// <summary>The canary is gone.</summary>
    Passed,

    /// <summary>It is still there, and the store refused.</summary>
    Refused,

    /// <summary>The store said that it deleted it, and it is still there.</summary>
    AcceptedButThere,

    /// <summary>No answer, or the result could not be seen.</summary>
    Unknown,
}

/// <summary>Everything that decides, and nothing else.</summary>
public sealed record ProbeFacts
{
    public bool AttacksRun { get; init; }

    /// <summary>A canary, its lock or its date was changed, or one of an earlier probe is gone before its time.</summary>
    public bool Changed { get; init; }

    /// <summary>An attack had no answer, or what came of it could not be seen.</summary>
    public bool Unseen { get; init; }
    public ControlOutcome Control { get; init; }
    public LockMode CanaryMode { get; init; }
    public bool ClockSuspect { get; init; }

    /// <summary>The settings are not those that were taken for right.</summary>
    public bool Drifted { get; init; }
    public LockScope Scope { get; init; } = LockScope.Empty;
}

/// <summary>The truth table: from what was seen to one word. Pure. A verdict without positive control is never Proved.</summary>
public static class ProbeRule
{
    public static ImmutabilityVerdict Judge(ProbeFacts facts)
    {
        if (facts.Changed) return ImmutabilityVerdict.Exposed;
        // A permission that is there need not be tried on a backup to count.
        if (facts.Scope.Open > 0) return ImmutabilityVerdict.Exposed;
        // Where this identity may not delete anything, what has no lock is held by that alone: the word for it is IamOnly.
        if (facts.Scope.Unlocked > 0 && facts.Control != ControlOutcome.Refused) return ImmutabilityVerdict.Exposed;
        if (facts.Scope.Hidden > 0) return ImmutabilityVerdict.Hidden;
        if (facts.Drifted || facts.ClockSuspect || facts.Unseen) return ImmutabilityVerdict.Inconclusive;
        if (!facts.AttacksRun) return ImmutabilityVerdict.ConfigOnly;
        return facts.Control switch
        {
            ControlOutcome.Refused => ImmutabilityVerdict.IamOnly,
            ControlOutcome.NotDue or ControlOutcome.AcceptedButThere or ControlOutcome.Unknown => ImmutabilityVerdict.Inconclusive,
            ControlOutcome.Passed when !facts.Scope.IsKnown => ImmutabilityVerdict.Inconclusive,
            ControlOutcome.Passed => (Strength)Math.Min((int)StrengthOf(facts.CanaryMode), (int)facts.Scope.Modes.Select(StrengthOf).Append(Strength.Strong).Min()) switch
            {
                Strength.Strong => ImmutabilityVerdict.Proved,
                Strength.Bypassable => ImmutabilityVerdict.ProvedGovernance,
                Strength.None => ImmutabilityVerdict.Inconclusive,
            },
        };
    }

    private enum Strength { None, Bypassable, Strong }

    private static Strength StrengthOf(LockMode mode) => mode switch
    {
        LockMode.Compliance or LockMode.Locked => Strength.Strong,
        // Root of that machine lifts an attribute.
        LockMode.Governance or LockMode.Unlocked or LockMode.Attribute => Strength.Bypassable,
        LockMode.Unknown or LockMode.None => Strength.None,
    };
}
