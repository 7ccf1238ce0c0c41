namespace BackupGuard.Continuity.Definitions;

public enum IssueLevel { Error, Warning }

/// <summary>Something wrong in a file that people wrote, with the place where they can correct it.</summary>
/// <param name="Code">Stable: BG30xx.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record DefinitionIssue(string Code, string File, int Line, int Column, string Fr, string En)
{
    public IssueLevel Level { get; init; } = IssueLevel.Error;

    public override string ToString() => $"{File}:{Line}:{Column}: {Code} {Fr}";
}

/// <summary>A definition without any error, or none at all: nothing half read gets out.</summary>
public sealed record DefinitionResult<T>(T? Value, IReadOnlyList<DefinitionIssue> Issues)
    where T : class
{
    public bool IsValid => Value is not null;
}
