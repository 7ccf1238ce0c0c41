using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Obligations;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Obligations;

public class ObligationFileTests
{
    private const string Small = """
        format: backupguard.obligations/v1
        id: essai
        version: 1.0.0
        title: { fr: Essai }
        timeZone: Europe/Paris
        profiles:
          socle: { label: { fr: Tous }, mode: on }
          nis2: { label: { fr: NIS2 }, mode: off, enacted: false, inForceFrom: "", decider: "" }
        roles:
          dpo: { label: { fr: DPO } }
        escalateTo: [dpo]
        events:
          t0: { label: { fr: T0 }, setBy: [dpo] }
          envoi-a: { label: { fr: Envoi de a }, onSending: a }
        duties:
          - { id: a, enabled: true, profile: socle, label: { fr: A }, recipients: [{ label: { fr: CNIL } }], channels: [portail], legalBasis: RGPD, startEvent: t0, due: PT72H, target: PT48H, validatorRole: dpo, senderRole: dpo, template: t, requiredFields: [f], source: lu, certainty: sourced, checkedOn: 2026-10-01, checkedBy: C. Robin }
          - { id: b, enabled: true, profile: nis2, label: { fr: B }, recipients: [], channels: [portail], legalBasis: NIS2, startEvent: envoi-a, due: P1M, sequenceAfter: [a], validatorRole: dpo, senderRole: dpo, source: lu, certainty: unknown, checkedOn: 2026-10-01, checkedBy: C. Robin }
        fields:
          f: { label: { fr: Faits }, value: "{event.t0} {fact.x|evidence.y} {sent.a} {steps.done}" }
        templates:
          t: { fields: [f] }
        """;

    private static readonly DateOnly Today = new(2026, 11, 22);

    private static DefinitionIssue[] Issues(string yaml, DateOnly? today = null) => [.. ObligationFile.Parse(yaml, "d.yaml", today).Issues];

    [Fact]
    public void A_file_without_mistakes_has_no_issue() => Issues(Small, Today).Should().BeEmpty();

    /// <summary>Each rule speaks once, at the place of the mistake, in both languages.</summary>
    [Theory]
    [InlineData("BG3070", "startEvent: t0", "startEvent: t1")]
    [InlineData("BG3070", "setBy: [dpo]", "setBy: [dpo], propose: t9")]
    [InlineData("BG3071", "validatorRole: dpo, senderRole: dpo, template", "validatorRole: dop, senderRole: dpo, template")]
    [InlineData("BG3071", "senderRole: dpo, template", "senderRole: rssi, template")]
    [InlineData("BG3071", "escalateTo: [dpo]", "escalateTo: [directeur]")]
    [InlineData("BG3072", "sequenceAfter: [a]", "sequenceAfter: [c]")]
    [InlineData("BG3072", "onSending: a", "onSending: z")]
    [InlineData("BG3073", "due: PT72H", "due: PT72H, sequenceAfter: [b]")]
    [InlineData("BG3073", "startEvent: t0", "startEvent: envoi-a")]
    [InlineData("BG3074", "due: PT72H, target: PT48H, ", "due: \"\", ")]
    [InlineData("BG3074", "due: PT72H, target: PT48H, ", "")]
    [InlineData("BG3075", "target: PT48H", "target: PT73H")]
    [InlineData("BG3075", "due: P1M", "due: P1M, target: P29D")]
    [InlineData("BG3076", "checkedOn: 2026-10-01, checkedBy: C. Robin }\n  - { id: b", "checkedOn: \"\", checkedBy: \"\" }\n  - { id: b")]
    [InlineData("BG3076", "checkedBy: C. Robin }\n  - { id: b", "checkedBy: \"\" }\n  - { id: b")]
    [InlineData("BG3077", "due: PT72H", "due: PT72H, reminders: [50, 101]")]
    [InlineData("BG3077", "due: PT72H", "due: PT72H, reminders: [-1]")]
    [InlineData("BG3078", "nis2: { label: { fr: NIS2 }, mode: off, enacted: false, inForceFrom: \"\", decider: \"\" }", "local: { label: { fr: L }, mode: off }")]
    [InlineData("BG3079", "mode: off, enacted", "mode: on, enacted")]
    [InlineData("BG3080", "template: t", "template: u")]
    [InlineData("BG3081", "requiredFields: [f]", "requiredFields: [g]")]
    [InlineData("BG3081", "t: { fields: [f] }", "t: { fields: [f, g] }")]
    [InlineData("BG3082", "{fact.x|evidence.y}", "{fact.x|patient.nom}")]
    [InlineData("BG3082", "{event.t0}", "{event.t7}")]
    [InlineData("BG3083", "checkedOn: 2026-10-01, checkedBy: C. Robin }\n  - { id: b", "checkedOn: 2026-12-01, checkedBy: C. Robin }\n  - { id: b")]
    [InlineData("BG3084", "setBy: [dpo]", "setBy: []")]
    [InlineData("BG3084", "onSending: a", "setBy: [dpo], onSending: a")]
    [InlineData("BG3085", "checkedOn: 2026-10-01, checkedBy: C. Robin }\n  - { id: b", "checkedOn: 2025-10-01, checkedBy: C. Robin }\n  - { id: b")]
    [InlineData("BG3013", "id: b,", "id: a,")]
    [InlineData("BG3012", "Europe/Paris", "Europe/Pari")]
    [InlineData("BG3007", "label: { fr: A }", "label: { en: A }")]
    [InlineData("BG3009", "certainty: sourced", "certainty: sure")]
    [InlineData("BG3009", "socle: {", "soclle: {")]
    [InlineData("BG3009", "checkedOn: 2026-10-01, checkedBy: C. Robin }\n  - { id: b", "checkedOn: hier, checkedBy: C. Robin }\n  - { id: b")]
    [InlineData("BG3008", "due: P1M", "due: P1Y")]
    [InlineData("BG3008", "due: P1M", "due: P0M")]
    [InlineData("BG3006", "legalBasis: RGPD", "legalBasis: RGPD, delai: 72")]
    [InlineData("BG3020", "source: lu, certainty: sourced", "guards: [{ text: { fr: x }, condition: facts.x = 1 }], source: lu, certainty: sourced")]
    public void A_mistake_is_found_where_it_was_made(string code, string right, string wrong)
    {
        Small.Should().Contain(right);

        var issues = Issues(Small.Replace(right, wrong, StringComparison.Ordinal), Today);

        issues.Select(i => i.Code).Should().Contain(code).And.OnlyContain(c => c == code || c == "BG3007" || c == "BG3078");
        var issue = issues.First(i => i.Code == code);
        issue.Line.Should().BeGreaterThan(1);
        issue.Fr.Should().NotBeNullOrWhiteSpace().And.NotMatchRegex(" [:;?!»]", "French sets a no-break space there");
        issue.En.Should().NotBeNullOrWhiteSpace().And.NotBe(issue.Fr);
    }

    [Fact]
    public void Warnings_do_not_refuse_the_file()
    {
        var unread = Small.Replace("checkedOn: 2026-10-01, checkedBy: C. Robin", "checkedOn: \"\", checkedBy: \"\"", StringComparison.Ordinal);

        var result = ObligationFile.Parse(unread, "d.yaml", Today);

        result.IsValid.Should().BeTrue("an unread row is shown as such in a crisis; without the file nobody would be told anything");
        result.Issues.Should().OnlyContain(i => i.Level == IssueLevel.Warning);
    }

    [Fact]
    public void The_shipped_file_warns_of_each_row_that_nobody_has_read_and_of_nothing_else()
    {
        var result = ObligationFile.Parse(Desk.ShippedText, "declarations.yaml", Today);

        result.Issues.Where(i => i.Code != "BG3076").Should().BeEmpty();
        result.Issues.Should().HaveCount(result.Value!.Duties.Count(d => d.Enabled));
        result.Value.Duties.Should().OnlyContain(d => d.CheckedOn == null && d.CheckedBy == "", "we are nobody’s legal officer");
    }

    [Fact]
    public void The_shipped_file_has_every_row_of_the_table_with_its_source_and_both_languages()
    {
        var file = Desk.Shipped.Rows;

        file.Duties.Where(d => d.Enabled).Select(d => d.Id).Should().Equal((string[])
            ["n1", "n1b", "n2", "n2-oiv", "n3a", "n3b", "n3c", "n3d", "n3d-final", "n4a", "n4a-complement", "n4b", "n4c", "n5", "n6", "n7", "n7-levee", "n8", "n8-reouverture"], "these are the rows of the table");
        file.Duties.Where(d => !d.Enabled).Select(d => d.Id).Should().Equal((string[])["n9", "n10", "n11", "n12", "n13"], "candidates come switched off");
        file.Duties.Should().OnlyContain(d => d.Source != "" && d.LegalBasis != "" && d.Label.En != "");
        file.Fields.Should().OnlyContain(f => f.Label.En != "");
        file.Duties.Where(d => d.Enabled).Should().OnlyContain(d => d.Template != null && d.RequiredFields.Count > 0);
        file.Profile("nis2")!.Mode.Should().Be(ProfileMode.Off);
        file.Duties.Where(d => d.Id.StartsWith("n3", StringComparison.Ordinal)).Should().OnlyContain(d => d.Certainty == Certainty.Unknown && d.Profile.Id == "nis2");
    }

    [Fact]
    public void The_limits_of_the_shipped_file_are_those_of_the_texts()
    {
        var figures = Desk.Shipped.Rows.Duties.Where(d => d.Due is not null).Select(d => $"{d.Id} {d.Due}");

        figures.Should().Equal((string[])["n3a PT24H", "n3b PT72H", "n3d P1M", "n3d-final P1M", "n4a PT72H", "n5 PT72H"], "and no other text gives a figure");
    }

    [Fact]
    public void French_texts_of_the_shipped_file_never_break_before_their_punctuation() =>
        Desk.ShippedText.Split('\n').Where(l => !l.StartsWith('#') && System.Text.RegularExpressions.Regex.IsMatch(l, "fr: \"[^\"]* [:;?!»][^\"]*\"")).Should().BeEmpty();
}
