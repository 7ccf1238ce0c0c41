namespace BackupGuard.Verification.Checks;

/// <summary>What the hospital expects of one copy. Without a policy only what nobody can want is a finding.</summary>
public sealed record CopyPolicy
{
    /// <summary>A snapshot younger than this must still be there; null when nothing was promised.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether a plain copy is an error rather than a warning.</summary>
    public bool EncryptionRequired { get; init; }

    /// <summary>Keys that somebody announced, by the beginning of their id (at least 8 characters).</summary>
    public IReadOnlyList<string> AnnouncedKeys { get; init; } = [];

    public IReadOnlyList<ExpectedDataset> Expected { get; init; } = [];
}

/// <summary>A dataset that must be in the copy, and how old it may be.</summary>
/// <param name="Host">As the backup names it; null for any.</param>
/// <param name="Path">One of the snapshot's paths; null for any.</param>
/// <param name="Tag">One of the snapshot's tags; null for any.</param>
/// <param name="Pdma">How much work may be lost (perte de données maximale admissible): the newest snapshot is not older.</param>
/// <param name="NewestFile">How old the newest file in it may be; null where quiet data are normal. Finds a source that stands still while its backup goes on.</param>
public sealed record ExpectedDataset(string Name, string? Host, string? Path, string? Tag, TimeSpan? Pdma, TimeSpan? NewestFile)
{
    public bool Matches(SnapshotSummary s) => (Host is null || s.Host == Host) && (Path is null || s.Paths.Contains(Path, StringComparer.Ordinal)) && (Tag is null || s.Tags.Contains(Tag, StringComparer.Ordinal));
}
