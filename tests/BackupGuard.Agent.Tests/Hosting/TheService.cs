using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Tests.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Hosting;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class TheService : IDisposable
{
    private readonly CommandRun _agent = new();

    public void Dispose() => _agent.Dispose();

    /// <summary>The plan that follows it tells when the job comes up next.</summary>
    private (string Type, string Payload) LastResult
    {
        get
        {
            var (result, plan) = (_agent.Spool.Entries[^2], _agent.Spool.Entries[^1]);
            plan.Type.Should().Be("calendar.plan");
            return (result.Type, result.Payload);
        }
    }

    private IEnumerable<string> Types { get { lock (_agent.Spool.Entries) return [.. _agent.Spool.Entries.Select(e => e.Type)]; } }

    /// <summary>Runs the service until a condition holds, then stops it as SIGTERM would.</summary>
    private async Task<(int ExitCode, string Output, string Error)> RunUntilAsync(Func<bool> condition, Action? meanwhile = null)
    {
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => _agent.InvokeAsync(stop.Token, "run", "--config", _agent.Disk["agent.yaml"]));
        SpinWait.SpinUntil(() => { meanwhile?.Invoke(); return run.IsCompleted || condition(); }, TimeSpan.FromSeconds(60)).Should().BeTrue();
        await stop.CancelAsync();
        return await run.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task It_says_that_it_started_keeps_the_calendar_and_stops_when_asked()
    {
        _agent.Config();
        (await RunUntilAsync(() => Types.Contains("agent.start"))).ExitCode.Should().Be(0);
        _agent.Clock.Set(CommandRun.Now.AddDays(2));
        (await RunUntilAsync(() => Types.Contains("drill.result"))).ExitCode.Should().Be(0);

        Types.Should().Equal("agent.start", "calendar.plan", "agent.start", "calendar.plan", "drill.intent", "drill.result", "calendar.plan");
        var result = JsonDocument.Parse(LastResult.Payload).RootElement;
        (result.GetProperty("verdict").GetString(), result.GetProperty("startedBy").GetString()).Should().Be(("proved", "missed"));
        (File.GetUnixFileMode(_agent.Disk["state"]) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).Should().Be(UnixFileMode.None);
    }

    [Fact]
    public async Task A_drill_in_progress_is_cancelled_cleaned_up_recorded_and_done_again_after_a_restart()
    {
        var good = _agent.Repository;
        var restoring = new TaskCompletionSource();
        _agent.Config();
        await RunUntilAsync(() => Types.Contains("agent.start"));
        _agent.Clock.Set(CommandRun.Now.AddDays(2));
        _agent.Repository = new SmallRepository(CommandRun.Now, ("a", "b")) { Meanwhile = async token => { restoring.SetResult(); await Task.Delay(Timeout.Infinite, token); } };

        await RunUntilAsync(() => restoring.Task.IsCompleted);
        var cut = JsonDocument.Parse(LastResult.Payload).RootElement;
        (LastResult.Type, cut.GetProperty("verdict").GetString(), cut.GetProperty("cleanedUp").GetBoolean()).Should().Be(("drill.result", "inconclusive", true));
        Directory.EnumerateFileSystemEntries(_agent.Disk["sandbox"]).Should().BeEmpty();

        _agent.Repository = good;
        await RunUntilAsync(() => Types.Count(t => t == "drill.result") == 2);
        JsonDocument.Parse(LastResult.Payload).RootElement.GetProperty("verdict").GetString().Should().Be("proved");
    }

    [Fact]
    public async Task A_probe_that_falls_due_leaves_its_intent_and_its_result_also_when_nothing_could_be_tried()
    {
        _agent.Config(verify: "    probe: { identityUnderTest: gone.s3, approvedBy: [Anne Martin, Luc Petit], cron: \"0 4 * * *\", timeZone: Europe/Paris }", location: "s3:https://storage.example.org/bucket");
        _agent.Clock.Set(CommandRun.Now.AddDays(-1));
        await RunUntilAsync(() => Types.Contains("agent.start"));
        _agent.Clock.Set(CommandRun.Now);
        await RunUntilAsync(() => Types.Contains("probe.result"));
        _agent.Spool.Entries.Single(e => e.Type == "probe.intent").Payload.Should().Contain("Anne Martin, Luc Petit");
        var result = JsonDocument.Parse(_agent.Spool.Entries.Single(e => e.Type == "probe.result").Payload).RootElement;
        result.GetProperty("verdict").GetString().Should().Be("inconclusive");
        result.GetProperty("unfinished").GetString().Should().Contain("gone.s3");
    }

    [Fact]
    public async Task What_a_killed_drill_left_in_the_sandbox_is_removed_and_said_in_evidence()
    {
        Directory.CreateDirectory(_agent.Disk["sandbox/drill-dpi-weekly-0123/restored"]);
        await File.WriteAllTextAsync(_agent.Disk["sandbox/drill-dpi-weekly-0123/restored/base.dump"], "patients");
        await File.WriteAllTextAsync(_agent.Disk["sandbox/drill-dpi-weekly-0123/.backupguard-drill"], "");
        _agent.Config();
        await RunUntilAsync(() => Types.Contains("drill.cleanup"));
        Directory.EnumerateFileSystemEntries(_agent.Disk["sandbox"]).Should().BeEmpty();
        _agent.Spool.Entries.Single(e => e.Type == "drill.cleanup").Payload.Should().Contain("drill-dpi-weekly-0123").And.Contain("\"removed\":true");
    }

    [Fact]
    public async Task A_link_that_breaks_does_not_stop_the_calendar()
    {
        var attempts = 0;
        _agent.Link = _ => { attempts++; throw new InvalidOperationException("a bug in sending"); };
        _agent.Config();
        await RunUntilAsync(() => Types.Contains("agent.start"));
        _agent.Clock.Set(CommandRun.Now.AddDays(2));
        await RunUntilAsync(() => Types.Contains("drill.result"));
        attempts.Should().BeGreaterThan(0);
        Types.Should().Contain("drill.result");
    }

    [Fact]
    public async Task A_spool_that_cannot_be_written_stops_the_service_with_a_failure()
    {
        _agent.Spool.IsFull = true;
        _agent.Config();
        (await RunUntilAsync(() => false)).ExitCode.Should().Be(1, "systemd starts it again, and monitoring sees it");
    }

    [Fact]
    public async Task A_second_service_is_refused_with_a_sentence()
    {
        _agent.SpoolIsHeld = true;
        var run = await _agent.InvokeAsync("run", "--config", _agent.Config());
        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("cannot start: another process holds the spool");
    }

    [Fact]
    public void Systemd_is_told_by_datagrams()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_agent.Disk["notify"]));
        socket.ReceiveTimeout = 10_000;
        new ServiceNotification(_agent.Disk["notify"], null, _agent.Clock).Send("READY=1");
        Receive(socket).Should().Be("READY=1");

        FluentActions.Invoking(() => new ServiceNotification(null, null, _agent.Clock).Send("READY=1")).Should().NotThrow("there is no systemd");
        FluentActions.Invoking(() => new ServiceNotification(_agent.Disk["nobody"], null, _agent.Clock).Send("READY=1")).Should().NotThrow();
    }

    [Fact]
    public async Task The_watchdog_is_fed_at_half_its_interval_until_the_service_stops()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var name = "backupguard-" + Guid.NewGuid().ToString("N");
        socket.Bind(new UnixDomainSocketEndPoint('\0' + name));
        socket.ReceiveTimeout = 10_000;
        using var stop = new CancellationTokenSource();
        var clock = new FeedingClock();
        var feeding = new ServiceNotification("@" + name, "120000000", clock).KeepAliveAsync(stop.Token);
        Receive(socket).Should().Be("WATCHDOG=1");
        clock.Period.Should().Be(TimeSpan.FromSeconds(60));
        clock.Tick();
        Receive(socket).Should().Be("WATCHDOG=1");
        await stop.CancelAsync();
        await feeding;
        await new ServiceNotification("@" + name, null, clock).KeepAliveAsync(default);
        socket.Available.Should().Be(0, "systemd does not watch");
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[64];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    private sealed class FeedingClock : TimeProvider
    {
        private TimerCallback? _callback;
        private object? _state;
        public TimeSpan Period { get; private set; }
        public void Tick() => _callback!(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state, Period) = (callback, state, period);
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
