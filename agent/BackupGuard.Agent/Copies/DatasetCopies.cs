using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Memory;
using BackupGuard.Contracts;
using BackupGuard.Copies;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Copies;
using Words = BackupGuard.Verification.Words;

namespace BackupGuard.Agent.Copies;

/// <summary>The copies of the datasets of agent.yaml with what the agent remembers of them, judged by 3-2-1-1-0. Reads the memory only, no backup.</summary>
internal static class DatasetCopies
{
    public static IReadOnlyList<CopiesDocument> All(AgentSettings settings, DateTimeOffset now) => [.. settings.Datasets.Select(d => Of(settings, d, now))];

    public static CopiesDocument Of(AgentSettings settings, DatasetSettings dataset, DateTimeOffset now)
    {
        var findings = new List<Finding>();
        var copies = settings.Repositories.Where(r => r.Copy?.Of.Contains(dataset.Name) == true).Select(r => Document(r, r.Copy!, now, findings)).ToList();    // filtered just before
        var lines = CopiesRule.Judge([.. copies.Select(Facts)], [new Original(dataset.Medium, dataset.Site)], now);
        findings.AddRange(lines.Where(l => l.State != RequirementState.Met).Select(l => Finding(dataset.Name, l)));
        return new CopiesDocument
        {
            Dataset = dataset.Name,
            Application = dataset.Application,
            Verdict = DocumentMapping.Word(VerdictOf(lines.Select(l => l.State))),
            At = now,
            OriginalMedium = dataset.Medium,
            OriginalSite = dataset.Site,
            Copies = copies,
            Requirements = [.. lines.Select(l => new RequirementDocument(CopyWords.Of(l.Requirement), CopyWords.Of(l.State), [.. l.Evidence.Select(e => new RequirementEvidenceDocument(e.Copy, e.En, e.Fr, e.At))]))],
            Findings = [.. findings.OrderByDescending(f => f.Severity).Select(ResultDocuments.Of)],
        };
    }

    public static Verdict VerdictOf(IEnumerable<RequirementState> states)
    {
        var all = states.ToList();
        return all.Contains(RequirementState.Missing) ? Verdict.Failed : all.Count == 0 || all.Contains(RequirementState.Unknown) ? Verdict.Inconclusive : Verdict.Proved;
    }

    private static CopyDocument Document(RepositorySettings repository, CopySettings copy, DateTimeOffset now, List<Finding> findings)
    {
        var memory = LastWords.Read(repository.StateFolder, repository.Address);
        findings.AddRange(memory.Problems.Select(p => CopiesFindings.MemoryLost.At(repository.Name, ("reason", p))));
        var seen = copy.Offline ? memory.SeenOffline : null;
        if (copy.Offline && (seen is null || now - seen.At > CopiesRule.OfflineValidFor))
            findings.Add(CopiesFindings.NotSeenOffline.At(repository.Name, ("since", seen is null ? new Words("yet", "jusqu’ici") : new Words($"since {seen.At:yyyy-MM-dd}", $"depuis le {seen.At:yyyy-MM-dd}"))));
        return new CopyDocument(repository.Name, repository.Address, copy.Medium, copy.Site)
        {
            Offline = copy.Offline,
            Verdict = memory.Verified?.Word,
            VerifiedAt = memory.Verified?.At,
            Immutability = memory.Probed?.Word,
            ProbedAt = memory.Probed?.At,
            ProbeExpiresAt = memory.Probed?.ExpiresAt,
            SeenOfflineAt = seen?.At,
            SeenOfflineBy = seen?.By,
        };
    }

    private static CopyFacts Facts(CopyDocument copy) => new(copy.Name, copy.Medium, copy.Site, copy.Verdict is { } verdict ? CopyWords.Verdict(verdict) : null, copy.VerifiedAt)
    {
        Place = copy.Repository.TrimEnd('/'),
        Immutability = copy.Immutability is { } immutability ? CopyWords.Lock(immutability) : null,
        ProbedAt = copy.ProbedAt,
        ProbeExpiresAt = copy.ProbeExpiresAt,
        SeenOfflineAt = copy.SeenOfflineAt,
    };

    private static Finding Finding(string dataset, CopiesLine line)
    {
        var seen = line.Evidence.Count == 0 ? new Words("no repository is a copy of it", "aucun dépôt n’en est une copie")
            : new Words(string.Join(", ", line.Evidence.Select(e => $"{e.Copy} {e.En}")), string.Join(", ", line.Evidence.Select(e => $"{e.Copy} {e.Fr}")));
        if (line.State == RequirementState.Unknown) return CopiesFindings.NotKnown.At(dataset, ("requirement", Name(line.Requirement)), ("seen", seen));
        return (line.Requirement switch
        {
            CopiesRequirement.ThreeCopies => CopiesFindings.TooFew,
            CopiesRequirement.TwoMedia => CopiesFindings.OneMedium,
            CopiesRequirement.OneOffSite => CopiesFindings.OneSite,
            CopiesRequirement.OneOfflineOrImmutable => CopiesFindings.NoneHeld,
            CopiesRequirement.ZeroErrors => CopiesFindings.Errors,
        }).At(dataset, ("seen", seen));
    }

    public static Words Name(CopiesRequirement requirement) => requirement switch
    {
        CopiesRequirement.ThreeCopies => new("3 copies", "3 copies"),
        CopiesRequirement.TwoMedia => new("2 media", "2 supports"),
        CopiesRequirement.OneOffSite => new("1 off-site", "1 hors site"),
        CopiesRequirement.OneOfflineOrImmutable => new("1 offline or immutable", "1 hors ligne ou immuable"),
        CopiesRequirement.ZeroErrors => new("0 errors", "0 erreur"),
    };
}
