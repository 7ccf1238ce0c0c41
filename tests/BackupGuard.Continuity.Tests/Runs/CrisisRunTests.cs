using BackupGuard.Continuity.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Runs;

/// <summary>What a crisis of weeks needs beyond its steps: two people at the start, shifts, changed plans, modules, paper, hours that pass.</summary>
public class CrisisRunTests
{
    private const string Plan = RunEngineTests.Checked;
    private static readonly Actor Dora = new("dora", "Dora Vidal");

    private readonly RunBench run = new(Plan);

    private T New<T>(Func<string, DateTimeOffset, T> make, Actor who, string role = "") where T : RunCommand => run.By(run.In(make), who, role);

    [Fact]
    public void A_live_run_lets_one_person_work_and_waits_for_a_second_one_before_it_goes_anywhere()
    {
        var live = new RunBench(Plan, RunMode.Live, confirm: false);
        live.Ok(live.By(live.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech"));
        live.No(live.By(live.Transition("pause"), Anne, "dir")).Should().Equal("BG3207");
        live.No(live.In((id, now) => new ConfirmStart { RunId = "r1", CommandId = id, Actor = Anne, Now = now })).Should().Equal("BG3225");

        live.Ok(live.In((id, now) => new ConfirmStart { RunId = "r1", CommandId = id, Actor = Bob, Now = now }));
        live.Ok(live.By(live.Transition("pause"), Anne, "dir"));

        live.State.Confirmed.Should().BeTrue();
        live.State.State.Should().Be("arret");
    }

    [Fact]
    public void A_deadline_is_said_once_each_time_and_decides_nothing()
    {
        ToS2();
        var entered = run.Now;
        run.Now = entered.AddMinutes(59);
        Tick().Should().BeEmpty();
        run.Now = entered.AddMinutes(61);
        Tick().Should().ContainSingle().Which.Should().BeEquivalentTo(new { Kind = "step", Subject = "point", Level = 1, DueAt = entered.AddHours(1) });
        Tick().Should().BeEmpty("it was said");
        run.View("point").Should().BeEquivalentTo(new { State = StepState.Ready, Overdue = true });

        run.Now = entered.AddHours(9);
        Tick().Where(m => m.Subject == "point").Should().ContainSingle("one line after an outage, not one for each hour").Which.Level.Should().Be(3);
        run.State.State.Should().Be("s2");
    }

    [Fact]
    public void A_step_that_waits_for_another_is_as_late_as_one_nobody_begins()
    {
        var late = new RunBench(Plan.Replace("needs: [a], title", "needs: [a], deadline: { from: lifecycle.s1.entered, within: PT10M, onOverdue: [{ notify: dir }] }, title", StringComparison.Ordinal));
        late.Now = late.Now.AddMinutes(11);

        late.View("b").Should().BeEquivalentTo(new { State = StepState.Waiting, Overdue = true });
        var missed = late.Ok(late.In((id, now) => new RaiseDeadlines([]) { RunId = "r1", CommandId = id, Actor = Anne, Now = now })).Cast<DeadlineMissed>().Single();
        missed.Notify.Should().Equal("dir", "tech");
    }

    [Fact]
    public void Voices_nobody_gives_are_asked_for_again_and_never_counted()
    {
        ToS2();
        var asked = run.By(run.Choose("d", "oui", "Parce que"), Anne, "chef");
        run.Ok(asked);
        run.Now = run.Now.AddHours(5);

        Tick().Should().Contain(m => m.Kind == "request" && m.Subject == asked.CommandId);
        run.State.Requests.Should().ContainKey(asked.CommandId, "a quorum is held, whatever the hour");
        run.View("d").State.Should().Be(StepState.Ready);
    }

    [Fact]
    public void Others_such_as_legal_hours_are_said_too_even_after_the_end()
    {
        ToS2();
        run.Ok(run.By(run.Transition("reculer", "Retour"), Anne));
        var due = new DueItem("obligation", "N1", run.Now.AddHours(-1), TimeSpan.FromHours(2), ["dir"]);
        run.Ok(New((id, now) => new RaiseDeadlines([due]) { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).OfType<DeadlineMissed>().Should().Contain(m => m.Subject == "N1");
        run.Ok(New((id, now) => new RaiseDeadlines([due]) { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).Should().BeEmpty();
    }

    [Fact]
    public void A_shift_is_handed_over_by_two_signatures_of_two_people()
    {
        run.Ok(New((id, now) => new TakeRole("dir") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "dir"));
        run.No(New((id, now) => new TakeRole("dir") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob, "dir")).Should().Equal("BG3257");
        run.No(New((id, now) => new OfferHandover("dir", "") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob, "dir")).Should().Equal("BG3257");
        var offer = New((id, now) => new OfferHandover("dir", "Deux restaurations en cours") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "dir");
        run.Ok(offer);

        run.No(New((id, now) => new AcceptHandover(offer.CommandId) { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "dir")).Should().Equal("BG3225");
        run.No(New((id, now) => new AcceptHandover(offer.CommandId) { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob, "tech")).Should().Equal("BG3224");
        run.State.Shifts.Holders["dir"].Actor.Should().Be(Anne, "one signature hands over nothing");
        run.Ok(New((id, now) => new AcceptHandover(offer.CommandId) { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob, "dir"));

        run.State.Shifts.Holders["dir"].Actor.Should().Be(Bob);
        run.State.Shifts.Changes[^1].Should().BeEquivalentTo(new { Role = "dir", From = Anne, To = Bob });
        run.State.Shifts.Offers.Should().BeEmpty();
    }

    [Fact]
    public void An_amendment_needs_two_people_and_does_nothing_done_again()
    {
        run.Ok(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech"));
        var next = Plan.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal).Replace("  - { id: w,", "  - { id: n, in: s1, kind: manual, role: tech, title: { fr: Nouveau } }\n  - { id: w,", StringComparison.Ordinal);
        var asked = Amend(next);
        run.Ok(asked);
        run.State.DefinitionSha256.Should().Be(run.Pinned.Sha256);
        run.No(run.By(run.Vote(asked.CommandId), Anne, "chef")).Should().Equal("BG3225");
        run.No(run.By(run.Vote(asked.CommandId), Bob, "tech")).Should().Equal("BG3224");

        run.Ok(run.By(run.Vote(asked.CommandId), Bob, "chef"));

        run.Pinned.Runbook.Version.Should().Be("1.1.0");
        run.State.Amendments.Should().Be(1);
        run.View("a").State.Should().Be(StepState.Done);
        run.View("n").State.Should().Be(StepState.Ready);
        run.Ok(run.By(run.Done("n"), Anne, "tech"));
        RunDefinition.Of(run.Journal.Select(RunJson.Write).Select(RunJson.Read)).Sha256.Should().Be(run.Pinned.Sha256);
    }

    [Fact]
    public void An_amendment_may_not_forget_where_the_run_stands_or_what_was_done()
    {
        run.Ok(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech"));
        var changed = Plan.Replace("version: 1.0.0", "version: 2.0.0", StringComparison.Ordinal);

        run.No(Amend(Plan)).Should().Equal("BG3271");
        run.No(Amend(changed.Replace("id: a,", "id: autre,", StringComparison.Ordinal).Replace("needs: [a]", "needs: [autre]", StringComparison.Ordinal))).Should().Equal("BG3273");
        run.No(Amend(changed.Replace("id: a, in: s1", "id: a, in: s2", StringComparison.Ordinal).Replace(", needs: [a]", "", StringComparison.Ordinal))).Should().Equal("BG3274");
        run.No(Amend(changed.Replace("  - { id: w, in: s2, kind: wait, role: tech, title: { fr: Attendre }, for: PT1H }", "", StringComparison.Ordinal).TrimEnd())).Should().Equal("BG3275");
        run.No(Amend(changed.Replace("s1", "s9", StringComparison.Ordinal))).Should().Contain("BG3272");
        run.No(Amend("format: backupguard.runbook/v1\nid: [")).Should().OnlyContain(c => c == "BG3270");
        run.State.Amendments.Should().Be(0);
    }

    [Fact]
    public void A_step_begun_since_the_amendment_was_proposed_is_not_lost_by_its_confirmation()
    {
        var changed = Plan.Replace("version: 1.0.0", "version: 2.0.0", StringComparison.Ordinal).Replace("{ id: a,", "{ id: autre,", StringComparison.Ordinal).Replace("needs: [a]", "needs: [autre]", StringComparison.Ordinal);
        var asked = Amend(changed, ("a", "Sans objet"));
        run.Ok(asked);
        run.Ok(run.By(run.Take("a"), Anne, "tech"));

        run.No(run.By(run.Vote(asked.CommandId), Bob, "chef")).Should().Equal("BG3273");
        run.View("a").State.Should().Be(StepState.Running);
    }

    [Fact]
    public void A_module_joins_and_its_own_end_completes_the_step_that_waits_for_it()
    {
        var parent = new RunBench(Plan.Replace("  - { id: w,", "  - { id: m, in: s1, kind: subRunbook, role: tech, title: { fr: Module }, ref: { id: autre } }\n  - { id: w,", StringComparison.Ordinal));
        var hash = new string('a', 64);
        T Now<T>(Func<string, DateTimeOffset, T> make, Actor who, string role = "") where T : RunCommand => parent.By(parent.In(make), who, role);

        parent.No(Now((id, now) => new AddModule("r2", "faux", "1", hash, "m", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "tech")).Should().Equal("BG3263");
        parent.Ok(Now((id, now) => new AddModule("r2", "autre", "1", hash, "m", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "tech"));
        parent.No(Now((id, now) => new AddModule("r2", "autre", "1", hash, "m", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "tech")).Should().Equal("BG3260");
        parent.Ok(Now((id, now) => new AddModule("r3", "voisin", "1", hash, "", "Le laboratoire est touché aussi") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        parent.View("m").State.Should().Be(StepState.Running);
        parent.No(parent.By(parent.Done("m"), Anne, "tech")).Should().Equal("BG3262");

        parent.Ok(Now((id, now) => new EndModule("r2", "fin") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        parent.View("m").State.Should().Be(StepState.Done);
        parent.Ok(Now((id, now) => new EndModule("r2", "fin") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).Should().BeEmpty();
    }

    private static readonly PaperSource Card = new("BG-7K", 1, "Jeanne Morel", "JM");

    [Fact]
    public void A_paper_card_carries_both_times_both_people_and_its_name_may_not_check_itself()
    {
        FinishA();
        run.Now = run.Now.AddHours(6);
        var done = run.By(run.Done("b"), Anne, "tech", run.Now.AddHours(-5)) with { Paper = Card };
        run.Ok(done);

        var line = run.Journal.OfType<StepCompleted>().Last();
        (line.RecordedAt - line.OccurredAt).Should().Be(TimeSpan.FromHours(5));
        line.Paper.Should().Be(Card);
        run.State.Steps["b"].Performer.Should().Be("Jeanne Morel");
        var jeanne = new Actor("jm", "JEANNE MOREL");
        run.No(New((id, now) => new VerifyStep("b", true, "") { RunId = "r1", CommandId = id, Actor = jeanne, Now = now }, jeanne, "chef")).Should().Equal("BG3225");
        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr").Single(l => l.Number == line.Seq).Who.Should().Contain("Jeanne Morel").And.Contain("copié par Anne Roy");
    }

    [Fact]
    public void A_void_or_useless_card_is_kept_as_a_fact_and_changes_nothing()
    {
        FinishA();
        var before = run.View("a");
        var again = run.By(run.Done("a", ("heure", "2026-11-22T02:30Z")), Anne, "tech", run.Now.AddMinutes(-9)) with { Paper = Card, Note = "Fait deux fois" };
        run.Ok(again).Should().ContainSingle().Which.Should().BeOfType<PaperFactNoted>().Which.Reasons.Should().NotBeEmpty();
        run.View("a").Record.Should().Be(before.Record);

        var voided = run.By(run.Done("b"), Anne, "tech", run.Now.AddMinutes(-9)) with { Paper = Card with { Attempt = 4 } };
        run.Ok(voided).Should().ContainSingle().Which.Should().BeOfType<PaperFactNoted>().Which.Reasons.Should().Contain(r => r.Code == "BG3267");
        run.View("b").State.Should().Be(StepState.Ready);

        // What the copier can mend is not kept half.
        run.No(run.By(run.Done("b"), Anne, "tech") with { Paper = Card }).Should().Equal("BG3266");
        run.No(run.By(run.Done("b"), Anne, "tech", run.Now) with { Paper = Card with { Performer = "" } }).Should().Equal("BG3252");
    }

    [Fact]
    public void A_decision_on_paper_stands_when_a_second_person_confirms_the_copy()
    {
        ToS2();
        run.Now = run.Now.AddHours(3);
        RecordPaperDecision Copy(params PaperVoice[] voices) => New((id, now) => new RecordPaperDecision("d", "oui", "Décidé au lit du malade", voices) { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne) with { Paper = Card, OccurredAt = run.Now.AddHours(-2) };

        run.No(Copy(new PaperVoice("Jeanne Morel", "chef"))).Should().Equal("BG3268");
        run.No(Copy(new PaperVoice("Jeanne Morel", "chef"), new PaperVoice("jeanne morel ", "dir"))).Should().Equal("BG3268");
        var copy = Copy(new PaperVoice("Jeanne Morel", "chef"), new PaperVoice("Paul Roux", "dir"));
        run.Ok(copy);
        run.State.Facts.Should().NotContainKey("ok");
        run.No(run.By(run.Vote(copy.CommandId), Anne)).Should().Equal("BG3225");

        run.Ok(run.By(run.Vote(copy.CommandId), Dora));
        run.State.Facts["ok"].Should().Be("true");
        run.State.Steps["d"].CompletedAt.Should().Be(copy.OccurredAt);
        run.State.Steps["d"].Performer.Should().Be("Jeanne Morel");
    }

    [Fact]
    public void A_correction_is_a_line_that_names_the_line_it_corrects()
    {
        run.Ok(New((id, now) => new NoteEntry(EntryKind.Fact, "Le réseau du bloc est coupé") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new CorrectEntry(2, "Le réseau du laboratoire est coupé") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob));
        run.No(New((id, now) => new CorrectEntry(99, "Rien") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob)).Should().Equal("BG3253");

        run.Journal.OfType<EntryNoted>().Single().Text.Should().Be("Le réseau du bloc est coupé");
        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr")[2].What.Should().Contain("ligne 2").And.Contain("laboratoire");
    }

    [Fact]
    public void A_duty_is_sent_with_a_proof_or_not_applicable_with_a_reason()
    {
        RecordNotification Sent(string proof) => New((id, now) => new RecordNotification("N1", "téléphone", proof, "", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne);
        run.Ok(New((id, now) => new DeclareAwareness("t0", now.AddMinutes(-40), "Appel des urgences") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.No(New((id, now) => new DeclareAwareness("t0", now.AddMinutes(40), "Demain") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).Should().Equal("BG3205");
        run.No(New((id, now) => new DeclareNotApplicable("N2", " ") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).Should().Equal("BG3252");
        run.No(Sent(" ")).Should().Equal("BG3280");
        run.Ok(Sent("03:12, M. Durand"));
        run.No(New((id, now) => new DeclareNotApplicable("N1", "Finalement non") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).Should().Equal("BG3281");

        run.State.Obligations.Sent["N1"].Proof.Should().Be("03:12, M. Durand");
        run.State.Obligations.Awareness["t0"].At.Should().Be(run.Now.AddMinutes(-40));
    }

    [Fact]
    public void A_line_about_a_duty_or_an_exercise_says_the_name_that_its_file_gives_or_else_the_id()
    {
        run.Ok(New((id, now) => new DeclareAwareness("t0", now.AddMinutes(-40), "Appel des urgences") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new RecordNotification("n1", "portail", "4711", "", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new DeclareNotApplicable("n2", "Pas OSE") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new RaiseDeadlines([new DueItem("obligation", "n3", now.AddHours(-1), TimeSpan.FromHours(2), ["dir"])]) { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new PlayInject("i1", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new ScoreCriterion("c1", 2, "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        run.Ok(New((id, now) => new TickItem("opssies", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne));
        string[] expected = ["StartEvent.t0", "Duty.n1", "Duty.n2", "Duty.n3", "Inject.i1", "Criterion.c1", "Reminder.opssies"];

        var named = MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr", name: (kind, id) => $"<{kind}.{id}>").Skip(1).Select(l => l.What).ToList();
        var unnamed = MainCourante.Lines(run.Journal, run.Pinned.Runbook, "en", name: (_, _) => "").Skip(1).Select(l => l.What).ToList();

        foreach (var name in expected)
        {
            named.Should().ContainSingle(l => l.Contains($"<{name}>"));
            unnamed.Should().ContainSingle(l => l.Contains(" " + name.Split('.')[1]), "nobody is left guessing which one it was");
        }

        named.Should().ContainSingle(l => l.Contains("par <Channel.portail>"));
    }

    [Fact]
    public void What_belongs_to_exercises_is_refused_in_a_crisis()
    {
        var live = new RunBench(Plan, RunMode.Live);
        PlayInject Play(RunBench on) => on.In((id, now) => new PlayInject("i1", "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now });
        live.No(Play(live)).Should().Equal("BG3282");

        run.Ok(Play(run));
        run.No(Play(run)).Should().Equal("BG3283");
        run.No(run.In((id, now) => new ScoreCriterion("c1", 4, "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now })).Should().Equal("BG3284");
        run.No(run.In((id, now) => new AgreeAction("a1", "Imprimer", "DSI", "bientôt") { RunId = "r1", CommandId = id, Actor = Anne, Now = now })).Should().Equal("BG3285");
        run.Ok(run.In((id, now) => new ScoreCriterion("c1", 1, "") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }));
        run.Ok(run.In((id, now) => new ScoreCriterion("c1", 2, "Mieux") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }));
        run.Ok(run.In((id, now) => new ScoreCriterion("c1", 3, "") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }));
        run.State.Exercise.Scores.Select(s => s.Score).Should().Equal((int[])[2, 3], "one score of each observer, the last");
    }

    [Fact]
    public void A_fact_is_unknown_again_where_the_plan_says_so()
    {
        var again = new RunBench(Plan.Replace("s1: { transitions", "s1: { resets: [ok], transitions", StringComparison.Ordinal).Replace("steps.b.finished", "facts.ok == true", StringComparison.Ordinal));
        again.Ok(again.In((id, now) => new SetFact("ok", "true") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now }));
        var asked = again.By(again.Transition("avancer"), Bob, "chef");
        again.Ok(asked);
        again.Ok(again.By(again.Vote(asked.CommandId), Chloe, "dir"));
        again.State.Facts["ok"].Should().Be("true");

        again.Ok(again.By(again.Transition("reculer", "Nouveau foyer"), Bob, "chef"));

        again.State.Facts.Should().NotContainKey("ok");
        again.No(again.By(again.Transition("avancer"), Bob, "chef")).Should().Equal("BG3211");
    }

    [Fact]
    public void A_state_that_was_handed_out_is_not_changed_by_what_follows()
    {
        var before = run.State;
        var seen = Snapshot(before);
        FinishA();

        var after = before.Then(run.Journal.Skip((int)before.Seq));
        Snapshot(before).Should().Be(seen);
        Snapshot(after).Should().Be(Snapshot(run.State));
        after.Answers.Should().HaveCount(run.State.Answers.Count);
        FluentActions.Invoking(() => before.Then(run.Journal)).Should().Throw<InvalidDataException>();
    }

    private ProposeAmendment Amend(string text, params (string Step, string Why)[] removed) =>
        New((id, now) => new ProposeAmendment(text, removed.ToDictionary(r => r.Step, r => r.Why), "Le laboratoire est touché") { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne, "chef");

    private List<DeadlineMissed> Tick() => [.. run.Ok(New((id, now) => new RaiseDeadlines([]) { RunId = "r1", CommandId = id, Actor = Anne, Now = now }, Anne)).Cast<DeadlineMissed>()];

    private void FinishA() => run.Ok(run.By(run.Done("a", ("heure", "2026-11-22T02:40Z")), Anne, "tech"));

    private void ToS2()
    {
        FinishA();
        run.Ok(run.By(run.Done("b"), Anne, "tech"));
        run.Ok(New((id, now) => new VerifyStep("b", true, "") { RunId = "r1", CommandId = id, Actor = Bob, Now = now }, Bob, "chef"));
        run.Ok(New((id, now) => new CountersignStep("b") { RunId = "r1", CommandId = id, Actor = Chloe, Now = now }, Chloe, "dir"));
        var asked = run.By(run.Transition("avancer"), Bob, "chef");
        run.Ok(asked);
        run.Ok(run.By(run.Vote(asked.CommandId), Chloe, "dir"));
    }
}
