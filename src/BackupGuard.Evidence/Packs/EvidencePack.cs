using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence.Packs;

/// <summary>What a pack is made of.</summary>
public sealed record PackContents
{
    public required PackScope Scope { get; init; }
    public required PackSelection Selection { get; init; }

    /// <summary>The instant for which it is made: open intents and clocks are held against it.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The signed checkpoint that all proofs lead to, and the tree that it was signed for.</summary>
    public required ReadOnlyMemory<byte> Head { get; init; }
    public required ITreeReader Tree { get; init; }

    /// <summary>Reads the record at an index of the log.</summary>
    public required Func<long, StoredRecord> Record { get; init; }

    /// <summary>Earlier signed checkpoints, for whoever kept one.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Earlier { get; init; } = [];

    /// <summary>Time stamps of checkpoints, whose notes come along where they are not the head.</summary>
    public IReadOnlyList<StampedCheckpoint> TimeStamps { get; init; } = [];

    /// <summary>Pages for people, by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Pages { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}

/// <summary>A checkpoint with what was asked of a time-stamp authority, and its token.</summary>
public sealed record StampedCheckpoint(ReadOnlyMemory<byte> Note, string Authority, ReadOnlyMemory<byte> Request, ReadOnlyMemory<byte> Token);

/// <summary>Makes an evidence pack. The same contents give the same bytes but for manifest.sig: signatures of this algorithm are random.</summary>
public static class EvidencePack
{
    /// <summary>Records that one pack may hold: what a reader's limits leave room for, and people can read.</summary>
    public const int MaxRecords = 10_000;

    /// <param name="key">The log's key.</param>
    /// <returns>A zip file.</returns>
    /// <exception cref="EvidenceException">The head is not signed by that key, or a record is not in its tree.</exception>
    public static byte[] Write(PackContents contents, EvidenceKey key, string logOrigin) => Write(contents, new NoteKey(logOrigin, key.PublicKey), key.Sign);

    internal static byte[] Write(PackContents contents, NoteKey logKey, Func<ReadOnlySpan<byte>, byte[]> sign)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contents.Selection.Records.Count, MaxRecords);
        var head = Checkpoint.Verify(contents.Head.Span, logKey);
        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [PackNames.Checkpoint] = contents.Head };
        foreach (var (name, page) in contents.Pages) files.Add(name, page);
        foreach (var record in contents.Selection.Records) AddRecord(files, contents, head, record.Index);
        foreach (var note in contents.Earlier) AddEarlier(files, contents.Tree, Checkpoint.Verify(note.Span, logKey), note, head);
        foreach (var stamp in contents.TimeStamps) AddTimeStamp(files, contents.Tree, stamp, logKey, head);
        var manifest = new PackManifest
        {
            Schema = PackManifest.SchemaId,
            AsOf = EvidenceEntry.TextOf(contents.AsOf),
            Log = head.Origin,
            Size = head.Size,
            Scope = contents.Scope,
            Records = contents.Selection.Records,
            Gaps = contents.Selection.Gaps,
            OpenIntents = contents.Selection.OpenIntents,
            Files = PackFiles.ListOf(files),
        }.ToBytes();
        files.Add(PackNames.Manifest, manifest);
        files.Add(PackNames.ManifestSignature, sign([.. PackManifest.SignaturePrefix, .. manifest]));
        return PackArchive.Write(files);
    }

    private static void AddRecord(SortedDictionary<string, ReadOnlyMemory<byte>> files, PackContents contents, Checkpoint head, long index)
    {
        var record = contents.Record(index);
        var inclusion = MerkleProver.Inclusion(contents.Tree, index, head.Size);
        // A pack that its own verifier refuses must not leave the house.
        if (!MerkleVerifier.Inclusion(MerkleTree.HashLeaf(record.Entry.Span), index, head.Size, inclusion, head.Root))
            throw new EvidenceException(EvidenceProblems.ProofWrong.At($"record {index}", ("reason", "the stored hashes do not fit")));
        files.Add(PackNames.Entry(index), record.Entry);
        files.Add(PackNames.Proof(index), new TlogProof(index, record.Signature, inclusion, contents.Head).ToBytes());
    }

    private static void AddTimeStamp(SortedDictionary<string, ReadOnlyMemory<byte>> files, ITreeReader tree, StampedCheckpoint stamp, NoteKey logKey, Checkpoint head)
    {
        var checkpoint = Checkpoint.Verify(stamp.Note.Span, logKey);
        var name = PackNames.TimeStamp(checkpoint, stamp.Authority);
        // As for entries: what is damaged must not leave the house.
        TimeStamp.Verify(stamp.Request, stamp.Token, TimeStamp.Stamped(stamp.Note.Span, logKey), authority: null, name.Token);
        AddEarlier(files, tree, checkpoint, stamp.Note, head);
        files[name.Request] = stamp.Request;
        files[name.Token] = stamp.Token;
    }

    private static void AddEarlier(SortedDictionary<string, ReadOnlyMemory<byte>> files, ITreeReader tree, Checkpoint earlier, ReadOnlyMemory<byte> note, Checkpoint head)
    {
        if (earlier.Size == head.Size) return;
        var name = PackNames.EarlierCheckpoint(earlier);
        if (!files.TryAdd(name, note)) return;
        files.Add(PackNames.ConsistencyOf(name), HashLines.ToBytes(MerkleProver.Consistency(tree, earlier.Size, head.Size)));
    }
}
