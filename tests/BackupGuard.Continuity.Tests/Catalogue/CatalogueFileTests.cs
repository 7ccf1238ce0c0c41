using System.Text;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Catalogue;

public class CatalogueFileTests
{
    private const string Head = "format: backupguard.catalogue/v1\nestablishment: CH de Valmont\ntimeZone: Europe/Paris\napplications:\n";

    [Fact]
    public void A_complete_file_is_read_with_all_its_values()
    {
        var result = CatalogueFile.Parse(Head + """
              - id: annuaire
                name: Annuaire
                dmia: PT4H
              - id: dpi
                name: Dossier patient
                nameEn: Health record
                service: urgences
                vital: true
                dmia: PT8H
                mtpd: P1DT12H
                pdma: PT30M
                proofValidFor: P30D
                dependsOn: [annuaire]
                owner: DSI
            """, "hopital.yaml");

        result.Issues.Should().BeEmpty();
        result.Value!.Establishment.Should().Be("CH de Valmont");
        result.Value.TimeZoneId.Should().Be("Europe/Paris");
        result.Value.Applications[0].Should().BeEquivalentTo(new { Id = "annuaire", Vital = false, MaximumTolerablePeriod = (TimeSpan?)null, ProofValidFor = TimeSpan.FromDays(90) });
        result.Value.Applications[1].Should().BeEquivalentTo(new Application("dpi", "Dossier patient")
        {
            NameEn = "Health record", Service = "urgences", Vital = true, RecoveryTimeObjective = TimeSpan.FromHours(8),
            MaximumTolerablePeriod = TimeSpan.FromHours(36), RecoveryPointObjective = TimeSpan.FromMinutes(30),
            ProofValidFor = TimeSpan.FromDays(30), DependsOn = ["annuaire"], Owner = "DSI",
        });
    }

    [Theory]
    [InlineData("  - { id: dpi, name: A, vitale: true }", "BG3006", 5, 25, "Vouliez-vous « vital »")]
    [InlineData("  - { id: dpi }", "BG3007", 5, 5, "« name »")]
    [InlineData("  - { id: DPI, name: A }", "BG3010", 5, 11, "identifiant")]
    [InlineData("  - { id: dpi, name: A, dmia: 8h }", "BG3008", 5, 31, "PT8H")]
    [InlineData("  - { id: dpi, name: A, dmia: PT0H }", "BG3008", 5, 31, "zéro")]
    [InlineData("  - { id: dpi, name: A, dmia: -PT8H }", "BG3008", 5, 31, "durée")]
    [InlineData("  - { id: dpi, name: A, vital: oui }", "BG3009", 5, 32, "true ou false")]
    [InlineData("  - { id: dpi, name: A, dmia: P2D, mtpd: P1D }", "BG3014", 5, 31, "limite absolue")]
    [InlineData("  - { id: dpi, name: A }\n  - { id: dpi, name: B }", "BG3013", 6, 11, "deux fois")]
    [InlineData("  - { id: dpi, name: A, dependsOn: [dpy] }", "BG3015", 5, 37, "Vouliez-vous « dpi »")]
    [InlineData("  - { id: dpi, name: A, dependsOn: [dpi] }", "BG3016", 5, 36, "dpi → dpi")]
    [InlineData("  - { id: a, name: A, dependsOn: [b] }\n  - { id: b, name: B, dependsOn: [c] }\n  - { id: c, name: C, dependsOn: [a] }", "BG3016", 5, 34, "a → b → c → a")]
    [InlineData("  []", "BG3009", 5, 3, "catalogue vide")]
    [InlineData("  - &x { id: dpi, name: A }", "BG3003", 5, 5, "Ancres")]
    [InlineData("  - { id: dpi, name: !!str A }", "BG3003", 5, 22, "étiquettes")]
    [InlineData("  - { id: dpi, name: A, <<: { vital: true } }", "BG3003", 5, 25, "fusion")]
    [InlineData("  - { id: dpi, name: A, name: B }", "BG3005", 5, 25, "deux fois")]
    [InlineData("  - { id: dpi, name: A\n", "BG3001", 6, 1, "YAML")]
    [InlineData("  - { id: dpi, name: ~ }", "BG3009", 5, 22, "vide")]
    [InlineData("  - { id: dpi, name: A }\n---\na: b", "BG3003", 6, 1, "Un seul document")]
    public void Each_mistake_is_shown_at_its_line_and_column(string applications, string code, int line, int column, string words)
    {
        var result = CatalogueFile.Parse(Head + applications, "hopital.yaml");

        result.Value.Should().BeNull();
        var issue = result.Issues.Should().ContainSingle().Which;
        issue.Should().BeEquivalentTo(new { Code = code, File = "hopital.yaml", Line = line, Column = column, Level = IssueLevel.Error });
        issue.Fr.Replace('\u00a0', ' ').Should().Contain(words);
        issue.En.Should().NotBeNullOrWhiteSpace();
        issue.Fr.Should().NotMatchRegex(" [:;?!»]|« ", "French punctuation never stands alone at the start of a line");
    }

    [Theory]
    [InlineData("Europe/Pariss")]
    [InlineData("Romance Standard Time")]
    [InlineData("UTC+1")]
    public void A_time_zone_that_is_not_an_iana_name_is_refused(string zone)
    {
        var text = Head.Replace("Europe/Paris", zone, StringComparison.Ordinal) + "  - { id: dpi, name: A }";

        CatalogueFile.Parse(text, "h.yaml").Issues.Should().ContainSingle().Which.Code.Should().Be("BG3012");
    }

    [Theory]
    [InlineData("PT8H", 8 * 60)]
    [InlineData("P1DT2H3M", 26 * 60 + 3)]
    [InlineData("PT90M", 90)]
    public void Durations_are_days_hours_and_minutes(string text, int minutes) =>
        Iso8601.Duration(text).Should().Be(TimeSpan.FromMinutes(minutes));

    [Theory]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("PT1.5H")]
    [InlineData("PT1H\n")]
    [InlineData("pt1h")]
    [InlineData("PT999999H")]
    public void Other_durations_are_not_understood_rather_than_guessed(string text) => Iso8601.Duration(text).Should().BeNull();

    [Fact]
    public void An_alias_bomb_and_a_deep_nest_are_refused_before_they_grow()
    {
        CatalogueFile.Parse("a: &a [x,x]\nb: [*a,*a]\n", "h").Issues.Should().ContainSingle().Which.Code.Should().Be("BG3003");
        CatalogueFile.Parse("a: " + new string('[', 5000), "h").Issues.Should().ContainSingle().Which.Code.Should().Be("BG3002");
        CatalogueFile.Parse(new string('#', 5 * 1024 * 1024), "h").Issues.Should().ContainSingle().Which.Code.Should().Be("BG3002");
        CatalogueFile.Parse("", "h").Issues.Should().ContainSingle().Which.Code.Should().Be("BG3001");
        CatalogueFile.Parse("a: [" + string.Concat(Enumerable.Repeat("x,", 450_000)) + "]", "h").Issues.Should().ContainSingle().Which.Code.Should().Be("BG3002");
    }

    [Fact]
    public void A_chain_of_ten_thousand_dependencies_is_read_without_exhausting_the_stack()
    {
        var text = new StringBuilder(Head);
        for (var i = 0; i < 10_000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  - {{ id: a{i}, name: A{(i == 0 ? "" : $", dependsOn: [a{i - 1}]")} }}\n");
        }

        CatalogueFile.Parse(text.ToString(), "h").IsValid.Should().BeTrue();
    }

    [Fact]
    public void Damaged_text_gives_issues_and_never_an_exception()
    {
        const int seed = 5;
        var random = new Random(seed);
        const string alphabet = "{}[]:,-#&*!|>'\"%@`\\ \t\n\0\u0085\ufeffab0?";
        var good = Head + "  - { id: dpi, name: A, dmia: PT8H, dependsOn: [] }\n";
        for (var i = 0; i < 3000; i++)
        {
            var text = new StringBuilder(good);
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            var result = CatalogueFile.Parse(text.ToString(), "h");

            result.IsValid.Should().Be(result.Issues.Count == 0, "seed {0}, text {1}", seed, text);
        }
    }
}
