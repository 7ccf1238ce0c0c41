using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;

namespace BackupGuard.Server.Features.Drills;

public enum TestFilter { All, Drills, Verifications, NotPassed }

/// <summary>Everything that was looked at, newest first, a page at a time.</summary>
public sealed record TestsView(TestFilter Filter, int Page, int Pages, int Total, IReadOnlyList<ProofFact> Facts, IReadOnlyDictionary<string, Application> Applications)
{
    public const int PageSize = 100;

    public static TestsView From(IEnumerable<ProofFact> facts, HospitalCatalogue catalogue, TestFilter filter = TestFilter.All, int page = 1)
    {
        var matching = facts.Where(f => Matches(f, filter)).OrderByDescending(f => f.At).ThenByDescending(f => f.EvidenceSequence).ToArray();
        var pages = Math.Max(1, (matching.Length + PageSize - 1) / PageSize);
        var shown = Math.Clamp(page, 1, pages);
        return new TestsView(
            filter, shown, pages, matching.Length, [.. matching.Skip((shown - 1) * PageSize).Take(PageSize)],
            catalogue.Applications.ToDictionary(a => a.Id, StringComparer.Ordinal));
    }

    private static bool Matches(ProofFact fact, TestFilter filter) => filter switch
    {
        TestFilter.All => true,
        TestFilter.Drills => fact.Kind == ProofKind.Drill,
        TestFilter.Verifications => fact.Kind == ProofKind.Verification,
        TestFilter.NotPassed => fact.Outcome != Outcome.Proved,
    };
}
