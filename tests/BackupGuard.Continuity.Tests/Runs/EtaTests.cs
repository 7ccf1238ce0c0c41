using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Runs;

/// <summary>The hour of return: somebody's word, never an estimate of the machine.</summary>
public class EtaTests
{
    private readonly RunBench run = new(RunEngineTests.Checked);

    private AnnounceEta Announce(DateTimeOffset? back, string motive = "", string role = "chef") => run.In((id, now) => new AnnounceEta(back, motive) { RunId = "r1", CommandId = id, Actor = Bob, Role = role, Now = now });

    private GuardAnswer Ask(string guard) => GuardEvaluator.Evaluate(GuardParser.Parse(guard).Guard!, new RunFacts(run.Pinned.Runbook, run.State, run.Now));

    [Fact]
    public void As_long_as_nobody_announced_anything_the_return_is_unknown_and_says_so()
    {
        Ask("eta.unknown").Truth.Should().Be(Ternary.True);
        Ask("eta > PT1H").Should().BeEquivalentTo(new { Truth = Ternary.Unknown, Missing = new[] { "eta" } });
        run.State.Eta.Should().BeNull();
    }

    [Fact]
    public void An_announced_hour_counts_down_and_is_unknown_again_once_it_has_passed()
    {
        run.Ok(Announce(run.Now.AddHours(3).AddMinutes(20)));

        Ask("eta.unknown").Truth.Should().Be(Ternary.False);
        Ask("eta > PT3H").Truth.Should().Be(Ternary.True);
        run.Now = run.Now.AddMinutes(21);
        Ask("eta > PT3H").Truth.Should().Be(Ternary.False, "2 h 59 are left");
        run.Now = run.Now.AddHours(2).AddMinutes(59);
        Ask("eta.unknown").Truth.Should().Be(Ternary.True, "an hour that has passed is not zero");
        Ask("eta > PT0M").Truth.Should().Be(Ternary.Unknown);
    }

    [Fact]
    public void The_last_announcement_counts_with_who_and_when_and_unknown_is_one_too()
    {
        run.Ok(Announce(run.Now.AddHours(2)));
        run.Now = run.Now.AddMinutes(10);
        run.Ok(Announce(null, "Le fournisseur ne répond plus"));

        run.State.Eta.Should().Be(new EtaAnnouncement(null, "Le fournisseur ne répond plus", Bob, "chef", run.Now, 3));
        Ask("eta.unknown").Truth.Should().Be(Ternary.True);
        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr").Select(l => l.What).Should().ContainInOrder(
            "Retour des applications annoncé\u00a0: 2026-11-22 04:47 UTC.", "Retour des applications annoncé\u00a0: inconnu. Motif\u00a0: Le fournisseur ne répond plus");
        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "en").Select(l => l.What).Should().Contain("Return of the applications announced: unknown. Reason: Le fournisseur ne répond plus");
    }

    [Fact]
    public void An_hour_that_is_not_ahead_or_of_another_century_is_refused()
    {
        run.No(Announce(run.Now)).Should().Equal("BG3286");
        run.No(Announce(run.Now.AddMinutes(-1))).Should().Equal("BG3286");
        run.No(Announce(DateTimeOffset.MaxValue)).Should().Equal("BG3286");
    }

    [Fact]
    public void An_hour_that_moves_needs_a_reason_and_the_same_hour_again_does_not()
    {
        var back = run.Now.AddHours(2);
        run.Ok(Announce(back));

        run.No(Announce(back.AddMinutes(1))).Should().Equal("BG3287");
        run.No(Announce(null)).Should().Equal("BG3287");
        run.Now = run.Now.AddMinutes(5);
        run.Ok(Announce(back));
        run.State.Eta!.At.Should().Be(run.Now, "said again, it is said now");
    }

    [Fact]
    public void Only_somebody_in_a_role_of_the_plan_announces()
    {
        run.No(Announce(run.Now.AddHours(2), role: "")).Should().Equal("BG3224");
        run.No(Announce(run.Now.AddHours(2), role: "lecteur")).Should().Equal("BG3224");
    }

    [Fact]
    public void A_module_follows_the_announcement_of_its_parent_until_it_has_one_of_its_own()
    {
        var module = new RunBench(RunEngineTests.Checked, start: false);
        module.Ok(new StartRun(RunMode.Exercise) { RunId = "r1", CommandId = "start", Actor = Anne, Now = module.Now, Parent = "r0" });
        CarryEta Carried(DateTimeOffset? back, long line) => module.In((id, now) => new CarryEta(new(back, "", Chloe, "dir", now, line) { Run = "r0" }) { RunId = "r1", CommandId = id, Actor = Bob, Now = now });

        module.Ok(Carried(module.Now.AddHours(4), 8));
        module.State.Eta!.Left(module.Now).Should().Be(TimeSpan.FromHours(4));
        MainCourante.Lines(module.Journal, module.Pinned.Runbook, "fr")[^1].What.Should().Contain("annoncé par Chloé Faure").And.Contain("06:47 UTC");

        var own = module.In((id, now) => new AnnounceEta(now.AddHours(1), "Le laboratoire revient avant") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now });
        module.Ok(own);
        module.Ok(Carried(module.Now.AddHours(9), 12));
        module.State.Eta.Left(module.Now).Should().Be(TimeSpan.FromHours(1), "its own word stays");
        module.State.ParentEta!.Line.Should().Be(12);
    }

    [Fact]
    public void Nothing_is_carried_into_a_run_that_is_no_module_or_without_its_origin()
    {
        CarryEta carry = run.In((id, now) => new CarryEta(new(now.AddHours(4), "", Chloe, "dir", now, 8) { Run = "r0" }) { RunId = "r1", CommandId = id, Actor = Bob, Now = now });

        run.No(carry).Should().Equal("BG3204");
    }

    [Fact]
    public void Of_a_comparison_only_what_has_no_value_is_named_as_missing()
    {
        run.Ok(Announce(run.Now.AddHours(2)));

        Ask("eta.unknown or eta > facts.seuil").Missing.Should().Equal("facts.seuil");
    }
}
