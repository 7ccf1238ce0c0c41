using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Features.Copies;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Readiness;

/// <summary>The answer that pages, reports and alerts read.</summary>
/// <param name="Hospital">Null as long as no catalogue was read.</param>
internal sealed record ReadinessAnswer(CatalogueState Catalogue, HospitalReadiness? Hospital);

internal sealed class ReadinessService(CatalogueSource catalogue, ServerDatabase database, FactLedger ledger, CopiesLedger copies, TimeProvider clock)
{
    public static readonly TimeSpan IntentTimeout = TimeSpan.FromHours(24);

    public async Task<ReadinessAnswer> CurrentAsync(DateTimeOffset now, CancellationToken stop)
    {
        var state = await catalogue.RefreshAsync(stop);
        if (state.Catalogue is not { } declared)
        {
            return new ReadinessAnswer(state, null);
        }
        var facts = await FactsAsync(null, stop);
        var vetoes = CopiesJudgement.Vetoes(await copies.ReadAsync(stop), facts, declared.Applications.Select(a => a.Id), now);
        return new ReadinessAnswer(state, ReadinessRules.Evaluate(declared, facts, now, vetoes));
    }

    /// <summary>Checks and drills of one application, or of all of them, the newest first.</summary>
    public async Task<IReadOnlyList<ProofFact>> HistoryAsync(string? applicationId, CancellationToken stop) => await FactsAsync(applicationId, stop);

    /// <summary>The copies of one application's data.</summary>
    /// <returns>Null: no such application is declared.</returns>
    public async Task<CopiesView?> CopiesAsync(string applicationId, DateTimeOffset now, Reader reader, CancellationToken stop)
    {
        var declared = (await catalogue.RefreshAsync(stop)).Catalogue?.Applications.FirstOrDefault(a => a.Id == applicationId);
        if (declared is null)
        {
            return null;
        }
        // A copy of one application's data may be verified under the name of another.
        var facts = await FactsAsync(null, stop);
        return CopiesView.From(applicationId, reader.Choose(declared.Name, declared.NameEn), await copies.ReadAsync(stop), facts, now);
    }

    private async Task<List<ProofFact>> FactsAsync(string? applicationId, CancellationToken stop)
    {
        var known = await ledger.ReadAsync(stop);
        return [.. applicationId is null ? known.NewestFirst : known.ByApplication[applicationId], .. await UnfinishedAsync(applicationId, stop)];
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
        services.AddSingleton<FactLedger>();
        services.AddSingleton<CopiesLedger>();
        services.AddScoped<ReadinessService>();
    }
}
