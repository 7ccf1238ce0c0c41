using System.Text.RegularExpressions;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Obligations.Desk;

namespace BackupGuard.Continuity.Tests.Obligations;

public partial class ObligationDraftTests
{
    private static readonly Desk Crisis = Shipped.Aware("t0-connaissance-incident", Monday).Aware("connaissance-violation-dcp", Monday.AddHours(2));

    public static TheoryData<string, string> Drafts
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var duty in Shipped.Rows.Duties)
            {
                data.Add(duty.Id, "fr");
                data.Add(duty.Id, "en");
            }

            return data;
        }
    }

    private static DraftSource Source(RunMode mode = RunMode.Live) => new(Crisis.Facts, mode, Monday.AddHours(3), i => i.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture))
    {
        RunId = "r1",
        Establishment = "CH de Valmont",
        StepsDone = ["02-01 Débranchez les sauvegardes, 03:40, Nadia Ferrand"],
        Facts = new Dictionary<string, string> { ["urgences"] = "filtre" },
    };

    private static ObligationDraft Draft(string duty, DraftSource source, string language = "fr") => ObligationDraft.Of(Shipped.Rows, Shipped.Rows.Duty(duty)!, source, language);

    [Fact]
    public void A_draft_holds_what_the_run_knows()
    {
        var draft = Draft("n1", Source());

        draft.Title.Should().StartWith("N1 Signalement");
        Line(draft, "etablissement").Text.Should().Be("CH de Valmont");
        Line(draft, "decouverte").Text.Should().Contain("2026-11-23 02:12 UTC").And.Contain("Camille Robin").And.Contain("Écrans noirs");
        Line(draft, "mesures").Text.Should().Contain("Débranchez les sauvegardes");
        draft.Recipients.Should().ContainSingle().Which.Contact.Should().Be("signalement.social-sante.gouv.fr");
    }

    [Fact]
    public void What_nobody_said_is_written_as_unknown_also_inside_a_line()
    {
        var draft = Draft("n1", Source());

        foreach (var field in (string[])["declarant", "finess", "origine", "systemes", "aide", "effet-donnees"])
        {
            Line(draft, field).Should().Match<DraftLine>(l => l.Text == "inconnu à cette heure" && !l.Known, field);
        }

        Line(draft, "effet-soins").Should().Match<DraftLine>(l => l.Text == "inconnu à cette heure\u00a0; filtre" && !l.Known, "one half is known, the other is said to be unknown");
    }

    [Theory]
    [MemberData(nameof(Drafts))]
    public void No_line_of_any_draft_is_left_blank_and_no_placeholder_remains(string duty, string language)
    {
        foreach (var source in (DraftSource[])[Source(), Source(RunMode.Exercise), new(ObligationFacts.None, RunMode.Live, Monday, i => i.ToString("O"))])
        {
            var draft = Draft(duty, source, language);
            draft.Lines.Should().OnlyContain(l => !string.IsNullOrWhiteSpace(l.Text) && !l.Text.Contains('{') && !string.IsNullOrWhiteSpace(l.Label));
            draft.Recipients.Should().NotBeEmpty().And.OnlyContain(r => !string.IsNullOrWhiteSpace(r.Contact));
        }
    }

    [Theory]
    [MemberData(nameof(Drafts))]
    public void A_draft_of_an_exercise_begins_with_that_word_and_can_reach_nobody(string duty, string language)
    {
        var source = Source(RunMode.Exercise) with
        {
            Facts = new Dictionary<string, string>
            {
                ["numero-rappel"] = "M. Aubert, 06 12 34 56 78 ou +33 1.44.55.66.77", ["description-incident"] = "Écrire à cert@sante.exemple.fr ou https://portail.sante.gouv.fr/x?y, sinon www.cnil.fr",
            },
            Evidence = new Dictionary<string, string> { ["salle"] = "0144556677", ["note-point"] = "0972439125", ["services-en-degrade"] = "Urgences, poste 01-44-55-66-77" },
        };

        var draft = Draft(duty, source, language);

        draft.Exercise.Should().BeTrue();
        draft.Title.Should().StartWith(language == "fr" ? "EXERCICE" : "EXERCISE");
        draft.Intro.Should().StartWith(language == "fr" ? "EXERCICE" : "EXERCISE");
        var all = string.Join("\n", draft.Lines.Select(l => l.Label + l.Text).Concat(draft.Recipients.Select(r => r.Label + r.Contact)).Append(draft.Title).Append(draft.Intro));
        Digits().Replace(all, "").Should().NotMatchRegex("[0-9]{9}", "no telephone number however it is spaced");
        all.Should().NotContain("@").And.NotContain("http").And.NotContain(".fr").And.NotContain("gouv");
        foreach (var contact in Shipped.Rows.Duties.SelectMany(d => d.Recipients).Select(r => r.Contact).Where(c => c != ""))
        {
            all.Should().NotContain(contact);
        }
    }

    [Fact]
    public void In_a_crisis_the_numbers_stay()
    {
        Draft("n1b", Source()).Recipients.Should().ContainSingle().Which.Contact.Should().Be("09 72 43 91 25");
        Line(Draft("n1b", Source() with { Evidence = new Dictionary<string, string> { ["salle"] = "01 44 55 66 77" } }), "rappel").Text.Should().Be("01 44 55 66 77");
    }

    [Fact]
    public void The_required_fields_are_marked_and_the_earlier_sending_is_told()
    {
        var draft = Draft("n6", Source() with { Obligations = Crisis.Sent("n5", Monday.AddHours(5)).Facts });

        Line(draft, "plainte-recue").Should().Match<DraftLine>(l => l.Required && l.Known && l.Text.Contains("n° 4711"));
        Line(draft, "prejudice").Required.Should().BeFalse();
    }

    private static DraftLine Line(ObligationDraft draft, string field) => draft.Lines.Single(l => l.Field == field);

    // Hours and dates of the test's own writing.
    [GeneratedRegex(@"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}|[\s.\-]")]
    private static partial Regex Digits();
}
