using System.Data.Common;
using System.Globalization;
using System.Text;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Evidence;
using BackupGuard.Evidence.TimeStamps;

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
internal sealed class Fsck : IVerificationFollower
{
    private const string ColumnDiffers = "BG2180";
    private const string TreeDiffers = "BG2181";
    private const string FactDiffers = "BG2182";
    private const string AgentDiffers = "BG2183";
    private const string Unsealed = "BG2184";
    private const string FileDamaged = "BG2185";
    private const string IntentDiffers = "BG2186";
    private const string ReadinessDiffers = "BG2187";
    private const string TimeStampDiffers = "BG2188";

    // Rows of a page and of what is derived from it, in memory together: at most 64 MiB of entries.
    private const int PageSize = 1024;

    private readonly DatabaseEngine database;
    private readonly DbConnection connection;
    private readonly ServerIdentity identity;
    private readonly List<FsckFinding> findings = [];
    private readonly Queue<StoredColumns> waiting = new();
    private readonly List<(long Position, VerifiedEntry Verified, StoredColumns Row)> verified = [];
    private readonly Dictionary<string, AgentRow> agents = new(StringComparer.Ordinal);

    // Facts read and not yet derived: what stays comes from no signed result.
    private readonly Dictionary<long, object?[]> facts = [];
    private readonly Dictionary<(string KeyId, long Counter), (long Seq, string Origin, string Type, string Application)> intents = [];

    // Hashes read and not yet computed; null where what is stored is no hash.
    private readonly Dictionary<(int Level, long Index), Hash256?> stored = [];
    private readonly ReceiptChecks receipts;
    private readonly ReadinessChecks? readiness;
    private readonly TrustPolicy? policy;
    private StoredColumns current = StoredColumns.None;
    private long size, nodes;

    private Fsck(DatabaseEngine database, DbConnection connection, ServerIdentity identity, HospitalCatalogue? catalogue, TrustPolicy? policy)
    {
        this.policy = policy;
        this.database = database;
        this.connection = connection;
        this.identity = identity;
        receipts = new ReceiptChecks(identity, at => Report(ColumnDiffers, $"Entry {at}: its time of reception, or that of its batch, is not the one that this server signed."));
        readiness = catalogue is null ? null : new ReadinessChecks(catalogue);
    }

    /// <param name="catalogue">With it the readiness of its applications is derived twice, from the signed entries and from what is stored; null leaves readiness out.</param>
    /// <param name="policy">With it time stamps are held against the roots of its authorities; null: against themselves alone.</param>
    public static FsckReport Run(DatabaseEngine database, ServerIdentity identity, DateTimeOffset now, HospitalCatalogue? catalogue = null, TrustPolicy? policy = null)
    {
        try
        {
            using var connection = database.Open();
            using var snapshot = database.BeginSnapshot(connection);
            return new Fsck(database, connection, identity, catalogue, policy).Check(now);
        }
        catch (Exception e) when (e is DbException error && database.IsDamage(error) || e is InvalidCastException)
        {
            // A damaged file, or a value of another type than its column: a finding, not a failure.
            return new FsckReport(0, MerkleTree.EmptyRoot, [Difference(FileDamaged, $"The database cannot be read to its end: {e.Message}.")]);
        }
    }

    private FsckReport Check(DateTimeOffset now)
    {
        var damage = Task.Run(FindDamage);
        var trust = new LogTrust { LogKey = identity.LogKey, Keys = [new KeyRegistration(EvidenceEntry.ServerOrigin, identity.Key.PublicKey)], Now = now };
        LogReport log;
        try
        {
            log = LogVerifier.Verify(Records(), Checkpoints(), trust, this);
        }
        finally
        {
            // Whatever became of the one, the other has its connection open.
            Task.WaitAny(damage);
        }
        receipts.Finish(log.Size, log.Root);
        CompareDerived();
        if (damage.GetAwaiter().GetResult() is { } what)
        {
            findings.Insert(0, Difference(FileDamaged, $"The database finds itself damaged: {what}."));
        }
        findings.InsertRange(0, log.Problems.Select(p => new FsckFinding(p.Code, p.Severity == ProblemSeverity.Error, $"{p.Message("en")} {p.Remedy("en")}")));
        if (log.CheckpointSize != log.Size)
        {
            Report(Unsealed, $"The last {log.Size - log.CheckpointSize} entries are covered by no valid checkpoint.");
        }
        CompareTree();
        CompareFacts();
        CompareReadiness(now);
        CompareIntents();
        CompareAgents();
        CompareTimeStamps();
        return new FsckReport(log.Size, log.Root, findings);
    }

    /// <summary>On a connection of its own, since the engine reads all of a file for it on one processor: beside the verification. It may see entries that came since the snapshot.</summary>
    private string? FindDamage()
    {
        using var own = database.Open();
        return database.FindDamage(own);
    }

    /// <summary>Runs ahead of the verifier: what is stored beside the records waits for it in memory.</summary>
    private IEnumerable<StoredRecord> Records()
    {
        for (var page = ReadPage(long.MinValue); page.Count > 0; page = ReadPage(page[^1].Record.Index))
        {
            ReadNodes(size, size + page.Count);
            ReadFacts(size, size + page.Count);
            size += page.Count;
            foreach (var (record, columns) in page)
            {
                waiting.Enqueue(columns);
                yield return record;
            }
        }
    }

    void IVerificationFollower.Next(StoredRecord record, MerkleFrontier before)
    {
        current = waiting.Dequeue();
        receipts.Take(before, record.Entry.Span, current.Receipt, current.ReceivedAtMs);
    }

    void IVerificationFollower.Verified(long position, VerifiedEntry entry)
    {
        verified.Add((position, entry, current));
        if (verified.Count >= PageSize)
        {
            CompareDerived();
        }
    }

    void IVerificationFollower.Grown(IReadOnlyList<TreeNode> completed)
    {
        foreach (var node in completed)
        {
            nodes++;
            if (!stored.Remove((node.Level, node.Index), out var hash) || node.Hash != hash)
            {
                Report(TreeDiffers, $"The stored hash at level {node.Level}, index {node.Index} is not that of its entries.");
            }
        }
    }

    // By pages, since one connection to PostgreSQL reads one result at a time.
    private List<(StoredRecord Record, StoredColumns Columns)> ReadPage(long after)
    {
        using var command = connection.Command(
            "SELECT seq, entry, signature, received_at, receipt, origin, key_id, counter, type, run FROM entries WHERE seq > @after ORDER BY seq LIMIT @count", ("@after", after), ("@count", PageSize));
        using var row = command.ExecuteReader();
        var page = new List<(StoredRecord, StoredColumns)>(PageSize);
        while (row.Read())
        {
            var record = new StoredRecord(row.GetInt64(0), row.Blob(1), row.Blob(2));
            page.Add((record, new StoredColumns(row.GetInt64(3), row.Blob(4),
                new DerivedColumns(row.GetString(5), row.GetString(6), row.GetInt64(7), row.GetString(8), row.TextOrNull(9)))));
        }
        return page;
    }

    /// <summary>The stored hashes of all subtrees that become complete while the log grows from one size to another.</summary>
    private void ReadNodes(long from, long to)
    {
        var text = new StringBuilder();
        for (var level = 0; to >> level > from >> level; level++)
        {
            text.Append(level == 0 ? "" : " UNION ALL ").Append(CultureInfo.InvariantCulture, $"SELECT level, idx, hash FROM nodes WHERE level = {level} AND idx >= {from >> level} AND idx < {to >> level}");
        }
        using var command = connection.Command(text.ToString());
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            stored[(row.GetInt32(0), row.GetInt64(1))] = row.Blob(2) is { Length: Hash256.Length } hash ? new Hash256(hash) : null;
        }
    }

    private void ReadFacts(long from, long to)
    {
        using var command = connection.Command($"SELECT {Projections.FactColumns} FROM facts WHERE seq >= @from AND seq < @to", ("@from", from), ("@to", to));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var values = new object?[row.FieldCount];
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = row.IsDBNull(column) ? null : row.GetValue(column);
            }
            facts[row.GetInt64(0)] = values;
        }
    }

    private List<ReadOnlyMemory<byte>> Checkpoints()
    {
        using var command = connection.Command("SELECT size, note FROM checkpoints ORDER BY size");
        using var row = command.ExecuteReader();
        var notes = new List<ReadOnlyMemory<byte>>();
        while (row.Read())
        {
            var note = row.Blob(1);
            notes.Add(note);
            if (SizeOf(note) is { } size && size != row.GetInt64(0))
            {
                Report(ColumnDiffers, $"The checkpoint stored for {row.GetInt64(0)} entries was signed for {size}.");
            }
        }
        return notes;
    }

    /// <summary>The size that a note states; the verifier judges the note itself.</summary>
    private static long? SizeOf(byte[] note) =>
        Encoding.UTF8.GetString(note).Split('\n', 3) is [_, var size, _] && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void CompareDerived()
    {
        // Reading payloads is the costly part, and needs nothing but the entry.
        foreach (var (item, columns, fact) in verified.AsParallel().AsOrdered().Select(v => (v, DerivedColumns.Of(v.Verified.Entry), FactProjection.Of(v.Position, v.Verified.Entry))).ToList())
        {
            if (item.Row.Derived != columns)
            {
                Report(ColumnDiffers, $"Entry {item.Position}: the columns beside it are not those of its signed bytes.");
            }
            if (fact is not null)
            {
                CompareFact(fact);
                readiness?.Take(fact, item.Row.ReceivedAtMs);
            }
            readiness?.Take(item.Position, item.Verified, item.Row.ReceivedAtMs);
            TakeIntent(item.Position, item.Verified.Entry);
            TakeAgent(item.Verified.Entry);
        }
        verified.Clear();
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
        if (!facts.Remove(expected.Seq, out var found))
        {
            Report(FactDiffers, $"The fact of entry {expected.Seq} ({expected.Kind} of {expected.Application}) is missing.");
            return;
        }
        var column = 0;
        foreach (var (name, value) in Projections.Values(expected))
        {
            if (!Equals(found[column], value))
            {
                Report(FactDiffers, $"The fact of entry {expected.Seq} ({expected.Kind} of {expected.Application}) says {name} = {found[column] ?? "nothing"}; its signed entry says {value ?? "nothing"}.");
            }
            column++;
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
        // Those beside the log were not read with its pages.
        using (var command = connection.Command("SELECT seq FROM facts WHERE seq < 0 OR seq >= @size", ("@size", size)))
        {
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                facts[row.GetInt64(0)] = [];
            }
        }
        foreach (var sequence in facts.Keys.Order())
        {
            Report(FactDiffers, $"The fact {sequence} comes from no signed result.");
        }
    }

    private void CompareReadiness(DateTimeOffset now)
    {
        if (readiness is null)
        {
            return;
        }
        foreach (var (application, shown, signed) in readiness.Differences(connection, now))
        {
            Report(ReadinessDiffers, $"The readiness of {application}: from what is stored it is {shown}, from the signed entries {signed}.");
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

    /// <remarks>Whether an authority is to be believed is the policy's; here: that a token is of its checkpoint, whole, and that its columns say what it says.</remarks>
    private void CompareTimeStamps()
    {
        using var command = connection.Command("SELECT t.size, t.authority, t.request, t.token, t.at, c.note FROM time_stamps t LEFT JOIN checkpoints c ON c.size = t.size ORDER BY t.size, t.authority");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var (size, authority) = (row.GetInt64(0), row.GetString(1));
            try
            {
                if (row.IsDBNull(5)) Report(TimeStampDiffers, $"The time stamp of {size} entries by '{authority}' is of no checkpoint.");
                else if (policy is not null && policy.Authorities.All(a => a.Name != authority)) Unjudged(size, authority);
                else if (TimeStamp.Verify(row.Blob(2), row.Blob(3), TimeStamp.Stamped(row.Blob(5), identity.LogKey), policy?.Authorities.Single(a => a.Name == authority), "it").ToUnixTimeMilliseconds() != row.GetInt64(4))
                    Report(TimeStampDiffers, $"The time stamp of {size} entries by '{authority}' has another time than its token.");
            }
            catch (EvidenceException e)
            {
                Report(TimeStampDiffers, $"The time stamp of {size} entries by '{authority}': {e.Problem.Code} {e.Problem.Message("en")}");
            }
        }
    }

    private void Unjudged(long size, string authority)
    {
        var problem = EvidenceProblems.TimeStampUnjudged.At($"The time stamp of {size} entries", ("authority", authority));
        findings.Add(new FsckFinding(problem.Code, IsError: false, $"{problem.Message("en")} {problem.Remedy("en")}"));
    }

    private void Report(string code, string what) => findings.Add(Difference(code, what));

    private static FsckFinding Difference(string code, string what) => new(code, IsError: true,
        $"{what} Somebody wrote to the database past the server, or a disk lost data: keep a copy of the data folder, and treat what it says as unknown until the cause is known.");

    private sealed record StoredColumns(long ReceivedAtMs, byte[] Receipt, DerivedColumns Derived)
    {
        public static readonly StoredColumns None = new(0, [], new DerivedColumns("", "", 0, "", null));
    }
}
