namespace BackupGuard.Verification.External;

/// <summary>Whose documents can be read.</summary>
public enum ExternalProduct { VeeamSureBackup, Rubrik, AwsBackup, Declared }

public static class ExternalProducts
{
    private static readonly (ExternalProduct Product, string Word)[] All =
        [(ExternalProduct.VeeamSureBackup, "veeam-surebackup"), (ExternalProduct.Rubrik, "rubrik"), (ExternalProduct.AwsBackup, "aws-backup"), (ExternalProduct.Declared, "declared")];

    public static IReadOnlyList<string> Words { get; } = [.. All.Select(a => a.Word)];

    public static string Word(ExternalProduct product) => All.Single(a => a.Product == product).Word;

    /// <returns>Null for a word that is none.</returns>
    public static ExternalProduct? Parse(string word) => All.Where(a => a.Word == word).Select(a => (ExternalProduct?)a.Product).FirstOrDefault();
}

public enum ExternalOutcome
{
    /// <summary>Somebody asked the restored thing something, and the answer was right.</summary>
    Passed,
    Failed,

    /// <summary>It says success, and nothing was asked of what was restored.</summary>
    NotTested,

    /// <summary>It has not ended, was stopped, or ended nobody knows when.</summary>
    Unfinished,
}

/// <summary>How far a test went.</summary>
public enum ExternalLevel { None, Restore, Boot, Application }

/// <summary>One restore test that somebody else ran, as their document tells it.</summary>
/// <param name="Tenant">Account, cluster or server that the document names for it; null where it names none.</param>
/// <param name="Says">In the document's own words, for people; or why it says less than it seems to.</param>
public sealed record ExternalTest(string Subject, ExternalOutcome Outcome, ExternalLevel Level, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? RestorePoint, string? Tenant, Words Says);

/// <summary>What a document claims as a whole. No claim is a proof of ours.</summary>
public enum ExternalClaim { Nothing, Passed, Failed }

/// <summary>What a hospital expects of a source.</summary>
/// <param name="Subjects">Machines or resources that must be among the tests; others are passed over. Empty: all.</param>
public sealed record ExternalExpectation(string Source, ExternalProduct Product, string Tenant, IReadOnlyList<string> Subjects);

/// <param name="IsRefused">Nothing of it may be taken in; the findings say why.</param>
/// <param name="ExpiresAt">From then on it says nothing any more; null when it says nothing now.</param>
public sealed record ExternalReading(IReadOnlyList<ExternalTest> Tests, ExternalClaim Claim, DateTimeOffset? ExpiresAt, IReadOnlyList<Finding> Findings, bool IsRefused);
