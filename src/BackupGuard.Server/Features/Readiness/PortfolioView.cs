using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Readiness;

public enum PortfolioSort { State, Application, Service, Age, Recovery, Loss, Expiry }

/// <summary>What one care service lacks.</summary>
public sealed record ServiceLine(string Service, int Total, IReadOnlyList<ApplicationLine> NotProved);

/// <summary>The hospital's answer: every declared application, what is not proven first.</summary>
public sealed record PortfolioView(DateTimeOffset At, PortfolioSort Sort, IReadOnlyList<ApplicationLine> Lines)
{
    /// <summary>Applications that evidence names and the catalogue does not.</summary>
    public IReadOnlyList<string> Undeclared { get; init; } = [];

    /// <summary>What is wrong with the newest catalogue file, which is therefore not in force.</summary>
    public IReadOnlyList<DefinitionIssue> CatalogueIssues { get; init; } = [];

    /// <summary>How old the offline pack is; null: this is not a page of a server that keeps one.</summary>
    public CrisisPack.CrisisPackStanding? Pack { get; init; }

    private const int Named = 2;

    /// <summary>A hospital group may have a thousand applications: the worst hundred come first, the others are a link away.</summary>
    public const int PageSize = 100;

    /// <summary>From 1; 0: all on one page, as for printing. One behind the last is the last.</summary>
    public int Page { get => Math.Min(field, Math.Max(1, Pages)); init; } = 1;

    public int Pages => (Lines.Count + PageSize - 1) / PageSize;

    /// <summary>Number of the first line of this page, from 1.</summary>
    public int First => Page == 0 ? 1 : (Page - 1) * PageSize + 1;

    /// <summary>The lines of this page, in the order that was asked for.</summary>
    public IReadOnlyList<ApplicationLine> Shown => Page == 0 ? Lines : [.. Lines.Skip((Page - 1) * PageSize).Take(PageSize)];

    public static PortfolioView From(HospitalReadiness readiness, HospitalCatalogue catalogue, PortfolioSort sort = PortfolioSort.State) =>
        new(readiness.At, sort, Sorted(ApplicationLine.All(readiness, catalogue), sort)) { Undeclared = readiness.UncataloguedApplications };

    public IEnumerable<ApplicationLine> NotProved => Lines.Where(l => l.State != ReadinessState.Proved);

    public IEnumerable<ApplicationLine> Proved => Lines.Where(l => l.State == ReadinessState.Proved);

    /// <summary>Proof that ends first among those that still count.</summary>
    public ApplicationLine? NextToExpire => Proved.Where(l => l.ExpiresAt > At).MinBy(l => l.ExpiresAt);

    /// <summary>Every state is listed, also with a count of zero.</summary>
    public IReadOnlyList<(ReadinessState State, int Count)> Tally =>
        [.. Enum.GetValues<ReadinessState>().OrderBy(ReadinessOrder.Rank).Select(state => (state, Lines.Count(l => l.State == state)))];

    public IReadOnlyList<ServiceLine> Services =>
        [.. Lines.GroupBy(l => l.Application.Service, StringComparer.Ordinal)
            .Select(g => new ServiceLine(g.Key, g.Count(), [.. Sorted(g.Where(l => l.State != ReadinessState.Proved), PortfolioSort.State)]))
            .OrderByDescending(s => s.NotProved.Count).ThenBy(s => s.Service, StringComparer.Ordinal)];

    /// <summary>The answer to the question of the page, as sentences.</summary>
    public IReadOnlyList<Piece> Answer(Reader reader)
    {
        if (Lines.Count == 0) return Sentences(Bold(reader, PortfolioTexts.NothingDeclared), [new(reader.Say(PortfolioTexts.NothingDeclaredWhy))]);
        if (!NotProved.Any()) return Yes(reader);
        var named = NotProved.Take(Named).Select(line => reader.Pieces(Text(line.State), ("application", line.Link(reader))));
        return Lines.All(l => l.ProvedAt is null)
            ? Sentences([Bold(reader, PortfolioTexts.NobodyKnows), [new(reader.Count(PortfolioTexts.NeverAny, Lines.Count))], .. Unless(named, l => l == ReadinessState.Unproven)])
            : Sentences([Bold(reader, PortfolioTexts.NotYet), [new(NotProvedSentence(reader))], .. VitalSentence(reader), .. named]);

        IEnumerable<IReadOnlyList<Piece>> Unless(IEnumerable<IReadOnlyList<Piece>> sentences, Func<ReadinessState, bool> already) =>
            NotProved.Take(Named).Zip(sentences).Where(pair => !already(pair.First.State)).Select(pair => pair.Second);
    }

    private IReadOnlyList<Piece> Yes(Reader reader)
    {
        IReadOnlyList<Piece> all = [new(reader.Count(PortfolioTexts.AllProved, Lines.Count))];
        return NextToExpire is { ExpiresAt: { } expires } next
            ? Sentences(Bold(reader, PortfolioTexts.Yes), all, reader.Pieces(PortfolioTexts.FirstToExpire, ("application", next.Link(reader)), ("day", new(reader.WeekDay(expires)))))
            : Sentences(Bold(reader, PortfolioTexts.Yes), all);
    }

    private string NotProvedSentence(Reader reader) =>
        reader.Count(PortfolioTexts.NotProved, NotProved.Count(), ("total", reader.Number(Lines.Count)));

    private IEnumerable<IReadOnlyList<Piece>> VitalSentence(Reader reader)
    {
        var vital = NotProved.Count(l => l.Application.Vital);
        return vital == 0 ? [] : [[new(reader.Count(PortfolioTexts.VitalAmong, vital))]];
    }

    private static IReadOnlyList<Piece> Bold(Reader reader, Phrase phrase) => [Piece.Bold(reader.Say(phrase))];

    private static IReadOnlyList<Piece> Sentences(params IReadOnlyList<Piece>[] sentences) =>
        [.. sentences.SelectMany((sentence, i) => i == 0 ? sentence : [new Piece(" "), .. sentence])];

    private static Phrase Text(ReadinessState state) => state switch
    {
        ReadinessState.Failed => PortfolioTexts.IsFailed,
        ReadinessState.Unproven => PortfolioTexts.IsUnproven,
        ReadinessState.Expired => PortfolioTexts.IsExpired,
        ReadinessState.Inconclusive => PortfolioTexts.IsInconclusive,
        ReadinessState.Proved => PortfolioTexts.WhyProved,
    };

    // Within equal keys the worst and the most vital come first; a value that is unknown comes before every known one.
    private static IReadOnlyList<ApplicationLine> Sorted(IEnumerable<ApplicationLine> lines, PortfolioSort sort)
    {
        var byState = lines.OrderBy(l => ReadinessOrder.Rank(l.State)).ThenByDescending(l => l.Application.Vital).ThenBy(l => l.Application.Name, StringComparer.Ordinal);
        return sort switch
        {
            PortfolioSort.State => [.. byState],
            PortfolioSort.Application => [.. byState.OrderBy(l => l.Application.Name, StringComparer.InvariantCultureIgnoreCase)],
            PortfolioSort.Service => [.. byState.OrderBy(l => l.Application.Service, StringComparer.InvariantCultureIgnoreCase)],
            PortfolioSort.Age => [.. byState.OrderByDescending(l => l.Age ?? TimeSpan.MaxValue)],
            PortfolioSort.Recovery => [.. byState.OrderByDescending(l => Share(l.Recovery, l.Application.RecoveryTimeObjective))],
            PortfolioSort.Loss => [.. byState.OrderByDescending(l => Share(l.Loss, l.Application.RecoveryPointObjective))],
            PortfolioSort.Expiry => [.. byState.OrderBy(l => l.ExpiresAt ?? DateTimeOffset.MinValue)],
        };
    }

    private static double Share(TimeSpan? measured, TimeSpan? target) =>
        measured is { } m && target is { } t && t > TimeSpan.Zero ? m / t : double.MaxValue;
}
