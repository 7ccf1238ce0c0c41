using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Tests.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Hosting;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class InstallingTheService : IDisposable
{
    private readonly TestFolder _disk = new();
    // Not under /tmp, where the service would have a folder of its own, and where the tests themselves may lie.
    private readonly string _state = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".backupguard-test-" + Guid.NewGuid().ToString("N"));
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly List<string> _systemctl = [];

    public void Dispose()
    {
        _disk.Dispose();
        if (Directory.Exists(_state)) Directory.Delete(_state, recursive: true);
    }

    private AgentSettings Settings(string? state = null, string probes = "") => AgentConfig.Read(new StringReader($$"""
        state: {{state ?? Path.Combine(_state, "state")}}
        repositories:
          dpi: { address: "restic:/srv/backup", application: dpi }
        drills:
          weekly: { repository: dpi, timeZone: Europe/Paris, sandbox: "{{Path.Combine(_state, "sand box 100%")}}", probes: [{{probes}}] }
        """), "/etc/backupguard/agent.yaml", _ => null);

    private ServiceInstaller Installer(bool isRoot = true, bool systemdRuns = true, int exitCode = 0) => new(_disk["units"], isRoot,
        systemdRuns ? arguments => { _systemctl.Add(string.Join(' ', arguments)); return (exitCode, "Unit is masked."); } : null, _output, _error);

    private string UnitFile => _disk["units/backupguard-agent.service"];

    [Fact]
    public void It_writes_the_unit_creates_private_folders_and_starts_the_service()
    {
        Installer().Install(Settings(), ["/usr/bin/backupguard-agent"], "root").Should().BeTrue();
        File.ReadAllText(UnitFile).Should().Contain("ExecStart=/usr/bin/backupguard-agent run --config /etc/backupguard/agent.yaml\n").And.NotContain("@CONFIG@").And.NotContain("@EXEC@").And.NotContain("@WRITABLE@");
        File.GetUnixFileMode(Path.Combine(_state, "state")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _systemctl.Should().Equal("daemon-reload", "enable --now backupguard-agent.service");
    }

    [Fact]
    public void Another_account_is_given_what_root_is_left_with()
    {
        Installer().Install(Settings(), ["/bin/true"], "backupguard").Should().BeTrue();
        var lines = File.ReadAllLines(UnitFile);
        lines.Should().Contain("User=backupguard");
        var bounding = lines.Single(l => l.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal)).Split('=')[1];
        lines.Should().ContainSingle(l => l.StartsWith("AmbientCapabilities=", StringComparison.Ordinal)).Which.Should().Be("AmbientCapabilities=" + bounding);
        _output.ToString().Should().Contain("chown -R backupguard");
    }

    [Fact]
    public void Without_root_nothing_is_changed()
    {
        Installer(isRoot: false).Install(Settings(), ["/bin/true"], "root").Should().BeFalse();
        _error.ToString().Should().Contain("Only root may install a service");
        Directory.Exists(_state).Should().BeFalse();
        Installer(isRoot: false).Uninstall().Should().BeFalse();
    }

    [Fact]
    public void Where_systemd_does_not_run_it_says_what_is_left_to_do()
    {
        Installer(systemdRuns: false).Install(Settings(), ["/bin/true"], "root").Should().BeTrue();
        _output.ToString().Should().Contain("not done: systemd does not run here").And.Contain("systemctl enable --now");
        File.Exists(UnitFile).Should().BeTrue();
    }

    [Fact]
    public void A_systemctl_that_fails_is_said()
    {
        Installer(exitCode: 1).Install(Settings(), ["/bin/true"], "root").Should().BeFalse();
        _error.ToString().Should().Contain("systemctl daemon-reload ended with 1: Unit is masked.");
    }

    [Fact]
    public void A_folder_that_the_service_could_not_see_is_refused()
    {
        Installer().Install(Settings("/tmp/state"), ["/bin/true"], "root").Should().BeFalse();
        _error.ToString().Should().Contain("/tmp/state lies under /tmp");
        File.Exists(UnitFile).Should().BeFalse();
    }

    [Fact]
    public void Uninstalling_removes_the_unit_and_keeps_the_state()
    {
        Installer().Install(Settings(), ["/bin/true"], "root");
        _systemctl.Clear();
        Installer().Uninstall().Should().BeTrue();
        _systemctl.Should().Equal("disable --now backupguard-agent.service", "daemon-reload");
        File.Exists(UnitFile).Should().BeFalse();
        Directory.Exists(Path.Combine(_state, "state")).Should().BeTrue();
        _output.ToString().Should().Contain("kept: state and configuration");
        Installer().Uninstall().Should().BeTrue("what is not there needs no removing");
    }

    [Fact]
    public void Systemd_accepts_the_unit_without_a_word()
    {
        Installer(systemdRuns: false).Install(Settings(), ["/bin/true", "/opt/backup guard/agent.dll"], "root");
        var (exitCode, said) = Analyze("verify", "--man=no", UnitFile);
        // The dependencies of a machine where systemd was never booted are not our unit's matter.
        said.Split('\n').Where(l => l.Contains("backupguard", StringComparison.Ordinal)).Should().BeEmpty();
        exitCode.Should().Be(0, said);
    }

    [Fact]
    public void Systemd_sees_a_mistake_in_the_unit()
    {
        Installer(systemdRuns: false).Install(Settings(), ["/nowhere/agent"], "root");
        Analyze("verify", "--man=no", UnitFile).Said.Should().Contain("/nowhere/agent", "or the test above could not fail");
    }

    [Fact]
    public void The_service_is_little_exposed()
    {
        Installer(systemdRuns: false).Install(Settings(), ["/bin/true"], "root");
        var said = Analyze("security", "--offline=true", "--no-pager", UnitFile).Said;
        var exposure = double.Parse(Exposure().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
        exposure.Should().BeLessThan(3.0, said);
    }

    [Fact]
    public void A_unit_for_rooms_is_accepted_and_gives_up_only_what_namespaces_need()
    {
        Installer(systemdRuns: false).Install(Settings(probes: "{ kind: command, run: [/bin/true] }"), ["/bin/true"], "root");
        var unit = File.ReadAllText(UnitFile);
        unit.Should().Contain("RestrictNamespaces=user pid net mnt uts ipc cgroup").And.NotContain("ProtectProc=").And.NotContain("@ROOMS@").And.NotContain("@FILES@").And.Contain("NoNewPrivileges=yes");
        var (exitCode, said) = Analyze("verify", "--man=no", UnitFile);
        said.Split('\n').Where(l => l.Contains("backupguard", StringComparison.Ordinal)).Should().BeEmpty();
        exitCode.Should().Be(0, said);
        var judged = Analyze("security", "--offline=true", "--no-pager", UnitFile).Said;
        double.Parse(Exposure().Match(judged).Groups[1].Value, CultureInfo.InvariantCulture).Should().BeLessThan(4.5, judged);

        Installer(systemdRuns: false).Install(Settings(), ["/bin/true"], "root");
        File.ReadAllText(UnitFile).Should().Contain("RestrictNamespaces=yes").And.NotContain("@ROOMS@").And.NotContain("@FILES@");
    }

    [Fact]
    public async Task A_dry_run_prints_the_unit_and_changes_nothing()
    {
        using var agent = new CommandRun();
        var run = await agent.InvokeAsync("install", "--config", agent.Config(), "--dry-run", "--unit-dir", _disk["units"]);
        run.ExitCode.Should().Be(0);
        run.Output.Should().Contain("[Service]").And.Contain("ReadWritePaths=" + agent.Disk["state"]);
        Directory.Exists(_disk["units"]).Should().BeFalse();
        Directory.Exists(agent.Disk["state"]).Should().BeFalse();
    }

    [Fact]
    public async Task An_account_that_is_no_name_is_refused()
    {
        using var agent = new CommandRun();
        var run = await agent.InvokeAsync("install", "--config", agent.Config(), "--dry-run", "--user", "root\nExecStartPre=/bin/sh");
        run.ExitCode.Should().NotBe(0);
        run.Output.Should().NotContain("ExecStartPre");
    }

    private static (int ExitCode, string Said) Analyze(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
            process.WaitForExit();
            return (process.ExitCode, said);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("systemd-analyze is missing; on Debian or Ubuntu install the package systemd. The unit was not checked.", e);
        }
    }

    [GeneratedRegex(@"exposure level[^:]*: ([0-9.]+)")]
    private static partial Regex Exposure();
}
