using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Runbooks;

/// <summary>One file with every part of the language: what it says must arrive in the model.</summary>
public class SampleTests
{
    private const string Sample = """
        format: backupguard.runbook/v1
        id: pra-dpi-rancongiciel
        version: 3.2.0
        title: { fr: "Reprise du DPI après rançongiciel", en: "EHR recovery after ransomware" }
        plan: PRA
        scenario: rancongiciel-total
        review: { owner: dsi, reviewBy: 2027-03-31, approvedBy: [rssi, directeur] }
        targets: { application: dpi, rto: PT24H, rpo: PT4H, mtd: PT48H }
        roles:
          directeur: { label: { fr: "Directeur de crise" }, deputies: 2 }
          rssi: { label: { fr: "RSSI" }, deputies: 1 }
          dsi: { label: { fr: "DSI" }, deputies: 1 }
          equipe-sys: { label: { fr: "Équipe systèmes" }, capacity: 3 }
          referent-soins: { label: { fr: "Référent soins" }, deputies: 2 }
        lifecycle:
          initial: nominal
          states:
            nominal:
              transitions: { declarer: { to: crise, approvals: { quorum: 2, roles: [directeur, rssi], onTimeout: hold } } }
            crise:
              initial: confinement
              states:
                confinement: { transitions: { confine: { to: mode-degrade, guard: "steps.isoler.done" } } }
                mode-degrade: { activates: [degrade-urgences], transitions: { reprendre: { to: reconstruction, guard: "facts.sauvegarde_saine == true" } } }
                reconstruction: { transitions: { basculer: { to: retour, guard: "steps.recette-metier.done" } } }
                retour: { transitions: { clore: { to: clos, approvals: { quorum: 2, roles: [directeur, referent-soins], onTimeout: hold } } } }
            clos: { final: true }
        steps:
          - id: isoler
            in: confinement
            kind: manual
            role: equipe-sys
            title: { fr: "Isoler le réseau du DPI" }
            do: ["Débrancher les liens L3 listés fiche 12", "Ne pas éteindre les serveurs"]
            style: read-do
            duration: { low: PT10M, likely: PT20M, high: PT1H }
            deadline: { from: "lifecycle.crise.entered", within: PT30M, onOverdue: [{ notify: directeur }] }
            evidence: [{ id: heure-isolement, type: datetime, required: true }, { id: photo-baie, type: photo }]
            card: 12
          - id: choisir-point
            in: mode-degrade
            kind: decision
            role: rssi
            needs: [isoler]
            question: { fr: "Quel point de restauration est sain ?" }
            evidence: [{ id: date-intrusion, type: datetime, required: true }]
            options:
              - { id: j-1, label: { fr: "Dernière sauvegarde" }, when: "evidence.date-intrusion > backup.latest", sets: { sauvegarde_saine: true } }
              - { id: aucun, label: { fr: "Aucun point sûr : investiguer" }, sets: { sauvegarde_saine: false } }
            rationale: required
            approvals: { quorum: 2, roles: [rssi, dsi], distinct: true, onTimeout: hold }
          - id: restaurer-bdd
            in: reconstruction
            kind: auto
            role: equipe-sys
            needs: [choisir-point]
            dependsOnApplications: [ad, dns, stockage]
            title: { fr: "Restaurer la base" }
            run: { agent: restore, action: restore.postgres, with: { target: salle-blanche } }
            manualFallback: ["Fiche 31 : restauration manuelle de la base"]
            uses: { flux-restauration: 3 }
            duration: { from: drills, quantiles: [0.5, 0.9] }
            retry: { max: 2, delay: PT10M }
            verify: { by: dsi, distinctFrom: executor, checks: [checksum, row-count, login-test] }
            onFailure: { rollback: [detruire-cible], then: choisir-point }
          - { id: detruire-cible, in: reconstruction, kind: manual, role: equipe-sys, compensation: true, title: { fr: "Détruire la cible de restauration" } }
          - { id: recette-metier, in: reconstruction, kind: manual, role: referent-soins, needs: [restaurer-bdd], title: { fr: "Recette par deux soignants" }, style: do-confirm }
          - { id: attendre, in: retour, kind: wait, role: dsi, title: { fr: "Attendre 7 jours sans anomalie" }, for: P7D, join: any, needs: [recette-metier, isoler], modes: [live] }
          - { id: suite, in: retour, kind: subRunbook, role: dsi, title: { fr: "Ressaisir" }, ref: { id: ressaisie, version: 1.0.0, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa } }
        degraded:
          - id: degrade-urgences
            service: urgences
            replaces: [dpi]
            startWhen: "eta.unknown or eta > PT1H"
            sustainable: PT72H
            kit: ["Dossiers papier (50)", "PC de secours chiffré n°3"]
            do: ["Numéroter chaque dossier papier", "Prescrire sur formulaire P-07"]
            reentry: { owner: referent-soins, perHour: 12, deadline: P7D }
        exercise:
          injects:
            - { at: PT0M, channel: telephone, to: rssi, text: { fr: "EXERCICE – écran noir aux urgences" }, expect: isoler }
        """;

    [Fact]
    public void Every_part_of_the_language_arrives_in_the_model()
    {
        var result = RunbookFile.Parse(Sample, "pra-dpi-rancongiciel.yaml");

        result.Issues.Should().BeEmpty();
        var runbook = result.Value!;
        runbook.Targets.Should().Be(new Targets("dpi", TimeSpan.FromHours(24), TimeSpan.FromHours(4), TimeSpan.FromHours(48)));
        runbook.Role("equipe-sys")!.ReachablePersons.Should().Be(3);
        runbook.Lifecycle.Leaf("crise").Should().Be("confinement");
        runbook.Lifecycle.Path("retour").Select(s => s.Id).Should().Equal("retour", "crise");
        var isolate = runbook.Step("isoler")!;
        isolate.Should().BeEquivalentTo(new { Kind = StepKind.Manual, ReadDo = true, Card = "12" });
        isolate.Deadline!.Within.Should().Be(TimeSpan.FromMinutes(30));
        isolate.Evidence.Select(e => (e.Id, e.Type, e.Required)).Should().Equal(("heure-isolement", "datetime", true), ("photo-baie", "photo", false));
        var choose = runbook.Step("choisir-point")!;
        (choose.RationaleRequired, choose.Approvals!.Quorum, choose.Approvals.Distinct, choose.Approvals.RejectOnTimeout).Should().Be((true, 2, true, false));
        choose.Options[0].Sets.Should().Contain("sauvegarde_saine", "true");
        choose.Options[0].When!.Text.Should().Be("evidence.date-intrusion > backup.latest");
        var restore = runbook.Step("restaurer-bdd")!;
        restore.Run.Should().BeEquivalentTo(new { Agent = "restore", Action = "restore.postgres" });
        restore.Uses["flux-restauration"].Should().Be(3);
        (restore.Verify!.By.Id, restore.Verify.DistinctFromExecutor, restore.Verify.Checks.Count, restore.Duration!.FromDrills).Should().Be(("dsi", true, 3, true));
        restore.OnFailure!.Rollback.Single().Id.Should().Be("detruire-cible");
        restore.OnFailure.Then!.Id.Should().Be("choisir-point");
        runbook.Step("attendre").Should().BeEquivalentTo(new { WaitFor = TimeSpan.FromDays(7), Join = 1, Modes = new[] { "live" } });
        runbook.Step("recette-metier")!.ReadDo.Should().BeFalse();
        runbook.Degraded.Single().Should().BeEquivalentTo(new { Service = "urgences", Sustainable = TimeSpan.FromHours(72), Reentry = new { PerHour = 12 } });
        runbook.Injects.Single().Expect!.Id.Should().Be("isoler");
    }
}
