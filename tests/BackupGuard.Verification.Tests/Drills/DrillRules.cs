using System.Security.Cryptography;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills;

public sealed class DrillRules
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
    private readonly TestClock _clock = new(Start);

    private FakeRepository Repository(params (string, string)[] files) => new(_clock, Start - TimeSpan.FromHours(6), files);
    private FakeRepository Good => Repository(("base.dump", "patients"), ("index.txt", "1"));

    private Task<DrillReport> RunAsync(IBackupRepository repository, FakeSandbox sandbox, IReadOnlyList<Probe> probes, CancellationToken token = default, params IProbeRunner[] runners) =>
        new DrillRunner([new FileProbes(), .. runners], _clock)
            .RunAsync(new DrillPlan("dpi-weekly", "dpi", "restic:/srv/backup", SnapshotRule.Latest, probes), _ => ValueTask.FromResult(repository), sandbox, null, token);

    private static readonly Probe TwoFiles = new CountProbe(2, 2, 1, null);

    [Fact]
    public async Task A_drill_that_restored_and_passed_every_probe_is_proved_and_measured()
    {
        var sandbox = new FakeSandbox(_clock);
        var report = await RunAsync(Good, sandbox, [TwoFiles, new ExistsProbe(Parsed.Glob("*.dump"))]);

        report.Verdict.Should().Be(Verdict.Proved);
        report.MeasuredRto.Should().Be(TimeSpan.FromMinutes(10));
        report.MeasuredRpo.Should().Be(TimeSpan.FromHours(6), "the data were six hours old when the drill began, not when it ended");
        (report.Files, report.Bytes).Should().Be((2, 9));
        report.Steps.Select(s => s.Kind).Should().Equal("restore", "probe", "probe", "cleanup");
        report.Steps[0].Duration.Should().Be(TimeSpan.FromMinutes(10));
        report.CleanedUp.Should().BeTrue();
        report.Findings.Should().BeEmpty();
    }

    [Fact]
    public async Task A_drill_that_restored_nothing_has_failed()
    {
        var report = await RunAsync(Repository(), new FakeSandbox(_clock), [TwoFiles]);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Select(f => f.Code).Should().Equal("BG1306");
        report.MeasuredRto.Should().BeNull();
        report.MeasuredRpo.Should().BeNull();
    }

    [Fact]
    public async Task What_the_restore_says_does_not_count_when_the_sandbox_is_empty()
    {
        var report = await RunAsync(Good, new FakeSandbox(_clock) { LosesFiles = true }, [new NewestProbe(TimeSpan.FromDays(1))]);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Select(f => f.Code).Should().Equal("BG1306");
    }

    [Fact]
    public async Task A_drill_without_probes_is_never_proved()
    {
        var report = await RunAsync(Good, new FakeSandbox(_clock), []);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Select(f => f.Code).Should().Equal("BG1401");
        report.MeasuredRto.Should().BeNull("nothing passed");
    }

    [Fact]
    public async Task A_wrong_answer_fails_the_drill_and_the_other_probes_are_still_asked()
    {
        var report = await RunAsync(Good, new FakeSandbox(_clock), [new CountProbe(3, null, null, null), new ExistsProbe(Parsed.Glob("index.txt"))]);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Single().Message("en").Should().Contain("2 files").And.Contain("3.. files");
        report.Steps.Where(s => s.Kind == "probe").Select(s => s.Verdict).Should().Equal(Verdict.Failed, Verdict.Proved);
        report.MeasuredRto.Should().BeNull();
    }

    [Fact]
    public async Task A_probe_that_could_not_run_leaves_the_drill_inconclusive_with_its_reason()
    {
        var report = await RunAsync(Good, new FakeSandbox(_clock), [TwoFiles, new CommandProbe(["/usr/bin/true"], 0, TimeSpan.FromMinutes(1), null)]);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Unfinished?.En.Should().Contain("/usr/bin/true").And.Contain("cannot run a probe of kind command");
        report.Findings.Select(f => f.Code).Should().Equal("BG1403");
    }

    [Fact]
    public async Task A_wrong_answer_outweighs_a_probe_that_could_not_run()
    {
        var report = await RunAsync(Good, new FakeSandbox(_clock), [new CommandProbe(["/x"], 0, TimeSpan.FromMinutes(1), null), new ExistsProbe(Parsed.Glob("gone"))]);
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_disk_that_fills_is_not_held_against_the_backup()
    {
        var sandbox = new FakeSandbox(_clock) { WriteFails = new RestoreException(RestoreFailure.NoSpace, "base.dump", "no space left on the device") };
        var thrown = await RunAsync(Good, sandbox, [TwoFiles]);
        thrown.Verdict.Should().Be(Verdict.Inconclusive);
        thrown.Unfinished?.En.Should().Contain("no space left");

        var reporting = Good;
        reporting.Findings.Add(CommonFindings.RestoreWriteFailed.At("base.dump", ("reason", "no space left on the device")));
        var reported = await RunAsync(reporting, new FakeSandbox(_clock), [TwoFiles]);
        reported.Verdict.Should().Be(Verdict.Inconclusive);
        reported.Findings.Select(f => f.Code).Should().Equal("BG1405");
        sandbox.CleanedUp.Should().Be(1);
    }

    [Fact]
    public async Task Damage_is_held_against_the_backup_even_when_the_disk_filled_too()
    {
        var repository = Good;
        repository.Findings.Add(CommonFindings.RestoreWriteFailed.At("base.dump", ("reason", "no space left")));
        repository.Findings.Add(CommonFindings.NameRefused.At("../x", ("reason", "the name is a reference")));
        (await RunAsync(repository, new FakeSandbox(_clock), [TwoFiles])).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_restore_left_unfinished_is_inconclusive_and_no_probe_is_asked()
    {
        var repository = new FakeRepository(_clock, Start, ("a", "b")) { Unfinished = new Words("the store timed out", "le stockage n’a pas répondu à temps") };
        var report = await RunAsync(repository, new FakeSandbox(_clock), [TwoFiles]);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Steps.Select(s => s.Kind).Should().Equal("restore", "cleanup");
    }

    [Fact]
    public async Task A_snapshot_from_the_future_has_no_age_and_proves_nothing()
    {
        var report = await RunAsync(new FakeRepository(_clock, Start + TimeSpan.FromHours(1), ("a", "bc"), ("d", "e")), new FakeSandbox(_clock), [TwoFiles]);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.MeasuredRpo.Should().BeNull();
        report.Findings.Single().Code.Should().Be("BG1404");
        report.Findings.Single().Message("en").Should().Contain("2026-11-22T03:00:00Z");
        report.Steps.Should().Contain(s => s.Kind == "probe", "the data are worth probing all the same");
    }

    [Fact]
    public async Task A_restore_that_names_no_snapshot_has_no_age_and_proves_nothing()
    {
        var report = await RunAsync(new FakeRepository(_clock, Start, ("a", "bc"), ("d", "e")) { NamesNoSnapshot = true }, new FakeSandbox(_clock), [TwoFiles]);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.MeasuredRpo.Should().BeNull();
        report.Findings.Single().Code.Should().Be("BG1409");
    }

    [Fact]
    public async Task What_is_left_in_the_sandbox_is_said_and_does_not_change_the_verdict()
    {
        var report = await RunAsync(Good, new FakeSandbox(_clock) { LeftBehind = "base.dump is busy" }, [TwoFiles]);
        report.Verdict.Should().Be(Verdict.Proved);
        report.CleanedUp.Should().BeFalse();
        report.Findings.Single().Code.Should().Be("BG1406");
        report.Steps[^1].Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_cancelled_drill_is_cleaned_up_and_inconclusive()
    {
        using var cancel = new CancellationTokenSource();
        var sandbox = new FakeSandbox(_clock);
        var repository = new FakeRepository(_clock, Start, ("a", "b"))
        {
            Meanwhile = async token => { await cancel.CancelAsync(); token.ThrowIfCancellationRequested(); },
        };
        var report = await RunAsync(repository, sandbox, [TwoFiles], cancel.Token);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Select(f => f.Code).Should().Equal("BG1407");
        sandbox.CleanedUp.Should().Be(1);
    }

    [Fact]
    public async Task A_bug_leaves_as_an_exception_but_nothing_stays_in_the_sandbox()
    {
        var sandbox = new FakeSandbox(_clock);
        var repository = new FakeRepository(_clock, Start) { Meanwhile = _ => throw new InvalidOperationException("a bug") };
        await FluentActions.Awaiting(() => RunAsync(repository, sandbox, [TwoFiles])).Should().ThrowAsync<InvalidOperationException>();
        sandbox.CleanedUp.Should().Be(1);
    }

    [Fact]
    public async Task A_repository_that_cannot_be_opened_is_unknown_not_bad()
    {
        var report = await new DrillRunner([], _clock).RunAsync(new DrillPlan("d", "a", "restic:/gone", SnapshotRule.Latest, [TwoFiles]),
            _ => throw new StoreException(StoreFailure.Misconfigured, "", "there is no such folder"), new FakeSandbox(_clock), null, default);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Single().Message("en").Should().Contain("restic:/gone").And.Contain("no such folder");
    }

    [Fact]
    public async Task A_clock_set_back_during_the_drill_does_not_make_it_faster()
    {
        var repository = new FakeRepository(_clock, Start - TimeSpan.FromHours(1), ("a", "bc"), ("d", "e")) { Meanwhile = _ => { _clock.StepBack(TimeSpan.FromDays(1)); return Task.CompletedTask; } };
        var report = await RunAsync(repository, new FakeSandbox(_clock), [TwoFiles]);
        report.MeasuredRto.Should().Be(TimeSpan.FromMinutes(10));
        report.Duration.Should().Be(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task A_named_file_must_have_the_expected_content()
    {
        var right = Convert.ToHexStringLower(SHA256.HashData("patients"u8));
        var (path, gone) = (Parsed.Path("base.dump"), Parsed.Path("gone.dump"));

        (await RunAsync(Good, new FakeSandbox(_clock), [new Sha256Probe(path, right)])).Verdict.Should().Be(Verdict.Proved);
        (await RunAsync(Good, new FakeSandbox(_clock), [new Sha256Probe(path, new string('0', 64))])).Verdict.Should().Be(Verdict.Failed);
        (await RunAsync(Good, new FakeSandbox(_clock), [new Sha256Probe(gone, right)])).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task The_newest_file_must_be_young_enough()
    {
        // The fake's files are dated 20 hours before the listing, which is 10 minutes after the start.
        (await RunAsync(Good, new FakeSandbox(_clock), [new NewestProbe(TimeSpan.FromHours(20))])).Verdict.Should().Be(Verdict.Proved);
        (await RunAsync(Good, new FakeSandbox(_clock), [new NewestProbe(TimeSpan.FromHours(19))])).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task Files_dated_in_the_future_hide_nothing()
    {
        var listing = new FixedListing([new("old", RestoredKind.File, 1, Start - TimeSpan.FromDays(40)), new("odd", RestoredKind.File, 1, Start + TimeSpan.FromDays(400))]);
        var answer = await new FileProbes().RunAsync(new NewestProbe(TimeSpan.FromDays(1)), new ProbeScene(Start, listing, 2, 2), default);
        answer.Verdict.Should().Be(Verdict.Failed);
        answer.Detail.English.Should().Contain("1 files dated in the future");

        var onlyFuture = new FixedListing([new("odd", RestoredKind.File, 1, Start + TimeSpan.FromDays(400))]);
        (await new FileProbes().RunAsync(new NewestProbe(TimeSpan.FromDays(1)), new ProbeScene(Start, onlyFuture, 1, 1), default)).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public void An_edit_of_what_is_asked_is_another_drill()
    {
        var plan = new DrillPlan("d", "dpi", "restic:/srv", SnapshotRule.Latest, [new CountProbe(1, null, null, null)]);
        var edits = new[]
        {
            plan with { Snapshot = SnapshotRule.Id("4bba") }, plan with { Repository = "restic:/other" }, plan with { Application = "pacs" }, plan with { Name = "e" }, plan with { Probes = [] },
            plan with { Probes = [new CountProbe(2, null, null, null)] }, plan with { Probes = [new CountProbe(null, 1, null, null)] },
            plan with { Probes = [new CommandProbe(["/a", "b c"], 0, TimeSpan.FromMinutes(1), null)] }, plan with { Probes = [new CommandProbe(["/a", "b", "c"], 0, TimeSpan.FromMinutes(1), null)] },
        };
        edits.Append(plan).Select(p => p.DefinitionHash).Should().OnlyHaveUniqueItems();
        (plan with { Probes = [new CountProbe(1, null, null, null)] }).DefinitionHash.Should().Be(plan.DefinitionHash);
        plan.DefinitionHash.Should().MatchRegex("^[0-9a-f]{64}$");
    }

    private sealed class FixedListing(RestoredEntry[] entries) : IRestoredFiles
    {
        public IEnumerable<RestoredEntry> List() => entries;
        public Stream? OpenRead(RestoredPath path) => null;
    }

    private sealed record FakeScan(string Asked) : Scan
    {
        public override string Kind => Asked;
        public override string Name => Asked;
        internal override void WriteDefinition(System.Text.Json.Utf8JsonWriter json) { }
    }

    private sealed class FakeSteps(Verdict scan) : IProbeRunner
    {
        public List<string> Asked { get; } = [];
        public bool CanRun(Probe probe) => probe is Scan or CommandProbe;

        public Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
        {
            Asked.Add(probe.Kind);
            return Task.FromResult(new ProbeAnswer(probe is FakeScan { Asked: "first" } ? scan : Verdict.Proved, new("said", "dit")) { Findings = [DrillFindings.MalwareFound.AtPath("p/Example", ("scanner", "S"), ("signature", "x"))] });
        }
    }

    private static readonly Probe[] Scanned =
    [
        new FakeScan("first"), new FakeScan("second"), new CommandProbe(["/usr/bin/true"], 0, TimeSpan.FromMinutes(1), null), new CommandProbe(["/usr/bin/true"], 0, TimeSpan.FromMinutes(1), null, OnMachine: true), TwoFiles,
    ];

    [Fact]
    public async Task After_a_scan_that_found_something_nothing_restored_is_started()
    {
        var steps = new FakeSteps(Verdict.Failed);
        var report = await RunAsync(Good, new FakeSandbox(_clock), Scanned, default, steps);
        steps.Asked.Should().Equal((string[])["first", "second"], "another scan starts nothing, a command might, in the room and on the machine");
        report.Verdict.Should().Be(Verdict.Failed);
        report.Steps.Where(s => s.Kind == "probe").Select(s => s.Verdict).Should().Equal(Verdict.Failed, Verdict.Proved, Verdict.Inconclusive, Verdict.Inconclusive, Verdict.Proved);
        report.Findings.Select(f => f.Code).Should().Equal("BG1460", "BG1402", "BG1460", "BG1461");
    }

    [Fact]
    public async Task A_scan_that_could_not_be_made_finds_nothing_and_stops_nothing()
    {
        var steps = new FakeSteps(Verdict.Inconclusive);
        (await RunAsync(Good, new FakeSandbox(_clock), Scanned, default, steps)).Verdict.Should().NotBe(Verdict.Proved);
        steps.Asked.Should().Equal("first", "second", "command", "command");
    }
}
