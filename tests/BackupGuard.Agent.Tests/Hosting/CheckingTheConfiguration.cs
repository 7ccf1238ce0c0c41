using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Hosting;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class CheckingTheConfiguration : IDisposable
{
    private readonly CommandRun _agent = new();

    public void Dispose() => _agent.Dispose();

    [Fact]
    public async Task It_prints_the_effective_settings_and_the_next_three_runs_in_their_zone()
    {
        Directory.CreateDirectory(_agent.Disk["backup"]);
        var run = await _agent.InvokeAsync("check-config", "--config", _agent.Config());
        run.ExitCode.Should().Be(0);
        run.Output.Should().Contain("next: Sun 2026-11-22 03:00 +01:00, Sun 2026-11-29 03:00 +01:00, Sun 2026-12-06 03:00 +01:00")
            .And.Contain($"sandbox: {_agent.Disk["sandbox"]}").And.Contain("server: none").And.NotContain("warning:");
        Directory.Exists(_agent.Disk["sandbox"]).Should().BeFalse("a check changes nothing");
    }

    [Fact]
    public async Task It_never_prints_a_password()
    {
        await File.WriteAllTextAsync(_agent.Disk["dpi.password"], "canary-password");
        File.SetUnixFileMode(_agent.Disk["dpi.password"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var run = await _agent.InvokeAsync("check-config", "--config", _agent.Config(verify: "    passwordFile: dpi.password"));
        run.Output.Should().Contain("(redacted) from " + _agent.Disk["dpi.password"]).And.Contain("others than its owner may read").And.NotContain("canary");
    }

    [Fact]
    public async Task It_says_how_a_store_is_reached_and_never_prints_its_keys()
    {
        await File.WriteAllTextAsync(_agent.Disk["keys"], "aws_secret_access_key=canary-secret");
        File.SetUnixFileMode(_agent.Disk["keys"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var run = await _agent.InvokeAsync("check-config", "--config", _agent.Config(verify: "    store: { credentialsFile: keys, caFile: gone.pem, region: fr-par }"));
        run.Output.Should().Contain("store: keys (redacted) from " + _agent.Disk["keys"]).And.Contain("region fr-par")
            .And.Contain("others than its owner may read or write the credentials file").And.Contain($"the CA file {_agent.Disk["gone.pem"]} is not there").And.NotContain("canary");
    }

    [Fact]
    public async Task It_warns_of_what_would_end_as_unknown()
    {
        var run = await _agent.InvokeAsync("check-config", "--config", _agent.Config(probes: "[]", verify: "    passwordFile: gone"));
        run.Output.Should().Contain($"warning: repository dpi: {_agent.Disk["backup"]} is not there")
            .And.Contain("password file").And.Contain("it has no probe and cannot be proved");
        run.ExitCode.Should().Be(0, "a warning is not a mistake in the file");
    }

    [Fact]
    public async Task It_warns_of_a_sandbox_that_cannot_serve()
    {
        Directory.CreateDirectory(_agent.Disk["backup"]);
        var inside = _agent.Config();
        await File.WriteAllTextAsync(inside, (await File.ReadAllTextAsync(inside)).Replace($"sandbox: {_agent.Disk["sandbox"]}", $"sandbox: {_agent.Disk["backup/drills"]}", StringComparison.Ordinal));
        (await _agent.InvokeAsync("check-config", "--config", inside)).Output.Should().Contain("warning: drill dpi-weekly:").And.Contain("inside the repository");

        await File.WriteAllTextAsync(inside, (await File.ReadAllTextAsync(inside)).Replace(_agent.Disk["backup/drills"], "/proc/drills", StringComparison.Ordinal));
        (await _agent.InvokeAsync("check-config", "--config", inside)).Output.Should().Contain("the sandbox /proc/drills cannot be written");
    }

    [Theory]
    [InlineData("0 3 * * 0", "0 0 31 2 *", "never comes up")]
    [InlineData("kind: count", "kind: cuont", "did you mean \"count\"?")]
    [InlineData("minFiles", "minFile", "did you mean \"minFiles\"?")]
    public async Task A_mistake_ends_with_exit_code_2_and_its_place(string right, string wrong, string says)
    {
        var file = _agent.Config();
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(right, wrong, StringComparison.Ordinal));
        var run = await _agent.InvokeAsync("check-config", "--config", file);
        (run.ExitCode, run.Output).Should().Be((2, ""));
        run.Error.Should().MatchRegex("agent\\.yaml:[0-9]+:[0-9]+: ").And.Contain(says);
    }
}
