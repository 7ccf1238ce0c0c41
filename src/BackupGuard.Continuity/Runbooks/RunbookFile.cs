using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>Reads <c>backupguard.runbook/v1</c>: strict, with line and column, in French and English.</summary>
public static class RunbookFile
{
    public const string Format = "backupguard.runbook/v1";

    /// <summary>Parses and lints. A value is returned only when there is no error; warnings may stand beside it.</summary>
    /// <param name="scenario">When known, steps that need what it removes are errors.</param>
    /// <param name="today">When known, review dates are checked.</param>
    public static DefinitionResult<RunbookDefinition> Parse(string yaml, string fileName, ScenarioDefinition? scenario = null, DateOnly? today = null)
    {
        var issues = new IssueList(fileName);
        var definition = StrictYaml.Read(yaml, issues) is { } root ? new RunbookReader(issues).Read(root) : null;
        if (definition is not null && !issues.HasErrors)
        {
            // References are only judged in a file whose every line was understood: one mistake, one message.
            RunbookLinter.Lint(definition, scenario, today, issues);
        }

        return issues.Result(definition);
    }
}
