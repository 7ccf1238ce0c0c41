using BackupGuard.Continuity.Runbooks.Guards;
using FsCheck;
using FsCheck.Fluent;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Runbooks;

public class GuardTests
{
    private sealed class Facts(Dictionary<string, string> known) : IGuardContext
    {
        public GuardValue? Find(GuardName name) => known.TryGetValue(name.ToString(), out var value) ? GuardValue.Of(value) : null;
    }

    private static GuardAnswer Ask(string text, params (string Name, string Value)[] known)
    {
        var parsed = GuardParser.Parse(text);
        parsed.Guard.Should().NotBeNull(parsed.En);
        return GuardEvaluator.Evaluate(parsed.Guard!, new Facts(known.ToDictionary(k => k.Name, k => k.Value)));
    }

    [Theory]
    [InlineData("facts.a == true", "true", Ternary.True)]
    [InlineData("facts.a == true", "false", Ternary.False)]
    [InlineData("facts.a", "true", Ternary.True)]
    [InlineData("not facts.a", "true", Ternary.False)]
    [InlineData("facts.a >= PT1H", "PT60M", Ternary.True)]
    [InlineData("facts.a > PT1H", "PT60M", Ternary.False)]
    [InlineData("facts.a < 10", "9.5", Ternary.True)]
    [InlineData("facts.a == 'plan-blanc'", "plan-blanc", Ternary.True)]
    [InlineData("facts.a != 'plan-blanc'", "cellule", Ternary.True)]
    [InlineData("facts.a <= 2027-10-31T02:30+01:00", "2027-10-31T02:30+02:00", Ternary.True)]
    [InlineData("facts.a == 3", "PT3H", Ternary.Unknown)]
    [InlineData("facts.a.unknown", "x", Ternary.False)]
    public void A_guard_compares_values_of_the_same_kind(string text, string value, Ternary expected) =>
        Ask(text, ("facts.a", value)).Truth.Should().Be(expected);

    [Theory]
    [InlineData("facts.a and facts.b", "true", null, Ternary.Unknown)]
    [InlineData("facts.a and facts.b", "false", null, Ternary.False)]
    [InlineData("facts.a or facts.b", "true", null, Ternary.True)]
    [InlineData("facts.a or facts.b", "false", null, Ternary.Unknown)]
    [InlineData("not facts.b", "true", null, Ternary.Unknown)]
    [InlineData("facts.b.unknown", "true", null, Ternary.True)]
    [InlineData("facts.a or facts.a and facts.b", "true", "false", Ternary.True)]
    [InlineData("(facts.a or facts.a) and facts.b", "true", "false", Ternary.False)]
    public void Unknown_is_neither_true_nor_false(string text, string a, string? b, Ternary expected)
    {
        var known = new List<(string, string)> { ("facts.a", a) };
        if (b is not null)
        {
            known.Add(("facts.b", b));
        }

        Ask(text, [.. known]).Truth.Should().Be(expected);
    }

    [Fact]
    public void A_guard_that_blocks_names_what_is_missing_and_what_forbids()
    {
        var answer = Ask("steps.isoler.done and (facts.point-sain == true or eta > PT1H)", ("steps.isoler.done", "true"), ("facts.point-sain", "false"));
        answer.Truth.Should().Be(Ternary.Unknown);
        answer.Missing.Should().Equal("eta");
        answer.Unmet.Should().Equal("facts.point-sain");

        Ask("steps.isoler.done", ("steps.isoler.done", "false")).Unmet.Should().Equal("steps.isoler.done");
        Ask("not facts.a", ("facts.a", "true")).Unmet.Should().Equal("facts.a");
        Ask("not facts.a.unknown").Unmet.Should().Equal("facts.a.unknown");
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("facts.a ==", 10)]
    [InlineData("facts.a == plan-blanc", 11)]
    [InlineData("steps.a", 0)]
    [InlineData("steps.a.doen", 0)]
    [InlineData("facts.a facts.b", 8)]
    [InlineData("(facts.a", 8)]
    [InlineData("facts.a == 'x", 11)]
    [InlineData("eta", 0)]
    [InlineData("system.exit", 0)]
    [InlineData("facts.a + 1 == 2", 8)]
    [InlineData("not not not not not not not not not not not not not not not not not facts.a", 63)]
    public void What_is_not_the_guard_language_is_refused_at_its_place(string text, int offset)
    {
        var result = GuardParser.Parse(text);

        result.Guard.Should().BeNull();
        result.Offset.Should().Be(offset);
        result.Fr.Should().NotBeEmpty();
    }

    [Fact]
    public void Learning_a_fact_never_turns_an_answer_around()
    {
        string[] names = ["facts.a", "facts.b", "facts.c"];
        var leaf = Gen.Elements(names).Select(n => n);
        Gen<string> Expression(int size) => size == 0 ? leaf : Gen.OneOf(
            leaf,
            from l in Expression(size / 2) from r in Expression(size / 2) select $"({l} and {r})",
            from l in Expression(size / 2) from r in Expression(size / 2) select $"({l} or {r})",
            from i in Expression(size / 2) select $"(not {i})");
        var cases = from text in Expression(8)
                    from known in Gen.SubListOf(names)
                    from more in Gen.SubListOf(names)
                    from values in Gen.Elements("true", "false").ListOf(3)
                    select (text, known, more, values);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Arb.From(cases), c =>
        {
            (string, string) Value(string name) => (name, c.values[Array.IndexOf(names, name)]);
            var before = Ask(c.text, [.. c.known.Select(Value)]);
            var after = Ask(c.text, [.. c.known.Union(c.more).Select(Value)]);
            return before.Truth == Ternary.Unknown ? before.Missing.Count > 0 : before.Truth == after.Truth;
        }));
    }
}
