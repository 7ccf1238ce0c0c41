using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence;

/// <summary>The newest signed tree head.</summary>
/// <param name="Note">The whole signed note, for whoever wants to keep it.</param>
/// <param name="LogKey">The key to check it with, as name+id+base64.</param>
internal sealed record CheckpointHead(long Size, Hash256 Root, string Note, string LogKey);

/// <summary>One entry with what proves that it stands in the log.</summary>
/// <param name="Inclusion">Sibling hashes from the leaf up, for the tree of the head's size.</param>
/// <param name="ProofFile">A c2sp.org/tlog-proof, with the entry's signature as its extra line: complete without this server.</param>
internal sealed record EvidenceDetail(LoggedEntry Logged, CheckpointHead Head, IReadOnlyList<Hash256> Inclusion, string ProofFile);

internal sealed class EvidenceQueries(DatabaseEngine database, ServerIdentity identity, IEvidenceLog log)
{
    /// <returns>Null while the log is empty.</returns>
    /// <exception cref="EvidenceException">The stored checkpoint does not verify: what the log says must be treated as unknown.</exception>
    public CheckpointHead? Head()
    {
        using var connection = database.Open();
        if (connection.Scalar("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1") is not byte[] note)
        {
            return null;
        }
        var checkpoint = Checkpoint.Verify(note, identity.LogKey);
        return new CheckpointHead(checkpoint.Size, checkpoint.Root, Encoding.UTF8.GetString(note), identity.LogKey.ToString());
    }

    /// <returns>Null when there is no such entry.</returns>
    /// <exception cref="EvidenceException">The entry, its proof or the checkpoint does not verify.</exception>
    public async Task<EvidenceDetail?> FindAsync(long sequence, CancellationToken stop)
    {
        if (sequence < 0 || Head() is not { } head || sequence >= head.Size || await ReadOneAsync(sequence, stop) is not { } logged)
        {
            return null;
        }
        using var connection = database.Open();
        var inclusion = new StoredTree(connection).Read(tree => MerkleProver.Inclusion(tree, sequence, head.Size));
        if (!MerkleVerifier.Inclusion(MerkleTree.HashLeaf(logged.Verified.Bytes.Span), sequence, head.Size, inclusion, head.Root))
        {
            throw new EvidenceException(EvidenceProblems.ProofWrong.At($"entry {sequence}", ("reason", "the stored hashes do not fit")));
        }
        var proof = new TlogProof(sequence, logged.Verified.Signature, inclusion, Encoding.UTF8.GetBytes(head.Note));
        return new EvidenceDetail(logged, head, inclusion, Encoding.UTF8.GetString(proof.ToBytes()));
    }

    /// <summary>The newest entries first, at most <paramref name="count"/> before a sequence.</summary>
    public async Task<IReadOnlyList<LoggedEntry>> PageAsync(long? before, int count, CancellationToken stop)
    {
        var end = Math.Min(before ?? long.MaxValue, Head()?.Size ?? 0);
        var entries = new List<LoggedEntry>();
        await foreach (var entry in log.ReadAsync(Math.Max(0, end - count), stop))
        {
            if (entry.Sequence >= end)
            {
                break;
            }
            entries.Insert(0, entry);
        }
        return entries;
    }

    private async Task<LoggedEntry?> ReadOneAsync(long sequence, CancellationToken stop)
    {
        await foreach (var entry in log.ReadAsync(sequence, stop))
        {
            return entry.Sequence == sequence ? entry : null;
        }
        return null;
    }
}
