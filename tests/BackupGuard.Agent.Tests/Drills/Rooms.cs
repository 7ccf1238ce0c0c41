using System.Net;
using System.Net.Sockets;
using System.Text;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>The promises of IDrillRoom, on the room that this machine makes.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Trait("Needs", "room")]
public sealed class Rooms : IAsyncLifetime
{
    private readonly TestFolder _disk = new();
    private BubblewrapRoom _room = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_disk["restored"]);
        Directory.CreateDirectory(_disk["scratch"]);
        await File.WriteAllTextAsync(_disk["restored/base.dump"], "data");
        await File.WriteAllTextAsync(_disk["tool.sh"], "#!/bin/sh\necho tool\n");
        File.SetUnixFileMode(_disk["tool.sh"], (UnixFileMode)0x1ED);
        _room = await BubblewrapRoom.CreateAsync(_disk["restored"], _disk["scratch"], [_disk["tool.sh"]], TimeProvider.System, default);
    }

    public async Task DisposeAsync()
    {
        await _room.DisposeAsync();
        _disk.Dispose();
    }

    private Task<RoomEnd> ShellAsync(string script, bool asRoot = false) => _room.RunAsync(new RoomCommand(["/bin/bash", "-c", script]) { AsRoot = asRoot }, default);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restored_software_reaches_no_network_not_even_this_machines_own(bool asRoot)
    {
        using var production = new TcpListener(IPAddress.Any, 0);
        production.Start();
        var port = ((IPEndPoint)production.LocalEndpoint).Port;
        using (var seen = new TcpClient()) await seen.ConnectAsync(IPAddress.Loopback, port);    // from here it can be reached: the test could not fail otherwise
        using var accepted = await production.AcceptTcpClientAsync();

        foreach (var address in (string[])["127.0.0.1", "::1", .. Addresses(), "192.0.2.1"])
        {
            var end = await ShellAsync($"exec 3<>/dev/tcp/{address}/{port}", asRoot);
            end.ExitCode.Should().NotBe(0, address);
        }
        production.Pending().Should().BeFalse("nobody may have knocked");
        (await ShellAsync("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", asRoot)).OutputText.Trim().Should().Be("lo");
    }

    [Fact]
    public async Task A_server_inside_can_be_asked_from_inside()
    {
        var server = _room.Start(new RoomCommand(["/usr/bin/python3", "-m", "http.server", "8080", "--bind", "127.0.0.1"]));
        var end = await ShellAsync("for i in $(seq 100); do if (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null; then echo reached; exit 0; fi; sleep 0.1; done; exit 1");
        end.OutputText.Should().Be("reached\n");
        server.Ended.IsCompleted.Should().BeFalse();
        await server.KillAsync();
        (await ShellAsync("exec 3<>/dev/tcp/127.0.0.1/8080")).ExitCode.Should().NotBe(0);
    }

    [Fact]
    public async Task It_sees_the_restored_files_a_scratch_folder_the_named_program_and_nothing_of_the_machine()
    {
        (await ShellAsync("cat base.dump; echo more >> base.dump; echo x > /scratch/x; ls /scratch")).OutputText.Should().Be("datax\n");
        (await File.ReadAllTextAsync(_disk["restored/base.dump"])).Should().Be("datamore\n");
        (await _room.RunAsync(new RoomCommand([_disk["tool.sh"]]), default)).OutputText.Should().Be("tool\n");
        await File.WriteAllTextAsync(_disk["secret"], "canary");
        foreach (var hidden in (string[])[_disk["secret"], "/etc/shadow", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "/run/systemd", "/var/lib/dpkg", "/sys/class/net"])
            (await ShellAsync($"ls {hidden}", asRoot: true)).ExitCode.Should().NotBe(0, hidden);
        (await ShellAsync("touch /usr/x", asRoot: true)).ExitCode.Should().NotBe(0);
        (await ShellAsync("echo x >> " + _disk["tool.sh"], asRoot: true)).ExitCode.Should().NotBe(0);
    }

    [Fact]
    public async Task It_sees_no_process_and_no_variable_of_the_machine()
    {
        Environment.SetEnvironmentVariable("BACKUPGUARD_PASSWORD", "canary");
        (await ShellAsync("env; cat /proc/1/environ")).OutputText.Should().NotContain("canary");
        var ids = (await ShellAsync("ls -d /proc/[0-9]*")).OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ids.Should().HaveCountLessThan(10);
        (await ShellAsync("id -u; grep CapEff /proc/self/status")).OutputText.Should().MatchRegex("^1000\nCapEff:\t0+\n$");
        (await ShellAsync("id -u; mount -t tmpfs none /restored", asRoot: true)).ExitCode.Should().NotBe(0);
    }

    [Fact]
    public async Task What_runs_too_long_is_killed_with_all_that_it_started()
    {
        var end = await _room.RunAsync(new RoomCommand(["/bin/sh", "-c", "sleep 600 & sleep 600; echo never"]) { Timeout = TimeSpan.FromSeconds(1) }, default);
        (end.TimedOut, end.OutputText).Should().Be((true, ""));
        (await ShellAsync("sleep 0.1; cat /proc/[0-9]*/comm")).OutputText.Split('\n').Count(c => c == "sleep").Should().Be(0);
    }

    [Fact]
    public async Task What_went_into_the_background_is_dead_when_the_room_ends()
    {
        // setsid: no parent, no session, by which it could be found; only the room's end reaches it.
        var end = await ShellAsync("setsid sh -c 'while :; do echo x >> /scratch/alive; sleep 0.05; done' >/dev/null 2>&1 & sleep 0.3; echo started");
        end.OutputText.Should().Be("started\n");
        await _room.DisposeAsync();
        var last = await File.ReadAllTextAsync(_disk["scratch/alive"]);
        await Task.Delay(300);
        (await File.ReadAllTextAsync(_disk["scratch/alive"])).Should().Be(last);
        last.Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_program_that_is_not_there_could_not_be_asked_and_one_that_ends_badly_has_answered()
    {
        await FluentActions.Awaiting(() => _room.RunAsync(new RoomCommand(["/nowhere/program"]), default)).Should().ThrowAsync<SandboxException>().WithMessage("*/nowhere/program is not installed*");
        await FluentActions.Awaiting(() => _room.RunAsync(new RoomCommand(["no-such-program"]), default)).Should().ThrowAsync<SandboxException>();
        (await ShellAsync("exit 127")).ExitCode.Should().Be(127);
    }

    [Fact]
    public async Task Input_and_output_pass_and_more_output_than_wanted_is_dropped()
    {
        var end = await _room.RunAsync(new RoomCommand(["/bin/cat"]) { Input = Encoding.UTF8.GetBytes("question"), MostOutputBytes = 4 }, default);
        end.OutputText.Should().Be("ques");
        (await _room.RunAsync(new RoomCommand(["/bin/sh", "-c", "head -c 50000000 /dev/zero"]) { MostOutputBytes = 10 }, default)).Output.Should().HaveCount(10);
    }

    [Fact]
    public async Task Files_go_in_and_out_of_the_scratch_folder_and_a_link_leads_nowhere()
    {
        await File.WriteAllTextAsync(_disk["secret"], "canary");
        await ShellAsync($"ln -s {_disk["secret"]} /scratch/link; ln -s {_disk["secret"]} /scratch/settings");
        FluentActions.Invoking(() => _room.Read(Parsed("link"), 100)).Should().Throw<SandboxException>();
        _room.Write("settings", "ours"u8);
        (await File.ReadAllTextAsync(_disk["secret"])).Should().Be("canary");
        (await ShellAsync("cat /scratch/settings")).OutputText.Should().Be("ours");
        _room.Read(Parsed("settings"), 2).Should().Equal("ou"u8.ToArray());
        _room.Read(Parsed("nothing"), 2).Should().BeNull();
    }

    private static RestoredPath Parsed(string text) => RestoredPath.TryParse(text, out var path, out var refusal) ? path : throw new ArgumentException(refusal);

    private static IEnumerable<string> Addresses() => Dns.GetHostAddresses(Dns.GetHostName()).Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)).Select(a => a.ToString());
}
