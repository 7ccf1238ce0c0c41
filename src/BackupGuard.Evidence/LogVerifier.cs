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

/// <summary>Checks a whole log from its first record, believing nothing that was derived before.</summary>
public static class LogVerifier
{
    private const int BatchSize = 1024;

    /// <param name="records">In the order of the log; read once.</param>
    /// <param name="checkpoints">All signed checkpoints there are, in any order.</param>
    /// <param name="verified">Called in order for every entry found right, for those who derive facts from the log; or null.</param>
    public static LogReport Verify(
        IEnumerable<StoredRecord> records, IEnumerable<ReadOnlyMemory<byte>> checkpoints, LogTrust trust, Action<long, VerifiedEntry>? verified)
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
                // The position counts, not the index that the storage claims.
                if (signers.Take(tree.Size, record) is { } entry) verified?.Invoke(tree.Size, entry);
                tree.Append(record.LeafHash);
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
}

/// <param name="Entry">Null when the bytes are no entry.</param>
/// <param name="Verified">Null when the key was not known yet, or the check failed.</param>
internal sealed record ExaminedRecord(StoredRecord Stored, UnverifiedEntry? Entry, VerifiedEntry? Verified, EvidenceProblem? Problem)
{
    public Hash256 LeafHash { get; } = MerkleTree.HashLeaf(Stored.Entry.Span);
}
