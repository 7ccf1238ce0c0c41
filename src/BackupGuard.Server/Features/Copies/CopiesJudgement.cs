using BackupGuard.Contracts;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Copies;

namespace BackupGuard.Server.Features.Copies;

/// <summary>One copy as a row of the page.</summary>
/// <param name="Facts">What the rule judged.</param>
/// <param name="Horizon">Until when its newest snapshot cannot be destroyed, where that was computed.</param>
public sealed record CopyRow(string Name, string Agent, string Repository, bool Offline, CopyFacts Facts, HorizonDocument? Horizon, DateTimeOffset? ProbeExpiresAt, long DeclaredBy, string SeenOfflineBy);

/// <summary>One dataset: what its copies amount to over all agents.</summary>
/// <param name="IsContradictory">Two agents say different things of the original.</param>
/// <param name="IsOld">At least one agent has not spoken of it for too long: what it had proved no longer counts.</param>
public sealed record DatasetView(string Application, string Dataset, IReadOnlyList<CopiesLine> Lines, IReadOnlyList<CopyRow> Copies, IReadOnlyList<Original> Originals, bool IsContradictory, bool IsOld, long Newest)
{
    public RequirementState Worst => Lines.Any(l => l.State == RequirementState.Missing) ? RequirementState.Missing : Lines.All(l => l.State == RequirementState.Met) ? RequirementState.Met : RequirementState.Unknown;
}

/// <summary>Judges datasets whose copies several agents know, by the rule that each of them uses. Pure.</summary>
/// <remarks>A good word counts only out of the entry of the look itself; what an agent retells of its memory counts only where it is worse or newer and not good. What others attest is not looked at.</remarks>
internal static class CopiesJudgement
{
    /// <summary>An agent that says nothing of a dataset for longer no longer vouches for its copies.</summary>
    public static readonly TimeSpan DeclarationValidFor = CopiesRule.ProofValidFor;

    /// <param name="application">Null for all.</param>
    public static IReadOnlyList<DatasetView> Datasets(CopiesKnown known, IReadOnlyList<ProofFact> facts, string? application, DateTimeOffset now)
    {
        if (known.Copies.Count == 0) return [];
        var verified = facts.Where(f => f.Kind == ProofKind.Verification).GroupBy(f => (f.Agent, f.Name)).ToDictionary(g => g.Key, g => g.MaxBy(f => f.EvidenceSequence)!);    // a group has at least one
        var probed = known.Probes.ToDictionary(p => (p.Agent, p.Document.Repository));
        return [.. known.Copies.Where(c => application is null || c.Application == application).GroupBy(c => (c.Application, c.Document.Dataset)).OrderBy(g => g.Key.Dataset, StringComparer.Ordinal)
            .Select(g => Judge(g.Key.Application, g.Key.Dataset, [.. g.OrderBy(d => d.Agent, StringComparer.Ordinal)], verified, probed, now))];
    }

    public static IReadOnlyList<Veto> Vetoes(CopiesKnown known, IReadOnlyList<ProofFact> facts, IEnumerable<string> applications, DateTimeOffset now)
    {
        if (!known.IsSound) return [.. applications.Select(a => new Veto(a, VetoKind.LogUnsound, "", null))];
        var vetoes = new List<Veto>();
        foreach (var dataset in Datasets(known, facts, null, now))
        {
            var line = dataset.Lines.Single(l => l.Requirement == CopiesRequirement.OneOfflineOrImmutable);
            var entry = line.Evidence.Select(e => e.Entry).FirstOrDefault(e => e is not null) ?? dataset.Newest;
            if (line.State != RequirementState.Met) vetoes.Add(new Veto(dataset.Application, line.State == RequirementState.Missing ? VetoKind.NothingHeld : VetoKind.HeldUnknown, dataset.Dataset, entry));
        }
        vetoes.AddRange(known.Signals.Where(s => s.Document.Signals.Any(d => d.FreezeRetention)).Select(s => new Veto(s.Application, VetoKind.Suspicious, s.Document.Repository, s.Sequence)));
        return vetoes;
    }

    private static DatasetView Judge(string application, string dataset, List<Logged<CopiesDocument>> documents, Dictionary<(string, string), ProofFact> verified, Dictionary<(string, string), Logged<ProbeDocument>> probed, DateTimeOffset now)
    {
        var several = documents.Select(d => d.Agent).Distinct(StringComparer.Ordinal).Count() > 1;
        var rows = documents.SelectMany(d => d.Document.Copies.Select(c => Row(d, c, several, IsOld(d, now), verified.GetValueOrDefault((d.Agent, c.Repository)), probed.GetValueOrDefault((d.Agent, c.Repository))))).ToList();
        var current = documents.Where(d => !IsOld(d, now)).DefaultIfEmpty(documents[0]).ToList();
        var media = Said(current.Select(d => d.Document.OriginalMedium));
        var sites = Said(current.Select(d => d.Document.OriginalSite));
        var originals = media.SelectMany(m => sites.Select(s => new Original(m, s))).ToList();
        return new DatasetView(application, dataset, CopiesRule.Judge([.. rows.Select(r => r.Facts)], originals, now), rows, originals, originals.Count > 1, documents.Exists(d => IsOld(d, now)), documents.Max(d => d.Sequence));
    }

    private static bool IsOld(Logged<CopiesDocument> document, DateTimeOffset now) => now - document.ReceivedAt > DeclarationValidFor;

    private static List<string?> Said(IEnumerable<string?> words) => [.. words.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Cast<string?>().DefaultIfEmpty(null)];

    private static CopyRow Row(Logged<CopiesDocument> document, CopyDocument copy, bool several, bool isOld, ProofFact? fact, Logged<ProbeDocument>? probe)
    {
        var facts = new CopyFacts(several ? $"{copy.Name} ({document.Agent})" : copy.Name, copy.Medium, copy.Site, null, null) { Place = PlaceOf(document.Agent, copy.Repository) };
        facts = WithVerification(facts, document, copy, fact);
        facts = WithProbe(facts, document, copy, probe);
        // Silence is no proof: what was proved before is not counted any more, what failed still is.
        if (isOld && facts.Verified == CopyVerdict.Proved) facts = facts with { Verified = CopyVerdict.Inconclusive };
        if (copy.SeenOfflineAt is { } seen && document.IsBelievable(seen)) facts = facts with { SeenOfflineAt = seen, SeenOfflineEntry = document.Sequence };
        return new CopyRow(copy.Name, document.Agent, copy.Repository, copy.Offline, facts, probe?.Document.Horizons is [var newest, ..] ? newest : null, facts.ProbeExpiresAt, document.Sequence, copy.SeenOfflineBy ?? "");
    }

    /// <summary>An address in the network is one place from wherever it is looked at; a path is one on its machine.</summary>
    private static string PlaceOf(string agent, string repository) => repository.Contains("://", StringComparison.Ordinal) ? repository.TrimEnd('/') : $"{agent} {repository.TrimEnd('/')}";

    private static CopyFacts WithVerification(CopyFacts facts, Logged<CopiesDocument> document, CopyDocument copy, ProofFact? fact)
    {
        if (fact is not null)
        {
            var believed = fact.RecordedAt is not { } received || fact.At <= received + CopiesRule.ClockTolerance;
            var verdict = fact.Outcome switch { Outcome.Proved when believed => CopyVerdict.Proved, Outcome.Failed => CopyVerdict.Failed, _ => CopyVerdict.Inconclusive };
            facts = facts with { Verified = verdict, VerifiedAt = fact.At, VerifiedEntry = fact.EvidenceSequence };
        }
        return copy is { Verdict: { } word, VerifiedAt: { } at } && CopyWords.Verdict(word) is var retold && retold != CopyVerdict.Proved && !(at <= facts.VerifiedAt)
            ? facts with { Verified = retold, VerifiedAt = at, VerifiedEntry = document.Sequence } : facts;
    }

    private static CopyFacts WithProbe(CopyFacts facts, Logged<CopiesDocument> document, CopyDocument copy, Logged<ProbeDocument>? probe)
    {
        if (probe is not null)
        {
            var at = probe.Document.StartedAt;
            var verdict = CopyWords.Lock(probe.Document.Immutability);
            facts = facts with { Immutability = verdict == LockVerdict.Proved && !probe.IsBelievable(at) ? LockVerdict.Inconclusive : verdict, ProbedAt = at, ProbeExpiresAt = probe.Document.ExpiresAt, ProbedEntry = probe.Sequence };
        }
        return copy is { Immutability: { } word, ProbedAt: { } said } && CopyWords.Lock(word) is var retold && retold != LockVerdict.Proved && retold != facts.Immutability && !(said <= facts.ProbedAt)
            ? facts with { Immutability = retold, ProbedAt = said, ProbeExpiresAt = copy.ProbeExpiresAt, ProbedEntry = document.Sequence } : facts;
    }
}
