using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Persistence;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Readiness;

/// <summary>Every fact of the log at one moment.</summary>
/// <param name="Last">The one with the highest sequence; null without any.</param>
/// <param name="NewestFirst">By the agent's clock.</param>
internal sealed record FactsKnown(ProofFact? Last, IReadOnlyList<ProofFact> NewestFirst, ILookup<string, ProofFact> ByApplication)
{
    public static FactsKnown None { get; } = new(null, [], Array.Empty<ProofFact>().ToLookup(f => f.ApplicationId, StringComparer.Ordinal));
}

/// <summary>Keeps the facts that were read: a page must not read years of drills again. What came since, from this process or another, is read behind them. The last one is looked at each time: where it is gone or another, the database was set back, and nothing that was known counts any more.</summary>
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
            while (true)
            {
                var last = known.Last;
                var from = last?.EvidenceSequence ?? 0;
                var rows = await database.Facts.AsNoTracking().Where(f => f.Seq >= from)
                    .Join(database.Entries, f => f.Seq, e => e.Seq, (f, e) => new { Fact = f, e.ReceivedAt }).OrderBy(r => r.Fact.Seq)
                    .ToListAsync(stop);
                var read = rows.ConvertAll(r => FactProjection.ToFact(r.Fact, r.ReceivedAt));
                if (last is not null && read.FirstOrDefault() != last)
                {
                    known = FactsKnown.None;
                    continue;
                }

                var news = last is null ? read : read[1..];
                if (news.Count > 0)
                {
                    ProofFact[] all = [.. known.NewestFirst.Concat(news).OrderByDescending(f => f.At).ThenByDescending(f => f.EvidenceSequence)];
                    known = new(news[^1], all, all.ToLookup(f => f.ApplicationId, StringComparer.Ordinal));
                }

                return known;
            }
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose() => reading.Dispose();
}
