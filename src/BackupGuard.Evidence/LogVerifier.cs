using System.Globalization;

namespace BackupGuard.Evidence;

/// <summary>One record as it is stored: the signed bytes and the signature, nothing derived.</summary>
/// <param name="Index">Its place in the log, from 0.</param>
public sealed record StoredRecord(long Index, ReadOnlyMemory<byte> Entry, ReadOnlyMemory<byte> Signature);

/// <summary>What an auditor brings along: everything else is derived from the log.</summary>
public sealed record LogTrust
{
    /// <summary>The key that signs checkpoints, under the log's origin.</summary>
    public required NoteKey LogKey { get; init; }

    /// <summary>Keys that need no registration in the log: at least the server's own, under the origin <c>server</c>.</summary>
    public required IReadOnlyList<KeyRegistration> Keys { get; init; }

    /// <summary>An intent that waited longer than this at <see cref="Now"/> is reported.</summary>
    public TimeSpan IntentTimeout { get; init; } = UsualIntentTimeout;

    /// <summary>What FORMAT.md says where nobody says otherwise.</summary>
    public static readonly TimeSpan UsualIntentTimeout = TimeSpan.FromHours(24);

    public required DateTimeOffset Now { get; init; }
}

/// <summary>An intent that no entry closed.</summary>
public sealed record OpenIntent(long Index, string Origin, long Counter, string Type, DateTimeOffset RecordedAt);

/// <summary>Entries of one key that are not there.</summary>
/// <param name="First">First missing counter.</param>
/// <param name="Before">Index of the record with the counter before; null when nothing was there before.</param>
/// <param name="After">Index of the record with the counter after.</param>
/// <param name="DeclaredBy">Index of the entry in which the signer itself says that they were lost, or null.</param>
public sealed record LogGap(string KeyId, string Origin, long First, long Last, long? Before, long After, long? DeclaredBy);

/// <summary>What the log turned out to be.</summary>
/// <param name="Size">Records read.</param>
/// <param name="Root">Root over all of them, computed anew.</param>
/// <param name="CheckpointSize">Size of the largest checkpoint that was found right; what lies behind it is not sealed yet.</param>
public sealed record LogReport(long Size, Hash256 Root, long CheckpointSize, IReadOnlyList<OpenIntent> OpenIntents, IReadOnlyList<EvidenceProblem> Problems)
{
    /// <summary>In the order of the entries after them.</summary>
    public IReadOnlyList<LogGap> Gaps { get; init; } = [];

    /// <summary>No error: warnings leave the log intact.</summary>
    public bool IsIntact => Problems.All(p => p.Severity != ProblemSeverity.Error);
}

/// <summary>Goes along with a verification, for those who compare with the log what was derived from it. Called in the order of the log, by one thread at a time.</summary>
public interface IVerificationFollower
{
    /// <param name="record">The record that comes next, not yet looked at.</param>
    /// <param name="before">The tree of all records before it.</param>
    void Next(StoredRecord record, MerkleFrontier before);

    /// <summary>The record of the last <see cref="Next"/> was found right.</summary>
    void Verified(long position, VerifiedEntry entry);

    /// <param name="completed">The subtrees that the record of the last <see cref="Next"/> completed, its leaf first.</param>
    void Grown(IReadOnlyList<TreeNode> completed);
}

/// <summary>Checks a whole log from its first record, believing nothing that was derived before.</summary>
public static class LogVerifier
{
    private const int BatchSize = 1024;

    /// <param name="records">In the order of the log; read once.</param>
    /// <param name="checkpoints">All signed checkpoints there are, in any order.</param>
    /// <param name="verified">Called in order for every entry found right, for those who derive facts from the log; or null.</param>
    public static LogReport Verify(
        IEnumerable<StoredRecord> records, IEnumerable<ReadOnlyMemory<byte>> checkpoints, LogTrust trust, Action<long, VerifiedEntry>? verified) =>
        Verify(records, checkpoints, trust, verified is null ? null : new Calling(verified));

    /// <param name="records">In the order of the log; read once, some way ahead of what the follower is told.</param>
    /// <param name="checkpoints">All signed checkpoints there are, in any order.</param>
    public static LogReport Verify(IEnumerable<StoredRecord> records, IEnumerable<ReadOnlyMemory<byte>> checkpoints, LogTrust trust, IVerificationFollower? follower)
    {
        var problems = new List<EvidenceProblem>();
        var sealedRoots = new CheckpointChecks(checkpoints, trust.LogKey, problems);
        var signers = new SignerChains(trust.Keys, problems);
        var tree = new MerkleFrontier();
        sealedRoots.Compare(tree);
        foreach (var batch in AheadOf(records, signers))
        {
            foreach (var record in batch)
            {
                if (record.Stored.Index != tree.Size) problems.Add(EvidenceProblems.IndexGap.At($"Record {record.Stored.Index}", ("expected", tree.Size)));
                follower?.Next(record.Stored, tree);
                // The position counts, not the index that the storage claims.
                if (signers.Take(tree.Size, record) is { } entry) follower?.Verified(tree.Size, entry);
                var completed = tree.Append(record.LeafHash);
                follower?.Grown(completed);
                sealedRoots.Compare(tree);
            }
        }
        sealedRoots.Finish(tree.Size);
        var open = signers.OpenIntents();
        problems.AddRange(Overdue(open, trust.Now, trust.IntentTimeout));
        signers.FinishClocks(trust.Now);
        return new LogReport(tree.Size, tree.Root(), sealedRoots.LargestRight, open, problems) { Gaps = signers.Gaps };
    }

    internal static IEnumerable<EvidenceProblem> Overdue(IEnumerable<OpenIntent> open, DateTimeOffset now, TimeSpan timeout) => open.Where(i => now - i.RecordedAt > timeout).Select(i =>
        EvidenceProblems.IntentOpen.At($"Record {i.Index}", ("type", i.Type), ("origin", i.Origin), ("at", i.RecordedAt.ToString("u", CultureInfo.InvariantCulture))));

    /// <summary>While one batch is taken in, in order and by one thread, the next is examined by the others.</summary>
    private static IEnumerable<ExaminedRecord[]> AheadOf(IEnumerable<StoredRecord> records, SignerChains signers)
    {
        Task<ExaminedRecord[]>? ahead = null;
        foreach (var batch in records.Chunk(BatchSize))
        {
            var examined = ahead;
            ahead = Task.Run(() => Examine(batch, signers));
            if (examined is not null) yield return examined.GetAwaiter().GetResult();
        }
        if (ahead is not null) yield return ahead.GetAwaiter().GetResult();
    }

    /// <summary>The costly part, on all processors: parsing, hashing, and signatures by keys known by then.</summary>
    private static ExaminedRecord[] Examine(StoredRecord[] batch, SignerChains signers) =>
        batch.AsParallel().AsOrdered().Select(stored => Examine(stored, signers)).ToArray();

    internal static ExaminedRecord Examine(StoredRecord stored, SignerChains signers)
    {
        try
        {
            var entry = UnverifiedEntry.Parse(stored.Entry, stored.Signature);
            var key = signers.KeyOf(entry.ClaimedKeyId);
            return new ExaminedRecord(stored, entry, key is null ? null : entry.Verify(key), null);
        }
        catch (EvidenceException e)
        {
            return new ExaminedRecord(stored, null, null, e.Problem);
        }
    }

    private sealed class Calling(Action<long, VerifiedEntry> verified) : IVerificationFollower
    {
        public void Next(StoredRecord record, MerkleFrontier before)
        {
        }

        public void Verified(long position, VerifiedEntry entry) => verified(position, entry);

        public void Grown(IReadOnlyList<TreeNode> completed)
        {
        }
    }
}

/// <param name="Entry">Null when the bytes are no entry.</param>
/// <param name="Verified">Null when the key was not known yet, or the check failed.</param>
internal sealed record ExaminedRecord(StoredRecord Stored, UnverifiedEntry? Entry, VerifiedEntry? Verified, EvidenceProblem? Problem)
{
    public Hash256 LeafHash { get; } = MerkleTree.HashLeaf(Stored.Entry.Span);
}
