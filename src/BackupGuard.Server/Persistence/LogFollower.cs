using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>Follows the log and keeps, of some types of entries, what a page needs. Nothing is stored: it is read again at every start.</summary>
/// <typeparam name="TKnown">Immutable: it leaves while the next entries are taken.</typeparam>
internal abstract class LogFollower<TKnown>(IEvidenceLog log, IReadOnlyList<string> types) : IDisposable
{
    private readonly SemaphoreSlim reading = new(1);
    private long next;

    /// <returns>What the log says now; <see cref="Unsound"/> when an entry does not verify.</returns>
    public async Task<TKnown> ReadAsync(CancellationToken stop)
    {
        await reading.WaitAsync(stop);
        try
        {
            // Asked first: what comes in meanwhile is behind it. Where nothing concerned us the same stretch is not searched again.
            var size = await log.SizeAsync(stop);
            if (size > next)
            {
                await foreach (var logged in log.ReadAsync(next, types, stop))
                {
                    Take(logged);
                    next = logged.Sequence + 1;
                }

                next = Math.Max(next, size);
            }

            return Known;
        }
        catch (EvidenceException)
        {
            return Unsound;
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) reading.Dispose();
    }

    protected abstract TKnown Known { get; }
    protected abstract TKnown Unsound { get; }
    protected abstract void Take(LoggedEntry logged);
}

internal static class PayloadReading
{
    /// <summary>Null for what this version cannot read: it says nothing.</summary>
    public static T? ReadAs<T>(this EvidenceEntry entry, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Payload.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
