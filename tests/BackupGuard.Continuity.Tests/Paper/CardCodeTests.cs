using BackupGuard.Continuity.Paper;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Continuity.Tests.Paper;

public sealed class CardCodeTests
{
    private const string Sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly Arbitrary<CardCode> Codes = (
        from run in ArbMap.Default.GeneratorFor<NonNull<string>>()
        from step in ArbMap.Default.GeneratorFor<NonNull<string>>()
        from attempt in Gen.Choose(0, CardCode.MaxAttempt)
        select CardCode.OfPlan(run.Get, step.Get, Sha) with { Attempt = attempt }).ToArbitrary();

    [Fact]
    public void What_is_printed_is_read_again_whatever_the_case_spaces_and_hyphens() => Prop.ForAll(Codes, code =>
    {
        var printed = code.ToString();
        CardCode.Parse(printed).Should().Be(code);
        CardCode.Parse(printed.ToLowerInvariant().Replace('-', ' ')).Should().Be(code);
        CardCode.Parse(printed.Replace("-", "", StringComparison.Ordinal)).Should().Be(code);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_single_wrong_character_is_found() => Prop.ForAll(Codes, code =>
    {
        var printed = code.ToString().Replace("-", "", StringComparison.Ordinal);
        for (var i = 0; i < printed.Length; i++)
        {
            foreach (var other in CardCode.Alphabet.Where(c => c != printed[i]))
            {
                CardCode.Parse(printed[..i] + other + printed[(i + 1)..]).Should().BeNull($"{printed} with {other} at {i}");
            }
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_swap_of_two_neighbours_is_found() => Prop.ForAll(Codes, code =>
    {
        var printed = code.ToString().Replace("-", "", StringComparison.Ordinal);
        for (var i = 0; i + 1 < printed.Length; i++)
        {
            if (printed[i] == printed[i + 1]) continue;
            CardCode.Parse(printed[..i] + printed[i + 1] + printed[i] + printed[(i + 2)..]).Should().BeNull($"{printed} swapped at {i}");
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_character_looks_like_another() => CardCode.Alphabet.Should().NotContainAny("0", "O", "1", "I", "L").And.HaveLength(31, "the check needs a prime");

    [Theory]
    [InlineData("")]
    [InlineData("K7F2")]
    [InlineData("K7F2-M9QR-3ACX-2")]
    [InlineData("O0I1-L000-0000")]
    [InlineData("<script>alert()")]
    public void What_is_no_code_is_refused(string text) => CardCode.Parse(text).Should().BeNull();

    [Fact]
    public void Cards_of_other_runs_steps_attempts_and_texts_have_other_codes()
    {
        var card = CardCode.OfRun("r1", "isoler", 1, Sha);

        CardCode[] others = [CardCode.OfRun("r2", "isoler", 1, Sha), CardCode.OfRun("r1", "geler", 1, Sha), CardCode.OfRun("r1", "isoler", 2, Sha), CardCode.OfRun("r1", "isoler", 1, Sha[1..]), CardCode.OfPlan("r1", "isoler", Sha)];

        others.Select(c => c.ToString()).Append(card.ToString()).Should().OnlyHaveUniqueItems();
        card.ToString().Should().Be(CardCode.OfRun("r1", "isoler", 1, Sha).ToString(), "a card printed twice is the same card");
    }

    [Fact]
    public void Steps_of_a_plan_of_many_steps_keep_their_own_codes() =>
        Enumerable.Range(0, 300).Select(i => CardCode.StepPart($"etape-{i}")).Should().OnlyHaveUniqueItems();

    [Theory]
    [InlineData(0)]
    [InlineData(CardCode.MaxAttempt + 1)]
    public void An_attempt_that_does_not_fit_is_refused(int attempt)
    {
        var act = () => CardCode.OfRun("r", "s", attempt, Sha);
        act.Should().Throw<ArgumentOutOfRangeException>();
    }
}
