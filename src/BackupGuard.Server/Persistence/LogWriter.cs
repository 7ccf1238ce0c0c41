using System.Data.Common;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>Appends inside one transaction that holds the database's append lock. The order of the log is decided here and nowhere else.</summary>
internal sealed class LogWriter
{
    private const string EntryColumns = "seq, origin, key_id, counter, type, run, entry, signature, received_at, receipt";

    private readonly DbConnection connection;
    private readonly ServerIdentity identity;
    private readonly MerkleFrontier frontier;
    private readonly long sizeBefore;
    private readonly long receivedAtMs;
    private readonly List<Appended> appended = [];
    private readonly List<TreeNode> nodes = [];

    /// <exception cref="LogDamagedException">The stored log is not the one that the last checkpoint was signed for.</exception>
    public LogWriter(DbConnection connection, ServerIdentity identity, DateTimeOffset now)
    {
        this.connection = connection;
        this.identity = identity;
        Now = now;
        receivedAtMs = now.ToUnixTimeMilliseconds();
        (sizeBefore, var lastReceivedAt) = End();
        frontier = new StoredTree(connection).Read(tree => MerkleFrontier.Resume(tree, sizeBefore));
        DemandLastCheckpoint();
        if (lastReceivedAt is { } last && ClockJump.Happened(last, now)) AppendOwn(new NewEntry(ClockJump.Type, "", ClockJump.Payload(last, now)));
    }

    public DateTimeOffset Now { get; }

    /// <summary>The log as it was before this transaction: what is appended is written by <see cref="Seal"/>, all of it together.</summary>
    public DbConnection Connection => connection;

    public long Append(VerifiedEntry verified)
    {
        var sequence = frontier.Size;
        appended.Add(new Appended(sequence, DerivedColumns.Of(verified.Entry), verified));
        nodes.AddRange(frontier.Append(MerkleTree.HashLeaf(verified.Bytes.Span)));
        return sequence;
    }

    public long AppendOwn(NewEntry entry)
    {
        var own = identity.Key.PublicKey.KeyId;
        var (counter, last) = LastOf(own);
        return Append(new EvidenceEntry
        {
            Origin = EvidenceEntry.ServerOrigin,
            KeyId = own,
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
        if (appended.FindLast(a => a.Columns.KeyId == keyId) is { } mine)
        {
            return (mine.Columns.Counter, mine.Verified.Hash);
        }
        using var command = connection.Command("SELECT counter, entry FROM entries WHERE key_id = @key ORDER BY counter DESC LIMIT 1", ("@key", keyId));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), Hash256.Of(row.Blob(1))) : (0, null);
    }

    public long? LastOfRun(string runId) =>
        appended.FindLast(a => a.Columns.Run == runId)?.Sequence ?? (long?)connection.Scalar("SELECT max(seq) FROM entries WHERE run = @run", ("@run", runId));

    /// <summary>Payload of this server's newest entry of a type, or null.</summary>
    public ReadOnlyMemory<byte>? LastOwnPayload(string type)
    {
        using var command = connection.Command(
            "SELECT entry, signature FROM entries WHERE seq = (SELECT max(seq) FROM entries WHERE key_id = @key AND type = @type)", ("@key", identity.Key.PublicKey.KeyId), ("@type", type));
        using var row = command.ExecuteReader();
        if (!row.Read())
        {
            return null;
        }
        return UnverifiedEntry.Parse(row.Blob(0), row.Blob(1)).Verify(identity.Key.PublicKey).Entry.Payload;
    }

    /// <summary>Writes what was appended, and signs the new tree head. It is committed with the entries, before anybody is shown it.</summary>
    public void Seal()
    {
        if (appended.Count == 0)
        {
            return;
        }
        var root = frontier.Root();
        var receipt = identity.SignReceipt(sizeBefore, frontier.Size, root, receivedAtMs);
        connection.InsertAll("entries", EntryColumns, [.. appended.Select(a => a.Row(receivedAtMs, receipt))]);
        connection.InsertAll("nodes", "level, idx, hash", [.. nodes.Select(n => (object?[])[n.Level, n.Index, n.Hash.ToArray()])]);
        Projections.Apply(connection, [.. appended.Select(a => (a.Sequence, a.Verified.Entry))]);
        connection.Execute("INSERT INTO checkpoints (size, note) VALUES (@size, @note)",
            ("@size", frontier.Size), ("@note", new Checkpoint(identity.LogKey.Name, frontier.Size, root).Sign(identity.Key)));
    }

    private (long Size, DateTimeOffset? LastReceivedAt) End()
    {
        using var command = connection.Command("SELECT seq, received_at FROM entries ORDER BY seq DESC LIMIT 1");
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0) + 1, DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))) : (0, null);
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

    private sealed record Appended(long Sequence, DerivedColumns Columns, VerifiedEntry Verified)
    {
        /// <summary>In the order of <see cref="EntryColumns"/>.</summary>
        public object?[] Row(long receivedAtMs, byte[] receipt) =>
            [Sequence, Columns.Origin, Columns.KeyId, Columns.Counter, Columns.Type, Columns.Run, Verified.Bytes.ToArray(), Verified.Signature.ToArray(), receivedAtMs, receipt];
    }
}
