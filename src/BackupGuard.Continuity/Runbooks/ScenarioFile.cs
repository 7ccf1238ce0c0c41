using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>What an attack or a breakdown takes away, and what remains.</summary>
public sealed record ScenarioDefinition(string Id, IReadOnlyList<string> Removes, IReadOnlyList<string> Keeps);

public static class ScenarioFile
{
    public const string Format = "backupguard.scenario/v1";

    private static readonly Shape File = new("scenario", ["format", "id", "removes"], ["title", "keeps", "dwell"]);
    private static readonly Shape Dwell = new("dwell", [], ["low", "likely", "high"]);

    public static DefinitionResult<ScenarioDefinition> Parse(string yaml, string fileName)
    {
        var issues = new IssueList(fileName);
        if (MapReader.Open(StrictYaml.Read(yaml, issues), File, issues) is not { } file)
        {
            return issues.Result<ScenarioDefinition>(null);
        }

        file.OneOf("format", Format);
        new RunbookReader(issues).Text(file.Node("title"));
        if (MapReader.Open(file.Node("dwell"), Dwell, issues) is { } dwell)
        {
            _ = (dwell.Duration("low"), dwell.Duration("likely"), dwell.Duration("high"));
        }

        var removes = file.Ids("removes");
        var keeps = file.Ids("keeps");
        foreach (var both in keeps.Where(k => removes.Any(r => r.Value == k.Value)))
        {
            issues.Error("BG3048", both, $"« {both.Value} » est à la fois perdu et gardé.", $"“{both.Value}” is both removed and kept.");
        }

        return issues.Result(new ScenarioDefinition(file.Id("id"), [.. removes.Select(r => r.Value)], [.. keeps.Select(k => k.Value)]));
    }
}
