namespace BackupGuard.Verification;

/// <summary>What may be said about a backup after looking at it. There is no fourth word: what was not looked at is Inconclusive.</summary>
public enum Verdict
{
    /// <summary>Everything that was promised was looked at, and nothing was wrong with it.</summary>
    Proved,

    /// <summary>Something was looked at and is wrong. An empty success is a failure too.</summary>
    Failed,

    /// <summary>The look could not be finished. Never counted as good.</summary>
    Inconclusive,
}

/// <summary>The only place where findings become a verdict.</summary>
public static class Verdicts
{
    /// <param name="findings">All findings of the check.</param>
    /// <param name="unfinished">Why the check could not be finished, or null when it was.</param>
    /// <remarks>An error seen outweighs a check left unfinished: damage stays damage however little was read.</remarks>
    public static Verdict Judge(IEnumerable<Finding> findings, Words? unfinished)
    {
        if (findings.Any(f => f.Severity == Severity.Error)) return Verdict.Failed;
        return unfinished is null ? Verdict.Proved : Verdict.Inconclusive;
    }
}
