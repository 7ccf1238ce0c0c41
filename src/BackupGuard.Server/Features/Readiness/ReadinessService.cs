using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Persistence;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Readiness;

/// <summary>The answer that pages, reports and alerts read.</summary>
/// <param name="Hospital">Null as long as no catalogue was read.</param>
internal sealed record ReadinessAnswer(CatalogueState Catalogue, HospitalReadiness? Hospital);

internal sealed class ReadinessService(CatalogueSource catalogue, ServerDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan IntentTimeout = TimeSpan.FromHours(24);

    public async Task<ReadinessAnswer> CurrentAsync(DateTimeOffset now, CancellationToken stop)
    {
        var state = await catalogue.RefreshAsync(stop);
        return new ReadinessAnswer(state, state.Catalogue is { } declared ? ReadinessRules.Evaluate(declared, await FactsAsync(null, stop), now) : null);
    }

    /// <summary>Checks and drills of one application, or of all of them, the newest first.</summary>
    public async Task<IReadOnlyList<ProofFact>> HistoryAsync(string? applicationId, CancellationToken stop) => await FactsAsync(applicationId, stop);

    private async Task<List<ProofFact>> FactsAsync(string? applicationId, CancellationToken stop)
    {
        var rows = await database.Facts.AsNoTracking()
            .Where(f => applicationId == null || f.Application == applicationId)
            .Join(database.Entries, f => f.Seq, e => e.Seq, (f, e) => new { Fact = f, e.ReceivedAt })
            .OrderByDescending(r => r.Fact.At).ThenByDescending(r => r.Fact.Seq)
            .ToListAsync(stop);
        return [.. rows.Select(r => FactProjection.ToFact(r.Fact, r.ReceivedAt)), .. await UnfinishedAsync(applicationId, stop)];
    }

    // The longest drill is over by then; what has no result after it crashed, was stopped, or is being hidden.
    private async Task<IEnumerable<ProofFact>> UnfinishedAsync(string? applicationId, CancellationToken stop)
    {
        var limit = clock.GetUtcNow() - IntentTimeout;
        var rows = await database.OpenIntents.AsNoTracking()
            .Where(i => (applicationId == null || i.Application == applicationId) && i.Origin.StartsWith(AgentProjection.AgentPrefix))
            .Join(database.Entries, i => i.Seq, e => e.Seq, (i, e) => new { Intent = i, e.ReceivedAt })
            .Where(r => r.ReceivedAt < limit)
            .ToListAsync(stop);
        return rows.Select(r => FactProjection.ToFact(r.Intent, r.ReceivedAt)).OfType<ProofFact>();
    }
}

internal static class ReadinessFeature
{
    public static void AddReadiness(this IServiceCollection services)
    {
        services.AddSingleton<CatalogueSource>();
        services.AddScoped<ReadinessService>();
    }
}
