using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>Drills on this machine's disk, with their rooms, controls, memory and quota.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Trait("Needs", "room")]
public sealed class DrillControlsOnDisk : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
    private readonly TestFolder _disk = new();
    private readonly FakeSpool _spool = new();
    private static readonly SmallRepository Good = new(Now - TimeSpan.FromHours(5), ("data/base.dump", "patients"), ("index", "1"));

    public void Dispose() => _disk.Dispose();

    private static Calendar Weekly => Calendar.TryCreate("0 3 * * 0", "Europe/Paris", out var calendar, out _) ? calendar! : throw new InvalidOperationException();

    private async Task<DrillDocument> RunAsync(IReadOnlyList<Probe> probes, long? quota = null, bool control = false)
    {
        Directory.CreateDirectory(_disk["state"]);
        var repository = new RepositorySettings("dpi", "restic:/srv/backup", null, "dpi", null) { StateFolder = _disk["state"] };
        var drill = new DrillSettings(repository, new DrillPlan("dpi-weekly", "dpi", repository.Address, SnapshotRule.Latest, probes), Weekly, new SandboxSettings(_disk["sandbox"], quota, OwnsFiles: true));
        // Rooms and programs take real time; only the snapshot's age is made up.
        var job = new DrillJob(drill, (_, _) => ValueTask.FromResult<IBackupRepository>(Good), folder => new PlainTarget(folder), TimeProvider.System, null, control);
        var runs = new JobRuns(ScheduleState.Open(_disk["schedule.json"], out _), _spool, _spool, TimeProvider.System);
        return JsonSerializer.Deserialize(await runs.RunAsync(job, "", Now, "schedule", isRepeat: false, default), DocumentJson.Default.DrillDocument)!;
    }

    private static CommandProbe Shell(string script) => new(["/bin/bash", "-c", script], 0, TimeSpan.FromMinutes(1), null);

    private static readonly Probe[] Asked = [new CountProbe(2, 2, 9, 9), Shell("grep -q patients data/base.dump"), new ExistsProbe(Glob("data"))];

    private static Glob Glob(string text) => Verification.Drills.Glob.TryParse(text, out var glob, out var refusal) ? glob : throw new ArgumentException(refusal);

    [Fact]
    public async Task The_alarm_of_a_definition_is_proved_once_again_after_an_edit_and_whenever_it_is_asked_for()
    {
        var first = await RunAsync(Asked);
        first.Verdict.Should().Be("proved");
        first.Control!.AlarmProved.Should().BeTrue();
        first.Control.Steps.Should().HaveCount(3).And.OnlyContain(s => s.Verdict == "failed" && s.Damage.Length > 0 && s.DamageFr.Length > 0);
        first.Steps.Should().OnlyContain(s => s.Verdict == "proved");
        Directory.EnumerateFileSystemEntries(_disk["sandbox"]).Should().BeEmpty();

        (await RunAsync(Asked)).Control.Should().BeNull("it was seen to go red before");
        (await RunAsync(Asked, control: true)).Control!.AlarmProved.Should().BeTrue();
        (await RunAsync([new CountProbe(1, 2, 9, 9), .. Asked[1..]])).Control.Should().NotBeNull("an edit is another definition");
    }

    [Fact]
    public async Task An_alarm_that_does_not_ring_is_tried_again_at_each_run_and_never_counts_as_proved()
    {
        foreach (var _ in (int[])[1, 2])
        {
            var document = await RunAsync([Shell("true")]);
            (document.Verdict, document.Control!.AlarmProved).Should().Be(("proved", false));
            document.Findings.Select(f => f.Code).Should().Equal("BG1411");
        }
    }

    [Fact]
    public async Task A_memory_that_somebody_broke_costs_one_more_control_and_no_drill()
    {
        await RunAsync(Asked);
        await File.WriteAllTextAsync(_disk["state/drills/dpi-weekly.json"], "{ \"schema\": \"backupguard.drill-memory/v1\", \"alarmProvedFor\":");
        (await RunAsync(Asked)).Control!.AlarmProved.Should().BeTrue();
    }

    [Fact]
    public async Task A_restored_application_that_reaches_for_the_network_fails_and_nobody_outside_hears_it()
    {
        using var production = new TcpListener(IPAddress.Loopback, 0);
        production.Start();
        var port = ((IPEndPoint)production.LocalEndpoint).Port;
        var document = await RunAsync([Shell($"exec 3<>/dev/tcp/127.0.0.1/{port}")]);
        document.Verdict.Should().Be("failed");
        production.Pending().Should().BeFalse();

        var outside = await RunAsync([Shell($"exec 3<>/dev/tcp/127.0.0.1/{port}") with { OnMachine = true }]);
        outside.Verdict.Should().Be("proved", "on the machine the same command gets through: the test above could fail");
        production.Pending().Should().BeTrue();
    }

    [Fact]
    public async Task What_does_not_fit_the_quota_is_not_held_against_the_backup()
    {
        var document = await RunAsync(Asked, quota: 8);
        document.Verdict.Should().Be("inconclusive");
        document.Findings.Single().Should().Match<FindingDocument>(f => f.Code == "BG1405" && f.Message.Contains("quota"));
        document.CleanedUp.Should().BeTrue();
        Directory.EnumerateFileSystemEntries(_disk["sandbox"]).Should().BeEmpty();
    }

    [Fact]
    public async Task A_program_that_fills_the_quota_is_no_damage_of_the_data()
    {
        var document = await RunAsync([Shell("head -c 2000000 /dev/zero > big; exit 1")], quota: 1_000_000);
        (document.Verdict, document.Findings.Single().Code).Should().Be(("inconclusive", "BG1403"));
    }
}
