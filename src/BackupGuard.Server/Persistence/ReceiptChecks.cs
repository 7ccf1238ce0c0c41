using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>Checks that entries were received when they say: neighbours with the same receipt are one batch, and the server signed where it lies and when it came.</summary>
/// <param name="wrong">Told the first sequence of a batch, or of an entry with a receipt of its own, whose receipt does not fit.</param>
internal sealed class ReceiptChecks(ServerIdentity identity, Action<long> wrong)
{
    private const int AtOnce = 1024;

    private readonly List<Batch> waiting = [];
    private byte[] receipt = [];
    private long first;
    private long receivedAtMs;

    /// <param name="before">The tree before this entry.</param>
    public void Take(MerkleFrontier before, ReadOnlySpan<byte> entry, byte[] itsReceipt, long itsReceivedAtMs)
    {
        if (before.Size > 0 && itsReceivedAtMs == receivedAtMs && ServerIdentity.IsOfBatch(itsReceipt) && itsReceipt.AsSpan().SequenceEqual(receipt))
        {
            return;
        }
        EndBatch(before.Size, before.Root);
        (receipt, first, receivedAtMs) = (itsReceipt, before.Size, itsReceivedAtMs);
        if (!ServerIdentity.IsOfBatch(itsReceipt))
        {
            waiting.Add(new Batch(itsReceipt, first, first, Hash256.Of(entry), itsReceivedAtMs));
        }
    }

    public void Finish(long size, Hash256 root)
    {
        EndBatch(size, () => root);
        Check();
    }

    private void EndBatch(long size, Func<Hash256> root)
    {
        if (ServerIdentity.IsOfBatch(receipt))
        {
            waiting.Add(new Batch(receipt, first, size, root(), receivedAtMs));
        }
        receipt = [];
        if (waiting.Count >= AtOnce)
        {
            Check();
        }
    }

    private void Check()
    {
        foreach (var batch in waiting.AsParallel().AsOrdered().Where(b => !IsRight(b)).ToList())
        {
            wrong(batch.First);
        }
        waiting.Clear();
    }

    private bool IsRight(Batch b) => ServerIdentity.IsOfBatch(b.Receipt)
        ? identity.IsReceipt(b.Receipt, b.First, b.Size, b.Hash, b.ReceivedAtMs)
        : identity.IsEntryReceipt(b.Receipt, b.First, b.Hash, b.ReceivedAtMs);

    /// <param name="Hash">Root of the tree after the batch; the entry's own hash for a receipt of the first version.</param>
    private sealed record Batch(byte[] Receipt, long First, long Size, Hash256 Hash, long ReceivedAtMs);
}
