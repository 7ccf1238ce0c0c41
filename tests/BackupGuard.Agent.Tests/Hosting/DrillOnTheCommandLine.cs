using System.Text.Json;
using BackupGuard.Contracts;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Hosting;

public sealed class DrillOnTheCommandLine : IDisposable
{
    private readonly CommandRun _agent = new();

    public void Dispose() => _agent.Dispose();

    [Theory]
    [InlineData("- { kind: count, minFiles: 2 }", 0, "proved")]
    [InlineData("- { kind: count, minFiles: 3 }", 1, "failed")]
    [InlineData("[]", 3, "inconclusive")]
    public async Task The_exit_code_is_the_verdict_and_standard_output_holds_one_document(string probes, int exitCode, string verdict)
    {
        var run = await _agent.InvokeAsync("drill", "dpi-weekly", "--config", _agent.Config(probes), "--format", "json");
        run.ExitCode.Should().Be(exitCode);
        var document = JsonSerializer.Deserialize(run.Output, DocumentJson.Default.DrillDocument)!;
        (document.Schema, document.Verdict, document.StartedBy).Should().Be(("backupguard.drill/v1", verdict, "person"));
        _agent.Spool.Entries.Select(e => e.Type).Should().Equal("drill.intent", "drill.result");
    }

    [Fact]
    public async Task People_get_sentences()
    {
        var run = await _agent.InvokeAsync("drill", "dpi-weekly", "--config", _agent.Config("- { kind: count, minFiles: 3 }"));
        run.Output.Should().Contain("dpi-weekly: FAILED").And.Contain("BG1402").And.Contain("2 files").And.Contain("RPO         0.05:00:00.000").And.Contain("cleaned up  yes");
    }

    [Fact]
    public async Task An_unknown_drill_is_refused_with_the_one_that_was_meant()
    {
        var run = await _agent.InvokeAsync("drill", "dpi-weekli", "--config", _agent.Config());
        (run.ExitCode, run.Output).Should().Be((2, ""));
        run.Error.Should().Contain("did you mean \"dpi-weekly\"?");
    }

    [Fact]
    public async Task A_wrong_file_is_refused_before_anything_is_done()
    {
        var run = await _agent.InvokeAsync("drill", "dpi-weekly", "--config", _agent.Config(more: "serverr: x"));
        (run.ExitCode, run.Output).Should().Be((2, ""));
        run.Error.Should().Contain("did you mean \"server\"?").And.Contain("agent.yaml:");
        _agent.Spool.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task A_drill_beside_the_running_service_says_that_it_is_not_evidence()
    {
        _agent.SpoolIsHeld = true;
        var run = await _agent.InvokeAsync("drill", "dpi-weekly", "--config", _agent.Config());
        run.ExitCode.Should().Be(0);
        run.Error.Should().Contain("not recorded as evidence: another process holds the spool");
    }

    [Fact]
    public async Task Nothing_is_claimed_when_the_evidence_cannot_be_written()
    {
        _agent.Spool.IsFull = true;
        var run = await _agent.InvokeAsync("drill", "dpi-weekly", "--config", _agent.Config(), "--format", "json");
        (run.ExitCode, run.Output).Should().Be((2, ""));
        run.Error.Should().Contain("nothing is claimed: no space left");
    }

    [Fact]
    public async Task A_fault_of_the_agent_is_an_unknown_without_its_details()
    {
        _agent.Repository = new Drills.SmallRepository(CommandRun.Now, ("a", "b")) { Meanwhile = _ => throw new InvalidOperationException("patient Dupont") };
        var run = await _agent.InvokeAsync("drill", "dpi-weekly", "--config", _agent.Config());
        run.ExitCode.Should().Be(3);
        (run.Output + run.Error).Should().Contain("BG1502").And.NotContain("Dupont");
        Directory.EnumerateFileSystemEntries(_agent.Disk["sandbox"]).Should().BeEmpty();
    }
}
