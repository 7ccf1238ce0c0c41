using System.Text.Json;
using BackupGuard.Server.Features.Definitions;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Hosting;

public sealed class Lint_tests : IDisposable
{
    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - id: dpi
            name: Dossier patient
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-lint-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_runbooks_that_come_with_the_product_are_clean()
    {
        var (exit, output) = Lint(json: false, Path.Combine(Root(), "runbooks"));

        exit.Should().Be(0, output);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(l => l.Contains("legal/declarations.yaml", StringComparison.Ordinal) && l.Contains("BG3076 (avertissement)", StringComparison.Ordinal),
            "what we ship carries no other warning than that nobody has vouched for the legal rows yet");
    }

    [Fact]
    public void A_mistake_is_told_with_file_line_column_code_and_sentence()
    {
        var file = Write("hopital.yaml", Catalogue.Replace("Europe/Paris", "Europe/Pari", StringComparison.Ordinal));

        var (exit, output) = Lint(json: false, folder);

        exit.Should().Be(1);
        output.Should().StartWith($"{file}:3:11: BG3012 Fuseau horaire inconnu");
    }

    [Fact]
    public void As_json_the_same_mistake_comes_in_both_languages()
    {
        Write("hopital.yaml", Catalogue.Replace("Europe/Paris", "Europe/Pari", StringComparison.Ordinal));

        var (exit, output) = Lint(json: true, folder);

        exit.Should().Be(1);
        using var document = JsonDocument.Parse(output);
        document.RootElement.GetProperty("schema").GetString().Should().Be("backupguard.lint/v1");
        var issue = document.RootElement.GetProperty("issues").EnumerateArray().Single();
        issue.GetProperty("code").GetString().Should().Be("BG3012");
        issue.GetProperty("level").GetString().Should().Be("error");
        issue.GetProperty("message").GetString().Should().StartWith("Unknown time zone");
    }

    [Fact]
    public void An_exercise_is_judged_against_the_runbook_that_lies_beside_it_and_without_it_that_is_said()
    {
        var exercise = File.ReadAllText(Path.Combine(Root(), "runbooks", "exercises", "debutant-decouverte-de-nuit.yaml")).Replace("step: choisir-salle", "step: choisir-sale", StringComparison.Ordinal);
        Write("debutant.yaml", exercise);
        Lint(json: false, folder).Should().Match<(int Exit, string Output)>(l => l.Exit == 0 && l.Output.Contains("BG3056 (avertissement)"));

        File.Copy(Path.Combine(Root(), "runbooks", "plan-blanc-numerique.yaml"), Path.Combine(folder, "plan.yaml"));
        var (exit, output) = Lint(json: false, folder);

        exit.Should().Be(1);
        output.Should().Contain("BG3028 Étape inconnue").And.Contain("choisir-salle").And.NotContain("BG3056");
    }

    [Fact]
    public void A_file_without_a_format_is_no_clean_file()
    {
        Write("something.yaml", "hello: world\n");

        Lint(json: false, folder).Exit.Should().Be(1);
    }

    private string Write(string name, string yaml)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, yaml);
        return file;
    }

    private static (int Exit, string Output) Lint(bool json, params string[] paths)
    {
        var output = new StringWriter();
        return (LintVerb.Run(paths, json, output, new TestClock()), output.ToString());
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BackupGuard.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("The repository's root was not found.");
    }
}
