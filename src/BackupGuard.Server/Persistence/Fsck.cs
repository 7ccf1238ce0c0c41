using BackupGuard.Evidence;
using Microsoft.Data.Sqlite;

namespace BackupGuard.Server.Persistence;

/// <summary>Something that fsck found.</summary>
/// <param name="IsError">A warning leaves the log intact.</param>
internal sealed record FsckFinding(string Code, bool IsError, string Message);

internal sealed record FsckReport(long Entries, Hash256 Root, IReadOnlyList<FsckFinding> Findings)
{
    public bool IsIntact => !Findings.Any(f => f.IsError);
}

/// <summary>Derives everything again from the signed bytes and compares it with what is stored. Reads one snapshot, so it may run beside a working server.</summary>
/// <remarks>Cannot see a whole older state put in place of the newer one: that takes a checkpoint kept elsewhere.</remarks>
internal sealed class Fsck
{
    private const string ColumnDiffers = "BG2180";
    private const string TreeDiffers = "BG2181";
    private const string FactDiffers = "BG2182";
    private const string AgentDiffers = "BG2183";
    private const string Unsealed = "BG2184";
    private const string FileDamaged = "BG2185";
    private const string IntentDiffers = "BG2186";

    private readonly SqliteConnection connection;
    private readonly ServerIdentity identity;
    private readonly StoredTree stored;
    private readonly List<FsckFinding> findings = [];
    private readonly Queue<StoredColumns> waiting = new();
    private readonly Dictionary<string, AgentRow> agents = new(StringComparer.Ordinal);
    private readonly HashSet<long> facts = [];
    private readonly Dictionary<(string KeyId, long Counter), (long Seq, string Origin, string Type, string Application)> intents = [];
    private readonly MerkleFrontier tree = new();
    private long nodes;

    private Fsck(SqliteConnection connection, ServerIdentity identity)
    {
        this.connection = connection;
        this.identity = identity;
        stored = new StoredTree(connection);
    }

    public static FsckReport Run(SqliteFile database, ServerIdentity identity, DateTimeOffset now)
    {
        try
        {
            using var connection = database.Open();
            // Deferred: the first read takes the snapshot, and no writer is kept waiting.
            using var snapshot = connection.BeginTransaction(deferred: true);
            return new Fsck(connection, identity).Check(now);
        }
        catch (Exception e) when (e is SqliteException { SqliteErrorCode: 11 or 26 } or InvalidCastException)
        {
            // SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html), or a value of another type than its column: a finding, not a failure.
            return new FsckReport(0, MerkleTree.EmptyRoot, [Difference(FileDamaged, $"The database file cannot be read to its end: {e.Message}.")]);
        }
    }

    private FsckReport Check(DateTimeOffset now)
    {
        if (connection.Scalar("PRAGMA integrity_check(1)") is not "ok" and { } damage)
        {
            Report(FileDamaged, $"SQLite finds the file damaged: {damage}.");
        }
        var trust = new LogTrust { LogKey = identity.LogKey, Keys = [new KeyRegistration(EvidenceEntry.ServerOrigin, identity.Key.PublicKey)], Now = now };
        var log = LogVerifier.Verify(Records(), Checkpoints(), trust, CompareDerived);
        findings.InsertRange(0, log.Problems.Select(p => new FsckFinding(p.Code, p.Severity == ProblemSeverity.Error, $"{p.Message("en")} {p.Remedy("en")}")));
        if (log.CheckpointSize != log.Size)
        {
            Report(Unsealed, $"The last {log.Size - log.CheckpointSize} entries are covered by no valid checkpoint.");
        }
        CompareTree();
        CompareFacts();
        CompareIntents();
        CompareAgents();
        return new FsckReport(log.Size, log.Root, findings);
    }

    private IEnumerable<StoredRecord> Records()
    {
        using var command = connection.Command("SELECT seq, entry, signature, received_at, receipt, origin, key_id, counter, type, run FROM entries ORDER BY seq");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var record = new StoredRecord(row.GetInt64(0), row.Blob(1), row.Blob(2));
            waiting.Enqueue(new StoredColumns(tree.Size, record.Index, row.GetInt64(3), row.Blob(4),
                new DerivedColumns(row.GetString(5), row.GetString(6), row.GetInt64(7), row.GetString(8), row.TextOrNull(9))));
            foreach (var node in tree.Append(MerkleTree.HashLeaf(record.Entry.Span)))
            {
                nodes++;
                if (stored.TryRead(node.Level, node.Index) != node.Hash)
                {
                    Report(TreeDiffers, $"The stored hash at level {node.Level}, index {node.Index} is not that of its entries.");
                }
            }
            yield return record;
        }
    }

    private List<ReadOnlyMemory<byte>> Checkpoints()
    {
        using var command = connection.Command("SELECT size, note FROM checkpoints ORDER BY size");
        using var row = command.ExecuteReader();
        var notes = new List<ReadOnlyMemory<byte>>();
        while (row.Read())
        {
            notes.Add(row.Blob(1));
            if (SizeOf(row.Blob(1)) is { } size && size != row.GetInt64(0))
            {
                Report(ColumnDiffers, $"The checkpoint stored for {row.GetInt64(0)} entries was signed for {size}.");
            }
        }
        return notes;
    }

    private long? SizeOf(byte[] note)
    {
        try
        {
            return Checkpoint.Verify(note, identity.LogKey).Size;
        }
        catch (EvidenceException)
        {
            // The verifier reports the note itself.
            return null;
        }
    }

    private void CompareDerived(long position, VerifiedEntry verified)
    {
        // Entries that did not verify are reported already, and passed over here.
        while (waiting.Peek().Position < position)
        {
            waiting.Dequeue();
        }
        var row = waiting.Dequeue();
        if (row.Derived != DerivedColumns.Of(verified.Entry))
        {
            Report(ColumnDiffers, $"Entry {position}: the columns beside it are not those of its signed bytes.");
        }
        if (!identity.IsReceipt(row.Receipt, position, verified.Hash, row.ReceivedAtMs))
        {
            Report(ColumnDiffers, $"Entry {position}: its time of reception is not the one that this server signed.");
        }
        if (FactProjection.Of(position, verified.Entry) is { } fact)
        {
            facts.Add(position);
            CompareFact(fact);
        }
        TakeIntent(position, verified.Entry);
        TakeAgent(verified.Entry);
    }

    private void TakeIntent(long position, EvidenceEntry entry)
    {
        if (entry.Intent is { } closed)
        {
            intents.Remove((entry.KeyId, closed));
        }
        if (entry.IsIntent)
        {
            intents[(entry.KeyId, entry.Counter)] = (position, entry.Origin, entry.Type, entry.Application);
        }
    }

    private void TakeAgent(EvidenceEntry entry)
    {
        try
        {
            switch (AgentProjection.Of(entry))
            {
                case AgentChange.Enrolled enrolled:
                    agents[enrolled.Key.KeyId] = new AgentRow { KeyId = enrolled.Key.KeyId, Id = enrolled.AgentId, PublicKey = enrolled.Key.Spki.ToArray(), EnrolledAt = enrolled.At };
                    break;
                case AgentChange.Revoked revoked when agents.TryGetValue(revoked.KeyId, out var agent):
                    agent.RevokedAt = revoked.At;
                    break;
            }
        }
        catch (EvidenceException)
        {
            // The verifier reports a registration that cannot be followed.
        }
    }

    private void CompareFact(FactRow expected)
    {
        using var command = connection.Command($"SELECT {Projections.FactColumns} FROM facts WHERE seq = $seq", ("$seq", expected.Seq));
        using var row = command.ExecuteReader();
        if (!row.Read())
        {
            Report(FactDiffers, $"The fact of entry {expected.Seq} ({expected.Kind} of {expected.Application}) is missing.");
            return;
        }
        foreach (var (name, value) in Projections.Values(expected))
        {
            var found = row.GetValue(row.GetOrdinal(name));
            if (!Equals(found is DBNull ? null : found, value))
            {
                Report(FactDiffers, $"The fact of entry {expected.Seq} ({expected.Kind} of {expected.Application}) says {name} = {found}; its signed entry says {value ?? "nothing"}.");
            }
        }
    }

    private void CompareTree()
    {
        if ((long?)connection.Scalar("SELECT count(*) FROM nodes") is { } count && count > nodes)
        {
            Report(TreeDiffers, $"{count - nodes} stored hashes belong to no entry.");
        }
    }

    private void CompareFacts()
    {
        using var command = connection.Command("SELECT seq FROM facts ORDER BY seq");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if (!facts.Contains(row.GetInt64(0)))
            {
                Report(FactDiffers, $"The fact {row.GetInt64(0)} comes from no signed result.");
            }
        }
    }

    private void CompareIntents()
    {
        using var command = connection.Command("SELECT key_id, counter, seq, origin, type, application FROM open_intents");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if (!intents.Remove((row.GetString(0), row.GetInt64(1)), out var expected) || expected != (row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5)))
            {
                Report(IntentDiffers, $"The open intent {row.GetInt64(1)} of {row.GetString(3)} is not one that the log leaves open.");
            }
        }
        foreach (var missing in intents)
        {
            Report(IntentDiffers, $"The intent {missing.Key.Counter} of {missing.Value.Origin} is open and its row is missing.");
        }
    }

    private void CompareAgents()
    {
        using var command = connection.Command("SELECT key_id, id, public_key, enrolled_at, revoked_at FROM agents");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var same = agents.Remove(row.GetString(0), out var expected) && row.GetString(1) == expected.Id && row.Blob(2).AsSpan().SequenceEqual(expected.PublicKey)
                && row.GetInt64(3) == expected.EnrolledAt.ToUnixTimeMilliseconds() && row.LongOrNull(4) == expected.RevokedAt?.ToUnixTimeMilliseconds();
            if (!same)
            {
                Report(AgentDiffers, $"The agent '{row.GetString(1)}' (key {row.GetString(0)}) is not as the log enrolled or revoked it.");
            }
        }
        foreach (var missing in agents.Values)
        {
            Report(AgentDiffers, $"The agent '{missing.Id}' (key {missing.KeyId}) was enrolled and is missing.");
        }
    }

    private void Report(string code, string what) => findings.Add(Difference(code, what));

    private static FsckFinding Difference(string code, string what) => new(code, IsError: true,
        $"{what} Somebody wrote to the database past the server, or a disk lost data: keep a copy of the data folder, and treat what it says as unknown until the cause is known.");

    private sealed record StoredColumns(long Position, long Seq, long ReceivedAtMs, byte[] Receipt, DerivedColumns Derived);
}
