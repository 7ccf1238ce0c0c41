using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Obligations;

/// <summary>Reads <c>backupguard.obligations/v1</c>: strict, with line and column, in French and English.</summary>
public static class ObligationFile
{
    public const string Format = "backupguard.obligations/v1";

    /// <summary>Parses and lints. A value is returned only when there is no error; warnings may stand beside it.</summary>
    /// <param name="fileName">Only for the messages: nothing is opened here.</param>
    /// <param name="today">When known, the dates of checks are judged.</param>
    public static DefinitionResult<ObligationDefinition> Parse(string yaml, string fileName, DateOnly? today = null)
    {
        var issues = new IssueList(fileName);
        var definition = StrictYaml.Read(yaml, issues) is { } root ? new ObligationReader(issues).Read(root) : null;
        if (definition is not null && !issues.HasErrors)
        {
            ObligationLinter.Lint(definition, today, issues);
        }

        return issues.Result(definition);
    }
}
