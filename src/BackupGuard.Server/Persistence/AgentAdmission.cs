using BackupGuard.Contracts;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>What an agent sent, with the costly part done: parsing, and its signature.</summary>
/// <param name="Verified">Null when it was refused already.</param>
/// <param name="Problem">Null when it was not.</param>
internal sealed record ExaminedEntry(SignedEntry Sent, VerifiedEntry? Verified, EvidenceProblem? Problem);

/// <summary>Judges what an agent sends by the rules of the log's verifier, before it can enter the log.</summary>
internal sealed class AgentAdmission
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Refused = "refused";

    private readonly LogWriter writer;
    private readonly AgentRow agent;
    private readonly HashSet<long> openIntents;

    // Entries of this agent that the log has under counters that were sent: from before, and then of this batch.
    private readonly Dictionary<long, (long Sequence, Hash256 Hash)> known;
    private (long Counter, Hash256? Hash) last;

    public AgentAdmission(LogWriter writer, AgentRow agent, IReadOnlyList<ExaminedEntry> batch)
    {
        this.writer = writer;
        this.agent = agent;
        last = writer.LastOf(agent.KeyId);
        var entries = batch.Select(e => e.Verified?.Entry).OfType<EvidenceEntry>().ToList();
        known = Known([.. entries.Select(e => e.Counter).Where(c => c <= last.Counter)]);
        openIntents = Open([.. entries.Select(e => e.Intent).OfType<long>()]);
    }

    /// <summary>What needs no knowledge of the log, so that it is done before anybody waits for the log: on all processors when there is much.</summary>
    public static IReadOnlyList<ExaminedEntry> Examine(AgentRow agent, EvidenceBatch batch)
    {
        var key = EvidencePublicKey.FromSpki(agent.PublicKey);
        return batch.Entries.Count < 8
            ? [.. batch.Entries.Select(e => Examine(agent, key, e))]
            : [.. batch.Entries.AsParallel().AsOrdered().Select(e => Examine(agent, key, e))];
    }

    /// <summary>Whether the key may still sign: between the request and the lock, somebody may have revoked it.</summary>
    public static bool IsInForce(LogWriter writer, AgentRow agent) =>
        writer.Connection.Scalar("SELECT 1 FROM agents WHERE key_id = @key AND revoked_at IS NULL", ("@key", agent.KeyId)) is not null;

    public EntryReceipt Take(ExaminedEntry examined)
    {
        var counter = examined.Sent.Counter;
        if (examined.Verified is not { } entry)
        {
            return Refuse(counter, examined.Problem!); // one of the two is always set
        }
        try
        {
            if (entry.Entry.Counter <= last.Counter)
            {
                return Repeated(entry);
            }
            DemandNext(entry.Entry);
        }
        catch (EvidenceException e)
        {
            return Refuse(counter, e.Problem);
        }
        var sequence = writer.Append(entry);
        last = (entry.Entry.Counter, entry.Hash);
        known[entry.Entry.Counter] = (sequence, entry.Hash);
        if (entry.Entry.IsIntent)
        {
            openIntents.Add(entry.Entry.Counter);
        }
        return new EntryReceipt(counter, Accepted, sequence, null, null);
    }

    private static ExaminedEntry Examine(AgentRow agent, EvidencePublicKey key, SignedEntry sent)
    {
        try
        {
            return new ExaminedEntry(sent, Verify(agent, key, sent), null);
        }
        catch (EvidenceException e)
        {
            return new ExaminedEntry(sent, null, e.Problem);
        }
    }

    private static VerifiedEntry Verify(AgentRow agent, EvidencePublicKey key, SignedEntry sent)
    {
        var entry = UnverifiedEntry.Parse(FromBase64(sent, sent.Entry), FromBase64(sent, sent.Signature)).Verify(key);
        if (entry.Entry.Counter != sent.Counter)
        {
            throw Malformed(sent, $"it was sent as counter {sent.Counter} and says {entry.Entry.Counter}");
        }
        if (entry.Entry.Origin != AgentProjection.OriginOf(agent.Id))
        {
            throw new EvidenceException(EvidenceProblems.OriginMismatch.At(Subject(sent.Counter), ("origin", entry.Entry.Origin), ("key", agent.KeyId), ("owner", AgentProjection.OriginOf(agent.Id))));
        }
        return entry;
    }

    /// <summary>The same bytes again are an answer that got lost; other bytes are a second agent with this identity, or an old state of it.</summary>
    private EntryReceipt Repeated(VerifiedEntry entry)
    {
        var counter = entry.Entry.Counter;
        return known.TryGetValue(counter, out var stored) && stored.Hash == entry.Hash
            ? new EntryReceipt(counter, Duplicate, stored.Sequence, null, null)
            : throw new EvidenceException(EvidenceProblems.CounterRepeated.At(Subject(counter), ("found", counter), ("origin", entry.Entry.Origin), ("last", last.Counter)));
    }

    /// <summary>A counter further on than expected is taken: the agent's disk lost entries, refusing it would silence the agent for ever, and the gap shows for ever (FORMAT.md, section 4).</summary>
    private void DemandNext(EvidenceEntry entry)
    {
        if (entry.Counter == last.Counter + 1 && entry.Previous != last.Hash)
        {
            throw new EvidenceException(EvidenceProblems.PreviousMismatch.At(Subject(entry.Counter), ("origin", entry.Origin)));
        }
        if (entry.Intent is { } intent && !openIntents.Remove(intent))
        {
            throw new EvidenceException(EvidenceProblems.IntentUnknown.At(Subject(entry.Counter), ("intent", intent), ("origin", entry.Origin)));
        }
    }

    private Dictionary<long, (long, Hash256)> Known(IReadOnlyList<long> counters)
    {
        var found = new Dictionary<long, (long, Hash256)>();
        if (counters.Count > 0)
        {
            using var command = writer.Connection.Command($"SELECT counter, seq, entry FROM entries WHERE key_id = @key AND counter IN ({string.Join(", ", counters)})", ("@key", agent.KeyId));
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                found.Add(row.GetInt64(0), (row.GetInt64(1), Hash256.Of(row.Blob(2))));
            }
        }
        return found;
    }

    private HashSet<long> Open(IReadOnlyList<long> counters)
    {
        var open = new HashSet<long>();
        if (counters.Count > 0)
        {
            using var command = writer.Connection.Command($"SELECT counter FROM open_intents WHERE key_id = @key AND counter IN ({string.Join(", ", counters)})", ("@key", agent.KeyId));
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                open.Add(row.GetInt64(0));
            }
        }
        return open;
    }

    private static EntryReceipt Refuse(long counter, EvidenceProblem problem) => new(counter, Refused, null, problem.Code, $"{problem.Message("en")} {problem.Remedy("en")}");

    private static byte[] FromBase64(SignedEntry sent, string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw Malformed(sent, "it is not base64");
        }
    }

    private static EvidenceException Malformed(SignedEntry sent, string reason) => new(EvidenceProblems.Malformed.At(Subject(sent.Counter), ("reason", reason)));

    private static string Subject(long counter) => $"Entry {counter}";
}
