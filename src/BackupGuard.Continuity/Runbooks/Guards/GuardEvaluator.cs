using System.Diagnostics;

namespace BackupGuard.Continuity.Runbooks.Guards;

/// <summary>Three-valued (Kleene): a fact that becomes known never turns true into false or false into true.</summary>
public static class GuardEvaluator
{
    public static GuardAnswer Evaluate(Guard guard, IGuardContext context)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var unmet = new SortedSet<string>(StringComparer.Ordinal);
        var truth = Truth(guard, context);
        if (truth != Ternary.True)
        {
            Explain(guard, context, wanted: true, missing, unmet);
        }

        return new(truth, [.. missing], [.. unmet]);
    }

    private static Ternary Truth(Guard guard, IGuardContext context) => guard switch
    {
        Guard.Or or => (Ternary)Math.Max((int)Truth(or.Left, context), (int)Truth(or.Right, context)),
        Guard.And and => (Ternary)Math.Min((int)Truth(and.Left, context), (int)Truth(and.Right, context)),
        Guard.Not not => (Ternary)((int)Ternary.True - (int)Truth(not.Inner, context)),
        Guard.Holds holds => Find(holds.Name, context) is GuardValue.Truth truth ? Of(truth.Value) : Ternary.Unknown,
        Guard.Compare compare => Compare(compare, context),
        _ => throw new UnreachableException(),
    };

    private static Ternary Compare(Guard.Compare compare, IGuardContext context)
    {
        if (Value(compare.Left, context) is not { } left || Value(compare.Right, context) is not { } right || GuardValue.Compare(left, right) is not { } order)
        {
            return Ternary.Unknown;
        }

        return Of(compare.Operator switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => throw new UnreachableException(),
        });
    }

    private static GuardValue? Value(Operand operand, IGuardContext context) => operand switch
    {
        Operand.Literal literal => literal.Value,
        Operand.Named named => Find(named.Name, context),
        _ => throw new UnreachableException(),
    };

    private static GuardValue? Find(GuardName name, IGuardContext context) =>
        name.Aspect == "unknown" ? new GuardValue.Truth(context.Find(name with { Aspect = "" }) is null) : context.Find(name);

    /// <summary>Names only what keeps the whole from being true.</summary>
    private static void Explain(Guard guard, IGuardContext context, bool wanted, SortedSet<string> missing, SortedSet<string> unmet)
    {
        var truth = Truth(guard, context);
        if (truth == Of(wanted))
        {
            return;
        }

        switch (guard)
        {
            case Guard.Or or:
                Explain(or.Left, context, wanted, missing, unmet);
                Explain(or.Right, context, wanted, missing, unmet);
                break;
            case Guard.And and:
                Explain(and.Left, context, wanted, missing, unmet);
                Explain(and.Right, context, wanted, missing, unmet);
                break;
            case Guard.Not not:
                Explain(not.Inner, context, !wanted, missing, unmet);
                break;
            default:
                // Of a comparison only what has no value is missing; where both have one, they do not compare.
                var names = guard.Names().ToList();
                var without = truth == Ternary.Unknown ? names.Where(n => Find(n, context) is null).ToList() : [];
                foreach (var name in without.Count > 0 ? without : names)
                {
                    (truth == Ternary.Unknown ? missing : unmet).Add(name.ToString());
                }

                break;
        }
    }

    private static Ternary Of(bool value) => value ? Ternary.True : Ternary.False;
}
