using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Tests.Runs;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Runbooks;

/// <summary>Every runbook of the folder: clean, complete enough to be adopted, and walked by the engine to each of its states and out again.</summary>
public sealed class ShippedRunbooksTests
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "runbooks");

    private static readonly Dictionary<string, ScenarioDefinition> Scenarios = Directory.EnumerateFiles(Path.Combine(Folder, "scenarios"), "*.yaml")
        .Select(f => ScenarioFile.Parse(File.ReadAllText(f), Path.GetFileName(f)).Value!).ToDictionary(s => s.Id, StringComparer.Ordinal);    // checked by a test of their own

    public static TheoryData<string> Runbooks()
    {
        var data = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            if (File.ReadLines(file).Contains("format: " + RunbookFile.Format)) data.Add(Path.GetRelativePath(Folder, file));
        return data;
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void It_has_neither_error_nor_warning_also_where_its_scenario_took_everything(string file)
    {
        var alone = RunbookFile.Parse(Read(file), file, scenario: null, new DateOnly(2026, 11, 21)).Value;
        var scenario = alone is null || alone.Scenario.Length == 0 ? null : Scenarios[alone.Scenario];
        var result = RunbookFile.Parse(Read(file), file, scenario, new DateOnly(2026, 11, 21));
        result.Issues.Select(i => i.ToString()).Should().BeEmpty("what we ship carries no warning either");
        result.Value!.Id.Should().Be(Path.GetFileNameWithoutExtension(file), "a runbook is found by its name");
    }

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Each_of_its_cards_says_who_does_what_in_which_time_and_where_that_comes_from(string file)
    {
        var runbook = RunbookFile.Parse(Read(file), file).Value!;
        runbook.Triggers.Should().NotBeEmpty();
        runbook.Exit.Fr.Should().NotBeEmpty();
        runbook.Sources.Should().NotBeEmpty();
        runbook.Steps.Should().NotBeEmpty();
        runbook.Steps.Where(s => s.Source.Length == 0 || s.Duration is null || s.Card.Length == 0 || s.Label.Fr.Length == 0 || s.Do.Count == 0 && s.Kind != StepKind.Decision).Select(s => s.Id).Should().BeEmpty();
        runbook.Steps.Select(s => s.Card).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void The_engine_walks_to_every_state_and_from_each_of_them_to_an_end(string file)
    {
        var walk = new RunbookWalk(Read(file));
        walk.Unreached().Should().BeEmpty("each state can be reached by what people can do");
        walk.WithoutEnd().Should().BeEmpty("from each state an end can be reached by what people can do");
    }
}
