using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Tests.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exercises;

public sealed class ExerciseFileTests
{
    private static readonly RunbookDefinition Runbook = RunbookFile.Parse(RunbookFileTests.Small, "petit.yaml").Value!;
    private static readonly ScenarioDefinition Ransomware = ScenarioFile.Parse(RepositoryFiles.Read("runbooks/scenarios/rancongiciel-total.yaml"), "rancongiciel-total.yaml").Value!;

    /// <summary>The smallest exercise without a remark; each rule is broken from here.</summary>
    internal const string Small = """
        format: backupguard.exercise/v1
        id: petit-exercice
        version: 1.0.0
        title: { fr: Petit exercice }
        level: debutant
        runbook: petit
        scenario: rancongiciel-total
        duration: PT2H
        audience: { fr: Tous }
        players: [chef, technicien]
        story: ["Une histoire"]
        rules: ["Dites « EXERCICE »"]
        kit: { facilitator: [Montre], players: [Papier], observers: [Grille] }
        objectives: [{ id: isoler, text: { fr: On isole } }, { id: choisir, text: { fr: On choisit } }]
        cast:
          presse: { label: { fr: Presse }, outside: true, number: "01 99 00 00 01" }
          laboratoire: { label: { fr: Laboratoire } }
        chronogramme:
          debex: { text: { fr: "EXERCICE - On commence" } }
          finex: { at: PT1H, text: { fr: "EXERCICE - Fini" } }
          phases: [{ id: debut, title: { fr: Début }, from: PT0M }, { id: suite, title: { fr: Suite }, from: PT30M }]
          injects:
            - { id: s-01, at: PT5M, phase: debut, channel: presentiel, from: laboratoire, to: [technicien], text: { fr: "EXERCICE - Noir" }, expect: { step: isoler, within: PT10M, reaction: { fr: On débranche } } }
            - { id: s-02, at: PT35M, phase: suite, channel: messagerie, from: presse, to: [chef], text: { fr: "EXERCICE - Question", en: "EXERCISE - Question" }, expect: { transition: finir, within: PT10M, reaction: { fr: On répond } } }
            - { id: s-03, at: PT50M, phase: suite, channel: papier, from: chef, to: [chef, technicien], text: { fr: "EXERCICE - Secours" }, onlyIf: { fr: Trop vite }, spare: true }
        criteria:
          - { id: c-01, objective: isoler, label: { fr: Isolement }, look: La main, meaning: [non, tard, oui, vite] }
          - { id: c-02, objective: choisir, label: { fr: Choix }, look: La voix, meaning: [non, tard, oui, vite] }
        debrief: { hot: ["Alors ?"], cold: ["Et après ?"] }
        reminders: [{ id: avant, when: before, days: 15, text: { fr: OPSSIES } }, { id: apres, when: after, text: { fr: OPSSIES } }]
        report: { recipients: [{ fr: ARS }], within: P30D }
        sources: ["[pratique]"]
        """;

    private static IReadOnlyList<DefinitionIssue> Issues(string yaml) => ExerciseFile.Parse(yaml, "e.yaml", Runbook, Ransomware).Issues;

    [Fact]
    public void What_the_file_says_arrives_in_the_model()
    {
        var result = ExerciseFile.Parse(Small, "e.yaml", Runbook, Ransomware);

        result.Issues.Should().BeEmpty();
        var exercise = result.Value!;
        (exercise.Level, exercise.Runbook.Id, exercise.Duration, exercise.Scenario).Should().Be((ExerciseLevel.Beginner, "petit", TimeSpan.FromHours(2), "rancongiciel-total"));
        exercise.Chronogramme.End!.After.Should().Be(TimeSpan.FromHours(1));
        var first = exercise.Inject("s-01")!;
        first.Expect.Should().BeEquivalentTo(new { Step = new { Id = "isoler" }, Within = TimeSpan.FromMinutes(10) });
        (first.From!.Id, first.To.Single().Id, first.Phase!.Id, first.After).Should().Be(("laboratoire", "technicien", "debut", TimeSpan.FromMinutes(5)));
        exercise.Inject("s-02")!.Expect!.Transition!.Id.Should().Be("finir");
        exercise.Inject("s-03").Should().BeEquivalentTo(new { Spare = true, OnlyIf = new { Fr = "Trop vite" } });
        exercise.Member("presse").Should().BeEquivalentTo(new { Outside = true, Number = "01 99 00 00 01" });
        exercise.Criteria[1].Meaning.Should().Equal((string[])["non", "tard", "oui", "vite"], "in the order of 0 to 3");
        exercise.Reminders.Select(r => (r.Before, r.Days)).Should().Equal((true, 15), (false, (int?)null));
        exercise.Debrief.Hot.Should().Equal((string[])["Alors\u00a0?"], "French is set with its no-break spaces");
    }

    [Theory]
    [InlineData("at: PT50M", "at: PT1H5M", "BG3050")]
    [InlineData("duration: PT2H", "duration: PT50M", "BG3050")]
    [InlineData("from: PT30M", "from: PT40M", "BG3051")]
    [InlineData("phase: suite, channel: papier", "phase: debut, channel: papier", "BG3051")]
    [InlineData("phase: suite, channel: papier", "phase: suitte, channel: papier", "BG3052")]
    [InlineData("objective: choisir", "objective: chosir", "BG3052")]
    [InlineData("to: [chef, technicien]", "to: [chef, seul]", "BG3053")]
    [InlineData("to: [technicien]", "to: []", "BG3053")]
    [InlineData("players: [chef, technicien]", "players: [chef, technicien, medecin]", "BG3021")]
    [InlineData("from: chef, to", "from: cheff, to", "BG3021")]
    [InlineData("step: isoler", "step: isolerr", "BG3028")]
    [InlineData("transition: finir", "transition: finirr", "BG3028")]
    [InlineData("EXERCICE - Noir", "Noir EXERCICE", "BG3054")]
    [InlineData("EXERCISE - Question", "Question", "BG3054")]
    [InlineData("EXERCICE - Fini", "C'est fini", "BG3054")]
    [InlineData("EXERCICE - On commence", "On commence", "BG3054")]
    [InlineData("01 99 00 00 01", "01 98 00 00 01", "BG3055")]
    [InlineData("EXERCICE - Question", "EXERCICE - Rappelez le 0612345678", "BG3055")]
    [InlineData("EXERCICE - Question", "EXERCICE - Écrivez à direction@valmont.fr", "BG3055")]
    [InlineData("Une histoire", "Appelez le +33 1 44 55 66 77", "BG3055")]
    [InlineData("from: presse, to", "from: laboratoire, to", "BG3043")]
    [InlineData("id: s-02", "id: s-01", "BG3013")]
    [InlineData("id: s-02", "id: finex", "BG3013")]
    [InlineData("id: c-02", "id: c-01", "BG3013")]
    [InlineData("laboratoire: {", "technicien: {", "BG3013")]
    [InlineData("finex: { at: PT1H, text: { fr: \"EXERCICE - Fini\" } }\n", "\n", "BG3007")]
    [InlineData("meaning: [non, tard, oui, vite] }\n  - { id: c-02", "meaning: [non, oui] }\n  - { id: c-02", "BG3009")]
    [InlineData("channel: papier", "channel: pigeon", "BG3009")]
    [InlineData("level: debutant", "level: expert", "BG3009")]
    [InlineData("spare: true", "spares: true", "BG3006")]
    [InlineData("debex: { text", "debex: { texte", "BG3006")]
    public void Each_mistake_is_an_error_with_its_code(string good, string bad, string code)
    {
        Small.Should().Contain(good);
        var issues = Issues(Small.Replace(good, bad, StringComparison.Ordinal));

        issues.Should().Contain(i => i.Code == code && i.Level == IssueLevel.Error && i.Line > 0 && i.Fr != "" && i.En != "", string.Join("\n", issues));
        ExerciseFile.Parse(Small.Replace(good, bad, StringComparison.Ordinal), "e.yaml", Runbook, Ransomware).Value.Should().BeNull();
    }

    [Theory]
    [InlineData(", expect: { step: isoler, within: PT10M, reaction: { fr: On débranche } }", "", "BG3063")]
    [InlineData("transition: finir, within: PT10M", "transition: finir, within: PT26M", "BG3064")]
    [InlineData("at: PT35M", "at: PT40M", "BG3065")]
    [InlineData("objective: choisir", "objective: isoler", "BG3066")]
    [InlineData("level: debutant", "level: confirme", "BG3067")]
    [InlineData("id: apres, when: after", "id: apres, when: before", "BG3068")]
    public void What_may_be_meant_is_a_warning_and_the_exercise_can_be_played(string good, string other, string code)
    {
        Small.Should().Contain(good);
        var result = ExerciseFile.Parse(Small.Replace(good, other, StringComparison.Ordinal), "e.yaml", Runbook, Ransomware);

        result.Issues.Select(i => (i.Code, i.Level)).Should().Equal((code, IssueLevel.Warning));
        result.IsValid.Should().BeTrue();
    }

    [Theory]
    [InlineData("+33 1 99 00 12 34")]
    [InlineData("0033.6.39.98.12.34")]
    [InlineData("0261911234")]
    [InlineData("le 15, le 115, à 09 h 72, 43 91 25 patients")]
    public void A_number_of_fiction_in_any_spelling_and_what_is_no_number_may_stand(string text) =>
        Issues(Small.Replace("Une histoire", text, StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void Without_its_runbook_it_is_said_that_roles_and_steps_were_not_looked_at() =>
        ExerciseFile.Parse(Small, "e.yaml").Issues.Select(i => i.Code).Should().Equal("BG3056");

    [Fact]
    public void A_scenario_other_than_the_runbooks_is_said() =>
        Issues(Small.Replace("scenario: rancongiciel-total", "scenario: panne-electrique", StringComparison.Ordinal)).Select(i => i.Code).Should().Equal("BG3057");

    [Fact]
    public void A_misspelt_reference_names_the_one_that_was_meant() =>
        Issues(Small.Replace("step: isoler", "step: isolerr", StringComparison.Ordinal)).Single().Should().BeEquivalentTo(new { Line = 23, Fr = "Étape inconnue\u00a0: «\u00a0isolerr\u00a0». Vouliez-vous «\u00a0isoler\u00a0»\u00a0?" });

    [Theory]
    [InlineData("a: &a [*a]", "BG3003")]
    [InlineData("", "BG3001")]
    [InlineData("- liste", "BG3004")]
    public void What_is_no_plain_yaml_is_refused_before_it_is_read(string yaml, string code) => Issues(yaml).Select(i => i.Code).Should().Equal(code);

    [Fact]
    public void A_runbook_alone_can_be_played_with_the_injects_it_carries()
    {
        var runbook = RunbookFile.Parse(RepositoryFiles.Read("runbooks/exercice-de-crise.yaml"), "exercice-de-crise.yaml").Value!;

        var exercise = ExerciseDefinition.FromRunbook(runbook);

        exercise.Chronogramme.Injects.Should().HaveCount(8);
        exercise.Chronogramme.Injects[5].Should().BeEquivalentTo(new { Id = "i-06", After = TimeSpan.FromMinutes(75), Channel = "presentiel" });
        exercise.Inject("i-06")!.Expect.Should().BeEquivalentTo(new { Step = new { Id = "terrain" }, Within = (TimeSpan?)null });
        (exercise.Criteria.Count, exercise.Objectives.Count, exercise.Chronogramme.End).Should().Be((0, 0, null));
    }
}
