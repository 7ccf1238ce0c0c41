using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests;

public sealed partial class FindingTests
{
    [Fact]
    public void Codes_are_unique_and_well_formed()
    {
        FindingCatalogue.All.Should().NotBeEmpty();
        FindingCatalogue.All.Select(k => k.Code).Should().OnlyHaveUniqueItems().And.OnlyContain(c => CodeShape().IsMatch(c));
    }

    [Fact]
    public void Every_kind_speaks_both_languages_with_the_same_placeholders_and_a_remedy()
    {
        foreach (var kind in FindingCatalogue.All)
        {
            Placeholders(kind.French.Message + kind.French.Remedy).Should().BeEquivalentTo(Placeholders(kind.English.Message + kind.English.Remedy), kind.Code);
            foreach (var text in (string[])[kind.English.Message, kind.English.Remedy, kind.French.Message, kind.French.Remedy])
                text.Should().EndWith(".", kind.Code).And.NotContain("  ");
            kind.French.Message.Should().NotMatchRegex("[a-z»] [:;?!]", "French puts a non-breaking space there ({0})", kind.Code);
        }
    }

    private static HashSet<string> Placeholders(string text) => [.. Placeholder().Matches(text).Select(m => m.Value.Replace("Fr}", "}", StringComparison.Ordinal))];

    [Fact]
    public void A_foreign_name_cannot_break_the_line_or_the_terminal()
    {
        var finding = CommonFindings.NameRefused.AtPath("a\nb\u001b[2Jc\u202Ed", ("reason", "x"));
        finding.Message("en").Should().NotContainAny("\n", "\u001b", "\u202E").And.Contain("\\u000a");
    }

    [Fact]
    public void Evidence_gets_the_hash_of_a_path_and_not_the_path()
    {
        var finding = CommonFindings.NameRefused.AtPath("/patients/DUPONT Jean.pdf", ("reason", "x")).WithoutPaths();
        finding.Message("fr").Should().NotContain("DUPONT").And.Contain("sha256:");
        finding.Subject.Should().NotContain("DUPONT");
    }

    [GeneratedRegex("^BG[14][0-9]{3}$")]
    private static partial Regex CodeShape();

    [GeneratedRegex(@"\{[a-zA-Z]+\}")]
    private static partial Regex Placeholder();
}
