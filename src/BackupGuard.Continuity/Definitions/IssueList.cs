namespace BackupGuard.Continuity.Definitions;

/// <summary>Collects the issues of one file, bounded: a file of garbage must not become a page of garbage.</summary>
internal sealed class IssueList(string file)
{
    private const int Most = 200;
    private readonly List<DefinitionIssue> issues = [];

    public bool HasErrors { get; private set; }

    public void Error(string code, YamlNode at, string fr, string en) => Add(code, at.Line, at.Column, fr, en, IssueLevel.Error);

    public void Warning(string code, YamlNode at, string fr, string en) => Add(code, at.Line, at.Column, fr, en, IssueLevel.Warning);

    public void Add(string code, int line, int column, string fr, string en, IssueLevel level)
    {
        HasErrors |= level == IssueLevel.Error;
        if (issues.Count < Most)
        {
            issues.Add(new(code, file, line, column, FrenchText.Set(fr), en) { Level = level });
        }
    }

    public IReadOnlyList<DefinitionIssue> InOrder() => [.. issues.OrderBy(i => i.Line).ThenBy(i => i.Column).ThenBy(i => i.Code, StringComparer.Ordinal)];

    public DefinitionResult<T> Result<T>(T? value) where T : class => new(HasErrors ? null : value, InOrder());
}
