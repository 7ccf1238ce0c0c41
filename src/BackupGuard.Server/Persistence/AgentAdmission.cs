using BackupGuard.Contracts;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>Judges what an agent sends by the rules of the log's verifier, before it can enter the log.</summary>
internal sealed class AgentAdmission(LogWriter writer, AgentRow agent, EvidencePublicKey key)
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Refused = "refused";

    private (long Counter, Hash256? Hash) last = writer.LastOf(agent.KeyId);

    public EntryReceipt Take(SignedEntry sent)
    {
        try
        {
            var entry = Verify(sent);
            if (entry.Entry.Counter <= last.Counter)
            {
                return Repeated(entry);
            }
            DemandNext(entry.Entry);
            var sequence = writer.Append(entry);
            last = (entry.Entry.Counter, entry.Hash);
            return new EntryReceipt(sent.Counter, Accepted, sequence, null, null);
        }
        catch (EvidenceException e)
        {
            return new EntryReceipt(sent.Counter, Refused, null, e.Problem.Code, $"{e.Problem.Message("en")} {e.Problem.Remedy("en")}");
        }
    }

    private VerifiedEntry Verify(SignedEntry sent)
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
        using var command = writer.Connection.Command("SELECT seq, entry FROM entries WHERE key_id = $key AND counter = $counter", ("$key", agent.KeyId), ("$counter", counter));
        using var row = command.ExecuteReader();
        return row.Read() && row.Blob(1).AsSpan().SequenceEqual(entry.Bytes.Span)
            ? new EntryReceipt(counter, Duplicate, row.GetInt64(0), null, null)
            : throw new EvidenceException(EvidenceProblems.CounterRepeated.At(Subject(counter), ("found", counter), ("origin", entry.Entry.Origin), ("last", last.Counter)));
    }

    /// <summary>A counter further on than expected is taken: the agent's disk lost entries, refusing it would silence the agent for ever, and the gap shows for ever (FORMAT.md, section 4).</summary>
    private void DemandNext(EvidenceEntry entry)
    {
        if (entry.Counter == last.Counter + 1 && entry.Previous != last.Hash)
        {
            throw new EvidenceException(EvidenceProblems.PreviousMismatch.At(Subject(entry.Counter), ("origin", entry.Origin)));
        }
        if (entry.Intent is { } intent && !IsOpen(intent))
        {
            throw new EvidenceException(EvidenceProblems.IntentUnknown.At(Subject(entry.Counter), ("intent", intent), ("origin", entry.Origin)));
        }
    }

    private bool IsOpen(long intent) =>
        writer.Connection.Scalar("SELECT 1 FROM open_intents WHERE key_id = $key AND counter = $intent", ("$key", agent.KeyId), ("$intent", intent)) is not null;

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
