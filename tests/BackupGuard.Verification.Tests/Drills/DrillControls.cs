using System.Text.Json;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills;

/// <summary>Negative control, objectives, measures: what a drill does beyond restoring and asking.</summary>
public sealed class DrillControls
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
    private readonly TestClock _clock = new(Start);

    private FakeRepository Repository => new(_clock, Start - TimeSpan.FromHours(6), ("base.dump", "patients"), ("index.txt", "1"));

    private static DrillPlan Plan(params Probe[] probes) => new("dpi-weekly", "dpi", "restic:/srv/backup", SnapshotRule.Latest, probes);

    private Task<DrillReport> RunAsync(DrillPlan plan, FakeSandbox? sandbox = null, bool control = true, FakeRepository? repository = null, params IProbeRunner[] runners) =>
        new DrillRunner([new FileProbes(), .. runners], _clock) { WithControl = control }
            .RunAsync(plan, _ => ValueTask.FromResult<IBackupRepository>(repository ?? Repository), sandbox ?? new FakeSandbox(_clock), null, default);

    private static readonly string Sha256OfPatients = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("patients"u8));

    [Fact]
    public async Task Every_question_goes_red_on_a_copy_damaged_on_purpose_and_the_verdict_stays()
    {
        var report = await RunAsync(Plan(new CountProbe(2, 2, 9, 9), new ExistsProbe(Parsed.Glob("*.dump")), new Sha256Probe(Parsed.Path("base.dump"), Sha256OfPatients), new NewestProbe(TimeSpan.FromDays(1))));

        report.Control!.Select(c => c.Name[..5]).Should().Equal((string[])["newes", "sha25", "exist", "count"], "the last question is spoiled first");
        report.Control!.Select(c => c.Verdict).Should().AllBeEquivalentTo(Verdict.Failed);
        report.AlarmProved.Should().BeTrue();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Findings.Should().BeEmpty();
        report.Steps.Select(s => s.Verdict).Should().AllBeEquivalentTo(Verdict.Proved, "what was measured was measured before the damage");
        report.CleanedUp.Should().BeTrue();
    }

    [Fact]
    public async Task A_question_that_stays_green_on_a_damaged_copy_is_named_and_its_alarm_is_not_proved()
    {
        var report = await RunAsync(Plan(new CountProbe(1, null, null, null), new AlwaysGreen()), runners: new Fake());
        report.AlarmProved.Should().BeFalse();
        report.Verdict.Should().Be(Verdict.Proved, "the data are as good as before");
        report.Findings.Select(f => f.Code).Should().Equal("BG1411");
        report.Findings[0].Subject.Should().Be("green");
    }

    [Fact]
    public async Task A_question_that_only_becomes_impossible_did_not_ring() =>
        (await RunAsync(Plan(new AlwaysGreen()), runners: new Fake { Then = Verdict.Inconclusive })).AlarmProved.Should().BeFalse();

    [Fact]
    public async Task A_question_that_cannot_be_spoiled_has_no_proved_alarm()
    {
        var report = await RunAsync(Plan(new CountProbe(null, 5, null, null)));
        report.AlarmProved.Should().BeFalse("fewer files than at most five are never too many");
        report.Control.Should().ContainSingle().Which.Damage.Should().BeNull();
    }

    [Fact]
    public async Task No_copy_is_damaged_before_everything_was_answered_well()
    {
        var sandbox = new FakeSandbox(_clock);
        var report = await RunAsync(Plan(new CountProbe(1, null, null, null), new ExistsProbe(Parsed.Glob("gone"))), sandbox);
        (report.Verdict, report.Control, sandbox.Damaged).Should().Be((Verdict.Failed, null, 0));
        report.AlarmProved.Should().BeFalse();
    }

    [Fact]
    public async Task Without_a_control_nothing_is_damaged()
    {
        var sandbox = new FakeSandbox(_clock);
        (await RunAsync(Plan(new CountProbe(1, null, null, null)), sandbox, control: false)).Control.Should().BeNull();
        sandbox.Damaged.Should().Be(0);
    }

    [Fact]
    public async Task Slower_than_the_objective_or_older_than_it_has_failed()
    {
        var plan = Plan(new CountProbe(1, null, null, null));
        (await RunAsync(plan with { LongestRto = TimeSpan.FromMinutes(10), LongestRpo = TimeSpan.FromHours(6) })).Verdict.Should().Be(Verdict.Proved, "exactly the objective holds");
        var slow = await RunAsync(plan with { LongestRto = TimeSpan.FromMinutes(9) });
        (slow.Verdict, slow.Findings.Single().Code).Should().Be((Verdict.Failed, "BG1412"));
        slow.Findings.Single().Message("en").Should().Contain("0:10:00").And.Contain("0:09:00");
        var old = await RunAsync(plan with { LongestRpo = TimeSpan.FromHours(5) });
        (old.Verdict, old.Findings.Single().Code).Should().Be((Verdict.Failed, "BG1413"));
    }

    [Fact]
    public async Task A_date_inside_the_data_measures_the_rpo_and_the_oldest_of_several_counts()
    {
        var fake = new Fake { Newest = Start - TimeSpan.FromHours(30) };
        var report = await RunAsync(Plan(new AlwaysGreen()) with { LongestRpo = TimeSpan.FromHours(24) }, runners: fake, control: false);
        (report.MeasuredRpo, report.RpoFromData).Should().Be((TimeSpan.FromHours(30), true));
        report.Findings.Select(f => f.Code).Should().Equal((string[])["BG1413"], "the snapshot is six hours old, what is in it is not");

        var younger = await RunAsync(Plan(new AlwaysGreen()), runners: new Fake { Newest = _clock.GetUtcNow() - TimeSpan.FromHours(1) }, control: false);
        (younger.MeasuredRpo, younger.RpoFromData).Should().Be((TimeSpan.FromHours(1), true));
        (await RunAsync(Plan(new AlwaysGreen()), runners: new Fake { Newest = Start + TimeSpan.FromHours(1) }, control: false)).RpoFromData.Should().BeFalse("a date from the future measures nothing");
    }

    [Fact]
    public async Task The_rto_of_a_part_is_scaled_by_the_bytes_of_the_whole()
    {
        var repository = new FakeRepository(_clock, Start - TimeSpan.FromHours(6), ("base.dump", "patients")) { WholeBytes = 80 };
        var report = await RunAsync(Plan(new CountProbe(1, null, null, null)) with { Include = ["base.dump"], LongestRto = TimeSpan.FromMinutes(99) }, repository: repository, control: false);
        (report.MeasuredRto, report.ScaledRto).Should().Be((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(100)));
        report.Findings.Select(f => f.Code).Should().Equal((string[])["BG1412"], "the objective is that of the whole");
        (await RunAsync(Plan(new CountProbe(1, null, null, null)), control: false)).ScaledRto.Should().BeNull();
        var odd = new FakeRepository(_clock, Start - TimeSpan.FromHours(6), ("base.dump", "patients")) { WholeBytes = 7 };
        var unknown = await RunAsync(Plan(new CountProbe(1, null, null, null)) with { Include = ["base.dump"] }, repository: odd, control: false);
        (unknown.MeasuredRto, unknown.ScaledRto).Should().Be((null, null), "a part larger than the whole says nothing of the whole");
    }

    [Fact]
    public async Task When_no_snapshot_fits_the_rule_nothing_is_known()
    {
        var report = await RunAsync(Plan(new CountProbe(1, null, null, null)) with { Snapshot = SnapshotRule.OfAge(TimeSpan.FromDays(7)) });
        (report.Verdict, report.Findings.Single().Code, report.Files).Should().Be((Verdict.Inconclusive, "BG1410", 0));
    }

    [Fact]
    public async Task A_rule_is_applied_to_what_the_repository_lists()
    {
        var repository = Repository;
        var report = await RunAsync(Plan(new CountProbe(1, null, null, null)) with { Snapshot = SnapshotRule.OfAge(TimeSpan.FromHours(1)) }, repository: repository);
        report.Verdict.Should().Be(Verdict.Proved);
        repository.Asked.Should().Be("4bba301e");
    }

    [Fact]
    public async Task A_bad_answer_on_a_full_disk_says_nothing_about_the_data()
    {
        var report = await RunAsync(Plan(new ExistsProbe(Parsed.Glob("gone"))), new FakeSandbox(_clock) { Free = 1 << 20 });
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Select(f => f.Code).Should().Equal("BG1403");
    }

    [Fact]
    public async Task What_engines_started_is_ended_newest_first_also_when_a_later_question_crashes()
    {
        var ended = new List<string>();
        var fake = new Fake { Meanwhile = scene => { scene.Services.Add("a", "", () => { ended.Add("a"); return ValueTask.CompletedTask; }); scene.Services.Add("b", "", () => { ended.Add("b"); throw new SandboxException("b"); }); } };
        await RunAsync(Plan(new AlwaysGreen()), runners: fake, control: false);
        ended.Should().Equal("b", "a");
        ended.Clear();
        fake.Crash = true;
        await FluentActions.Awaiting(() => RunAsync(Plan(new AlwaysGreen()), runners: fake, control: false)).Should().ThrowAsync<InvalidOperationException>();
        ended.Should().Equal("b", "a");
    }

    private sealed record AlwaysGreen : Probe
    {
        public override string Kind => "green";
        public override string Name => "green";
        internal override void WriteDefinition(Utf8JsonWriter json) { }
    }

    private sealed class Fake : IProbeRunner
    {
        private bool _spoiled;

        public DateTimeOffset? Newest { get; init; }
        public Verdict Then { get; init; } = Verdict.Proved;
        public Action<ProbeScene>? Meanwhile { get; init; }
        public bool Crash { get; set; }

        public bool CanRun(Probe probe) => probe is AlwaysGreen;

        public Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
        {
            Meanwhile?.Invoke(scene);
            if (Crash) throw new InvalidOperationException("a bug");
            return Task.FromResult(new ProbeAnswer(_spoiled ? Then : Verdict.Proved, new("as ever", "comme toujours")) { NewestData = Newest });
        }

        public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
        {
            _spoiled = true;
            return Task.FromResult<Said?>(new("everything deleted", "tout supprimé"));
        }
    }
}
