using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Persistence;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Readiness;

/// <summary>Every fact of the log at one moment.</summary>
/// <param name="Last">Sequence of the newest; -1 without any.</param>
/// <param name="NewestFirst">By the agent's clock.</param>
internal sealed record FactsKnown(long Last, IReadOnlyList<ProofFact> NewestFirst, ILookup<string, ProofFact> ByApplication)
{
    public static FactsKnown None { get; } = new(-1, [], Array.Empty<ProofFact>().ToLookup(f => f.ApplicationId, StringComparer.Ordinal));
}

/// <summary>Keeps the facts that were read: a page must not read years of drills again. What came since, from this process or another, is read behind them; a fact never changes.</summary>
internal sealed class FactLedger(IServiceScopeFactory scopes) : IDisposable
{
    private readonly SemaphoreSlim reading = new(1);
    private FactsKnown known = FactsKnown.None;

    public async Task<FactsKnown> ReadAsync(CancellationToken stop)
    {
        await reading.WaitAsync(stop);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<ServerDatabase>();
            var last = known.Last;
            var news = await database.Facts.AsNoTracking().Where(f => f.Seq > last)
                .Join(database.Entries, f => f.Seq, e => e.Seq, (f, e) => new { Fact = f, e.ReceivedAt })
                .ToListAsync(stop);
            if (news.Count > 0)
            {
                ProofFact[] all = [.. known.NewestFirst.Concat(news.Select(r => FactProjection.ToFact(r.Fact, r.ReceivedAt))).OrderByDescending(f => f.At).ThenByDescending(f => f.EvidenceSequence)];
                known = new(news.Max(r => r.Fact.Seq), all, all.ToLookup(f => f.ApplicationId, StringComparer.Ordinal));
            }

            return known;
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose() => reading.Dispose();
}
