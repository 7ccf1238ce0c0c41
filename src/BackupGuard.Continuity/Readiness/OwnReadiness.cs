using BackupGuard.Continuity.Catalogue;

namespace BackupGuard.Continuity.Readiness;

/// <summary>An application by itself, before its chain is looked at.</summary>
internal sealed record OwnReadiness(ReadinessState State, IReadOnlyList<Reason> Reasons, DateTimeOffset? ExpiresAt, ProofFact? NewestProof, IReadOnlyList<ProofFact> History)
{
    /// <summary>Clocks of agents may be this far ahead; beyond it a date is not believed.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static OwnReadiness Of(Application application, IEnumerable<ProofFact> facts, DateTimeOffset now, IEnumerable<Veto> vetoes)
    {
        var all = facts.OrderBy(f => f.At).ThenBy(f => f.EvidenceSequence).ThenByDescending(f => Severity(f.Outcome)).ToList();
        var dated = all.ToLookup(f => IsBelievable(f, now));
        var believed = dated[true].ToList();
        var drills = believed.Where(f => f.Kind == ProofKind.Drill).ToList();
        var verdicts = new List<Verdict>();

        verdicts.AddRange(dated[false].Select(f => AheadOfTime(f, believed)));
        verdicts.AddRange(Groups(believed, ProofKind.Verification).SelectMany(g => OfVerifications(g)));
        verdicts.AddRange(OfDrills(application, drills, now));
        verdicts.AddRange(vetoes.Select(OfVeto));

        var state = verdicts.Aggregate(ReadinessState.Proved, (worst, v) => ReadinessOrder.Worse(worst, v.State));
        var newestProof = drills.LastOrDefault(f => f.Outcome == Outcome.Proved);
        return new(state,
            [.. verdicts.Where(v => v.Reason is not null).OrderBy(v => ReadinessOrder.Rank(v.State)).Select(v => v.Reason!)],
            Expiry(application, drills),
            newestProof,
            [.. all.Where(f => f.Kind == ProofKind.Drill).Reverse()]);
    }

    internal static bool IsBelievable(ProofFact fact, DateTimeOffset now)
    {
        var latest = fact.RecordedAt is { } recorded && recorded < now ? recorded : now;
        return fact.At <= latest + ClockTolerance;
    }

    /// <summary>Success dated ahead of time does not count. Anything else dated ahead still forbids green until a later success of the same thing.</summary>
    private static Verdict AheadOfTime(ProofFact fact, List<ProofFact> believed)
    {
        var lifted = fact.Outcome == Outcome.Proved
            || believed.Any(b => b.Kind == fact.Kind && b.Name == fact.Name && b.Outcome == Outcome.Proved && b.EvidenceSequence > fact.EvidenceSequence);
        return new(lifted ? ReadinessState.Proved : ReadinessState.Inconclusive, Readiness.Reasons.ClockAhead(fact));
    }

    private static Verdict OfVeto(Veto veto) => veto.Kind switch
    {
        VetoKind.NothingHeld => new(ReadinessState.Failed, Readiness.Reasons.NothingHeld(veto)),
        VetoKind.HeldUnknown => new(ReadinessState.Inconclusive, Readiness.Reasons.HeldUnknown(veto)),
        VetoKind.Suspicious => new(ReadinessState.Inconclusive, Readiness.Reasons.Suspicious(veto)),
        VetoKind.LogUnsound => new(ReadinessState.Inconclusive, Readiness.Reasons.LogUnsound),
    };

    private static IEnumerable<Verdict> OfVerifications(IReadOnlyList<ProofFact> sameName)
    {
        if (Decisive(sameName).Where(f => f.Outcome == Outcome.Failed).LastOrDefault() is { } failed)
        {
            yield return new(ReadinessState.Failed, Readiness.Reasons.VerificationFailed(failed));
        }
        else if (sameName[^1].Outcome == Outcome.Inconclusive)
        {
            // Not a veto: the drill restored the data. It is said all the same.
            yield return new(ReadinessState.Proved, Readiness.Reasons.VerificationInconclusive(sameName[^1]));
        }
    }

    private static IEnumerable<Verdict> OfDrills(Application application, List<ProofFact> drills, DateTimeOffset now)
    {
        if (drills.Count == 0)
        {
            return [new(ReadinessState.Unproven, Readiness.Reasons.NeverDrilled)];
        }

        var groups = Groups(drills, ProofKind.Drill).Select(g => OfOneDrill(application, g, now)).ToList();
        // A drill that is no longer run expires; it weighs nothing while another one proves the application.
        var proven = groups.Any(g => g.All(v => v.State == ReadinessState.Proved));
        return groups.SelectMany(g => g).Where(v => !(proven && v.State == ReadinessState.Expired));
    }

    private static List<Verdict> OfOneDrill(Application application, IReadOnlyList<ProofFact> sameName, DateTimeOffset now)
    {
        var verdicts = new List<Verdict>();
        foreach (var fact in Decisive(sameName))
        {
            verdicts.AddRange(fact.Outcome == Outcome.Failed
                ? [new(ReadinessState.Failed, Readiness.Reasons.DrillFailed(fact))]
                : OfSuccess(application, fact, now));
        }

        if (Decisive(sameName, conclusiveOnly: false).LastOrDefault(f => f.Outcome == Outcome.Inconclusive) is { } unclear)
        {
            verdicts.Add(new(ReadinessState.Inconclusive, Readiness.Reasons.DrillInconclusive(unclear)));
            if (sameName.Any(f => f.Outcome == Outcome.Proved && f.DefinitionHash != unclear.DefinitionHash))
            {
                verdicts.Add(new(ReadinessState.Inconclusive, Readiness.Reasons.DefinitionChanged(unclear)));
            }
        }

        return [.. verdicts.Distinct()];
    }

    private static IEnumerable<Verdict> OfSuccess(Application application, ProofFact drill, DateTimeOffset now)
    {
        yield return Against(drill, drill.MeasuredRecoveryTime, application.RecoveryTimeObjective, Objective.RecoveryTime);
        yield return Against(drill, drill.MeasuredRecoveryPoint, application.RecoveryPointObjective, Objective.RecoveryPoint);
        if (drill.At + application.ProofValidFor <= now)
        {
            yield return new(ReadinessState.Expired, Readiness.Reasons.Expired(drill, drill.At + application.ProofValidFor));
        }
    }

    private static Verdict Against(ProofFact drill, TimeSpan? measured, TimeSpan? objective, Objective which) => (measured, objective) switch
    {
        (_, null) => new(ReadinessState.Inconclusive, Readiness.Reasons.ObjectiveUndefined(which)),
        (null, _) => new(ReadinessState.Inconclusive, Readiness.Reasons.NotMeasured(which, drill)),
        ({ } m, { } o) when m > o || m < TimeSpan.Zero => new(ReadinessState.Failed, Readiness.Reasons.OutOfTarget(which, m, o, drill)),
        _ => new(ReadinessState.Proved, null),
    };

    /// <summary>
    /// The newest by the agent's clock and the newest that arrived: usually one and the same. When a clock stepped back they
    /// differ, and both must hold. An inconclusive result supersedes nothing.
    /// </summary>
    private static IEnumerable<ProofFact> Decisive(IReadOnlyList<ProofFact> sameName, bool conclusiveOnly = true)
    {
        var facts = sameName.Where(f => !conclusiveOnly || f.Outcome != Outcome.Inconclusive).ToList();
        return facts.Count == 0 ? [] : new[] { facts[^1], facts.OrderBy(f => f.EvidenceSequence).ThenBy(f => f.At).ThenByDescending(f => Severity(f.Outcome)).Last() }.Distinct();
    }

    private static IEnumerable<IReadOnlyList<ProofFact>> Groups(List<ProofFact> facts, ProofKind kind) =>
        facts.Where(f => f.Kind == kind).GroupBy(f => f.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.ToList());

    private static DateTimeOffset? Expiry(Application application, List<ProofFact> drills) =>
        Groups(drills, ProofKind.Drill)
            .Select(g => Decisive(g).Where(f => f.Outcome == Outcome.Proved).Select(f => (DateTimeOffset?)(f.At + application.ProofValidFor)).Min())
            .Max();

    /// <summary>Of two results of the same instant the worse one comes last and decides.</summary>
    private static int Severity(Outcome outcome) => outcome switch { Outcome.Failed => 0, Outcome.Inconclusive => 1, Outcome.Proved => 2 };

    private sealed record Verdict(ReadinessState State, Reason? Reason);
}
