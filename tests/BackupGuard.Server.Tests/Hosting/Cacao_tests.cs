using System.Text.Json;
using BackupGuard.Server.Features.Definitions;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Hosting;

public sealed class Cacao_tests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-cacao-").FullName;
    private readonly TestClock clock = new();
    private readonly StringWriter report = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    private static string Shipped(string name) => Path.Combine(RunSample.Root, "runbooks", name);

    private int Export(string runbook, string output) => CacaoVerb.RunExport(runbook, output, "TLP:GREEN", report, clock);

    [Fact]
    public void A_runbook_goes_out_and_comes_back_clean()
    {
        Export(Shipped("incident-limite.yaml"), At("a.json")).Should().Be(0);
        CacaoVerb.RunImport(At("a.json"), At("incident-limite.yaml"), report).Should().Be(0, report.ToString());

        report.ToString().Should().NotContain("(avertissement)");
        LintVerb.Run([At("incident-limite.yaml")], json: false, TextWriter.Null, clock).Should().Be(0);
        File.ReadAllText(At("a.json")).Should().Contain("TLP:GREEN");
    }

    [Fact]
    public void A_newer_export_replaces_the_earlier_one_and_keeps_the_day_of_creation()
    {
        Export(Shipped("incident-limite.yaml"), At("a.json"));
        clock.Advance(TimeSpan.FromDays(30));
        Export(Shipped("incident-limite.yaml"), At("a.json")).Should().Be(0);

        using var playbook = JsonDocument.Parse(File.ReadAllText(At("a.json")));
        var (created, modified) = (playbook.RootElement.GetProperty("created").GetDateTimeOffset(), playbook.RootElement.GetProperty("modified").GetDateTimeOffset());
        (modified - created).Should().Be(TimeSpan.FromDays(30));
    }

    [Theory]
    [InlineData("notes of somebody")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"playbook--x\",\"created\":\"2026-11-01T00:00:00.000Z\"}")]
    public void What_is_no_export_of_this_runbook_is_not_written_over(string there)
    {
        File.WriteAllText(At("a.json"), there);

        var act = () => Export(Shipped("incident-limite.yaml"), At("a.json"));

        act.Should().Throw<UsageException>().WithMessage("*not written over*");
        File.ReadAllText(At("a.json")).Should().Be(there);
    }

    [Fact]
    public void A_runbook_that_is_there_is_not_written_over()
    {
        Export(Shipped("incident-limite.yaml"), At("a.json"));
        File.WriteAllText(At("b.yaml"), "mine");

        var act = () => CacaoVerb.RunImport(At("a.json"), At("b.yaml"), report);

        act.Should().Throw<UsageException>();
        File.ReadAllText(At("b.yaml")).Should().Be("mine");
    }

    [Fact]
    public void A_runbook_with_an_error_goes_nowhere_and_the_line_is_told()
    {
        File.WriteAllText(At("x.yaml"), "id: x\n");

        Export(At("x.yaml"), At("a.json")).Should().Be(1);

        report.ToString().Should().Contain("x.yaml:1:1: BG3007");
        File.Exists(At("a.json")).Should().BeFalse();
    }

    [Fact]
    public void A_draft_of_a_foreign_playbook_is_written_and_what_it_lacks_is_told()
    {
        var foreign = Path.Combine(RunSample.Root, "tests", "BackupGuard.Continuity.Tests", "Exchange", "playbooks", "ransom-note.json");

        CacaoVerb.RunImport(foreign, At("draft.yaml"), report).Should().Be(1);

        File.ReadAllText(At("draft.yaml")).Should().StartWith("# yaml-language-server").And.Contain("kind: decision");
        report.ToString().Should().Contain("BG3157 (avertissement)").And.Contain("draft.yaml:").And.Contain("BG3007 Il manque la clé");
    }

    [Fact]
    public void A_refused_file_leaves_nothing_behind()
    {
        File.WriteAllText(At("a.json"), "{\"type\":\"playbook\",\"type\":\"playbook\"}");

        CacaoVerb.RunImport(At("a.json"), At("draft.yaml"), report).Should().Be(1);

        report.ToString().Should().Contain("a.json#1:20: BG3152");
        File.Exists(At("draft.yaml")).Should().BeFalse();
    }
}
