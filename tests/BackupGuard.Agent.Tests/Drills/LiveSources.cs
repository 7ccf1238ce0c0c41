using System.Globalization;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents.Compare;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>The spot check beside a real folder in which people work.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LiveSources : IDisposable
{
    private readonly TestFolder _disk = new();

    public LiveSources()
    {
        Directory.CreateDirectory(_disk["live/docs"]);
        for (var i = 0; i < 12; i++) File.WriteAllText(_disk[$"live/docs/{i}"], i.ToString(CultureInfo.InvariantCulture));
    }

    public void Dispose() => _disk.Dispose();

    private Task<DrillReport> RunAsync(DateTimeOffset takenAt, bool withControl = false) => DrillHarness.RunAsync(_disk,
        new SmallRepository(takenAt, [.. Enumerable.Range(0, 12).Select(i => ($"live/docs/{i}", i.ToString(CultureInfo.InvariantCulture)))]),
        [new CompareProbe(_disk["live"], RestoredPath.TryParse("live", out var below, out _) ? below : null, Glob.TryParse("**", out var all, out _) ? all : throw new InvalidOperationException(), 100, null, 10, TimeSpan.FromMinutes(1))], withControl);

    [Fact]
    public async Task A_folder_that_nobody_touched_is_compared_read_only_and_the_alarm_rings()
    {
        var before = TestFolder.Shell("find . -printf '%p %T@ %C@ %s\\n' | sort", _disk["live"]);
        var taken = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(20);
        await Task.Delay(60);
        var report = await RunAsync(taken, withControl: true);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Proved && s.Detail.English == "12 files are as in the source");
        report.AlarmProved.Should().BeTrue(DrillHarness.Told(report));
        TestFolder.Shell("find . -printf '%p %T@ %C@ %s\\n' | sort", _disk["live"]).Should().Be(before);
    }

    [Fact]
    public async Task A_file_that_was_put_there_later_with_its_old_date_is_not_held_against_the_backup()
    {
        var taken = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(20);
        await Task.Delay(60);
        TestFolder.Shell("printf other > new; touch -d 2020-01-01 new; mv new docs/3; printf more > docs/13; touch -d 2020-01-01 docs/13", _disk["live"]);
        var report = await RunAsync(taken);
        report.Steps[1].Detail.English.Should().Be("11 files are as in the source; 2 were changed since the snapshot and left aside");
    }

    [Fact]
    public async Task What_the_backup_left_out_is_found_and_a_link_is_not_followed()
    {
        await File.WriteAllTextAsync(_disk["live/docs/forgotten"], "x");
        Directory.CreateSymbolicLink(_disk["live/elsewhere"], "/etc");
        var taken = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(20);
        await Task.Delay(60);
        var report = await RunAsync(taken);
        report.Steps[1].Detail.English.Should().Be("1 of 13 files differ from the source");
        report.Findings.Single(f => f.Code == "BG1451").Message("en").Should().StartWith("docs/forgotten was not restored");
    }

    [Fact]
    public void What_vanishes_while_it_is_listed_is_not_missed()
    {
        using var entries = new RestoredFolder(_disk["live"], isLive: true).List().GetEnumerator();
        entries.MoveNext().Should().BeTrue();    // docs itself: its names are read next
        entries.MoveNext().Should().BeTrue();
        TestFolder.Shell("rm docs/*", _disk["live"]);
        entries.MoveNext().Should().BeFalse();

        File.WriteAllText(_disk["live/docs/a"], "");
        File.WriteAllText(_disk["live/docs/b"], "");
        using var restored = new RestoredFolder(_disk["live"]).List().GetEnumerator();
        (restored.MoveNext(), restored.MoveNext()).Should().Be((true, true));
        TestFolder.Shell("rm docs/*", _disk["live"]);
        FluentActions.Invoking(() => restored.MoveNext()).Should().Throw<SandboxException>("a listing of restored files that misses something is none");
    }

    [Fact]
    public async Task A_source_that_is_not_there_leaves_it_open()
    {
        Directory.Delete(_disk["live"], recursive: true);
        (await RunAsync(DateTimeOffset.UtcNow)).Steps[1].Verdict.Should().Be(Verdict.Inconclusive);
    }
}
