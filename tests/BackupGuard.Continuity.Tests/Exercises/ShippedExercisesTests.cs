using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exercises;

/// <summary>The exercises that come with the product: one for each level, clean, and complete enough to be played on Monday.</summary>
public sealed class ShippedExercisesTests
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "runbooks", "exercises");
    private static readonly ScenarioDefinition Scenario = ScenarioFile.Parse(RepositoryFiles.Read("runbooks/scenarios/rancongiciel-total.yaml"), "rancongiciel-total.yaml").Value!;

    public static TheoryData<string> Exercises() => [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static (ExerciseDefinition Exercise, RunbookDefinition Runbook, string Yaml) Read(string file)
    {
        var yaml = File.ReadAllText(Path.Combine(Folder, file));
        var name = ExerciseFile.Parse(yaml, file).Value?.Runbook.Id ?? "plan-blanc-numerique";
        var runbook = RunbookFile.Parse(RepositoryFiles.Read($"runbooks/{name}.yaml"), name + ".yaml").Value!;
        var result = ExerciseFile.Parse(yaml, file, runbook, Scenario);
        result.Issues.Select(i => i.ToString()).Should().BeEmpty();
        return (result.Value!, runbook, yaml);
    }

    [Fact]
    public void There_is_one_for_each_level() =>
        Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Read(Path.GetFileName(f)).Exercise.Level).Should().BeEquivalentTo([ExerciseLevel.Beginner, ExerciseLevel.Intermediate, ExerciseLevel.Advanced]);

    [Theory]
    [MemberData(nameof(Exercises))]
    public void It_is_clean_and_complete(string file)
    {
        var (exercise, _, yaml) = Read(file);

        exercise.Id.Should().Be(Path.GetFileNameWithoutExtension(file), "an exercise is found by its name");
        exercise.Chronogramme.Injects.Count(i => !i.Spare).Should().BeInRange(15, 40);
        exercise.Chronogramme.Injects.Should().OnlyContain(i => i.Text.En != "").And.Contain(i => i.Pressure);
        exercise.Chronogramme.Injects.Where(i => i.Spare).Should().OnlyContain(i => i.OnlyIf.Fr != "", "a spare one says when to play it");
        exercise.Criteria.Count.Should().BeInRange(10, 20);
        exercise.Criteria.Should().OnlyContain(c => c.Meaning.Distinct().Count() == 4);
        exercise.Reminders.Should().Contain(r => r.Before && r.Text.Fr.Contains("OPSSIES")).And.Contain(r => !r.Before && r.Text.Fr.Contains("OPSSIES"));
        exercise.Report.Recipients.Should().Contain(r => r.Fr == "ARS");
        (exercise.Debrief.Hot.Count, exercise.Debrief.Cold.Count).Should().Match<(int, int)>(c => c.Item1 >= 5 && c.Item2 >= 4);
        exercise.Sources.Should().Contain(s => s.Contains("[pratique]"), "what is a proposition is said to be one");
        System.Text.Encoding.UTF8.GetByteCount(yaml).Should().BeLessThan(56 * 1024, "the pinned text is one line of the signed log");
    }

    [Theory]
    [MemberData(nameof(Exercises))]
    public void Each_role_that_must_be_played_is_spoken_to(string file)
    {
        var (exercise, _, _) = Read(file);

        exercise.Players.Select(p => p.Id).Except(exercise.Chronogramme.Injects.Where(i => !i.Spare).SelectMany(i => i.To).Select(t => t.Id)).Should().BeEmpty("nobody is called for nothing");
    }
}
