using System.Text;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Tests.Anomaly.Simulation;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Anomaly;

/// <summary>Two snapshots in memory, one change between them.</summary>
public sealed class ComparingSnapshots
{
    private static readonly DateTimeOffset Evening = new(2026, 11, 20, 22, 0, 0, TimeSpan.Zero);
    private readonly Dice dice = new(99);

    private MemoryTree Tree(int files = 200)
    {
        var tree = new MemoryTree();
        for (var i = 0; i < files; i++) tree.Write($"/srv/d{i % 8}/f{i:000}.txt", FileForge.Text(dice, 5000 + i), Evening.AddDays(-200));
        return tree;
    }

    private static async Task<(SnapshotJudgement Judgement, AnomalyReport Report)> JudgeAsync(MemoryTree before, Action<MemoryTree> change, AnomalySettings? settings = null)
    {
        var history = new MemoryHistory(new PieceStore());
        history.Take(before, Evening.AddDays(-2), new string('0', 64));
        history.Take(before, Evening.AddDays(-1), new string('a', 64));
        var now = before.Copy();
        change(now);
        history.Take(now, Evening, new string('b', 64));
        var report = await new AnomalyCheck(history, settings ?? new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);
        return (report.Judgements[^1], report);
    }

    [Fact]
    public async Task Nothing_changed_is_no_sign_and_not_clean()
    {
        var (judgement, report) = await JudgeAsync(Tree(), _ => { });
        judgement.Verdict.Should().Be(AnomalyVerdict.NoSignSeen);
        judgement.Metadata!.Should().BeEquivalentTo(new { Files = 200L, FilesBefore = 200L, Added = 0L, Changed = 0L, Deleted = 0L, Moved = 0L, Replaced = 0L }, "there is a snapshot before it");
        report.Findings.Select(f => f.Code).Should().Contain("BG4204").And.NotContain("BG4205");
    }

    [Fact]
    public async Task A_first_snapshot_is_not_judged()
    {
        var history = new MemoryHistory(new PieceStore());
        history.Take(Tree(), Evening, new string('a', 64));
        var report = await new AnomalyCheck(history, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);
        report.Judgements.Single().Verdict.Should().Be(AnomalyVerdict.NotJudged);
        report.Findings.Should().Contain(f => f.Code == "BG4207");
    }

    [Fact]
    public async Task Moves_and_renames_are_told_from_losses()
    {
        var (judgement, _) = await JudgeAsync(Tree(), tree =>
        {
            for (var i = 0; i < 40; i++) tree.Rename($"/srv/d{i % 8}/f{i:000}.txt", $"/srv/new/place/f{i:000}.txt");
            for (var i = 40; i < 50; i++) tree.Rename($"/srv/d{i % 8}/f{i:000}.txt", $"/srv/d{i % 8}/f{i:000}.txt.bak");
            for (var i = 50; i < 55; i++) tree.Delete($"/srv/d{i % 8}/f{i:000}.txt");
            tree.Write("/srv/d0/new.txt", [1, 2, 3], Evening);
        });
        judgement.Metadata!.Should().BeEquivalentTo(new { Moved = 50L, Deleted = 5L, Added = 1L, Changed = 0L, Replaced = 0L });    // as above
        judgement.Verdict.Should().Be(AnomalyVerdict.NoSignSeen);
    }

    [Fact]
    public async Task Files_renamed_to_an_extension_never_seen_are_a_strong_vote_from_the_first_comparison()
    {
        var (judgement, report) = await JudgeAsync(Tree(), tree =>
        {
            for (var i = 0; i < 30; i++)
            {
                var path = $"/srv/d{i % 8}/f{i:000}.txt";
                tree.Write($"{path}.id-77.[mail].qzx", dice.Bytes(5000), Evening);
                tree.Delete(path);
            }
        });
        judgement.Votes.Should().Contain(v => v.Signal == Signal.RenamedToNovel && v.Weight == VoteWeight.Strong);
        judgement.Votes.Should().Contain(v => v.Signal == Signal.TypeLostToRandom && v.Weight == VoteWeight.Strong);
        judgement.Verdict.Should().Be(AnomalyVerdict.Infected);
        var finding = report.Findings.Single(f => f.Code == "BG4201");
        finding.Message("en").Should().Contain(".qzx").And.Contain("aaaaaaaa", "the last snapshot without a sign is named");
        finding.Message("fr").Should().Contain("dernier instantané");
        finding.WithoutPaths().Message("en").Should().NotContain("f001", "no name of a file goes into evidence");
    }

    [Fact]
    public async Task A_source_that_is_nearly_empty_is_suspicious_at_once()
    {
        var (judgement, _) = await JudgeAsync(Tree(), tree =>
        {
            foreach (var path in tree.Paths.Skip(10)) tree.Delete(path);
        });
        judgement.Votes.Select(v => v.Signal).Should().Contain([Signal.SourceNearlyEmpty, Signal.MassDeletion]);
    }

    [Fact]
    public async Task Notes_in_more_than_three_folders_are_a_strong_vote()
    {
        var (judgement, report) = await JudgeAsync(Tree(), tree =>
        {
            for (var i = 0; i < 4; i++) tree.Write($"/srv/d{i}/HOW_TO_DECRYPT.txt", "pay"u8.ToArray(), Evening);
        });
        judgement.Votes.Should().Contain(v => v.Signal == Signal.RansomNotes && v.Weight == VoteWeight.Strong);
        judgement.Verdict.Should().Be(AnomalyVerdict.Suspicious);
        report.Findings.Should().Contain(f => f.Code == "BG4202" && f.Severity == Severity.Warning && f.Remedy("en").Contains("Freeze retention", StringComparison.Ordinal));
        report.Findings.Where(f => f.Code == "BG4206").Select(f => f.Message("en")).Should().Contain(m => m.Contains("baseline", StringComparison.Ordinal), "a stage that could not run is named");
    }

    [Fact]
    public async Task An_announced_change_is_written_down_until_its_window_ends()
    {
        AnomalySettings Announced(DateTimeOffset until) => new() { Windows = [new ChangeWindow(new PathGlob("srv/d1/**"), Evening.AddHours(-8), until, "clearing out")] };
        void Clear(MemoryTree tree)
        {
            foreach (var path in tree.Paths.Where(p => p.StartsWith("/srv/d1/", StringComparison.Ordinal))) tree.Delete(path);
        }
        var (within, report) = await JudgeAsync(Tree(), Clear, Announced(Evening));
        within.Metadata!.Deleted.Should().Be(0);    // compared with a snapshot before it
        report.Findings.Single(f => f.Code == "BG4209").Message("en").Should().Contain("25 changes").And.Contain("clearing out");
        var (after, _) = await JudgeAsync(Tree(), Clear, Announced(Evening.AddMinutes(-1)));
        after.Metadata!.Deleted.Should().Be(25, "the window has ended");    // likewise
    }

    [Fact]
    public async Task After_an_attack_the_next_snapshot_is_compared_with_the_last_that_nobody_doubts()
    {
        var history = new MemoryHistory(new PieceStore());
        var tree = Tree();
        history.Take(tree, Evening, new string('a', 64));
        history.Take(tree, Evening.AddHours(1), new string('b', 64));
        foreach (var path in tree.Paths) tree.Write(path, dice.Bytes(6000), Evening);
        history.Take(tree, Evening.AddDays(1), new string('c', 64));
        var first = await new AnomalyCheck(history, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);
        history.Take(tree, Evening.AddDays(2), new string('d', 64));
        var second = await new AnomalyCheck(history, new AnomalySettings()).RunAsync(_ => first.Memories[0], null, CancellationToken.None);
        var next = second.Judgements.Single();
        next.ComparedWith.Should().Be(new string('b', 64));
        next.Verdict.Should().Be(AnomalyVerdict.Infected, "the files are still encrypted");
        second.Findings.Select(f => f.Code).Should().Contain(["BG4201", "BG4208"]);
        second.Memories[0].LastKnownClean!.Snapshot.Should().Be(new string('b', 64));    // it was judged without a sign
    }

    [Fact]
    public async Task A_snapshot_that_turns_up_late_with_an_older_time_is_noticed()
    {
        var history = new MemoryHistory(new PieceStore());
        var tree = Tree();
        history.Take(tree, Evening, new string('a', 64));
        history.Take(tree, Evening.AddDays(2), new string('c', 64));
        var first = await new AnomalyCheck(history, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);
        history.Take(tree, Evening.AddDays(1), new string('b', 64));
        var sorted = new MemoryHistory(new PieceStore());
        foreach (var (at, id) in ((DateTimeOffset, char)[])[(Evening, 'a'), (Evening.AddDays(1), 'b'), (Evening.AddDays(2), 'c')]) sorted.Take(tree, at, new string(id, 64));
        var second = await new AnomalyCheck(sorted, new AnomalySettings()).RunAsync(_ => first.Memories[0], null, CancellationToken.None);
        second.Judgements.Single(j => j.Snapshot.Id[0] == 'b').Votes.Should().ContainSingle(v => v.Signal == Signal.TimeOrder);
    }

    [Fact]
    public async Task A_database_whose_pages_turn_random_is_found_and_one_that_grows_is_not()
    {
        var tree = Tree();
        tree.Write("/srv/base.mdf", FileForge.Database(dice, 300), Evening.AddDays(-2));
        var (attacked, _) = await JudgeAsync(tree, now =>
        {
            var pages = now.Read("/srv/base.mdf").ToArray();
            for (var p = 1; p < 300; p += 4) dice.Fill(pages.AsSpan(p * FileForge.Page, FileForge.Page));
            now.Write("/srv/base.mdf", pages, Evening);
        });
        attacked.Votes.Should().ContainSingle().Which.Should().Match<Vote>(v => v.Signal == Signal.WindowsTurnedRandom && v.Weight == VoteWeight.Strong);
        var (grown, _) = await JudgeAsync(tree, now => now.Write("/srv/base.mdf", [.. now.Read("/srv/base.mdf"), .. dice.Bytes(1 << 20)], Evening));
        grown.Votes.Should().BeEmpty("what was there is as it was");
    }

    [Fact]
    public async Task What_is_random_by_rights_is_silent_only_where_it_is_declared()
    {
        var tree = Tree();
        for (var i = 0; i < 5; i++) tree.Write($"/srv/tde/b{i}.csv", FileForge.Csv(dice, 40000), Evening.AddDays(-2));
        void Encrypt(MemoryTree now)
        {
            foreach (var path in now.Paths.Where(p => p.Contains("/tde/", StringComparison.Ordinal))) now.Write(path, dice.Bytes(40000), Evening);
        }
        (await JudgeAsync(tree, Encrypt)).Judgement.Votes.Should().Contain(v => v.Signal == Signal.TypeLostToRandom);
        var declared = new AnomalySettings { Profiles = [new PathProfile(new PathGlob("srv/tde/**"), ProfileKind.AlwaysRandom, "encrypted exports")] };
        (await JudgeAsync(tree, Encrypt, declared)).Judgement.Votes.Should().BeEmpty();
    }

    [Fact]
    public async Task A_dump_is_judged_by_what_comes_out_of_it_and_by_its_size()
    {
        var tree = Tree();
        for (var i = 0; i < 2; i++) tree.Write($"/srv/dumps/b{i}.sql.gz", FileForge.SqlDump(dice, 1_500_000), Evening.AddDays(-1));
        var settings = new AnomalySettings { Profiles = [new PathProfile(new PathGlob("srv/dumps/**"), ProfileKind.Dump, "nightly")] };
        (await JudgeAsync(tree, now => now.Write("/srv/dumps/b0.sql.gz", FileForge.SqlDump(dice, 1_500_000), Evening), settings)).Judgement.Votes.Should().BeEmpty("a dump is new every night");
        (await JudgeAsync(tree, now => now.Write("/srv/dumps/b0.sql.gz", FileForge.Gzip(dice.Bytes(300_000)), Evening), settings)).Judgement.Votes.Should().Contain(v => v.Signal == Signal.DumpBroken);
        (await JudgeAsync(tree, now => now.Write("/srv/dumps/b0.sql.gz", FileForge.SqlDump(dice, 200_000), Evening), settings)).Judgement.Votes.Should().ContainSingle(v => v.Signal == Signal.DumpShrunk);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("renamed")]
    [InlineData("missing")]
    public async Task A_canary_that_is_not_as_it_was_planted_is_infection(string what)
    {
        var tree = Tree();
        var (path, content) = CanaryMaker.Make("d1", dice.Below).First();
        tree.Write($"/srv/{path}", content, Evening.AddDays(-10));
        var canaries = new CanarySet(Hospital.Root, Evening.AddDays(-10), [new CanaryFile($"/srv/{path}", content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)))]);
        var settings = new AnomalySettings { Canaries = [canaries] };
        (await JudgeAsync(tree, _ => { }, settings)).Judgement.Verdict.Should().Be(AnomalyVerdict.Clean);
        var (judgement, report) = await JudgeAsync(tree, now =>
        {
            if (what == "changed") now.Write($"/srv/{path}", [.. content[..^1], 0], Evening);
            else if (what == "renamed") now.Rename($"/srv/{path}", $"/srv/{path}.locked");
            else now.Delete($"/srv/{path}");
        }, settings);
        judgement.Verdict.Should().Be(AnomalyVerdict.Infected);
        report.Findings.Single(f => f.Code == "BG4203").Message("en").Should().Contain(what);
    }

    [Fact]
    public async Task Names_that_are_no_text_and_folders_that_became_files_do_not_trouble_the_walk()
    {
        var tree = Tree(20);
        var (judgement, _) = await JudgeAsync(tree, now =>
        {
            foreach (var path in now.Paths.Where(p => p.StartsWith("/srv/d0/", StringComparison.Ordinal))) now.Delete(path);
            now.Write("/srv/d0", Encoding.UTF8.GetBytes("now a file"), Evening);
        });
        judgement.Metadata!.Added.Should().Be(1);    // compared with a snapshot before it
    }
}
