using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents.Compare;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Contents;

public sealed class Comparisons
{
    private readonly MemoryRestored _live = new(), _restored = new();

    public Comparisons()
    {
        for (var i = 0; i < 200; i++)
        {
            _live.Files[$"docs/{i}.txt"] = Encoding.UTF8.GetBytes($"content {i}");
            _restored.Files[$"srv/dpi/docs/{i}.txt"] = Encoding.UTF8.GetBytes($"content {i}");
        }
    }

    private static CompareProbe Probe(int count = 200, int atLeast = 10, double? share = null, string glob = "**") =>
        new("/srv/dpi", RestoredPath.TryParse("srv/dpi", out var below, out _) ? below : null, Parsed.Glob(glob), count, share, atLeast, TimeSpan.FromHours(1));

    private Task<ProbeAnswer> AskAsync(CompareProbe probe, ProbeScene? scene = null) => new CompareProbes(folder => folder == "/srv/dpi" ? _live : throw new SandboxException("no such folder"), TimeProvider.System).RunAsync(probe, scene ?? _restored.Scene, default);

    [Fact]
    public async Task A_copy_that_is_the_same_is_proved_by_as_many_files_as_were_asked_for()
    {
        (await AskAsync(Probe())).Should().Match<ProbeAnswer>(a => a.Verdict == Verdict.Proved && a.Measures["compared"] == 200);
        (await AskAsync(Probe(count: 20))).Measures["compared"].Should().Be(20);
        (await AskAsync(Probe(share: 0.25))).Measures["compared"].Should().BeInRange(25, 80);
    }

    [Fact]
    public async Task The_same_files_are_drawn_for_one_snapshot_and_others_for_the_next()
    {
        _restored.Files["srv/dpi/docs/7.txt"] = "other"u8.ToArray();
        var scene = _restored.Scene;
        var found = new List<bool>();
        for (var snapshot = 0; snapshot < 40; snapshot++)
        {
            var next = scene with { Snapshot = scene.Snapshot! with { Id = $"snapshot-{snapshot}" } };
            var first = await AskAsync(Probe(count: 50), next);
            (await AskAsync(Probe(count: 50), next)).Verdict.Should().Be(first.Verdict);
            found.Add(first.Verdict == Verdict.Failed);
        }
        found.Should().Contain(true).And.Contain(false, "50 of 200 files are drawn each time");
    }

    [Fact]
    public async Task Other_content_and_a_missing_file_fail_and_are_named_to_people_only()
    {
        _restored.Files["srv/dpi/docs/7.txt"] = "content X"u8.ToArray();
        _restored.Files.Remove("srv/dpi/docs/8.txt");
        var answer = await AskAsync(Probe());
        (answer.Verdict, answer.Detail.English).Should().Be((Verdict.Failed, "2 of 200 files differ from the source"));
        answer.Findings.Select(f => f.Message("en")).Should().BeEquivalentTo(
            "docs/7.txt was restored with another content, although the source has not changed since the snapshot.", "docs/8.txt was not restored, although the source has not changed since the snapshot.");
        answer.Findings.Should().OnlyContain(f => !f.WithoutPaths().Message("fr").Contains("docs", StringComparison.Ordinal));
        answer.Detail.French.Should().NotContain("docs");
    }

    [Fact]
    public async Task What_was_changed_since_the_snapshot_is_counted_and_not_compared()
    {
        _live.Files["docs/7.txt"] = "saved this morning"u8.ToArray();
        _live.Changed["docs/7.txt"] = MemoryRestored.Start - TimeSpan.FromHours(5);
        var answer = await AskAsync(Probe());
        answer.Should().Match<ProbeAnswer>(a => a.Verdict == Verdict.Proved && a.Measures["compared"] == 199 && a.Measures["changed since"] == 1);
        answer.Detail.English.Should().Contain("1 were changed since the snapshot");
    }

    [Fact]
    public async Task Too_few_to_compare_no_source_and_no_time_leave_it_open()
    {
        foreach (var path in _live.Files.Keys.Skip(9)) _live.Changed[path] = MemoryRestored.Start;
        (await AskAsync(Probe())).Verdict.Should().Be(Verdict.Inconclusive);
        (await AskAsync(Probe(atLeast: 9))).Verdict.Should().Be(Verdict.Proved);
        (await AskAsync(Probe(glob: "pictures/**"))).Verdict.Should().Be(Verdict.Inconclusive);
        (await AskAsync(Probe(), _restored.Scene with { Snapshot = null })).Verdict.Should().Be(Verdict.Inconclusive);
        await FluentActions.Awaiting(() => AskAsync(Probe() with { Source = "/nowhere" })).Should().ThrowAsync<SandboxException>();
    }

    [Fact]
    public async Task The_negative_control_goes_red()
    {
        var probes = new CompareProbes(_ => _live, TimeProvider.System);
        (await probes.SpoilAsync(Probe(count: 10), _restored.Scene, default)).Should().NotBeNull();
        (await AskAsync(Probe(count: 10))).Verdict.Should().Be(Verdict.Failed);
    }
}
