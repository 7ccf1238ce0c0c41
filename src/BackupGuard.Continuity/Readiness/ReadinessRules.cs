using BackupGuard.Continuity.Catalogue;

namespace BackupGuard.Continuity.Readiness;

/// <summary>
/// What may be said of each application now, from what was declared and what was measured. No mean and no score: the
/// worst fact and the worst link decide. Time passing, a failed or inconclusive result, or one more dependency can only
/// lower an answer.
/// </summary>
public static class ReadinessRules
{
    public static HospitalReadiness Evaluate(HospitalCatalogue catalogue, IReadOnlyCollection<ProofFact> facts, DateTimeOffset now, IReadOnlyCollection<Veto>? vetoes = null)
    {
        var vetoed = (vetoes ?? []).ToLookup(v => v.ApplicationId, StringComparer.Ordinal);
        var byApplication = facts.ToLookup(f => f.ApplicationId, StringComparer.Ordinal);
        var applications = catalogue.Applications.DistinctBy(a => a.Id).ToDictionary(a => a.Id, StringComparer.Ordinal);
        var own = applications.Values.ToDictionary(a => a.Id, a => OwnReadiness.Of(a, byApplication[a.Id], now, vetoed[a.Id]), StringComparer.Ordinal);

        return new(now, [.. applications.Values.Select(a => WithChain(a, applications, own))])
        {
            UncataloguedApplications = [.. byApplication.Select(g => g.Key).Union(vetoed.Select(g => g.Key), StringComparer.Ordinal).Where(id => !applications.ContainsKey(id)).Order(StringComparer.Ordinal)],
        };
    }

    private static ApplicationReadiness WithChain(Application application, Dictionary<string, Application> all, Dictionary<string, OwnReadiness> own)
    {
        var self = own[application.Id];
        var reasons = new List<Reason>(self.Reasons);
        var state = self.State;
        var expiresAt = self.ExpiresAt;
        foreach (var link in ChainOf(application, all))
        {
            if (!own.TryGetValue(link, out var dependency))
            {
                state = ReadinessOrder.Worse(state, ReadinessState.Unproven);
                expiresAt = null;
                reasons.Add(Reasons.UnknownDependency(link));
                continue;
            }

            expiresAt = expiresAt is { } mine && dependency.ExpiresAt is { } theirs ? (mine < theirs ? mine : theirs) : null;
            if (dependency.State != ReadinessState.Proved)
            {
                state = ReadinessOrder.Worse(state, dependency.State);
                reasons.Add(Reasons.WeakLink(all[link], dependency));
            }
        }

        return new(application.Id, state, reasons, self.NewestProof?.At, expiresAt) { NewestProof = self.NewestProof, History = self.History };
    }

    /// <summary>Every application that must be back first, in the order of ids so that reasons are stable.</summary>
    private static SortedSet<string> ChainOf(Application application, Dictionary<string, Application> all)
    {
        var chain = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(application.DependsOn);
        while (open.TryPop(out var id))
        {
            if (id != application.Id && chain.Add(id) && all.TryGetValue(id, out var link))
            {
                foreach (var next in link.DependsOn)
                {
                    open.Push(next);
                }
            }
        }

        return chain;
    }
}
