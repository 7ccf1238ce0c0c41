using BackupGuard.Evidence;
using Microsoft.Data.Sqlite;

namespace BackupGuard.Server.Persistence;

/// <summary>Appends inside one transaction that holds the database's write lock. The order of the log is decided here and nowhere else.</summary>
internal sealed class LogWriter
{
    private readonly SqliteConnection connection;
    private readonly ServerIdentity identity;
    private readonly StoredTree tree;
    private readonly MerkleFrontier frontier;
    private readonly long sizeBefore;
    private readonly long receivedAtMs;

    /// <exception cref="LogDamagedException">The stored log is not the one that the last checkpoint was signed for.</exception>
    public LogWriter(SqliteConnection connection, ServerIdentity identity, DateTimeOffset now)
    {
        this.connection = connection;
        this.identity = identity;
        Now = now;
        receivedAtMs = now.ToUnixTimeMilliseconds();
        tree = new StoredTree(connection);
        sizeBefore = (long?)connection.Scalar("SELECT max(seq) + 1 FROM entries") ?? 0;
        frontier = MerkleFrontier.Resume(tree, sizeBefore);
        DemandLastCheckpoint();
    }

    public DateTimeOffset Now { get; }

    public SqliteConnection Connection => connection;

    public long Append(VerifiedEntry verified)
    {
        var sequence = frontier.Size;
        var columns = DerivedColumns.Of(verified.Entry);
        connection.Execute(
            """
            INSERT INTO entries (seq, origin, key_id, counter, type, run, entry, signature, received_at, receipt)
            VALUES ($seq, $origin, $key, $counter, $type, $run, $entry, $signature, $received, $receipt)
            """,
            ("$seq", sequence), ("$origin", columns.Origin), ("$key", columns.KeyId), ("$counter", columns.Counter), ("$type", columns.Type),
            ("$run", columns.Run), ("$entry", verified.Bytes.ToArray()), ("$signature", verified.Signature.ToArray()), ("$received", receivedAtMs), ("$receipt", identity.SignReceipt(sequence, verified.Hash, receivedAtMs)));
        foreach (var node in frontier.Append(MerkleTree.HashLeaf(verified.Bytes.Span)))
        {
            tree.Write(node);
        }
        Projections.Apply(connection, sequence, verified.Entry);
        return sequence;
    }

    public long AppendOwn(NewEntry entry)
    {
        var (counter, last) = LastOf(identity.Key.PublicKey.KeyId);
        return Append(new EvidenceEntry
        {
            Origin = EvidenceEntry.ServerOrigin,
            KeyId = identity.Key.PublicKey.KeyId,
            Counter = counter + 1,
            Previous = last,
            Id = Guid.CreateVersion7(Now),
            RecordedAt = Now,
            OccurredAt = entry.OccurredAt,
            Type = entry.Type,
            Application = entry.Application,
            SoftwareVersion = identity.SoftwareVersion,
            Payload = entry.Payload,
        }.Sign(identity.Key));
    }

    /// <summary>Where a signer's chain stands: counter 0 and no hash before its first entry.</summary>
    public (long Counter, Hash256? Hash) LastOf(string keyId)
    {
        using var command = connection.Command("SELECT counter, entry FROM entries WHERE key_id = $key ORDER BY counter DESC LIMIT 1", ("$key", keyId));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), Hash256.Of(row.Blob(1))) : (0, null);
    }

    public long? LastOfRun(string runId) => (long?)connection.Scalar("SELECT max(seq) FROM entries WHERE run = $run", ("$run", runId));

    /// <summary>Signs the new tree head. It is committed with the entries, before anybody is shown it.</summary>
    public void Seal()
    {
        if (frontier.Size > sizeBefore)
        {
            connection.Execute("INSERT INTO checkpoints (size, note) VALUES ($size, $note)",
                ("$size", frontier.Size), ("$note", new Checkpoint(identity.LogKey.Name, frontier.Size, frontier.Root()).Sign(identity.Key)));
        }
    }

    // Signing on top of a log that was cut or changed would put our signature under the forgery.
    private void DemandLastCheckpoint()
    {
        if (connection.Scalar("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1") is not byte[] note)
        {
            if (sizeBefore > 0)
            {
                throw new LogDamagedException("it has entries and no checkpoint.");
            }
            return;
        }
        try
        {
            var last = Checkpoint.Verify(note, identity.LogKey);
            if (last.Size != sizeBefore || last.Root != frontier.Root())
            {
                throw new LogDamagedException($"its last checkpoint covers {last.Size} entries, and the {sizeBefore} stored ones do not lead to its root.");
            }
        }
        catch (EvidenceException e)
        {
            throw new LogDamagedException(e.Problem.Message("en"));
        }
    }
}
