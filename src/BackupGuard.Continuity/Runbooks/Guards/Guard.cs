namespace BackupGuard.Continuity.Runbooks.Guards;

/// <summary>Unknown is not false: an unknown guard blocks, and says what is missing.</summary>
public enum Ternary { False, Unknown, True }

/// <summary>A condition over names. No code, no arithmetic, no input or output.</summary>
public abstract record Guard
{
    public sealed record Or(Guard Left, Guard Right) : Guard;

    public sealed record And(Guard Left, Guard Right) : Guard;

    public sealed record Not(Guard Inner) : Guard;

    public sealed record Compare(Operand Left, string Operator, Operand Right) : Guard;

    /// <summary>A name that is itself true or false, such as steps.isoler.done.</summary>
    public sealed record Holds(GuardName Name) : Guard;

    public IEnumerable<GuardName> Names() => this switch
    {
        Or or => or.Left.Names().Concat(or.Right.Names()),
        And and => and.Left.Names().Concat(and.Right.Names()),
        Not not => not.Inner.Names(),
        Compare compare => new[] { compare.Left, compare.Right }.OfType<Operand.Named>().Select(n => n.Name),
        Holds holds => [holds.Name],
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

public abstract record Operand
{
    public sealed record Named(GuardName Name) : Operand;

    public sealed record Literal(GuardValue Value) : Operand;
}

/// <summary>For example steps.isoler.done: root, subject, aspect. The last two may be empty.</summary>
/// <param name="Offset">Where it stands in the text of the guard, from 0.</param>
public sealed record GuardName(string Root, string Subject, string Aspect, int Offset)
{
    public override string ToString() => string.Join('.', new[] { Root, Subject, Aspect }.Where(p => p != ""));
}

/// <summary>What a guard asks. Null: unknown.</summary>
public interface IGuardContext
{
    GuardValue? Find(GuardName name);
}

/// <param name="Missing">Names without a value, when the answer is unknown.</param>
/// <param name="Unmet">Names whose value forbids, when the answer is false.</param>
public sealed record GuardAnswer(Ternary Truth, IReadOnlyList<string> Missing, IReadOnlyList<string> Unmet);
