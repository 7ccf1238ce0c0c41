using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Scans;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>The real clamscan in a real room, with signatures written here.</summary>
[Trait("Needs", "room")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ClamavDrills : IDisposable
{
    private const string Marker = "BACKUPGUARD-TEST-MARKER";
    private readonly TestFolder _disk = new();
    private readonly ClamavScan _scan;

    public ClamavDrills()
    {
        Directory.CreateDirectory(_disk["signatures"]);
        File.WriteAllText(_disk["signatures/own.ndb"], $"Test.Marker:0:*:{Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(Marker))}\n");
        // MD5 and length of EICAR's test file, which therefore need not be written here.
        File.WriteAllText(_disk["signatures/own.hdb"], "44d88612fea8a8f36de82e1278abb02f:68:Test.Eicar\n");
        _scan = new ClamavScan(_disk["signatures"], null, MayExceedLimits: false, Sample: null, TimeSpan.FromMinutes(5));
    }

    public void Dispose() => _disk.Dispose();

    private static SmallRepository Backup(string content) => new(DateTimeOffset.UtcNow - TimeSpan.FromHours(5), ("data/base dump", content), ("empty", ""), ("data/new\nline", "x"));

    [Fact]
    public async Task Clean_files_pass_and_the_alarm_rings_on_the_test_file()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [_scan], withControl: true);
        report.Verdict.Should().Be(Verdict.Proved, DrillHarness.Told(report));
        report.Steps[1].Detail.English.Should().Be("nothing found in 2 files by 2 signatures");
        report.AlarmProved.Should().BeTrue(DrillHarness.Told(report));
    }

    [Fact]
    public async Task A_hit_fails_names_the_file_to_people_and_nothing_is_started()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup($"patients {Marker}"), [_scan, new CommandProbe(["/bin/true"], 0, TimeSpan.FromMinutes(1), null)]);
        report.Verdict.Should().Be(Verdict.Failed, DrillHarness.Told(report));
        var hit = report.Findings.Single(f => f.Code == "BG1460");
        hit.Message("en").Should().Be("ClamAV recognises Test.Marker.UNOFFICIAL in data/base dump.");
        hit.WithoutPaths().Message("en").Should().NotContain("base dump");
        report.Steps.Single(s => s.Name.StartsWith("command", StringComparison.Ordinal)).Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.StartsWith("not started"));
    }

    [Fact]
    public async Task Without_signatures_and_with_signatures_of_unknown_age_nothing_is_known()
    {
        Directory.CreateDirectory(_disk["none"]);
        (await DrillHarness.RunAsync(_disk, Backup("patients"), [_scan with { Database = _disk["none"] }])).Verdict.Should().Be(Verdict.Inconclusive);
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [_scan with { MaxAge = TimeSpan.FromDays(14) }]);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.EndsWith("nobody knows how old its signatures are"));
    }
}
