using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Definitions;

/// <summary>Checks runbooks, exercises, scenarios, catalogues, objectives and legal duties before a server reads them.</summary>
internal static class LintVerb
{
    private const int MaxBytes = 4 * 1024 * 1024;

    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files, or folders whose .yaml files are meant.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var verb = new Command("lint", "Checks runbooks, exercises, scenarios, catalogues, objectives and legal duties; exit 0 when none has an error, 1 otherwise.") { paths, format };
        verb.SetAction(parsed => Run(parsed.GetRequiredValue(paths), parsed.GetRequiredValue(format) == "json", Console.Out, TimeProvider.System));
        return verb;
    }

    internal static string Line(DefinitionIssue issue) => issue.Level == IssueLevel.Warning ? $"{issue.File}:{issue.Line}:{issue.Column}: {issue.Code} (avertissement) {issue.Fr}" : issue.ToString();

    internal static int Run(IEnumerable<string> paths, bool json, TextWriter output, TimeProvider clock)
    {
        var texts = paths.SelectMany(Files).Distinct(StringComparer.Ordinal).Select(f => (File: f, Yaml: Read(f))).ToList();
        var scenarios = texts.Where(t => DefinitionFormat.Of(t.Yaml) == ScenarioFile.Format)
            .Select(t => ScenarioFile.Parse(t.Yaml, t.File).Value).OfType<ScenarioDefinition>()
            .GroupBy(s => s.Id).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        // Asked for by exercises alone.
        var runbooks = new Lazy<Dictionary<string, RunbookDefinition>>(() => texts.Where(t => DefinitionFormat.Of(t.Yaml) == RunbookFile.Format)
            .Select(t => RunbookFile.Parse(t.Yaml, t.File).Value).OfType<RunbookDefinition>().GroupBy(r => r.Id).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal));
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var issues = texts.SelectMany(t => Check(t.File, t.Yaml, scenarios, id => runbooks.Value.GetValueOrDefault(id), today)).ToList();
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new LintDocument([.. texts.Select(t => t.File)], [.. issues.Select(LintIssue.Of)]), LintJson.Default.LintDocument));
        }
        else
        {
            issues.ForEach(i => output.WriteLine(Line(i)));
        }
        return issues.Exists(i => i.Level == IssueLevel.Error) ? 1 : 0;
    }

    private static IReadOnlyList<DefinitionIssue> Check(string file, string yaml, Dictionary<string, ScenarioDefinition> scenarios, Func<string, RunbookDefinition?> runbooks, DateOnly today)
    {
        switch (DefinitionFormat.Of(yaml))
        {
            case CatalogueFile.Format:
                return CatalogueFile.Parse(yaml, file).Issues;
            case ObjectivesFile.Format:
                return ObjectivesFile.Parse(yaml, file).Issues;
            case ExerciseFile.Format:
                var unlinked = ExerciseFile.Parse(yaml, file);
                return unlinked.Value is { } exercise && runbooks(exercise.Runbook.Id) is { } played
                    ? ExerciseFile.Parse(yaml, file, played, scenarios.GetValueOrDefault(exercise.Scenario)).Issues
                    : unlinked.Issues;
            case ObligationFile.Format:
                return ObligationFile.Parse(yaml, file, today).Issues;
            case ScenarioFile.Format:
                return ScenarioFile.Parse(yaml, file).Issues;
            default:
                // Read first on its own: only then is its scenario known, and only a scenario given beside it can be judged against.
                var alone = RunbookFile.Parse(yaml, file, scenario: null, today);
                return alone.Value is { } runbook && scenarios.TryGetValue(runbook.Scenario, out var scenario)
                    ? RunbookFile.Parse(yaml, file, scenario, today).Issues
                    : alone.Issues;
        }
    }

    private static IEnumerable<string> Files(string path)
    {
        if (Directory.Exists(path))
        {
            var found = Directory.EnumerateFiles(path, "*.yaml", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(path, "*.yml", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).ToList();
            return found.Count > 0 ? found : throw new UsageException($"{path} holds no .yaml file; an empty folder is not a checked one.");
        }
        return File.Exists(path) ? [path] : throw new UsageException($"{path} does not exist.");
    }

    private static string Read(string file) => new FileInfo(file).Length <= MaxBytes
        ? File.ReadAllText(file)
        : throw new UsageException($"{file} is larger than 4 MiB; a definition never is.");
}

/// <summary>backupguard.lint/v1.</summary>
internal sealed record LintDocument(IReadOnlyList<string> Files, IReadOnlyList<LintIssue> Issues)
{
    public string Schema { get; init; } = "backupguard.lint/v1";
}

internal sealed record LintIssue(string Code, string Level, string File, int Line, int Column, string MessageFr, string Message)
{
    public static LintIssue Of(DefinitionIssue issue) =>
        new(issue.Code, issue.Level == IssueLevel.Error ? "error" : "warning", issue.File, issue.Line, issue.Column, issue.Fr, issue.En);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LintDocument))]
internal sealed partial class LintJson : JsonSerializerContext;
