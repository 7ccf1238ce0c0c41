using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exercises;

/// <summary>Reads <c>backupguard.exercise/v1</c>: strict, with line and column, in French and English.</summary>
public static class ExerciseFile
{
    public const string Format = "backupguard.exercise/v1";

    /// <summary>Parses and lints. A value is returned only when there is no error; warnings may stand beside it.</summary>
    /// <param name="runbook">The runbook that the file names; without it roles and steps cannot be judged, and a warning says so.</param>
    /// <param name="scenario">When known, players who use what it removes are errors.</param>
    public static DefinitionResult<ExerciseDefinition> Parse(string yaml, string fileName, RunbookDefinition? runbook = null, ScenarioDefinition? scenario = null)
    {
        var issues = new IssueList(fileName);
        var exercise = StrictYaml.Read(yaml, issues) is { } root ? new ExerciseReader(issues).Read(root) : null;
        if (exercise is not null && !issues.HasErrors)
        {
            // References are only judged in a file whose every line was understood: one mistake, one message.
            ExerciseLinter.Lint(exercise, runbook, scenario, issues);
        }

        return issues.Result(exercise);
    }
}
