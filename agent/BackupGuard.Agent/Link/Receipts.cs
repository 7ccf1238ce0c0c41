using System.Text.Json;
using BackupGuard.Agent.Spool;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Link;

/// <summary>What a believable receipt says of the entries that were sent.</summary>
internal sealed record BatchOutcome(IReadOnlyList<SpooledEntry> Delivered, IReadOnlyList<EntryReceipt> Refused);

/// <summary>Judges receipts: one that says something impossible is not followed in any part, because entries are deleted on its word.</summary>
internal static class Receipts
{
    /// <exception cref="InvalidDataException">With the reason why the receipt cannot be believed.</exception>
    public static BatchOutcome Read(byte[] body, IReadOnlyList<SpooledEntry> sent)
    {
        var receipts = Parse(body);
        var open = sent.ToDictionary(e => e.Counter);
        var delivered = new List<SpooledEntry>();
        var refused = new List<EntryReceipt>();
        foreach (var receipt in receipts)
        {
            if (receipt is null) throw new InvalidDataException("it holds an empty receipt");
            if (!open.Remove(receipt.Counter, out var entry)) throw new InvalidDataException($"it speaks of entry {receipt.Counter}, which was not sent or was named before");
            switch (receipt.Outcome)
            {
                case "accepted" or "duplicate" when receipt.Sequence >= 0: delivered.Add(entry); break;
                case "refused": refused.Add(receipt); break;
                default: throw new InvalidDataException($"it calls entry {receipt.Counter} '{receipt.Outcome}' without a place in the log");
            }
        }
        return delivered.Count + refused.Count > 0 ? new BatchOutcome(delivered, refused) : throw new InvalidDataException("it says nothing of any entry that was sent");
    }

    private static IReadOnlyList<EntryReceipt?> Parse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, WireJson.Default.EvidenceReceipt)?.Entries ?? throw new InvalidDataException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("it is not a receipt in JSON", e);
        }
    }
}
