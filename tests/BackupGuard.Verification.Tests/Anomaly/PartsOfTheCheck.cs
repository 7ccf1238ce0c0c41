using System.Text;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Tests.Anomaly.Simulation;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Anomaly;

public sealed class PartsOfTheCheck
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 22, 0, 0, TimeSpan.Zero);

    private static RunRecord Run(int day, double changed, AnomalyVerdict verdict = AnomalyVerdict.NoSignSeen, double? ratio = 3) =>
        new($"s{day:000}", Start.AddDays(day), verdict, 1000, 1, new RunNumbers { Changed = changed, Ratio = ratio });

    private static MetadataSignals Much => new() { Files = 1000, FilesBefore = 1000, Changed = 300, Bytes = 1, BytesBefore = 1 };

    private static IEnumerable<Signal> Judge(IEnumerable<RunRecord> records, int day, RunNumbers numbers) => new Baseline(records, Start.AddDays(day)).Judge(numbers, Much).Select(v => v.Signal);

    [Fact]
    public void Chi_square_of_random_windows_lies_in_the_band_and_of_text_far_outside()
    {
        var dice = new Dice(5);
        Enumerable.Range(0, 1000).Count(_ => ChiSquare.LooksRandom(dice.Bytes(ChiSquare.Window))).Should().BeGreaterThan(990);
        Enumerable.Range(0, 100).Count(_ => ChiSquare.LooksRandom(FileForge.Text(dice, ChiSquare.Window))).Should().Be(0);
        ChiSquare.LooksRandom(dice.Bytes(ChiSquare.Window - 1)).Should().BeFalse("below a window it says little");
        ChiSquare.Of(Enumerable.Range(0, 4096).Select(i => (byte)(i & 255)).ToArray()).Should().Be(0);
    }

    [Fact]
    public void Jpeg_like_scans_have_the_measured_unevenness() =>
        ChiSquare.Of(FileForge.Jpeg(new Dice(3), 1 << 16)).Should().BeInRange(1500, 6000, "the specification measured about 2,850");

    [Fact]
    public void A_baseline_says_nothing_before_ten_runs_and_then_sees_a_jump()
    {
        var quiet = Enumerable.Range(0, 30).Select(d => Run(d, 0.02 + d % 3 * 0.002)).ToList();
        Judge(quiet.Take(9), 9, new RunNumbers { Changed = 0.9 }).Should().BeEmpty();
        Judge(quiet.Take(12), 12, new RunNumbers { Changed = 0.3 }).Should().Contain(Signal.Changed);
        Judge(quiet.Take(12), 12, new RunNumbers { Changed = 0.05 }).Should().BeEmpty("the floor keeps small steps from voting");
    }

    [Fact]
    public void A_falling_compression_ratio_votes_and_a_rising_one_does_not()
    {
        var quiet = Enumerable.Range(0, 12).Select(d => Run(d, 0.02)).ToList();
        Judge(quiet, 12, new RunNumbers { Changed = 0.02, Ratio = 1.0 }).Should().Equal(Signal.CompressionRatio);
        Judge(quiet, 12, new RunNumbers { Changed = 0.02, Ratio = 9.0 }).Should().BeEmpty();
        Judge(quiet, 12, new RunNumbers { Changed = 0.02, Ratio = null }).Should().BeEmpty("what is not available is no sign");
    }

    [Fact]
    public void A_weekly_rhythm_is_normal_once_four_weeks_are_known()
    {
        // Every seventh day a third of all files changes.
        var weeks = Enumerable.Range(0, 35).Select(d => Run(d, d % 7 == 5 ? 0.33 : 0.02)).ToList();
        Judge(weeks, 40, new RunNumbers { Changed = 0.33 }).Should().BeEmpty("day 40 is such a day");
        Judge(weeks, 38, new RunNumbers { Changed = 0.33 }).Should().Contain(Signal.Changed);
        Judge(weeks.Take(14), 19, new RunNumbers { Changed = 0.33 }).Should().Contain(Signal.Changed, "two weeks prove no rhythm");
    }

    [Fact]
    public void Doubted_runs_teach_nothing_until_somebody_answers_for_them()
    {
        var memory = new AnomalyMemory("k");
        for (var day = 0; day < 12; day++) memory = memory.With(Run(day, 0.02), []);
        for (var day = 12; day < 40; day++) memory = memory.With(Run(day, 0.5, AnomalyVerdict.Suspicious), ["locked"]);
        Judge(memory.Teaching, 40, new RunNumbers { Changed = 0.5 }).Should().Contain(Signal.Changed);
        memory.Extensions.Should().BeEmpty("what a doubted snapshot brought is not known to be ours");
        memory.StandingDoubt!.Snapshot.Should().Be("s012");    // twenty-eight were added
        memory.LastKnownClean!.Snapshot.Should().Be("s011");    // twelve were added
        for (var day = 12; day < 40; day++) memory = memory.Accept($"s{day:000}", new Acceptance("A. Martin", "migration", Start))!;    // each is doubted
        Judge(memory.Teaching, 40, new RunNumbers { Changed = 0.5 }).Should().NotContain(Signal.Changed);
        memory.StandingDoubt.Should().BeNull();
        memory.Accept("s012", new Acceptance("B", "again", Start)).Should().BeNull("it is no longer doubted");
    }

    [Fact]
    public void A_slow_rise_is_seen_against_a_month_ago()
    {
        // One tenth of a percent more each day: no day stands out.
        var rising = Enumerable.Range(0, 120).Select(d => Run(d, 0.02 + d * 0.0025)).ToList();
        Judge(rising, 120, new RunNumbers { Changed = 0.32 }).Should().Equal(Signal.Drift);
    }

    [Fact]
    public void A_memory_survives_its_own_text_and_refuses_any_other()
    {
        var memory = new AnomalyMemory("key").With(Run(1, 0.1, AnomalyVerdict.Infected) with { Reasons = "x" }, []).With(Run(2, 0.1) with { Drilled = true }, ["docx"]);
        var read = AnomalyMemory.Parse(memory.ToBytes(), out var refusal);
        refusal.Should().BeEmpty();
        read.Should().BeEquivalentTo(memory);
        foreach (var text in (string[])["", "{}", "[]", "null", "{\"key\":\"k\",\"schema\":\"other\"}", Encoding.UTF8.GetString(memory.ToBytes()).Replace("s001", "s001\",\"snapshot\":\"s009", StringComparison.Ordinal)])
        {
            AnomalyMemory.Parse(Encoding.UTF8.GetBytes(text), out var why).Should().BeNull(text);
            why.Should().NotBeEmpty();
        }
    }

    [Fact]
    public void Silence_is_not_called_clean_without_canaries_or_a_drill()
    {
        StageOutcome Ran(AnomalyStage stage) => new(stage, StageState.Ran, null);
        VerdictRules.Judge([], [Ran(AnomalyStage.Metadata), Ran(AnomalyStage.Content)], false).Should().Be(AnomalyVerdict.NoSignSeen);
        VerdictRules.Judge([], [Ran(AnomalyStage.Metadata), Ran(AnomalyStage.Canary)], false).Should().Be(AnomalyVerdict.Clean);
        VerdictRules.Judge([], [Ran(AnomalyStage.Metadata)], provedOtherwise: true).Should().Be(AnomalyVerdict.Clean);
        VerdictRules.Judge([], [Ran(AnomalyStage.Canary)], true).Should().Be(AnomalyVerdict.NotJudged, "nothing was compared");
    }

    [Fact]
    public void Two_weak_votes_or_one_strong_are_suspicious_and_one_signal_counts_once()
    {
        Vote Of(Signal signal, VoteWeight weight) => new(signal, AnomalyStage.Metadata, weight, default);
        VerdictRules.Suspicion([Of(Signal.Burst, VoteWeight.Weak)]).Should().Be(AnomalyVerdict.NoSignSeen);
        VerdictRules.Suspicion([Of(Signal.Burst, VoteWeight.Weak), Of(Signal.Burst, VoteWeight.Weak)]).Should().Be(AnomalyVerdict.NoSignSeen);
        VerdictRules.Suspicion([Of(Signal.Burst, VoteWeight.Weak), Of(Signal.Changed, VoteWeight.Weak)]).Should().Be(AnomalyVerdict.Suspicious);
        VerdictRules.Suspicion([Of(Signal.MassDeletion, VoteWeight.Strong)]).Should().Be(AnomalyVerdict.Suspicious);
        VerdictRules.Suspicion([Of(Signal.MassDeletion, VoteWeight.Strong), Of(Signal.RansomNotes, VoteWeight.Strong)]).Should().Be(AnomalyVerdict.Infected);
        VerdictRules.Suspicion([Of(Signal.Canary, VoteWeight.Proof)]).Should().Be(AnomalyVerdict.Infected);
    }

    [Theory]
    [InlineData("app.log.3", "#")]
    [InlineData("Rapport.DOCX", "docx")]
    [InlineData(".profile", "")]
    [InlineData("LISEZMOI", "")]
    [InlineData("x.abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop")]
    public void Extensions_are_what_people_mean_by_them(string name, string extension) => FileExtension.Of(Encoding.UTF8.GetBytes(name)).ToString().Should().Be(extension);

    [Theory]
    [InlineData("HOW_TO_DECRYPT_FILES.txt", true)]
    [InlineData("!!!README_TO_RESTORE!!!.html", true)]
    [InlineData("readme.txt", false)]
    [InlineData("restore.exe", false)]
    [InlineData("decrypt.md", false)]
    public void Notes_are_known_by_a_short_list(string name, bool isNote) => NoteNames.IsNote(name).Should().Be(isNote);

    [Fact]
    public void A_rotated_canary_set_is_expected_only_in_the_snapshots_of_its_time()
    {
        var first = new CanarySet("/srv", Start, [new CanaryFile("/srv/a", 1, new string('0', 64))]);
        var register = new CanaryRegister([first]).Rotate(first with { PlantedAt = Start.AddDays(30) });
        register.Sets[0].MustBeIn(Start.AddDays(-1)).Should().BeFalse();
        register.Sets[0].MustBeIn(Start.AddDays(10)).Should().BeTrue();
        register.Sets[0].MustBeIn(Start.AddDays(31)).Should().BeFalse();
        register.Sets[1].MustBeIn(Start.AddDays(31)).Should().BeTrue();
        CanaryRegister.Parse(register.ToBytes(), out _).Should().BeEquivalentTo(register);
        CanaryRegister.Parse("{\"sets\":[]}"u8, out _).Should().BeNull("it does not say what it is");
        CanaryRegister.Parse("{\"schema\":\"backupguard.canaries/v1\",\"sets\":[{\"root\":\"/\",\"plantedAt\":\"2026-01-01T00:00:00Z\",\"files\":[]}]}"u8, out var why).Should().BeNull();
        why.Should().NotBeEmpty();
    }

    [Fact]
    public void The_plan_of_windows_looks_at_the_head_and_all_over_the_file_and_never_goes_back()
    {
        ContentLook.Plan(100).Should().BeEmpty();
        ContentLook.Plan(1 << 20).Should().HaveCount(256);
        var plan = ContentLook.Plan(10L << 30);
        plan.Should().HaveCount(256).And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
        plan.Take(16).Should().Equal(Enumerable.Range(0, 16).Select(i => i * 4096L));
        plan[^1].Should().BeInRange(9L << 30, (10L << 30) - 4096);
    }

    [Fact]
    public void The_sample_prefers_what_nobody_ever_touches()
    {
        var sampler = new FileSampler(1);
        for (var i = 0; i < 5000; i++) sampler.Offer(new SampledFile($"/hot{i}", $"/hot{i}", ChangeKind.Changed, FileExtension.Parse("txt"), false, 10, 10, null));
        for (var i = 0; i < 5000; i++) sampler.Offer(new SampledFile($"/cold{i}", $"/cold{i}", ChangeKind.Changed, FileExtension.Parse("txt"), true, 10, 10, null));
        var sample = sampler.Choose(200);
        sample.Should().HaveCount(200).And.OnlyHaveUniqueItems();
        sample.Count(f => f.IsCold).Should().BeGreaterThan(140);
        new FileSampler(1).Choose(200).Should().BeEmpty();
    }
}
