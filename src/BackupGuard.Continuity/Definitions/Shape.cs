namespace BackupGuard.Continuity.Definitions;

/// <summary>The keys that one kind of mapping may have. Parser and published schema are compared key by key.</summary>
internal sealed record Shape(string Name, IReadOnlyList<string> Required, IReadOnlyList<string> Optional)
{
    public bool Knows(string key) => Required.Contains(key) || Optional.Contains(key);

    public IEnumerable<string> Keys => Required.Concat(Optional);
}
