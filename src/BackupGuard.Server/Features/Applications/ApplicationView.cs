using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Features.Copies;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Applications;

/// <summary>Another application that this one needs, or that needs it.</summary>
/// <param name="Line">Null: the catalogue names it and does not declare it.</param>
/// <param name="Through">Id of the application in between, or null for a direct link.</param>
public sealed record ChainLink(string Id, ApplicationLine? Line, string? Through);

/// <summary>One application: verdict, reasons, chain and history.</summary>
public sealed record ApplicationView(ApplicationLine Line, IReadOnlyList<ChainLink> DependsOn, IReadOnlyList<ChainLink> AwaitedBy, IReadOnlyList<ProofFact> Verifications)
{
    /// <param name="facts">Every fact of this application; those of the readiness are used where the caller has no more.</param>
    /// <returns>Null: no such application is declared.</returns>
    public static ApplicationView? From(HospitalReadiness readiness, HospitalCatalogue catalogue, string id, IReadOnlyList<ProofFact>? facts = null)
    {
        var lines = ApplicationLine.All(readiness, catalogue).ToDictionary(l => l.Application.Id, StringComparer.Ordinal);
        if (!lines.TryGetValue(id, out var line)) return null;
        var history = facts?.Where(f => f.ApplicationId == id).ToArray() ?? line.Readiness.History;
        if (facts is not null) line = line with { Readiness = line.Readiness with { History = history } };
        return new ApplicationView(
            line,
            Chain(id, lines, l => l.Application.DependsOn),
            Chain(id, lines, l => [.. lines.Values.Where(other => other.Application.DependsOn.Contains(l.Application.Id)).Select(other => other.Application.Id)]),
            [.. history.Where(f => f.Kind == ProofKind.Verification).OrderByDescending(f => f.At)]);
    }

    /// <summary>Whether these data have enough copies, as far as anybody looked.</summary>
    public CopiesSummary Copies { get; init; } = CopiesSummary.None;

    public IReadOnlyList<ProofFact> Drills => Line.Drills;

    public Phrase Answer => Line.State switch
    {
        ReadinessState.Failed => ApplicationTexts.AnswerFailed,
        ReadinessState.Unproven => ApplicationTexts.AnswerUnproven,
        ReadinessState.Expired => ApplicationTexts.AnswerExpired,
        ReadinessState.Inconclusive => ApplicationTexts.AnswerInconclusive,
        ReadinessState.Proved => ApplicationTexts.AnswerProved,
    };

    /// <summary>The limit is a matter of stopping care, not of planning: it is judged apart from the objective and never filled from it.</summary>
    public string Limit(Reader reader)
    {
        if (Line.Application.MaximumTolerablePeriod is not { } limit) return reader.Say(ApplicationTexts.LimitNotSet);
        var text = reader.Duration(limit);
        if (Line.Recovery is not { } measured) return reader.Say(ApplicationTexts.LimitUnknown, ("limit", text));
        return measured <= limit
            ? reader.Say(ApplicationTexts.LimitHeld, ("limit", text), ("margin", reader.Duration(limit - measured)))
            : reader.Say(ApplicationTexts.LimitBroken, ("limit", text), ("over", reader.Duration(measured - limit)));
    }

    // Breadth first, so that each is named by its shortest way. A cycle in the catalogue ends where it meets itself.
    private static List<ChainLink> Chain(string id, Dictionary<string, ApplicationLine> lines, Func<ApplicationLine, IReadOnlyList<string>> next)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { id };
        var chain = new List<ChainLink>();
        var queue = new Queue<(string Id, string? Through)>([(id, null)]);
        while (queue.TryDequeue(out var current))
        {
            if (!lines.TryGetValue(current.Id, out var line)) continue;
            var through = current.Id == id ? null : current.Id;
            foreach (var linked in next(line).Where(seen.Add))
            {
                chain.Add(new ChainLink(linked, lines.GetValueOrDefault(linked), through));
                queue.Enqueue((linked, through));
            }
        }

        return chain;
    }
}
