namespace BackupGuard.Continuity.Runbooks.Guards;

/// <summary>
/// expression = term { "or" term } ; term = factor { "and" factor } ; factor = "not" factor | "(" expression ")" | operand [ operator operand ].
/// Names: steps.ID.(done|finished|running|failed|skipped), facts.NAME, evidence.NAME, backup.NAME, eta, clock, clock.STATE,
/// each of which may end in ".unknown". Literals: true, false, numbers, durations, instants with zone, 'text'.
/// </summary>
public sealed class GuardParser
{
    private const int MaxLength = 500;
    private const int MaxDepth = 16;

    private static readonly string[] Operators = ["==", "!=", "<=", ">=", "<", ">"];
    private static readonly string[] StepAspects = ["done", "finished", "running", "failed", "skipped"];

    private readonly string text;
    private int position;
    private int depth;

    private GuardParser(string text) => this.text = text;

    /// <summary>Either a guard, or where and why it is none.</summary>
    public sealed record Result(Guard? Guard, int Offset, string Fr, string En);

    public static Result Parse(string text)
    {
        var parser = new GuardParser(text);
        try
        {
            if (text.Length > MaxLength)
            {
                throw parser.Wrong($"condition trop longue, {MaxLength} caractères au plus", $"condition too long, {MaxLength} characters at most");
            }

            var guard = parser.Expression();
            parser.Blank();
            return parser.position == text.Length
                ? new(guard, 0, "", "")
                : throw parser.Wrong("texte en trop ; reliez les conditions par « and » ou « or »", "unexpected text; join conditions with “and” or “or”");
        }
        catch (Malformed malformed)
        {
            return new(null, malformed.Offset, malformed.Fr, malformed.Message);
        }
    }

    private Guard Expression()
    {
        var guard = Term();
        while (Word("or"))
        {
            guard = new Guard.Or(guard, Term());
        }

        return guard;
    }

    private Guard Term()
    {
        var guard = Factor();
        while (Word("and"))
        {
            guard = new Guard.And(guard, Factor());
        }

        return guard;
    }

    private Guard Factor()
    {
        if (++depth > MaxDepth)
        {
            throw Wrong("trop de parenthèses ou de « not »", "too many parentheses or “not”");
        }

        try
        {
            if (Word("not"))
            {
                return new Guard.Not(Factor());
            }

            if (!Symbol("("))
            {
                return Comparison();
            }

            var inner = Expression();
            return Symbol(")") ? inner : throw Wrong("parenthèse « ) » attendue", "“)” expected");
        }
        finally
        {
            depth--;
        }
    }

    private Guard Comparison()
    {
        var start = position;
        var left = OneOperand();
        if (Operators.FirstOrDefault(Symbol) is { } found)
        {
            return new Guard.Compare(left, found, OneOperand());
        }

        if (left is Operand.Named { Name: var name } && (name.Root is "steps" or "facts" or "evidence" || name.Aspect == "unknown"))
        {
            return new Guard.Holds(name);
        }

        position = start;
        throw Wrong("une comparaison est attendue, par exemple « facts.niveau == 'cellule' »", "a comparison is expected, for example “facts.level == 'cell'”");
    }

    private Operand OneOperand()
    {
        Blank();
        var start = position;
        if (position < text.Length && text[position] == '\'')
        {
            var end = text.IndexOf('\'', position + 1);
            position = end < 0 ? throw Wrong("apostrophe fermante attendue", "closing quote expected") : end + 1;
            return new Operand.Literal(new GuardValue.Text(text[(start + 1)..end]));
        }

        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] is '.' or '-' or '_' or ':' or '+'))
        {
            position++;
        }

        var word = text[start..position];
        if (word == "" || word is "and" or "or" or "not")
        {
            position = start;
            throw Wrong("un nom ou une valeur est attendu ici", "a name or a value is expected here");
        }

        if (Name(word, start) is { } name)
        {
            return new Operand.Named(name);
        }

        return GuardValue.Of(word) is var value and not GuardValue.Text
            ? new Operand.Literal(value)
            : throw WrongAt(start, $"« {word} » n’est ni un nom connu (steps, facts, evidence, backup, eta, clock) ni une valeur ; un texte se met entre apostrophes",
                $"“{word}” is neither a known name (steps, facts, evidence, backup, eta, clock) nor a value; put text between quotes");
    }

    private static GuardName? Name(string word, int offset) => word.Split('.') switch
    {
        ["steps", { Length: > 0 } id, var aspect] when StepAspects.Contains(aspect) => new("steps", id, aspect, offset),
        [("facts" or "evidence" or "backup" or "clock") and var root, { Length: > 0 } subject] => new(root, subject, "", offset),
        [("facts" or "evidence" or "backup" or "clock") and var root, { Length: > 0 } subject, "unknown"] => new(root, subject, "unknown", offset),
        ["eta"] => new("eta", "", "", offset),
        ["eta", "unknown"] => new("eta", "", "unknown", offset),
        ["clock"] => new("clock", "", "", offset),
        _ => null,
    };

    private bool Word(string word)
    {
        Blank();
        var end = position + word.Length;
        if (string.CompareOrdinal(text, position, word, 0, word.Length) != 0 || (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '-' or '_')))
        {
            return false;
        }

        position = end;
        return true;
    }

    private bool Symbol(string symbol)
    {
        Blank();
        if (string.CompareOrdinal(text, position, symbol, 0, symbol.Length) != 0)
        {
            return false;
        }

        position += symbol.Length;
        return true;
    }

    private void Blank()
    {
        while (position < text.Length && text[position] == ' ')
        {
            position++;
        }
    }

    private Malformed Wrong(string fr, string en) => WrongAt(position, fr, en);

    private static Malformed WrongAt(int offset, string fr, string en) => new(offset, fr, en);

    private sealed class Malformed(int offset, string fr, string en) : Exception(en)
    {
        public int Offset { get; } = offset;
        public string Fr { get; } = fr;
    }
}
