using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Runbooks;

public class RunbookFileTests
{
    private static readonly ScenarioDefinition Ransomware = ScenarioFile.Parse(RepositoryFiles.Read("runbooks/scenarios/rancongiciel-total.yaml"), "rancongiciel-total.yaml").Value!;

    /// <summary>The smallest runbook that says yes to everything; each rule is broken from here.</summary>
    internal const string Small = """
        format: backupguard.runbook/v1
        id: petit
        version: 1.0.0
        title: { fr: Petit }
        plan: PRA
        scenario: rancongiciel-total
        review: { owner: dsi, reviewBy: 2027-03-31 }
        roles:
          chef: { label: { fr: Chef }, deputies: 1 }
          technicien: { label: { fr: Technicien }, capacity: 2 }
          seul: { label: { fr: Seul }, deputies: 1 }
        facts:
          sain: { label: { fr: Point sain }, type: truth }
        lifecycle:
          initial: crise
          states:
            crise:
              initial: confinement
              transitions: { abandonner: { to: clos, approvals: { quorum: 2, roles: [chef, technicien] } } }
              states:
                confinement: { transitions: { confiner: { to: reprise, guard: "steps.isoler.done" } } }
                reprise: { transitions: { finir: { to: clos, guard: "facts.sain == true" }, geler: { to: gele } } }
            gele: { transitions: { degeler: { to: "@previous" } } }
            clos: { final: true }
        steps:
          - { id: isoler, in: confinement, kind: manual, role: technicien, title: { fr: Isoler }, card: 1, do: ["Débrancher"] }
          - id: choisir
            in: reprise
            kind: decision
            role: chef
            needs: [isoler]
            question: { fr: Quel point ? }
            options: [{ id: hier, label: { fr: Hier }, sets: { sain: true } }, { id: aucun, label: { fr: Aucun } }]
            approvals: { quorum: 2, roles: [chef, technicien], onTimeout: hold }
        """;

    private static IReadOnlyList<DefinitionIssue> Issues(string yaml, DateOnly? today = null) => RunbookFile.Parse(yaml, "r.yaml", Ransomware, today).Issues;

    [Fact]
    public void The_plan_blanc_numerique_is_clean_even_for_its_own_scenario()
    {
        var result = RunbookFile.Parse(RepositoryFiles.Read("runbooks/plan-blanc-numerique.yaml"), "plan-blanc-numerique.yaml", Ransomware, new DateOnly(2026, 11, 21));

        result.Issues.Should().BeEmpty();
        result.Value!.Id.Should().Be("plan-blanc-numerique");
        result.Value.Steps.Should().HaveCount(33).And.OnlyContain(s => s.Source != "" && s.Do.Count > 0 && s.Card != "" && s.Duration != null);
        result.Value.Steps.Select(s => s.Card).Should().BeInAscendingOrder(StringComparer.Ordinal);
        result.Value.Lifecycle.Leaves.Select(s => s.Id).Should()
            .Equal("veille", "alerte", "activation", "mode-degrade", "reprise", "retour-normale", "levee", "retex", "suspendu", "clos");
    }

    [Fact]
    public void Every_state_of_the_plan_blanc_can_be_reached_and_left_for_its_end()
    {
        var lifecycle = RunbookFile.Parse(RepositoryFiles.Read("runbooks/plan-blanc-numerique.yaml"), "p").Value!.Lifecycle;

        lifecycle.Reachable(["veille"]).Should().BeEquivalentTo(lifecycle.Leaves.Select(l => l.Id));
        lifecycle.Leaves.Should().OnlyContain(l => lifecycle.Reachable(new[] { l.Id }).Contains("clos"));
        lifecycle.NextLeaves("suspendu").Should().BeEquivalentTo("veille", "alerte", "activation", "mode-degrade", "reprise", "retour-normale", "levee", "retex");
        lifecycle.IsPause("suspendu").Should().BeTrue();
    }

    [Fact]
    public void The_small_runbook_is_clean() => Issues(Small).Should().BeEmpty();

    /// <param name="at">Text of the broken file; ^ stands before the character that the issue must point to.</param>
    [Theory]
    [InlineData("in: confinement, kind", "in: confinemant, kind", "BG3022", "in: ^confinemant")]
    [InlineData("needs: [isoler]", "needs: [isolé]", "BG3010", "[^isolé")]
    [InlineData("needs: [isoler]", "needs: [izoler]", "BG3028", "[^izoler")]
    [InlineData("role: chef\n", "role: cheff\n", "BG3021", "role: ^cheff")]
    [InlineData("initial: crise", "initial: crize", "BG3023", "initial: ^crize")]
    [InlineData("      initial: confinement\n", "", "BG3023", "    ^crise:")]
    [InlineData("confiner: { to: reprise,", "confiner: { to: gele,", "BG3024", "    ^reprise: {")]
    [InlineData("geler: { to: gele }", "geler: { to: crise }", "BG3024", "    ^gele:")]
    [InlineData("degeler: { to: \"@previous\" }", "tourner: { to: gele }", "BG3025", "    ^gele:")]
    [InlineData("clos: { final: true }", "clos: { }", "BG3025", "initial: ^crise")]
    [InlineData("clos: { final: true }", "clos: { final: true, transitions: { rouvrir: { to: crise } } }", "BG3026", "    ^clos: { final")]
    [InlineData("\"steps.isoler.done\"", "\"steps.izoler.done\"", "BG3027", "\"^steps.izoler")]
    [InlineData("\"facts.sain == true\"", "\"facts.sein == true\"", "BG3027", "\"^facts.sein")]
    [InlineData("\"facts.sain == true\"", "\"facts.sain = true\"", "BG3020", "facts.sain ^= true")]
    [InlineData("title: { fr: Isoler }, card", "title: { fr: Isoler }, needs: [choisir], card", "BG3030", "[^choisir]")]
    [InlineData("title: { fr: Isoler }, card", "title: { fr: Isoler }, needs: [isoler], card", "BG3029", "id: ^isoler")]
    [InlineData("do: [\"Débrancher\"]", "do: [a, b, c, d, e, f, g, h]", "BG3032", "id: ^isoler")]
    [InlineData("title: { fr: Isoler }", "title: { en: Isolate }", "BG3007", "^{ en: Isolate")]
    [InlineData("title: { fr: Isoler }, card: 1, ", "", "BG3033", "id: ^isoler")]
    [InlineData("kind: manual", "kind: auto", "BG3034", "id: ^isoler")]
    [InlineData("kind: manual", "kind: wait", "BG3034", "id: ^isoler")]
    [InlineData("kind: manual", "kind: notify", "BG3034", "id: ^isoler")]
    [InlineData("kind: manual", "kind: subRunbook", "BG3034", "id: ^isoler")]
    [InlineData("options: [{ id: hier, label: { fr: Hier }, sets: { sain: true } }, ", "options: [", "BG3034", "id: ^choisir")]
    [InlineData("sets: { sain: true }", "sets: { sain: hier }", "BG3041", "{ id: ^hier")]
    [InlineData("onTimeout: hold", "onTimeout: accept", "BG3039", "onTimeout: ^accept")]
    [InlineData("quorum: 2, roles: [chef, technicien], on", "quorum: 3, roles: [chef], on", "BG3038", "approvals: ^{ quorum: 3")]
    [InlineData("quorum: 2, roles: [chef, technicien], on", "quorum: 1, eachRole: true, roles: [chef, technicien], on", "BG3038", "approvals: ^{ quorum: 1")]
    [InlineData("card: 1,", "card: 1, deadline: { from: lifecycle.crisse.entered, within: PT1H },", "BG3036", "from: ^lifecycle.crisse")]
    [InlineData("card: 1,", "card: 1, requires: [messagerie],", "BG3043", "[^messagerie]")]
    [InlineData("card: 1,", "card: A1,", "BG3040", "card: ^A1")]
    [InlineData("role: chef\n", "role: chef\n    card: 1\n", "BG3040", "card: ^1\n    needs")]
    [InlineData("- { id: isoler,", "- { id: choisir,", "BG3013", "id: ^choisir\n")]
    [InlineData("card: 1,", "card: 1, onFailure: { rollback: [choisir] },", "BG3037", "[^choisir] }")]
    [InlineData("card: 1,", "card: 1, join: 2,", "BG3031", "id: ^isoler")]
    [InlineData("  seul: { label: { fr: Seul }, deputies: 1 }", "  seul: { label: { fr: Seul } }", "BG3060", "  ^seul:")]
    [InlineData("card: 1,", "card: 1, duration: { likely: PT2H }, deadline: { from: lifecycle.crise.entered, within: PT1H },", "BG3062", "from: ^lifecycle")]
    [InlineData("scenario: rancongiciel-total", "targets: { application: dpi, rto: P3D }\ndegraded: [{ id: fiche, service: urgences, replaces: [dpi], sustainable: P2D, do: [\"Écrire\"] }]", "BG3044", "id: ^fiche")]
    [InlineData("scenario: rancongiciel-total", "exercise: { injects: [{ at: PT0M, channel: telephone, to: chef, text: { fr: Écran noir } }] }", "BG3045", "to: ^chef, text")]
    [InlineData("scenario: rancongiciel-total", "exercise: { injects: [{ at: PT0M, channel: telephone, to: chef, text: { fr: Écran noir }, expect: isoler }] }", "", "")]
    [InlineData("guard: \"steps.isoler.done\" }", "guard: \"steps.isoler.done\" }, arreter: { to: clos }", "BG3046", "id: ^isoler")]
    [InlineData("initial: crise\n  states:\n", "initial: attente\n  states:\n    attente: { transitions: { ouvrir: { to: crise } } }\n", "BG3047", "    ^attente:")]
    [InlineData("initial: crise\n  states:\n", "initial: attente\n  states:\n    attente: { transitions: { ouvrir: { to: crise, reason: required } } }\n", "", "")]
    [InlineData("do: [\"Débrancher\"]", "do: [\"Débrancher b c d e f g h i j k l m n o p q r s t. Puis v w x y z\"]", "", "")]
    [InlineData("do: [\"Débrancher\"]", "do: [\"Débrancher b c d e f g h i j k l m n o p q r s t, u\"]", "BG3069", "[^\"Débrancher")]
    [InlineData("    crise:\n", "    crise:\n      activates: [fiche-urgences]\n", "BG3042", "[^fiche-urgences")]
    [InlineData("plan: PRA", "plan: PRA\non: { a: b }", "BG3006", "^on: {")]
    [InlineData("version: 1.0.0", "version: 1.0", "BG3009", "version: ^1.0")]
    [InlineData("reviewBy: 2027-03-31", "reviewBy: mars 2027", "BG3009", "reviewBy: ^mars")]
    [InlineData("format: backupguard.runbook/v1", "format: backupguard.runbook/v2", "BG3009", "format: ^backup")]
    [InlineData("geler: { to: gele }", "geler: { to: gele }, retour: { to: \"@previous\" }", "BG3022", "retour: { to: ^\"@previous")]
    [InlineData("gele: { transitions: { degeler: { to: \"@previous\" } } }", "gele: { transitions: { degeler: { to: \"@previous\" }, abandonner: { to: clos } } }", "BG3022", "degeler: { to: ^\"@previous")]
    [InlineData("geler: { to: gele }", "geler: { to: gele }, encore: { to: gele }", "", "")]
    public void Each_rule_speaks_at_the_place_of_the_mistake(string right, string wrong, string code, string at)
    {
        var yaml = Small.Replace(right, wrong, StringComparison.Ordinal);
        yaml.Should().NotBe(Small);

        var issues = Issues(yaml);

        if (code == "")
        {
            issues.Should().BeEmpty();
            return;
        }

        var offset = yaml.IndexOf(at.Replace("^", "", StringComparison.Ordinal), StringComparison.Ordinal) + at.IndexOf('^', StringComparison.Ordinal);
        var line = yaml[..offset].Count(c => c == '\n') + 1;
        var column = offset - (offset == 0 ? -1 : yaml.LastIndexOf('\n', offset - 1));
        issues.Select(i => (i.Code, i.Line, i.Column)).Should().Contain((code, line, column), "issues are {0}", string.Join(" | ", issues));
        issues.Should().OnlyContain(i => i.Fr != "" && i.En != "" && i.Code.StartsWith("BG30"));
        RunbookFile.Parse(yaml, "r.yaml", Ransomware).IsValid.Should().Be(issues.All(i => i.Level == IssueLevel.Warning));
    }

    [Fact]
    public void A_card_line_over_120_characters_is_refused_where_it_stands() =>
        Issues(Small.Replace("Débrancher", new string('x', 121), StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { Code = "BG3032", Line = 26, Column = Small.Split('\n')[25].IndexOf("\"Débrancher", StringComparison.Ordinal) + 1 });

    [Fact]
    public void Somebody_alone_in_a_role_cannot_check_his_own_work() =>
        Issues(Small.Replace("role: technicien, title: { fr: Isoler }", "role: seul, countersign: { by: seul }, title: { fr: Isoler }", StringComparison.Ordinal)
                .Replace("{ fr: Seul }, deputies: 1", "{ fr: Seul }", StringComparison.Ordinal))
            .Select(i => i.Code).Should().BeEquivalentTo("BG3035", "BG3060");

    [Fact]
    public void A_review_date_within_30_days_or_passed_is_a_warning()
    {
        Issues(Small, new DateOnly(2027, 2, 1)).Should().BeEmpty();
        Issues(Small, new DateOnly(2027, 3, 15)).Should().ContainSingle().Which.Should().BeEquivalentTo(new { Code = "BG3061", Level = IssueLevel.Warning });
        Issues(Small, new DateOnly(2027, 5, 1)).Should().ContainSingle().Which.Fr.Should().StartWith("Revue en retard");
    }

    [Fact]
    public void A_substate_can_forbid_what_it_would_inherit()
    {
        var yaml = Small.Replace("confinement: {", "confinement: { forbids: [abandonner],", StringComparison.Ordinal);

        var lifecycle = RunbookFile.Parse(yaml, "r").Value!.Lifecycle;

        lifecycle.TransitionsFrom("confinement").Select(t => t.Id).Should().Equal("confiner");
        lifecycle.TransitionsFrom("reprise").Select(t => t.Id).Should().Equal("finir", "geler", "abandonner");
        Issues(yaml.Replace("forbids: [abandonner]", "forbids: [abandoner]", StringComparison.Ordinal)).Should().ContainSingle().Which.Code.Should().Be("BG3022");
    }

    [Fact]
    public void Ten_thousand_steps_are_read_and_linted()
    {
        var lines = Enumerable.Range(0, 10_000).Select(i => $"  - {{ id: s{i}, in: confinement, kind: manual, role: technicien, title: {{ fr: S }}{(i > 0 ? $", needs: [s{i - 1}]" : "")} }}");

        Issues(Small + "\n" + string.Join("\n", lines)).Should().BeEmpty();
    }
}
