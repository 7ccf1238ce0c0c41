using System.Reflection;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks.Immutability;

public sealed class ProbeProtocolTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly LockScope Held = new(10, 10, 0, 0, [LockMode.Compliance], 0, [], null);
    private readonly HastyClock clock = new(Now);
    private readonly FakeVault vault;
    private ProbeMemory memory = new();
    private int runs;

    public ProbeProtocolTests() => vault = new FakeVault(clock);

    private Task<ProbeReport> ProbeAsync(LockScope? scope = null, LockMode mode = LockMode.Compliance, TimeSpan? wait = null) =>
        new ImmutabilityProbe(vault, vault, new ProbePlan("s3:bucket", new CanaryRun($"run{++runs}"), mode, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), wait ?? TimeSpan.FromMinutes(20)), clock, m => memory = m)
            .RunAsync(memory, scope ?? Held, CancellationToken.None);

    private static IEnumerable<FindingKind> Kinds(ProbeReport report) => report.Findings.Select(f => f.Kind);

    [Fact]
    public async Task A_store_that_keeps_its_locks_is_proved_for_the_interval_and_a_day()
    {
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Proved);
        report.Attacks.Should().HaveCount(Enum.GetValues<CanaryAttack>().Length).And.OnlyContain(a => a.Intact == true);
        report.Control.Outcome.Should().Be(ControlOutcome.Passed);
        report.ExpiresAt.Should().BeCloseTo(Now.AddDays(8), TimeSpan.FromHours(1));
        report.Unfinished.Should().BeNull();
        memory.Canaries.Should().ContainSingle().Which.RetainUntil.Should().Be(Now.AddDays(8));
        Kinds(report).Should().Contain([ImmutabilityFindings.Proved, ImmutabilityFindings.BaselinePinned, ImmutabilityFindings.CanariesStanding]);
    }

    [Fact]
    public async Task Without_waiting_the_first_run_concludes_nothing_and_the_next_one_with_the_canary_of_the_first()
    {
        (await ProbeAsync(wait: TimeSpan.Zero)).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        memory.Canaries.Should().HaveCount(2);
        clock.Now += TimeSpan.FromDays(7);
        var second = await ProbeAsync(wait: TimeSpan.Zero);
        second.Verdict.Should().Be(ImmutabilityVerdict.Proved);
        second.Control.Canary.Should().Be(".backupguard/canary/run1/short");
        clock.Now += TimeSpan.FromDays(7);
        (await ProbeAsync(wait: TimeSpan.Zero)).Standing.Should().Be(3, "what is past its date is swept up: the long and short of this run and the long one of the last");
    }

    [Theory]
    [InlineData(CanaryAttack.ShortenRetention)]
    [InlineData(CanaryAttack.ShortenRetentionWithBypass)]
    [InlineData(CanaryAttack.WeakenMode)]
    [InlineData(CanaryAttack.RemoveRetention)]
    [InlineData(CanaryAttack.Overwrite)]
    [InlineData(CanaryAttack.CopyOverItself)]
    public async Task An_attack_that_worked_is_exposed_although_the_store_said_no(CanaryAttack attack)
    {
        vault.Succeeds = attack;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        report.Attacks[^1].Attack.Should().Be(attack, "what is left of the canary says nothing about the rest");
        Kinds(report).Should().Contain(ImmutabilityFindings.CanaryChanged);
    }

    [Fact]
    public async Task A_store_that_deletes_what_it_should_hold_is_exposed()
    {
        vault.DeletesAnything = true;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
    }

    [Fact]
    public async Task A_store_without_locks_is_exposed_where_this_identity_may_delete_and_IamOnly_where_not()
    {
        vault.HasLocks = false;
        (await ProbeAsync(Held with { Unlocked = 10, Modes = [] })).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        vault.MayDelete = false;
        var report = await ProbeAsync(Held with { Unlocked = 10, Modes = [] });
        report.Verdict.Should().Be(ImmutabilityVerdict.IamOnly);
        Kinds(report).Should().Contain(ImmutabilityFindings.IamOnly);
    }

    [Fact]
    public async Task A_store_that_takes_the_lock_and_forgets_it_is_not_locked()
    {
        vault.IgnoresLockOnPut = true;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
    }

    [Fact]
    public async Task An_identity_without_delete_right_proves_nothing_about_locks()
    {
        vault.MayDelete = false;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.IamOnly);
    }

    [Fact]
    public async Task A_store_that_says_deleted_and_does_not_delete_concludes_nothing()
    {
        vault.IgnoresDeletes = true;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        report.Control.Outcome.Should().Be(ControlOutcome.AcceptedButThere);
        Kinds(report).Should().Contain(ImmutabilityFindings.ControlUnclear);
    }

    [Fact]
    public async Task Governance_is_amber_without_the_bypass_and_exposed_with_it()
    {
        var amber = await ProbeAsync(Held with { Modes = [LockMode.Governance] }, LockMode.Governance);
        amber.Verdict.Should().Be(ImmutabilityVerdict.ProvedGovernance);
        Kinds(amber).Should().Contain(ImmutabilityFindings.Governance);
        vault.MayBypass = true;
        (await ProbeAsync(Held with { Modes = [LockMode.Governance] }, LockMode.Governance)).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
    }

    [Theory]
    [InlineData("MethodNotAllowed")]
    [InlineData("InvalidRequest")]
    [InlineData("NotImplemented")]
    public async Task The_error_code_decides_nothing(string code)
    {
        vault.RefusalCode = code;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Proved);
    }

    [Fact]
    public async Task Locks_that_the_verifier_may_not_see_do_not_count()
    {
        vault.HidesLocks = true;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        Kinds(report).Should().Contain(ImmutabilityFindings.LockNotSeen);
        report.Attacks.Should().OnlyContain(a => a.Intact == null);
        vault.HidesLocks = false;
        vault.OnAttack = attack => vault.HidesLocks = attack == CanaryAttack.Overwrite;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive, "what came of one attack was not seen");
        vault.OnAttack = null;
        vault.WitnessIsBlind = true;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
    }

    [Fact]
    public async Task A_store_that_stops_answering_in_the_middle_concludes_nothing()
    {
        vault.OnAttack = attack => vault.TimesOut = attack >= CanaryAttack.Overwrite;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        Kinds(report).Should().Contain(ImmutabilityFindings.AttackUnclear);
    }

    [Fact]
    public async Task A_store_that_answers_nothing_at_all_is_inconclusive_and_one_that_takes_no_canary_was_only_read()
    {
        vault.TimesOut = true;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        vault.TimesOut = false;
        vault.MayWrite = false;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.ConfigOnly);
        Kinds(report).Should().Contain([ImmutabilityFindings.ConfigOnly, ImmutabilityFindings.NotPlanted]);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task A_clock_that_jumps_in_the_middle_concludes_nothing(int seconds)
    {
        vault.OnAttack = attack => vault.ServerAhead = attack >= CanaryAttack.Overwrite ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        Kinds(report).Should().Contain(ImmutabilityFindings.ClockSuspect);
    }

    [Fact]
    public async Task A_clock_that_moved_between_two_probes_is_noticed_and_one_that_drifts_is_not()
    {
        vault.ServerAhead = TimeSpan.FromMinutes(1);
        await ProbeAsync();
        clock.Now += TimeSpan.FromDays(7);
        vault.ServerAhead = TimeSpan.FromMinutes(2);
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Proved);
        vault.ServerAhead = TimeSpan.FromMinutes(-2);
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
    }

    [Fact]
    public async Task A_store_that_never_says_what_time_it_has_cannot_be_proved()
    {
        vault.SaysNoTime = true;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
    }

    [Fact]
    public async Task A_clock_far_from_ours_ends_no_wait_early()
    {
        vault.ServerAhead = TimeSpan.FromDays(-30);
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
    }

    [Fact]
    public async Task Canaries_of_earlier_probes_must_be_there_until_their_date()
    {
        await ProbeAsync();
        vault.Lose();
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        Kinds(report).Should().Contain(ImmutabilityFindings.EarlierCanaryChanged);
    }

    [Fact]
    public async Task A_store_that_is_away_for_a_day_loses_no_canary_from_memory()
    {
        await ProbeAsync();
        vault.WitnessIsBlind = vault.TimesOut = true;
        await ProbeAsync();
        memory.Canaries.Should().ContainSingle(c => c.Canary.Key.Run.Text == "run1");
    }

    [Fact]
    public async Task A_changed_setting_is_said_and_stops_the_attacks_until_a_person_takes_it_for_right()
    {
        await ProbeAsync();
        vault.Settings[1] = new ConfigurationAnswer("lifecycle", AnswerState.Said, "<Expiration>7</Expiration>");
        var touched = vault.Touched.Count;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        Kinds(report).Should().Contain(ImmutabilityFindings.Drifted);
        report.Drifts.Should().ContainSingle().Which.Should().Be(new Drift("lifecycle", "(not set)", "<Expiration>7</Expiration>"));
        vault.Touched.Should().HaveCount(touched, "nothing is tried against settings that nobody has taken for right");
        (await ProbeAsync()).Drifts.Should().ContainSingle("what is not accepted is found again");
        memory = memory with { Baseline = null };
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Proved);
    }

    [Fact]
    public async Task Hidden_and_unlocked_backups_outweigh_a_canary_that_holds()
    {
        (await ProbeAsync(Held with { Hidden = 1 })).Verdict.Should().Be(ImmutabilityVerdict.Hidden);
        (await ProbeAsync(Held with { Hidden = 1, Unlocked = 1 })).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        (await ProbeAsync(Held with { Modes = [LockMode.Compliance, LockMode.Governance] })).Verdict.Should().Be(ImmutabilityVerdict.ProvedGovernance);
        (await ProbeAsync(Held with { Unknown = 1 })).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        (await ProbeAsync(LockScope.Empty)).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive, "an empty place is not a protected one");
        (await ProbeAsync(LockScope.Empty with { Problem = "denied" })).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
    }

    [Fact]
    public async Task A_schedule_gone_wild_ends_at_64_canaries()
    {
        for (var i = 0; i < 40; i++) await ProbeAsync(wait: TimeSpan.Zero);
        vault.Count.Should().BeInRange(64, 65);
        Kinds(await ProbeAsync(wait: TimeSpan.Zero)).Should().Contain(ImmutabilityFindings.TooManyCanaries);
    }

    [Fact]
    public async Task Whatever_happens_only_canaries_are_touched()
    {
        Action<FakeVault>[] faults =
        [
            _ => { }, v => v.DeletesAnything = true, v => v.IgnoresDeletes = true, v => v.HidesLocks = true, v => v.TimesOut = true, v => v.MayDelete = false, v => v.HasLocks = false, v => v.ServerAhead = TimeSpan.FromDays(400), v => v.WitnessIsBlind = true,
        ];
        foreach (var fault in faults)
        {
            fault(vault);
            await ProbeAsync();
        }
        vault.Touched.Should().NotBeEmpty().And.OnlyContain(k => k.StartsWith(".backupguard/canary/run", StringComparison.Ordinal));
    }

    [Fact]
    public void No_verdict_without_a_passed_control_is_ever_proved()
    {
        var proved = 0;
        foreach (var control in Enum.GetValues<ControlOutcome>())
        foreach (var mode in Enum.GetValues<LockMode>())
        foreach (var scopeMode in Enum.GetValues<LockMode>())
        for (var bits = 0; bits < 128; bits++)
        {
            bool Bit(int i) => (bits & (1 << i)) != 0;
            var scope = new LockScope(1, Bit(5) ? 0 : 1, 0, Bit(6) ? 1 : 0, [scopeMode], 0, [], null);
            var facts = new ProbeFacts { AttacksRun = Bit(0), Changed = Bit(1), Unseen = Bit(2), ClockSuspect = Bit(3), Drifted = Bit(4), Control = control, CanaryMode = mode, Scope = scope };
            if (ProbeRule.Judge(facts) is not (ImmutabilityVerdict.Proved or ImmutabilityVerdict.ProvedGovernance) and var verdict) continue;
            proved++;
            control.Should().Be(ControlOutcome.Passed);
            mode.Should().NotBe(LockMode.Unknown).And.NotBe(LockMode.None);
            facts.Should().Match<ProbeFacts>(f => f.AttacksRun && !f.Changed && !f.Unseen && !f.ClockSuspect && !f.Drifted && f.Scope.IsKnown);
        }
        proved.Should().BeGreaterThan(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../data")]
    [InlineData("run/../..")]
    [InlineData("RUN")]
    [InlineData("a b")]
    [InlineData("é")]
    public void A_canary_key_holds_no_name_outside_its_corner(string text)
    {
        FluentActions.Invoking(() => new CanaryRun(text)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new CanaryKey(new CanaryRun("run"), text)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void No_method_of_the_port_takes_a_name_as_text_and_a_key_cannot_be_made_empty_or_copied_into_another()
    {
        var parameters = typeof(ICanaryTarget).GetMethods().SelectMany(m => m.GetParameters()).Select(p => p.ParameterType).ToList();
        parameters.Should().NotContain([typeof(string), typeof(Uri), typeof(object)]);
        foreach (var method in typeof(ICanaryTarget).GetMethods().Where(m => m.Name.EndsWith("Async", StringComparison.Ordinal)))
            method.GetParameters().Select(p => p.ParameterType).Should().Contain(t => t == typeof(CanaryKey) || t == typeof(CanaryVersion) || t == typeof(PlantedCanary), method.Name);
        typeof(CanaryKey).IsValueType.Should().BeFalse("its default would be the empty name");
        foreach (var type in (Type[])[typeof(CanaryKey), typeof(CanaryRun)])
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Should().OnlyContain(p => p.SetMethod == null, "a copy with another name would get round the constructor");
    }
}
