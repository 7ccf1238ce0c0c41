using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills.Windows;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Programs;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>What of a room on Windows can be tried elsewhere: which limits, which rule, which command line, and that nothing is started where the rule is not seen. The calls of Windows themselves never ran.</summary>
public sealed class WindowsRooms
{
    private const string Program = @"D:\drills\restored\srv\app.exe";

    [Fact]
    public void The_limits_lie_where_a_64_bit_Windows_reads_them()
    {
        Marshal.SizeOf<JobBasicLimits>().Should().Be(64);
        Marshal.SizeOf<JobExtendedLimits>().Should().Be(144);
        Marshal.OffsetOf<JobBasicLimits>(nameof(JobBasicLimits.LimitFlags)).Should().Be(16);
        Marshal.OffsetOf<JobBasicLimits>(nameof(JobBasicLimits.ActiveProcessLimit)).Should().Be(40);
        Marshal.OffsetOf<JobExtendedLimits>(nameof(JobExtendedLimits.ProcessMemoryLimit)).Should().Be(112);
        Marshal.OffsetOf<JobExtendedLimits>(nameof(JobExtendedLimits.JobMemoryLimit)).Should().Be(120);
    }

    [Fact]
    public void A_job_that_holds_less_than_it_was_given_is_not_taken()
    {
        var limits = new JobLimits(1 << 30);
        var asked = limits.Extended;
        asked.Basic.LimitFlags.Should().Be(0x2708u, "killed with the last handle, no crash window, one process, its memory, the job's memory, and no way out");
        limits.AreHeldBy(asked, 0xFF).Should().BeTrue();
        limits.AreHeldBy(asked, 0x7F).Should().BeFalse();
        foreach (var flags in (uint[])[0x708, 0x2508, 0x2700, 0x2708 | 0x800, 0x2708 | 0x1000])
            limits.AreHeldBy(asked with { Basic = asked.Basic with { LimitFlags = flags } }, 0xFF).Should().BeFalse("flags {0:x}", flags);
        limits.AreHeldBy(asked with { Basic = asked.Basic with { ActiveProcessLimit = 2 } }, 0xFF).Should().BeFalse();
        limits.AreHeldBy(asked with { JobMemoryLimit = 0 }, 0xFF).Should().BeFalse();
    }

    [Fact]
    public void The_program_is_held_back_in_both_directions_and_the_rule_goes_with_the_drill()
    {
        var firewall = new FakeFirewall();
        using (FirewallBlock.Raise(firewall, Program))
            firewall.Kept.Select(r => (r.Program, r.Direction, r.Action, r.IsEnabled, r.Profiles, r.Protocol, r.Addresses)).Should().Equal((Program, 1, 0, true, 0x7FFFFFFF, 256, "*"), (Program, 2, 0, true, 0x7FFFFFFF, 256, "*"));
        firewall.Kept.Should().BeEmpty();
    }

    /// <summary>A firewall that takes a rule without an error and holds something else.</summary>
    public static TheoryData<string> Lies => ["nothing", "out", "allow", "disabled", "one profile", "one address", "one protocol", "another program", "a third rule"];

    [Theory]
    [MemberData(nameof(Lies))]
    public void Where_the_rule_is_not_seen_in_force_nothing_may_start(string lie)
    {
        var firewall = new FakeFirewall
        {
            Takes = rule => lie switch
            {
                "nothing" => [],
                "out" => rule.Direction == FirewallRule.Out ? [] : [rule],
                "allow" => [rule with { Action = 1 }],
                "disabled" => [rule with { IsEnabled = false }],
                "one profile" => [rule with { Profiles = 1 }],
                "one address" => [rule with { Addresses = "10.0.0.1" }],
                "one protocol" => [rule with { Protocol = 6 }],
                "another program" => [rule with { Program = @"C:\Windows\notepad.exe" }],
                _ => [rule, rule with { Action = 1 }],
            },
        };
        FluentActions.Invoking(() => FirewallBlock.Raise(firewall, Program)).Should().Throw<SandboxException>().WithMessage("*does not show the rule*");
        firewall.Kept.Should().BeEmpty("what was added is taken back");
    }

    [Fact]
    public void A_firewall_that_is_off_is_not_even_given_a_rule()
    {
        var firewall = new FakeFirewall { IsInForce = false };
        FluentActions.Invoking(() => FirewallBlock.Raise(firewall, Program)).Should().Throw<SandboxException>().WithMessage("*switched off*");
        firewall.Kept.Should().BeEmpty();
    }

    [Fact]
    public void Rules_of_killed_drills_go_and_others_stay()
    {
        var firewall = new FakeFirewall();
        firewall.Kept.AddRange([FirewallRule.Blocking(FirewallBlock.Prefix + "old", @"D:\gone.exe", 1), FirewallRule.Blocking(FirewallBlock.Prefix + "live", Program, 1), FirewallRule.Blocking("hospital", @"D:\gone.exe", 1)]);
        FirewallBlock.RemoveStale(firewall, path => path == Program);
        firewall.Kept.Select(r => r.Name).Should().Equal((string[])[FirewallBlock.Prefix + "live", "hospital"], "only ours, and only where the program is gone");
    }

    [Fact]
    public void A_program_of_the_restored_data_is_started_with_its_arguments_as_they_were_written()
    {
        var command = JobCommand.Of(new RoomCommand(["/restored/srv/app.exe", "--port", "80 80", "", "a\"b", @"c\", @"d e\", "/restored/srv/data", "/scratch/log"]) { Environment = new Dictionary<string, string> { ["path"] = "x" } },
            @"D:\drills\restored", @"D:\drills\scratch", new Dictionary<string, string> { ["SystemRoot"] = @"C:\Windows", ["PATH"] = "y" }, _ => false);
        command.Program.Should().Be(Program);
        command.CommandLine.Should().Be("""D:\drills\restored\srv\app.exe --port "80 80" "" "a\"b" c\ "d e\\" D:\drills\restored\srv\data D:\drills\scratch\log""");
        command.Environment.Should().Be("PATH=x\0SystemRoot=C:\\Windows\0\0");
    }

    [Theory]
    [InlineData("/usr/bin/python3", "only programs of the restored data")]
    [InlineData(@"C:\Windows\System32\curl.exe", "only programs of the restored data")]
    [InlineData("/restored/../agent.exe", "only programs of the restored data")]
    [InlineData(@"/restored/srv\..\..\agent.exe", "only programs of the restored data")]
    [InlineData("/restored/srv/app.exe:stream.exe", "only programs of the restored data")]
    [InlineData("/restored/srv/run.bat", "only programs (.exe)")]
    [InlineData("/restored/link/app.exe", "is a link")]
    public void Whatever_the_rule_could_not_hold_back_is_not_started(string program, string said) =>
        FluentActions.Invoking(() => JobCommand.Of(new RoomCommand([program]), @"D:\drills\restored", @"D:\drills\scratch", new Dictionary<string, string>(), path => path.EndsWith(@"\link", StringComparison.Ordinal)))
            .Should().Throw<SandboxException>().WithMessage($"*{said}*");

    [Fact]
    public async Task What_was_started_is_asked_over_the_machine_s_loopback()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var buffer = new byte[4096];
                if (await client.GetStream().ReadAsync(buffer) > 0) await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.0 200 OK\r\n\r\nDossier patient"));
            }
        });
        var room = new LoopbackRoom();
        var scene = new ProbeScene(DateTimeOffset.UnixEpoch, null!, 1, 1) { Room = _ => ValueTask.FromResult<IDrillRoom>(room) };
        scene.Services.Add("web", room, () => ValueTask.CompletedTask);
        (await new ServiceProbes().RunAsync(new HttpProbe("web", port, "/", "localhost", 200, "Dossier", TimeSpan.FromSeconds(30)), scene, default)).Verdict.Should().Be(Verdict.Proved);
        (await new ServiceProbes().RunAsync(new TcpProbe("web", port, TimeSpan.FromSeconds(30)), scene, default)).Verdict.Should().Be(Verdict.Proved);
        (await room.WaitFor(port, TimeSpan.FromSeconds(30)).Ended).Succeeded.Should().BeTrue();

        listener.Stop();
        await FluentActions.Awaiting(() => serving).Should().ThrowAsync<Exception>("nobody listens any more");
        (await new ServiceProbes().RunAsync(new TcpProbe("web", port, TimeSpan.FromSeconds(30)), scene, default)).Verdict.Should().Be(Verdict.Failed);
        (await room.WaitFor(port, TimeSpan.FromMilliseconds(300)).Ended).TimedOut.Should().BeTrue();
        var waiting = room.WaitFor(port, TimeSpan.FromHours(1));
        await waiting.KillAsync();
        (await waiting.Ended).Succeeded.Should().BeFalse();
    }

    [Theory]
    [InlineData("{ folder: /srv/drills }", false)]
    [InlineData("{ folder: /srv/drills, room: namespaces }", false)]
    [InlineData("{ folder: /srv/drills, room: job }", true)]
    public void A_job_is_used_only_where_somebody_wrote_it(string sandbox, bool allowed) => Read(sandbox).Sandbox.AllowsJob.Should().Be(allowed);

    [Fact]
    public void Another_kind_of_room_is_refused() =>
        FluentActions.Invoking(() => Read("{ folder: /srv/drills, room: none }")).Should().Throw<ConfigException>().WithMessage("*write namespaces*never seen run*");

    private static DrillSettings Read(string sandbox) => AgentConfig.Read(new StringReader($$"""
        state: /var/lib/backupguard
        repositories: { dpi: { address: "restic:/srv/backup", application: dpi } }
        drills: { weekly: { repository: dpi, timeZone: Europe/Paris, sandbox: {{sandbox}}, steps: [{ kind: command, run: [/restored/srv/app.exe] }] } }
        """), "/etc/backupguard/agent.yaml", _ => null).Drills.Single();

    private sealed class FakeFirewall : IFirewall
    {
        public List<FirewallRule> Kept { get; } = [];
        public Func<FirewallRule, FirewallRule[]> Takes { get; init; } = rule => [rule];
        public bool IsInForce { get; init; } = true;
        public IEnumerable<FirewallRule> Rules() => Kept;
        public void Add(FirewallRule rule) => Kept.AddRange(Takes(rule));
        public void Remove(string name) => Kept.RemoveAll(r => r.Name == name);
    }

    /// <summary>Nothing but the loopback.</summary>
    private sealed class LoopbackRoom : IDrillRoom, IRoomLoopback
    {
        private readonly MachineLoopback _loopback = new(TimeProvider.System);

        public string Restored => "";
        public string Scratch => "";
        public Task<RoomEnd> ExchangeAsync(int port, byte[] question, int mostBytes, TimeSpan timeout, CancellationToken cancellationToken) => _loopback.ExchangeAsync(port, question, mostBytes, timeout, cancellationToken);
        public IRoomProcess WaitFor(int port, TimeSpan timeout) => _loopback.WaitFor(port, timeout);
        public Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();
        public IRoomProcess Start(RoomCommand command) => throw new NotSupportedException();
        public void Write(string name, ReadOnlySpan<byte> content) => throw new NotSupportedException();
        public byte[]? Read(RestoredPath path, int mostBytes) => throw new NotSupportedException();
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
