using System.Data.Common;
using System.Runtime.CompilerServices;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Persistence;

/// <summary>The log in the database. One writer at a time: in this process by a lock, among processes by the engine's.</summary>
internal sealed class EvidenceLog(DatabaseEngine database, ServerIdentity identity, TimeProvider clock, ILogger<EvidenceLog> log) : IEvidenceLog, IDisposable
{
    private const string Columns = "seq, entry, signature, received_at";
    private const int LargestPage = 512;

    // SQLite makes a second writer wait by polling, and a waiter in PostgreSQL holds a connection; within the process they queue here instead.
    private readonly SemaphoreSlim writing = new(1);

    public Task<EvidenceReceipt?> AppendAgentEntriesAsync(AgentRow agent, EvidenceBatch batch)
    {
        var examined = AgentAdmission.Examine(agent, batch);
        return WriteAsync(writer =>
        {
            if (!AgentAdmission.IsInForce(writer, agent))
            {
                return null;
            }
            var admission = new AgentAdmission(writer, agent, examined);
            EntryReceipt[] receipts = [.. examined.Select(admission.Take)];
            foreach (var refused in receipts.Where(r => r.Outcome == AgentAdmission.Refused))
            {
                log.EntryRefused(agent.Id, refused.Counter, refused.Code ?? "");
            }
            return new EvidenceReceipt(receipts);
        });
    }

    public Task<bool> AppendNewsAsync(NewEntry entry, Func<ReadOnlyMemory<byte>, bool> isKnown) => WriteAsync(writer =>
    {
        if (writer.LastOwnPayload(entry.Type) is { } last && isKnown(last))
        {
            return false;
        }
        writer.AppendOwn(entry);
        return true;
    });

    public Task<AppendResult> AppendServerEntriesAsync(IReadOnlyList<NewEntry> entries, RunExpectation? expected) => WriteAsync<AppendResult>(writer =>
    {
        if (expected is not null && writer.LastOfRun(expected.RunId) is var last && last != expected.LastSequence)
        {
            return new AppendResult.Conflict(last);
        }
        long[] sequences = [.. entries.Select(writer.AppendOwn)];
        if (expected is not null && writer.LastOfRun(expected.RunId) != sequences[^1])
        {
            throw new ArgumentException($"The entries do not belong to the run {expected.RunId}: their payload must say so in \"run\".", nameof(entries));
        }
        return new AppendResult.Appended(sequences);
    });

    /// <summary>Runs <paramref name="act"/> under the write lock and commits what it appended with a signed checkpoint; an exception leaves nothing behind.</summary>
    public async Task<T> WriteAsync<T>(Func<LogWriter, T> act)
    {
        await writing.WaitAsync(CancellationToken.None);
        try
        {
            using var connection = database.Open();
            using var transaction = database.BeginAppend(connection);
            var writer = new LogWriter(connection, identity, Milliseconds(clock.GetUtcNow()));
            var result = act(writer);
            writer.Seal();
            transaction.Commit();
            return result;
        }
        finally
        {
            writing.Release();
        }
    }

    public IAsyncEnumerable<LoggedEntry> ReadAsync(long fromSequence, CancellationToken stop) =>
        QueryAsync("seq >= @from", fromSequence, null, stop);

    public IAsyncEnumerable<LoggedEntry> ReadAsync(long fromSequence, IReadOnlyList<string> types, CancellationToken stop)
    {
        // Names of ours, said in the code; what is written into SQL is checked all the same.
        if (!types.All(t => t.All(c => c is '.' or (>= 'a' and <= 'z')))) throw new ArgumentException("A type has lower-case letters and dots.", nameof(types));
        return QueryAsync($"seq >= @from AND type IN ({string.Join(", ", types.Select(t => $"'{t}'"))})", fromSequence, null, stop);
    }

    public async Task<long> SizeAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        await using var connection = database.Open();
        return connection.Scalar("SELECT max(seq) FROM entries") is long last ? last + 1 : 0;
    }

    public IAsyncEnumerable<LoggedEntry> ReadRunAsync(string runId, long fromSequence, CancellationToken stop) =>
        QueryAsync("seq >= @from AND run = @run", fromSequence, runId, stop);

    public Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken stop)
    {
        using var connection = database.Open();
        using var command = connection.Command("SELECT run FROM entries WHERE run IS NOT NULL GROUP BY run ORDER BY min(seq) DESC");
        using var rows = command.ExecuteReader();
        var ids = new List<string>();
        while (rows.Read())
        {
            stop.ThrowIfCancellationRequested();
            ids.Add(rows.GetString(0));
        }
        return Task.FromResult<IReadOnlyList<string>>(ids);
    }

    public void Dispose() => writing.Dispose();

    /// <summary>By pages that grow: whoever stops after a few entries must not have asked for all (a reader of PostgreSQL is only closed by reading to its end), and no connection is held meanwhile.</summary>
    private async IAsyncEnumerable<LoggedEntry> QueryAsync(string condition, long from, string? run, [EnumeratorCancellation] CancellationToken stop)
    {
        for (var count = 1; ; count = Math.Min(count * 8, LargestPage))
        {
            var (page, keys) = await ReadPageAsync(condition, from, run, count, stop);
            foreach (var (sequence, bytes, signature, receivedAt) in page)
            {
                var entry = UnverifiedEntry.Parse(bytes, signature);
                var key = keys.GetValueOrDefault(entry.ClaimedKeyId)
                    ?? throw new EvidenceException(EvidenceProblems.KeyUnknown.At($"Record {sequence}", ("key", entry.ClaimedKeyId)));
                yield return new LoggedEntry(sequence, entry.Verify(key), DateTimeOffset.FromUnixTimeMilliseconds(receivedAt));
            }
            if (page.Count < count)
            {
                yield break;
            }
            from = page[^1].Sequence + 1;
        }
    }

    private async Task<(List<(long Sequence, byte[] Entry, byte[] Signature, long ReceivedAt)> Page, Dictionary<string, EvidencePublicKey> Keys)> ReadPageAsync(
        string condition, long from, string? run, int count, CancellationToken stop)
    {
        await using var connection = database.Open();
        var keys = KeysIn(connection);
        await using var command = connection.Command($"SELECT {Columns} FROM entries WHERE {condition} ORDER BY seq LIMIT @count", ("@from", from), ("@count", count));
        if (run is not null)
        {
            command.Add("@run", run);
        }
        await using var rows = await command.ExecuteReaderAsync(stop);
        var page = new List<(long, byte[], byte[], long)>();
        while (await rows.ReadAsync(stop))
        {
            page.Add((rows.GetInt64(0), rows.Blob(1), rows.Blob(2), rows.GetInt64(3)));
        }
        return (page, keys);
    }

    private Dictionary<string, EvidencePublicKey> KeysIn(DbConnection connection)
    {
        var own = identity.Key.PublicKey;
        var keys = new Dictionary<string, EvidencePublicKey>(StringComparer.Ordinal) { [own.KeyId] = own };
        using var command = connection.Command("SELECT key_id, public_key FROM agents");
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            keys[rows.GetString(0)] = EvidencePublicKey.FromSpki(rows.Blob(1));
        }
        return keys;
    }

    // Entries carry whole milliseconds; the projection must not know more than the entry.
    private static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
