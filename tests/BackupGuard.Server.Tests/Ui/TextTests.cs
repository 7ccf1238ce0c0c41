using System.Reflection;
using System.Text.RegularExpressions;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>Every text of the pages, wherever it is declared.</summary>
public sealed partial class TextTests
{
    private static readonly (string Name, Phrase Phrase)[] All =
    [
        .. from type in typeof(StateTexts).Assembly.GetTypes()
           where type.Namespace == typeof(StateTexts).Namespace
           from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
           from phrase in Phrases(field.GetValue(null))
           select ($"{type.Name}.{field.Name}", phrase),
    ];

    [Fact]
    public void Every_text_exists_in_both_languages()
    {
        All.Should().HaveCountGreaterThan(150, "otherwise the texts were not found");
        All.Where(t => string.IsNullOrWhiteSpace(t.Phrase.Fr) || string.IsNullOrWhiteSpace(t.Phrase.En)).Should().BeEmpty();
    }

    [Fact]
    public void Both_languages_of_a_text_are_filled_with_the_same_values() =>
        All.Where(t => !Names(t.Phrase.Fr).SetEquals(Names(t.Phrase.En))).Select(t => t.Name).Should().BeEmpty();

    [Fact]
    public void French_never_breaks_a_line_before_high_punctuation_or_inside_guillemets() =>
        All.Where(t => BreakableFrench().IsMatch(t.Phrase.Fr)).Select(t => t.Phrase.Fr).Should().BeEmpty();

    [Fact]
    public void French_has_a_space_before_high_punctuation_and_the_curved_apostrophe() =>
        All.Where(t => GluedFrench().IsMatch(t.Phrase.Fr)).Select(t => t.Phrase.Fr).Should().BeEmpty();

    [Theory]
    [InlineData("Vraiment ?", "Vraiment\u00a0?")]
    [InlineData("dit : « oui »", "dit\u00a0: «\u00a0oui\u00a0»")]
    [InlineData("n° 12", "n°\u00a012")]
    [InlineData("a b", "a b")]
    public void Typography_is_set_where_it_is_due_and_nowhere_else(string typed, string set) => Typography.French(typed).Should().Be(set);

    [Fact]
    public void What_fills_a_text_is_never_read_as_a_text() =>
        Readers.French.Say(PortfolioTexts.IsFailed, ("application", "{application} {x}")).Should().Be("{application} {x} est en échec.");

    [Fact]
    public void A_value_that_is_missing_is_a_bug_that_shows()
    {
        var act = () => Readers.French.Say(PortfolioTexts.IsFailed);
        act.Should().Throw<InvalidOperationException>().WithMessage("*{application}*");
    }

    [Theory]
    [InlineData(0, "0 application sur 5 n’est pas prouvée.", "0 applications out of 5 are not proven.")]
    [InlineData(1, "1 application sur 5 n’est pas prouvée.", "1 application out of 5 is not proven.")]
    [InlineData(2, "2 applications sur 5 ne sont pas prouvées.", "2 applications out of 5 are not proven.")]
    public void Each_language_counts_its_own_way(int count, string fr, string en)
    {
        Readers.French.Count(PortfolioTexts.NotProved, count, ("total", "5")).Should().Be(fr);
        Readers.English.Count(PortfolioTexts.NotProved, count, ("total", "5")).Should().Be(en);
    }

    private static IEnumerable<Phrase> Phrases(object? value) => value switch
    {
        Phrase phrase => [phrase],
        Plural plural => [plural.One, plural.Many],
        _ => [],
    };

    private static HashSet<string> Names(string text) => [.. Placeholder().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\{[a-z]+\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("[ ][:;?!»%]|«[ ]|°[ ]")]
    private static partial Regex BreakableFrench();

    [GeneratedRegex("[a-zéè}][:;?!»]|«[a-zA-Z]|'")]
    private static partial Regex GluedFrench();
}
