using System.Diagnostics;
using BackupGuard.Continuity.Runs;
using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Runs;

public class PlanBlancRunTests
{
    [Fact]
    public void The_plan_blanc_is_played_from_the_first_call_to_its_end()
    {
        var run = PlanBlanc(RunMode.Live);
        Pass("alerter", ("prise-de-connaissance", "2026-11-22T02:47+01:00"));
        DoSteps();
        Pass("activer");
        DoSteps();
        Pass("degrader");
        DoSteps();
        foreach (var (fact, value, role) in new[] { ("scenario-remediation", "2", "rssi"), ("coeur-de-confiance", "ouvert", "dsi"), ("sauvegardes", "prete-a-restaurer", "dsi"), ("vagues-v0-v2-rendues", "true", "dsi"), ("reconnexion", "calendrier-accepte", "rssi"), ("ressaisie-planifiee", "true", "direction-soins") })
        {
            run.Ok(run.In((id, now) => new SetFact(fact, value) { RunId = "r1", CommandId = id, Actor = Bob, Role = role, Now = now }));
        }

        Pass("suspendre", ("heure-revue", "2026-11-22T12:00Z"));
        Pass("reprendre-etat-precedent");
        run.State.State.Should().Be("mode-degrade");
        Pass("reprendre");
        DoSteps();
        Pass("normaliser");
        DoSteps();
        Pass("lever");
        DoSteps();
        Pass("ouvrir-retex");
        run.No(run.By(run.Transition("clore"), Anne, "directeur-crise")).Should().OnlyContain(c => c == "BG3212").And.HaveCount(3);
        DoSteps();
        Pass("clore");

        run.State.State.Should().Be("clos");
        StepViews.All(run.Pinned.Runbook, run.State, run.Now).Should().OnlyContain(v => v.State == StepState.Done);
        var lines = MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr");
        lines.Should().HaveCount(run.Journal.Count);
        lines[0].What.Should().Contain("crise réelle");
        lines.Should().OnlyContain(l => l.What.Length > 3 && !l.What.Contains(" :"));

        void Pass(string id, params (string, string)[] evidence)
        {
            var transition = run.Pinned.Runbook.Lifecycle.TransitionsFrom(run.State.State).Single(t => t.Id == id);
            var roles = transition.Approvals?.Roles.Select(r => r.Id).ToList() ?? [""];
            var command = run.By(run.Transition(id, "Motif de " + id, evidence), Anne, roles[0]);
            run.Ok(command);
            foreach (var (role, who) in roles.Skip(1).Take((transition.Approvals?.Quorum ?? 1) - 1).Zip([Bob, Chloe]))
            {
                run.Ok(run.By(run.Vote(command.CommandId), who, role));
            }
        }

        void DoSteps()
        {
            for (var more = true; more;)
            {
                more = false;
                foreach (var view in StepViews.All(run.Pinned.Runbook, run.State, run.Now).Where(v => v.State == StepState.Ready))
                {
                    more = true;
                    Finish(view.Definition);
                }
            }
        }

        void Finish(StepDefinition step)
        {
            var evidence = step.Evidence.Select(e => (e.Id, e.Type == "datetime" ? "2026-11-22T03:00Z" : "n° 12")).ToArray();
            if (step.Kind != StepKind.Decision)
            {
                run.Ok(run.By(run.Done(step.Id, evidence), Anne, step.Role.Id));
                return;
            }

            var choice = run.By(run.Choose(step.Id, step.Options[0].Id, "Parce que", evidence), Anne, step.Role.Id);
            run.Ok(choice);
            if (step.Approvals?.Quorum == 2)
            {
                run.Ok(run.By(run.Vote(choice.CommandId), Bob, step.Approvals.Roles[1].Id));
            }
        }
    }

    [Fact]
    public void The_main_courante_is_readable_in_both_languages()
    {
        var run = PlanBlanc();
        run.Ok(run.Transition("alerter", "Écrans noirs aux urgences", ("prise-de-connaissance", "2026-11-22T02:47+01:00")));
        run.Now = run.Now.AddMinutes(10);
        run.Ok(run.By(run.Take("choisir-salle"), Bob, "logistique"));
        run.No(run.By(run.Done("premier-point"), Bob, "situation"));
        run.Ok(run.In((id, now) => new NoteEntry(EntryKind.Message, "Le SAMU rappelle à 03:15") { RunId = "r1", CommandId = id, Actor = Chloe, Speaker = "Dr Haddad, SAMU", OccurredAt = now.AddMinutes(-5), Now = now }));

        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "fr").Select(l => $"{l.Number} {l.OccurredAt:HH:mm} {l.RecordedAt:HH:mm} {l.Kind} | {l.Who} | {l.What}".Replace('\u00a0', '_')).Should().Equal(
            $"1 02:47 02:47 State | Anne Roy | Début_: Plan blanc numérique_: conduire la crise, version 1.0.0, EXERCICE. Plan figé, empreinte {run.Pinned.Sha256[..8]}.",
            "2 02:47 02:47 State | Anne Roy | Passage à l’état «_Alerte_»_: Alerter la cellule. Motif_: Écrans noirs aux urgences Heure de la prise de connaissance (T0)_: 2026-11-22 01:47 UTC.",
            "3 02:57 02:57 Step | Bob Petit, Logistique | 01-02 Ouvrez la salle de crise_: commencée.",
            "4 02:57 02:57 Refused | Bob Petit, Situation et anticipation | Refusé à Bob Petit_: «_Faites le premier point de situation_» attend d’abord «_Convoquez la cellule de crise_». Preuve obligatoire manquante_: Résumé du point, daté. Un problème_? Utilisez «_Problème_».",
            "5 02:52 02:57 Message | Dr Haddad, SAMU | Le SAMU rappelle à 03:15");
        MainCourante.Lines(run.Journal, run.Pinned.Runbook, "en")[2].What.Should().Be("01-02 Open the crisis room: started.");
    }

    [Fact]
    public void The_lifecycle_is_drawn_from_the_definition() =>
        RunDiagram.Lifecycle(new RunBench(RunEngineTests.Checked).Pinned.Runbook).Should().Be("""
            stateDiagram-v2
              [*] --> n_crise
              state "crise" as n_crise
              state n_crise {
                [*] --> n_s1
                state "s1" as n_s1
                state "s2" as n_s2
              }
              state "arret" as n_arret
              state "fin" as n_fin
              n_fin --> [*]
              n_crise --> n_arret : pause {dir}
              n_s1 --> n_s2 : avancer [garde] {chef+dir}
              n_s2 --> n_s1 : reculer
              n_s2 --> n_fin : finir [garde]
              n_arret --> n_arret : repartir (retour)

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void The_steps_are_drawn_state_by_state_with_their_needs() =>
        RunDiagram.Steps(new RunBench(RunEngineTests.Checked).Pinned.Runbook).Should().StartWith("""
            flowchart TD
              subgraph in_n_s1 ["s1"]
                n_a["Couper"]
                n_b["Noter"]
                n_x["Vrai seulement"]
              end
              subgraph in_n_s2 ["s2"]
                n_d{"On y va ?"}
            """.ReplaceLineEndings("\n")).And.EndWith("  n_a --> n_b\n");

    [Fact]
    public void Ten_thousand_events_are_folded_quickly()
    {
        var run = PlanBlanc();
        var journal = run.Journal.Concat(Enumerable.Range(2, 10_000).Select(i => (RunEvent)new EntryNoted(EntryKind.Fact, "ligne", "")
        {
            RunId = "r1", Seq = i, CommandId = $"n{i}", Actor = Anne, OccurredAt = run.Now, RecordedAt = run.Now,
        })).ToList();
        RunState.Fold(journal);

        var watch = Stopwatch.StartNew();
        RunState.Fold(journal).Seq.Should().Be(10_001);

        // The budget is 50 ms; the bound leaves room for a machine that does other things meanwhile.
        watch.ElapsedMilliseconds.Should().BeLessThan(500);
    }
}
