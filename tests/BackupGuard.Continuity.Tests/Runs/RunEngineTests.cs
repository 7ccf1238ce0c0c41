using BackupGuard.Continuity.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Runs;

public class RunEngineTests
{
    internal const string Checked = """
        format: backupguard.runbook/v1
        id: essai
        version: 1.0.0
        title: { fr: Essai, en: Trial }
        plan: PRA
        review: { owner: dsi, reviewBy: 2027-03-31 }
        roles:
          chef: { label: { fr: Chef }, deputies: 2 }
          tech: { label: { fr: Technicien }, deputies: 2 }
          dir: { label: { fr: Directeur }, deputies: 2 }
        facts:
          ok: { label: { fr: Prêt }, type: truth, setBy: [chef] }
        lifecycle:
          initial: crise
          states:
            crise:
              initial: s1
              transitions: { pause: { to: arret, approvals: { quorum: 1, roles: [dir] } } }
              states:
                s1: { transitions: { avancer: { to: s2, guard: "steps.b.finished", approvals: { quorum: 2, roles: [chef, dir], eachRole: true } } } }
                s2: { transitions: { reculer: { to: s1, reason: required }, finir: { to: fin, guard: "facts.ok == true and steps.d.done" } } }
            arret: { transitions: { repartir: { to: "@previous" } } }
            fin: { final: true }
        steps:
          - { id: a, in: s1, kind: manual, role: tech, title: { fr: Couper }, evidence: [{ id: heure, type: datetime, required: true, label: { fr: Heure } }] }
          - { id: b, in: s1, kind: manual, role: tech, needs: [a], title: { fr: Noter }, verify: { by: chef, distinctFrom: executor }, countersign: { by: dir } }
          - { id: x, in: s1, kind: manual, role: tech, title: { fr: Vrai seulement }, modes: [live] }
          - id: d
            in: s2
            kind: decision
            role: chef
            question: { fr: On y va ? }
            options: [{ id: oui, label: { fr: Oui }, sets: { ok: true } }, { id: non, label: { fr: Non }, sets: { ok: false } }]
            rationale: required
            approvals: { quorum: 2, roles: [chef, dir] }
          - { id: point, in: s2, kind: manual, role: tech, title: { fr: Point }, repeat: PT2H, deadline: { from: lifecycle.s2.entered, within: PT1H } }
          - { id: w, in: s2, kind: wait, role: tech, title: { fr: Attendre }, for: PT1H }
        """;

    private readonly RunBench run = new(Checked);

    private void FinishA() => run.Ok(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech"));

    private void FinishB()
    {
        FinishA();
        run.Ok(run.By(run.Done("b"), Anne, "tech"));
        run.Ok(run.In((id, now) => new VerifyStep("b", Conform: true, "") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now }));
        run.Ok(run.In((id, now) => new CountersignStep("b") { RunId = "r1", CommandId = id, Actor = Chloe, Role = "dir", Now = now }));
    }

    private void GoToS2()
    {
        FinishB();
        var request = run.By(run.Transition("avancer"), Bob, "chef");
        run.Ok(request);
        run.Ok(run.By(run.Vote(request.CommandId), Chloe, "dir"));
        run.State.State.Should().Be("s2");
    }

    [Fact]
    public void A_run_begins_in_the_innermost_initial_state_with_its_whole_definition()
    {
        var started = (RunStarted)run.Journal.Single();

        (started.State, started.Mode, started.Seq).Should().Be(("s1", RunMode.Exercise, 1));
        started.Entered.Should().Equal("crise", "s1");
        RunDefinition.Of([started]).Sha256.Should().Be(run.Pinned.Sha256);
        run.View("a").State.Should().Be(StepState.Ready);
        run.View("b").Should().BeEquivalentTo(new { State = StepState.Waiting, UnmetNeeds = new[] { "a" } });
        run.View("d").Should().BeEquivalentTo(new { State = StepState.Waiting, Active = false });
        run.View("x").State.Should().Be(StepState.Cancelled, "it is for live runs only");
    }

    [Fact]
    public void A_changed_definition_in_the_journal_is_not_executed()
    {
        var started = (RunStarted)run.Journal.Single() with { DefinitionText = Checked.Replace("quorum: 2", "quorum: 1", StringComparison.Ordinal) };

        FluentActions.Invoking(() => RunDefinition.Of([started])).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void Starting_again_or_in_the_other_mode_is_refused() =>
        run.No(run.In((id, now) => new StartRun(RunMode.Live) { RunId = "r1", CommandId = id, Actor = Anne, Now = now })).Should().Equal("BG3201");

    [Fact]
    public void Out_of_order_is_refused_with_the_unmet_needs_named()
    {
        var command = run.By(run.Take("b"), Anne, "tech");

        run.No(command).Should().Equal("BG3222");

        var line = run.Journal[^1].Should().BeOfType<CommandRefused>().Which;
        line.Reasons.Single().Fr.Should().Contain("Noter").And.Contain("Couper");
        run.No(run.By(run.Done("d"), Anne, "chef")).Should().Contain("BG3221");
        run.No(run.Take("zzz")).Should().Equal("BG3220");
    }

    [Fact]
    public void Required_evidence_blocks_done_but_never_a_problem()
    {
        run.Ok(run.By(run.Take("a"), Anne, "tech"));
        run.No(run.By(run.Done("a"), Anne, "tech")).Should().Equal("BG3226");
        run.No(run.By(run.Done("a", ("heure", "02:40")), Anne, "tech")).Should().Equal("BG3227");
        run.No(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z"), ("autre", "x")), Anne, "tech")).Should().Equal("BG3228");
        run.Ok(run.In((id, now) => new ReportProblem("a", "Local fermé") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }));
        run.View("a").State.Should().Be(StepState.Failed);
    }

    [Fact]
    public void A_failed_step_comes_back_as_a_new_attempt()
    {
        run.Ok(run.In((id, now) => new ReportProblem("a", "Local fermé") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }));
        run.No(run.By(run.Take("a"), Anne, "tech")).Should().Equal("BG3223");
        run.Ok(run.In((id, now) => new ReopenStep("a", "Clé trouvée") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }));
        run.View("a").Should().BeEquivalentTo(new { State = StepState.Ready, Attempt = 2 });
    }

    [Fact]
    public void Help_is_asked_without_changing_the_step()
    {
        run.Ok(run.By(run.Take("a"), Anne, "tech"));
        run.Ok(run.In((id, now) => new AskForHelp("a", "Deux personnes") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }));

        run.View("a").State.Should().Be(StepState.Running);
        run.View("a").Record!.HelpNeeded.Should().Be("Deux personnes");
    }

    [Fact]
    public void A_step_held_by_somebody_is_not_taken_again_and_his_own_second_click_is_harmless()
    {
        run.Ok(run.By(run.Take("a"), Anne, "tech"));
        run.No(run.By(run.Take("a"), Bob, "tech")).Should().Equal("BG3223");
        ((CommandRefused)run.Journal[^1]).Reasons.Single().Fr.Should().Contain("Anne Roy").And.Contain("2026-11-22 02:47 UTC");
        run.Ok(run.By(run.Take("a"), Anne, "tech")).Should().BeEmpty();
    }

    [Fact]
    public void Done_twice_with_the_same_proof_is_done_once_and_with_another_proof_is_a_conflict()
    {
        FinishA();
        run.Ok(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech")).Should().BeEmpty();
        run.No(run.By(run.Done("a", ("heure", "2026-11-22T02:41Z")), Anne, "tech")).Should().Equal("BG3223");
    }

    [Fact]
    public void Check_and_visa_are_by_other_persons_in_their_roles()
    {
        FinishA();
        run.Ok(run.By(run.Done("b"), Anne, "tech"));
        run.View("b").State.Should().Be(StepState.ToVerify);
        VerifyStep Verify(Actor who, string role, bool conform = true) => run.In((id, now) => new VerifyStep("b", conform, conform ? "" : "Fiche vide") { RunId = "r1", CommandId = id, Actor = who, Role = role, Now = now });

        run.No(Verify(Anne, "chef")).Should().Equal("BG3225");
        run.No(Verify(Bob, "tech")).Should().Equal("BG3224");
        run.Ok(Verify(Bob, "chef"));
        run.View("b").State.Should().Be(StepState.ToCountersign);
        run.No(run.In((id, now) => new CountersignStep("b") { RunId = "r1", CommandId = id, Actor = Anne, Role = "dir", Now = now })).Should().Equal("BG3225");
        run.Ok(run.In((id, now) => new CountersignStep("b") { RunId = "r1", CommandId = id, Actor = Chloe, Role = "dir", Now = now }));
        run.View("b").State.Should().Be(StepState.Done);
    }

    [Fact]
    public void A_check_that_fails_fails_the_step()
    {
        FinishA();
        run.Ok(run.By(run.Done("b"), Anne, "tech"));
        run.Ok(run.In((id, now) => new VerifyStep("b", Conform: false, "Fiche vide") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now }));

        run.View("b").State.Should().Be(StepState.Failed);
        run.View("b").Record!.Problem.Should().Be("Fiche vide");
    }

    [Fact]
    public void A_skip_needs_a_reason_and_a_second_person()
    {
        run.No(run.Skip("b", " ")).Should().Equal("BG3252");
        var skip = run.Skip("b", "Le local a brûlé");
        run.Ok(skip);
        run.View("b").State.Should().Be(StepState.Waiting, "one person alone skips nothing");
        run.No(run.Vote(skip.CommandId)).Should().Equal("BG3225");
        run.Ok(run.By(run.Vote(skip.CommandId), Bob));

        run.View("b").State.Should().Be(StepState.Skipped);
        run.State.Requests.Should().BeEmpty();
        run.No(run.By(run.Vote(skip.CommandId), Chloe)).Should().Equal("BG3240");
    }

    [Fact]
    public void A_transition_is_blocked_by_its_guard_which_is_named()
    {
        run.No(run.By(run.Transition("avancer"), Bob, "chef")).Should().Equal("BG3212");
        ((CommandRefused)run.Journal[^1]).Reasons.Single().Fr.Should().Contain("steps.b.finished");
        run.No(run.By(run.Transition("finir"), Bob, "chef")).Should().Equal("BG3210");
        GoToS2();
        run.No(run.By(run.Transition("finir"), Bob, "chef")).Should().BeEquivalentTo("BG3211", "BG3212");
    }

    [Fact]
    public void A_quorum_counts_persons_once_and_each_role_when_asked()
    {
        FinishB();
        var request = run.By(run.Transition("avancer"), Bob, "chef");
        run.Ok(request);
        run.State.State.Should().Be("s1");
        run.No(run.By(run.Transition("avancer"), Chloe, "dir")).Should().Equal("BG3215");
        run.No(run.By(run.Vote(request.CommandId), Bob, "dir")).Should().Equal("BG3241");
        run.No(run.By(run.Vote(request.CommandId), Anne, "tech")).Should().Equal("BG3224");
        run.Ok(run.By(run.Vote(request.CommandId), Anne, "chef"));
        run.State.State.Should().Be("s1", "two chiefs are not a chief and a director");
        run.Ok(run.By(run.Vote(request.CommandId), Chloe, "dir"));
        run.State.State.Should().Be("s2");
    }

    [Fact]
    public void One_voice_against_closes_the_request_and_later_voices_are_refused()
    {
        FinishB();
        var request = run.By(run.Transition("avancer"), Bob, "chef");
        run.Ok(request);
        run.Ok(run.By(run.Vote(request.CommandId, inFavour: false), Anne, "dir"));
        run.No(run.By(run.Vote(request.CommandId), Chloe, "dir")).Should().Equal("BG3240");
        run.State.State.Should().Be("s1");
        run.Ok(run.By(run.Transition("avancer"), Bob, "chef")).Should().NotBeEmpty("one may ask again");
    }

    [Fact]
    public void A_decision_needs_a_reason_and_its_quorum_and_then_sets_its_facts()
    {
        GoToS2();
        run.No(run.By(run.Choose("d", "oui"), Bob, "chef")).Should().Equal("BG3252");
        run.No(run.By(run.Choose("d", "peut-etre", "x"), Bob, "chef")).Should().Equal("BG3230");
        var choice = run.By(run.Choose("d", "oui", "Tout est prêt"), Bob, "chef");
        run.Ok(choice);
        run.State.Facts.Should().BeEmpty();
        run.Ok(run.By(run.Vote(choice.CommandId), Chloe, "dir"));

        run.State.Facts.Should().Contain("ok", "true");
        run.View("d").State.Should().Be(StepState.Done);
        run.Ok(run.By(run.Transition("finir"), Anne));
        run.State.State.Should().Be("fin");
        run.No(run.By(run.Take("w"), Anne, "tech")).Should().Equal("BG3206");
        run.Ok(run.In((id, now) => new NoteEntry(EntryKind.Fact, "Merci à tous") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }));
    }

    [Fact]
    public void A_voice_cannot_grant_what_has_become_impossible_meanwhile()
    {
        var bench = new RunBench(Checked.Replace("guard: \"steps.b.finished\"", "guard: \"facts.ok == true\"", StringComparison.Ordinal));
        void Set(string value) => bench.Ok(bench.In((id, now) => new SetFact("ok", value) { RunId = "r1", CommandId = id, Actor = Anne, Role = "chef", Now = now }));
        Set("true");
        var request = bench.By(bench.Transition("avancer"), Bob, "chef");
        bench.Ok(request);
        Set("false");

        bench.No(bench.By(bench.Vote(request.CommandId), Chloe, "dir")).Should().Equal("BG3212");
        Set("true");
        bench.Ok(bench.By(bench.Vote(request.CommandId), Chloe, "dir"));
        bench.State.State.Should().Be("s2");
    }

    [Fact]
    public void Facts_are_entered_by_their_roles_in_their_kind()
    {
        SetFact Set(string value, string role, string fact = "ok") => run.In((id, now) => new SetFact(fact, value) { RunId = "r1", CommandId = id, Actor = Anne, Role = role, Now = now });
        run.No(Set("true", "tech")).Should().Equal("BG3224");
        run.No(Set("oui", "chef")).Should().Equal("BG3251");
        run.No(Set("true", "chef", "inconnu")).Should().Equal("BG3250");
        run.Ok(Set("true", "chef")).Should().ContainSingle();
        run.Ok(Set("true", "chef")).Should().BeEmpty("it is so already");
    }

    [Fact]
    public void The_same_command_twice_gets_the_first_answer_again()
    {
        var refused = run.By(run.Take("b"), Anne, "tech");
        run.No(refused);
        var length = run.Journal.Count;
        FinishA();

        var again = (RunDecision.Refused)run.Do(refused);

        again.Reasons.Single().Code.Should().Be("BG3222", "the first answer stands even though it would be accepted now");
        again.Journal.Should().BeNull();
        var accepted = run.Journal.OfType<StepCompleted>().Single().CommandId;
        ((RunDecision.Accepted)run.Do(run.Done("a") with { CommandId = accepted })).Events.Should().BeEmpty();
        run.Journal.Should().HaveCount(length + 2);
    }

    [Fact]
    public void What_was_first_on_paper_keeps_both_times_and_the_future_is_refused()
    {
        run.Ok(run.By(run.Done("a", ("heure", "2026-11-22T02:20Z")), Anne, "tech", run.Now.AddMinutes(-27)));
        run.No(run.By(run.Done("b"), Anne, "tech", run.Now.AddMinutes(6))).Should().Equal("BG3205");

        var done = run.Journal.OfType<StepCompleted>().Single();
        (done.RecordedAt - done.OccurredAt).Should().Be(TimeSpan.FromMinutes(27));
        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr").Single(l => l.Number == done.Seq).Late.Should().BeTrue();
    }

    [Fact]
    public void A_pause_holds_the_steps_and_gives_them_back_as_they_were()
    {
        run.Ok(run.By(run.Take("a"), Anne, "tech"));
        run.Ok(run.By(run.Transition("pause"), Chloe, "dir"));
        run.State.Paused.Should().Be("s1");
        run.View("a").Should().BeEquivalentTo(new { State = StepState.Running, Held = true, Active = false });
        run.No(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech")).Should().Contain("BG3221");
        run.Ok(run.Transition("repartir"));

        (run.State.State, run.State.Paused, run.View("a").State, run.View("a").Attempt).Should().Be(("s1", "", StepState.Running, 1));
        run.State.Visits["s1"].Count.Should().Be(1);
    }

    [Fact]
    public void A_state_entered_again_keeps_what_was_done_and_begins_the_rest_anew()
    {
        GoToS2();
        run.Ok(run.By(run.Take("point"), Anne, "tech"));
        run.No(run.Transition("reculer")).Should().Equal("BG3214");
        run.Ok(run.Transition("reculer", "L’attaquant est revenu"));
        run.View("point").State.Should().Be(StepState.Cancelled);
        run.View("b").State.Should().Be(StepState.Done, "nothing done is silently executed again");
        var request = run.By(run.Transition("avancer"), Bob, "chef");
        run.Ok(request);
        run.Ok(run.By(run.Vote(request.CommandId), Chloe, "dir"));

        run.View("point").Should().BeEquivalentTo(new { State = StepState.Ready, Attempt = 2 });
    }

    [Fact]
    public void A_repeated_step_comes_back_after_its_time_and_is_late_when_it_is_not_done()
    {
        GoToS2();
        run.View("point").DueAt.Should().Be(run.Now.AddHours(1));
        run.Now = run.Now.AddHours(1).AddMinutes(1);
        run.View("point").Overdue.Should().BeTrue("a deadline escalates");
        run.View("point").State.Should().Be(StepState.Ready, "and decides nothing");
        run.Ok(run.By(run.Done("point"), Anne, "tech"));
        run.View("point").Should().BeEquivalentTo(new { State = StepState.Done, Overdue = false, NextAt = run.Now.AddHours(2) });
        run.Now = run.Now.AddHours(2).AddMinutes(1);
        run.View("point").Should().BeEquivalentTo(new { State = StepState.Ready, Attempt = 2, Overdue = true });
        run.Ok(run.By(run.Done("point"), Bob, "tech"));
        run.Ok(run.By(run.Done("point"), Bob, "tech")).Should().HaveCount(2, "it may be done again before its time");
        run.View("point").Attempt.Should().Be(3);
    }

    [Fact]
    public void A_wait_ends_by_its_time_only()
    {
        GoToS2();
        run.Ok(run.By(run.Take("w"), Anne, "tech"));
        run.No(run.By(run.Done("w"), Anne, "tech")).Should().Equal("BG3231");
        run.Now = run.Now.AddHours(1);
        run.Ok(run.By(run.Done("w"), Anne, "tech"));
    }

    [Fact]
    public void A_command_for_another_run_or_without_a_person_is_refused_and_not_journaled()
    {
        run.No(run.Take("a") with { RunId = "r2" }).Should().Equal("BG3203");
        run.No(run.Take("a") with { Actor = new("", "") }).Should().Equal("BG3204");
        run.Journal.Should().HaveCount(1);
    }

    [Fact]
    public void A_journal_with_a_gap_is_not_believed()
    {
        FinishA();
        var gap = run.Journal.Where(e => e.Seq != 2).ToList();

        FluentActions.Invoking(() => RunState.Fold(gap)).Should().Throw<InvalidDataException>();
        FluentActions.Invoking(() => RunState.Fold(run.Journal.Skip(1))).Should().Throw<InvalidDataException>();
    }
}
