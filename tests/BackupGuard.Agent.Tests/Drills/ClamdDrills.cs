using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Scans;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>A real clamd on a socket of its own, with signatures written here; and one that only plays it, for what a real one does not do on demand.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ClamdDrills : IDisposable
{
    private const string Marker = "BACKUPGUARD-TEST-MARKER";
    private readonly TestFolder _disk = new();
    private readonly List<Process> _daemons = [];

    public void Dispose()
    {
        foreach (var daemon in _daemons)
        {
            daemon.Kill();
            daemon.WaitForExit();
            daemon.Dispose();
        }
        _disk.Dispose();
    }

    private ClamavScan Scan => new("/nowhere", null, MayExceedLimits: false, Sample: null, TimeSpan.FromMinutes(2)) { Socket = _disk["clamd"] };

    private static SmallRepository Backup(string content) => new(DateTimeOffset.UtcNow - TimeSpan.FromHours(5), ("data/base dump", content), ("empty", ""), ("data/new\nline", "x"));

    private async Task StartAsync(params string[] settings)
    {
        Directory.CreateDirectory(_disk["signatures"]);
        await File.WriteAllTextAsync(_disk["signatures/own.ndb"], $"Test.Marker:0:*:{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Marker))}\n");
        // MD5 and length of EICAR's test file, which therefore need not be written here.
        if (!settings.Contains("# without eicar")) await File.WriteAllTextAsync(_disk["signatures/own.hdb"], "44d88612fea8a8f36de82e1278abb02f:68:Test.Eicar\n");
        await File.WriteAllLinesAsync(_disk["clamd.conf"], ["Foreground yes", $"LocalSocket {_disk["clamd"]}", $"DatabaseDirectory {_disk["signatures"]}", $"TemporaryDirectory {_disk.Path}", .. settings.Contains("AlertExceedsMax no") ? (string[])[] : ["AlertExceedsMax yes"], .. Environment.UserName == "root" ? (string[])["User root"] : [], .. settings]);
        _daemons.Add(Process.Start(new ProcessStartInfo("clamd", ["--config-file=" + _disk["clamd.conf"]]) { RedirectStandardOutput = true })!);
        var patience = Stopwatch.StartNew();
        while (!File.Exists(_disk["clamd"]) || await AnswersAsync() is false)
        {
            patience.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(60), "clamd comes up");
            await Task.Delay(50);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await new ClamdSockets(TimeProvider.System).AskAsync(_disk["clamd"], "PING", default) == "PONG";
        }
        catch (SandboxException)
        {
            return false;
        }
    }

    [Fact]
    public async Task Clean_files_pass_the_alarm_rings_and_a_hit_names_the_file_to_people()
    {
        await StartAsync();
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [Scan], withControl: true);
        report.Verdict.Should().Be(Verdict.Proved, DrillHarness.Told(report));
        report.Steps[1].Detail.English.Should().Be("nothing found in 2 files by clamd");
        report.AlarmProved.Should().BeTrue(DrillHarness.Told(report));

        report = await DrillHarness.RunAsync(_disk, Backup($"patients {Marker}"), [Scan, new CommandProbe(["/bin/true"], 0, TimeSpan.FromMinutes(1), null)]);
        report.Verdict.Should().Be(Verdict.Failed, DrillHarness.Told(report));
        report.Findings.Single(f => f.Code == "BG1460").Message("en").Should().Be("ClamAV recognises Test.Marker.UNOFFICIAL in data/base dump.");
        report.Steps.Should().Contain(s => s.Detail.English.StartsWith("not started"));

        // Signatures of one's own have no date.
        report = await DrillHarness.RunAsync(_disk, Backup("patients"), [Scan with { MaxAge = TimeSpan.FromDays(14) }]);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.EndsWith("nobody knows how old its signatures are"));
    }

    [Fact]
    public async Task What_is_over_its_limits_is_named_and_leaves_the_scan_open()
    {
        await StartAsync("StreamMaxLength 1M");
        var report = await DrillHarness.RunAsync(_disk, Backup(new string('p', 5 << 20)), [Scan]);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.EndsWith("its limits kept it from looking at all of 1 files"), DrillHarness.Told(report));
        var open = report.Findings.Single(f => f.Code == "BG1462");
        open.Message("en").Should().Contain("data/base dump");
        open.WithoutPaths().Message("en").Should().NotContain("base dump");

        report = await DrillHarness.RunAsync(_disk, Backup(new string('p', 5 << 20)), [Scan with { MayExceedLimits = true }]);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Proved && s.Detail.English.EndsWith("1 only in part or not at all, for its limits"), DrillHarness.Told(report));
    }

    [Theory]
    [InlineData("AlertExceedsMax no", "set AlertExceedsMax yes in clamd.conf")]
    [InlineData("# without eicar", "does not recognise a file that must be recognised")]
    public async Task A_clamd_whose_silence_would_mean_nothing_is_not_believed(string setting, string said)
    {
        await StartAsync(setting);
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [Scan]);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains(said), DrillHarness.Told(report));
    }

    [Fact]
    public async Task A_socket_that_was_named_and_does_not_answer_is_never_replaced_by_something_else()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [Scan]);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains("could not be asked"), DrillHarness.Told(report));
    }

    /// <summary>A daemon that answers each stream with the next of these, and closes without a word when there is none left.</summary>
    [Theory]
    [InlineData("ClamAV 1.4.3/27500/Thu Nov 20 08:33:41 2025", "its signatures are", "stream: OK", "stream: OK")]
    [InlineData("ClamAV 1.4.3/27500/Thu Nov 20 08:33:41 2999", "it answered for 1 of 2 files", "stream: OK", "stream: Can't allocate memory ERROR")]
    [InlineData("ClamAV 1.4.3/27500/Thu Nov 20 08:33:41 2999", "could not be asked", "stream: OK")]
    public async Task Old_signatures_errors_and_answers_that_break_off_leave_the_scan_open(string version, string said, params string[] replies)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_disk["clamd"]));
        listener.Listen();
        var left = new Queue<string>(["stream: Eicar FOUND", "stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND", .. replies]);
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                using var asked = await listener.AcceptAsync();
                var buffer = new byte[1 << 16];
                var (text, length) = ("", 0);
                while ((length = await asked.ReceiveAsync(buffer)) > 0)
                {
                    text += Encoding.Latin1.GetString(buffer, 0, length);
                    if (text.StartsWith("zVERSION", StringComparison.Ordinal) || text.EndsWith("\0\0\0\0", StringComparison.Ordinal)) break;
                }
                if (text.StartsWith("zVERSION", StringComparison.Ordinal)) await asked.SendAsync(Encoding.ASCII.GetBytes(version + "\0"));
                else if (left.TryDequeue(out var reply)) await asked.SendAsync(Encoding.ASCII.GetBytes(reply + "\0"));
            }
        });
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [Scan with { MaxAge = TimeSpan.FromDays(14) }]);
        listener.Dispose();
        await FluentActions.Awaiting(() => serving).Should().ThrowAsync<SocketException>();
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains(said), DrillHarness.Told(report));
    }

    [Theory]
    [InlineData("- { kind: clamav }", null, true)]
    [InlineData("- { kind: clamav, database: /srv/signatures }", null, false)]
    [InlineData("- { kind: clamav, socket: /run/clamav/clamd.ctl }", "/run/clamav/clamd.ctl", false)]
    public void A_daemon_is_looked_for_only_where_nobody_said_whose_signatures_count(string step, string? socket, bool mayFind)
    {
        var text = $$"""
            state: /var/lib/backupguard
            repositories: { dpi: { address: "restic:/srv/backup", application: dpi } }
            drills: { weekly: { repository: dpi, timeZone: Europe/Paris, steps: [{{step[2..]}}] } }
            """;
        var scan = (ClamavScan)AgentConfig.Read(new StringReader(text), "/etc/backupguard/agent.yaml", _ => null).Drills.Single().Plan.Probes.Single();
        (scan.Socket, scan.MayFindDaemon).Should().Be((socket, mayFind));
    }
}
