using BackupGuard.Verification;
using BackupGuard.Verification.Drills.Scans;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>The real yara in a real room.</summary>
[Trait("Needs", "room")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class YaraDrills : IDisposable
{
    private readonly TestFolder _disk = new();
    private readonly YaraScan _scan;

    public YaraDrills()
    {
        File.WriteAllText(_disk["rules.yar"], "rule ransom_note { strings: $a = \"your files are encrypted\" nocase condition: $a }\n");
        File.WriteAllText(_disk["sample"], "Your files are ENCRYPTED\n");
        _scan = new YaraScan(_disk["rules.yar"], _disk["sample"], TimeSpan.FromMinutes(5));
    }

    public void Dispose() => _disk.Dispose();

    private static SmallRepository Backup(string content) => new(DateTimeOffset.UtcNow - TimeSpan.FromHours(5), ("data/read me.txt", content), ("empty", ""), ("data/new\nline", "x"));

    [Fact]
    public async Task Clean_files_pass_and_the_alarm_rings_on_the_sample()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup("patients"), [_scan], withControl: true);
        report.Verdict.Should().Be(Verdict.Proved, DrillHarness.Told(report));
        report.Steps[1].Detail.English.Should().Be("nothing found in 3 files");
        report.AlarmProved.Should().BeTrue(DrillHarness.Told(report));
        (await DrillHarness.RunAsync(_disk, Backup("patients"), [_scan with { Sample = null }], withControl: true)).AlarmProved.Should().BeFalse("nothing is known that the rules must match");
    }

    [Fact]
    public async Task A_hit_fails_and_names_rule_and_file()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup("All your files are encrypted!"), [_scan]);
        report.Verdict.Should().Be(Verdict.Failed, DrillHarness.Told(report));
        report.Findings.Single(f => f.Code == "BG1460").Message("en").Should().Be("YARA recognises ransom_note in data/read me.txt.");
    }

    [Fact]
    public async Task Rules_that_are_not_there_or_not_readable_leave_it_open()
    {
        await File.WriteAllTextAsync(_disk["broken.yar"], "rule broken {");
        foreach (var rules in (string[])["broken.yar", "nowhere.yar"])
            (await DrillHarness.RunAsync(_disk, Backup("patients"), [_scan with { Rules = _disk[rules] }])).Verdict.Should().Be(Verdict.Inconclusive, rules);
    }
}
