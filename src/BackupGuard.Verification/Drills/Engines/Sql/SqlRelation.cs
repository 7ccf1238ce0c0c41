using System.Globalization;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Sql;

/// <summary>What a number must be: <c>= 5</c>, <c>!= 0</c>, <c>&gt;= 100000</c>, <c>between 10 and 20</c>, <c>within 2 % of the last proved drill</c>.</summary>
public abstract partial record SqlRelation
{
    private SqlRelation() { }

    public const string Examples = "\"= 5\", \">= 100000\", \"between 10 and 20\" or \"within 2 % of the last proved drill\"";

    public static bool TryParse(string text, out SqlRelation relation, out string refusal)
    {
        (relation, refusal) = (new Compared("=", 0), "");
        if (ComparedText().Match(text) is { Success: true } compared && TryNumber(compared.Groups[2].ValueSpan, out var number))
        {
            relation = new Compared(compared.Groups[1].Value, number);
        }
        else if (BetweenText().Match(text) is { Success: true } between && TryNumber(between.Groups[1].ValueSpan, out var least) && TryNumber(between.Groups[2].ValueSpan, out var most))
        {
            relation = new Between(least, most);
            if (least > most) refusal = "the first number is above the second, nothing could pass";
        }
        else if (WithinText().Match(text) is { Success: true } within && TryNumber(within.Groups[1].ValueSpan, out var percent))
        {
            relation = new Within(percent);
            if (percent is < 0 or >= 100) refusal = "write a percentage from 0 to below 100: with 100 % an empty table would pass";
        }
        else
        {
            refusal = $"\"{Printable.Of(text.Length > 60 ? text[..60] + "…" : text)}\" is no relation; write {Examples}";
        }
        return refusal.Length == 0;
    }

    /// <param name="lastProved">The same number in the last proved drill, or null.</param>
    /// <returns>Whether it holds, and what was expected.</returns>
    public abstract (bool Holds, Said Expected) Judge(decimal value, double? lastProved);

    public sealed override string ToString() => Text;
    protected abstract string Text { get; }

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal number) => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static string Shown(decimal number) => number.ToString("0.############", CultureInfo.InvariantCulture);

    private sealed record Compared(string Sign, decimal To) : SqlRelation
    {
        protected override string Text => $"{Sign} {Shown(To)}";

        public override (bool Holds, Said Expected) Judge(decimal value, double? lastProved) => (Sign switch
        {
            "=" => value == To,
            "!=" => value != To,
            ">" => value > To,
            ">=" => value >= To,
            "<" => value < To,
            _ => value <= To,
        }, new(Text, Text));
    }

    private sealed record Between(decimal Least, decimal Most) : SqlRelation
    {
        protected override string Text => $"between {Shown(Least)} and {Shown(Most)}";
        public override (bool Holds, Said Expected) Judge(decimal value, double? lastProved) => (value >= Least && value <= Most, new(Text, $"entre {Shown(Least)} et {Shown(Most)}"));
    }

    private sealed record Within(decimal Percent) : SqlRelation
    {
        protected override string Text => $"within {Shown(Percent)} % of the last proved drill";

        /// <remarks>Zero is never near anything: a table that is empty now and was empty then proves nothing.</remarks>
        public override (bool Holds, Said Expected) Judge(decimal value, double? lastProved)
        {
            if (lastProved is not { } last)
                return value == 0 ? (false, new("anything but 0 as a base for later drills", "autre chose que 0 comme base des exercices suivants"))
                    : (true, new("nothing yet: no drill was proved before, so it is taken as the base of the next", "rien encore : aucun exercice n’est prouvé, c’est donc la base du suivant"));
            var expected = (decimal)last;
            return (value != 0 && Math.Abs(value - expected) <= Math.Abs(expected) * Percent / 100,
                new($"within {Shown(Percent)} % of {Shown(expected)}, the last proved drill’s", $"à {Shown(Percent)} % près de {Shown(expected)}, valeur du dernier exercice prouvé"));
        }
    }

    [GeneratedRegex(@"^\s*(=|!=|>=|<=|>|<)\s*(-?[0-9]{1,18}(?:\.[0-9]{1,9})?)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ComparedText();

    [GeneratedRegex(@"^\s*between\s+(-?[0-9]{1,18}(?:\.[0-9]{1,9})?)\s+and\s+(-?[0-9]{1,18}(?:\.[0-9]{1,9})?)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex BetweenText();

    [GeneratedRegex(@"^\s*within\s+([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%\s+of\s+the\s+last\s+proved\s+drill\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex WithinText();
}
