using BackupGuard.Contracts;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Copies;

/// <summary>A document of an agent as the log has it.</summary>
/// <param name="At">When it happened, by the agent's clock.</param>
public sealed record Logged<T>(T Document, string Agent, string Application, long Sequence, DateTimeOffset At, DateTimeOffset ReceivedAt)
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Dated before it was received: a later date would outlive its time.</summary>
    public bool IsBelievable(DateTimeOffset? at) => at is null || at <= ReceivedAt + ClockTolerance;
}

/// <summary>The newest word of each agent about each copy.</summary>
/// <param name="IsSound">False: an entry did not verify, and nothing here may be believed.</param>
public sealed record CopiesKnown(
    bool IsSound, IReadOnlyList<Logged<CopiesDocument>> Copies, IReadOnlyList<Logged<ProbeDocument>> Probes, IReadOnlyList<Logged<VerifyDocument>> Signals, IReadOnlyList<Logged<AttestedDocument>> Attested)
{
    public static CopiesKnown Unsound { get; } = new(false, [], [], [], []);
}

/// <summary>Of what agents say about copies, the newest of each.</summary>
internal sealed class CopiesLedger(IEvidenceLog log) : LogFollower<CopiesKnown>(log, [CopiesResult, ProbeResult, FactProjection.VerifyResult, Attested])
{
    public const string CopiesResult = "copies.result", ProbeResult = "probe.result", Attested = "external.attested";

    private readonly CopiesFold fold = new();

    protected override CopiesKnown Known => fold.Known;
    protected override CopiesKnown Unsound => CopiesKnown.Unsound;
    protected override void Take(LoggedEntry logged) => fold.Take(logged);
}

/// <summary>The newest of each, out of verified entries in their order. Pure.</summary>
internal sealed class CopiesFold
{
    private readonly Dictionary<(string, string, string), Logged<CopiesDocument>> copies = [];
    private readonly Dictionary<(string, string), Logged<ProbeDocument>> probes = [];
    private readonly Dictionary<(string, string), Logged<VerifyDocument>> signals = [];
    private readonly Dictionary<(string, string, string), Logged<AttestedDocument>> attested = [];

    public CopiesKnown Known => new(true, [.. copies.Values], [.. probes.Values], [.. signals.Values], [.. attested.Values]);

    public void Take(LoggedEntry logged)
    {
        var entry = logged.Entry;
        if (!entry.Origin.StartsWith(AgentProjection.AgentPrefix, StringComparison.Ordinal))
        {
            return;
        }
        switch (entry.Type)
        {
            case CopiesLedger.CopiesResult when entry.ReadAs(DocumentJson.Default.CopiesDocument) is { Schema: CopiesDocument.SchemaId } document && document.Application == entry.Application:
                copies[(entry.Origin, document.Application, document.Dataset)] = Of(logged, document);
                break;
            case CopiesLedger.ProbeResult when entry.ReadAs(DocumentJson.Default.ProbeDocument) is { Schema: ProbeDocument.SchemaId } document:
                // What the page does not show need not be kept.
                probes[(entry.Origin, document.Repository)] = Of(logged, document with { Attacks = [], Settings = [], Findings = [], Horizons = [.. document.Horizons.OrderByDescending(h => h.Time).Take(1)] });
                break;
            // A verification without this member was not asked about signals, and answers no doubt.
            case FactProjection.VerifyResult when entry.Payload.Span.IndexOf("\"freezeRetention\""u8) >= 0 && entry.ReadAs(DocumentJson.Default.VerifyDocument) is { Schema: VerifyDocument.SchemaId, Signals.Count: > 0 } document:
                signals[(entry.Origin, document.Repository)] = Of(logged, document with { Snapshots = [], Findings = [] });
                break;
            case CopiesLedger.Attested when entry.ReadAs(DocumentJson.Default.AttestedDocument) is { Schema: AttestedDocument.SchemaId } document && document.Application == entry.Application:
                attested[(entry.Origin, document.Application, document.Source)] = Of(logged, document);
                break;
        }
    }

    private static Logged<T> Of<T>(LoggedEntry logged, T document) =>
        new(document, logged.Entry.Origin[AgentProjection.AgentPrefix.Length..], logged.Entry.Application, logged.Sequence, logged.Entry.OccurredAt ?? logged.Entry.RecordedAt, logged.ReceivedAt);
}
