using System.Globalization;
using System.Text;
using System.Text.Json;
using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence.Packs;

/// <summary>Checks an evidence pack with nothing but the pack and what an auditor trusts (FORMAT.md, section 11).</summary>
public static class PackVerifier
{
    /// <param name="open">Opens the pack; what it throws as <see cref="EvidenceException"/> is the first check's.</param>
    /// <param name="kept">Checkpoints that whoever verifies had kept: notes, or mails with one.</param>
    public static VerificationReport Verify(Func<IEvidenceFiles> open, TrustPolicy policy, IReadOnlyList<ReadOnlyMemory<byte>>? kept = null) => new Verification(policy, kept ?? []).Run(open);

    private sealed class Verification(TrustPolicy policy, IReadOnlyList<ReadOnlyMemory<byte>> kept)
    {
        private readonly CheckList checks = new();
        private readonly Dictionary<long, TlogProof> proofs = [];
        private readonly SortedDictionary<long, EvidenceEntry> entries = [];
        private IEvidenceFiles files = null!;       // set by the first check; without it no other runs
        private HeadOfLog head = null!;             // set by the second
        private PackManifest manifest = null!;      // set by the third
        private SignerChains? chains;
        private TimeStampChecks? stamps;

        // Of the checkpoints that are here.
        private readonly Dictionary<long, Hash256> roots = [];

        public VerificationReport Run(Func<IEvidenceFiles> open)
        {
            var readable = checks.Run(CheckKind.Archive, _ => (files = open()).Names.Count);
            var signed = readable && checks.Run(CheckKind.Checkpoint, _ => (head = HeadOfLog.Read(files, policy)).Checkpoint.Size);
            var listed = signed && checks.Run(CheckKind.Manifest, ReadManifest);
            if (listed && checks.Run(CheckKind.Files, CompareFiles))
            {
                checks.Run(CheckKind.History, CompareHistory);
                // Both run: an entry that is not in the tree and one that nobody signed are two findings.
                var believed = checks.Run(CheckKind.Inclusion, CheckInclusion) & checks.Run(CheckKind.Entries, CheckEntries);
                if (believed) checks.Run(CheckKind.Statements, CheckStatements);
                else checks.NotDone(CheckKind.Statements);
                checks.RunKept(kept, head, size => roots.TryGetValue(size, out var root) ? root : null);
                stamps = new TimeStampChecks(files, manifest.Files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal), head, policy);
                stamps.Run(checks, [.. entries.Where(e => e.Value.Origin == EvidenceEntry.ServerOrigin).Select(e => (e.Key, e.Value.RecordedAt))], PackManifest.TimeOf(manifest.AsOf));
                // Of a choice, what was chosen must be covered; the log went on since.
                var covered = manifest.Records.Count > 0 ? manifest.Records[^1].Index + 1 : head.Checkpoint.Size;
                checks.Run(CheckKind.Policy, problems => head.CheckWitnesses(policy, stamps.Covering(covered), problems));
            }
            else
            {
                checks.NotDone(NotReached());
            }
            return new VerificationReport(checks.Results)
            {
                Head = head?.Checkpoint, Manifest = manifest, Absent = chains?.Absent() ?? new Dictionary<string, long>(), Proven = stamps?.Proven() ?? [],
            };
        }

        private CheckKind[] NotReached() =>
            [.. new[] { CheckKind.Checkpoint, CheckKind.Manifest, CheckKind.Files, CheckKind.History, CheckKind.Inclusion, CheckKind.Entries, CheckKind.Statements, CheckKind.Kept, CheckKind.TimeStamps, CheckKind.Policy }
                .Where(k => k != CheckKind.Kept || kept.Count > 0).Except(checks.Results.Select(c => c.Kind))];

        private long ReadManifest(List<EvidenceProblem> problems)
        {
            problems.AddRange(new[] { PackNames.Manifest, PackNames.ManifestSignature }.Where(n => !files.Names.Contains(n)).Select(n => EvidenceProblems.FileMissing.At(n)));
            if (problems.Count > 0) return 0;
            var bytes = files.Read(PackNames.Manifest);
            if (!head.Key.Key.Verify([.. PackManifest.SignaturePrefix, .. bytes.Span], files.Read(PackNames.ManifestSignature).Span))
                throw new EvidenceException(EvidenceProblems.ManifestSignatureWrong.At("The manifest", ("key", $"{head.Key.Name}+{head.Key.Key.KeyId}")));
            var read = PackManifest.Parse(bytes);
            if (read.Log != head.Checkpoint.Origin || read.Size != head.Checkpoint.Size)
                throw Contradicted("the log", $"the manifest is of {read.Log} with {read.Size} entries, the checkpoint of {head.Checkpoint.Origin} with {head.Checkpoint.Size}");
            manifest = read;
            return 1;
        }

        private long CompareFiles(List<EvidenceProblem> problems)
        {
            var named = manifest.Files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
            problems.AddRange(PackFiles.Changed(files, manifest.Files));
            var expected = manifest.Records.SelectMany(r => new[] { PackNames.Entry(r.Index), PackNames.Proof(r.Index) }).Append(PackNames.Checkpoint).ToHashSet(StringComparer.Ordinal);
            problems.AddRange(expected.Where(n => !named.Contains(n)).Order(StringComparer.Ordinal).Select(n => EvidenceProblems.FileMissing.At(n)));
            problems.AddRange(PackFiles.Unnamed(files, manifest.Files));
            problems.AddRange(named.Where(n => n.StartsWith(PackNames.Records, StringComparison.Ordinal) && !expected.Contains(n)).Order(StringComparer.Ordinal)
                .Select(n => Contradiction(n, "no record has this file")));
            return manifest.Files.Count;
        }

        private long CompareHistory(List<EvidenceProblem> problems)
        {
            roots[head.Checkpoint.Size] = head.Checkpoint.Root;
            var names = manifest.Files.Select(f => f.Name).Where(PackNames.IsEarlierCheckpoint).ToArray();
            foreach (var name in names)
            {
                try
                {
                    CompareEarlier(name, Checkpoint.Verify(files.Read(name).Span, head.Key), problems);
                }
                catch (EvidenceException e)
                {
                    problems.Add(e.Problem);
                }
            }
            return names.Length;
        }

        private void CompareEarlier(string name, Checkpoint earlier, List<EvidenceProblem> problems)
        {
            if (!roots.TryAdd(earlier.Size, earlier.Root))
            {
                if (roots[earlier.Size] != earlier.Root) problems.Add(EvidenceProblems.Fork.At($"The checkpoint at {earlier.Size} entries"));
                return;
            }
            if (earlier.Size > head.Checkpoint.Size)
            {
                problems.Add(EvidenceProblems.LogShorter.At($"The checkpoint at {earlier.Size} entries", ("size", earlier.Size), ("found", head.Checkpoint.Size)));
                return;
            }
            var proof = PackNames.ConsistencyOf(name);
            if (!files.Names.Contains(proof)) problems.Add(EvidenceProblems.FileMissing.At(proof));
            else if (!MerkleVerifier.Consistency(earlier.Size, head.Checkpoint.Size, earlier.Root, head.Checkpoint.Root, HashLines.Parse(files.Read(proof), proof)))
                problems.Add(EvidenceProblems.ProofWrong.At($"the checkpoint at {earlier.Size} entries", ("reason", "its tree is not a beginning of the other")));
        }

        private long CheckInclusion(List<EvidenceProblem> problems)
        {
            foreach (var record in manifest.Records)
            {
                try
                {
                    var proof = TlogProof.Parse(files.Read(PackNames.Proof(record.Index)), PackNames.Proof(record.Index));
                    if (proof.Extra is null) throw new EvidenceException(EvidenceProblems.ProofMalformed.At(PackNames.Proof(record.Index), ("reason", "the signature of the entry is missing")));
                    proofs.Add(record.Index, proof);
                    if (CheckInclusion(record.Index, proof) is { } problem) problems.Add(problem);
                }
                catch (EvidenceException e)
                {
                    problems.Add(e.Problem);
                }
            }
            return manifest.Records.Count;
        }

        private EvidenceProblem? CheckInclusion(long index, TlogProof proof)
        {
            if (proof.Index != index) return EvidenceProblems.IndexGap.At($"Record {proof.Index}", ("expected", index));
            if (!proof.Checkpoint.Span.SequenceEqual(head.Note.Span)) return EvidenceProblems.ProofWrong.At($"record {index}", ("reason", "its checkpoint is another than that of the pack"));
            var leaf = MerkleTree.HashLeaf(files.Read(PackNames.Entry(index)).Span);
            return MerkleVerifier.Inclusion(leaf, index, head.Checkpoint.Size, proof.Inclusion, head.Checkpoint.Root)
                ? null
                : EvidenceProblems.ProofWrong.At($"record {index}", ("reason", "the entry, its place or the proof was changed"));
        }

        private long CheckEntries(List<EvidenceProblem> problems)
        {
            var gaps = manifest.Gaps.Select(g => (g.Key, g.First, g.Last)).ToHashSet();
            chains = new SignerChains([new KeyRegistration(EvidenceEntry.ServerOrigin, head.Key.Key)], problems, (key, first, last) => gaps.Contains((key, first, last)));
            foreach (var (index, proof) in proofs)
            {
                var stored = new StoredRecord(index, files.Read(PackNames.Entry(index)), proof.Extra!.Value);   // one without is not in the list
                if (chains.Take(index, LogVerifier.Examine(stored, chains)) is { } verified) entries.Add(index, verified.Entry);
            }
            var asOf = PackManifest.TimeOf(manifest.AsOf);
            problems.AddRange(LogVerifier.Overdue(chains.OpenIntents(), asOf, LogTrust.UsualIntentTimeout));
            chains.FinishClocks(asOf);
            return proofs.Count;
        }

        private long CheckStatements(List<EvidenceProblem> problems)
        {
            var runs = new ExerciseRuns();
            foreach (var entry in entries.Values) runs.Take(entry);
            foreach (var record in manifest.Records)
            {
                var entry = entries[record.Index];
                if (manifest.Scope.Holds(entry.Type, entry.Application, EvidenceEntry.TextOf(entry.RecordedAt), runs.IsExercise(entry)) != record.Why.Contains(PackReasons.Selected))
                    problems.Add(Contradiction($"record {record.Index}", "whether it was asked for"));
            }
            var found = chains!.Gaps.Select(g => new PackGap(g.KeyId, g.First, g.Last, g.Before, g.After, g.DeclaredBy)).ToHashSet();    // set by the check before
            problems.AddRange(manifest.Gaps.Where(g => !found.Contains(g)).Select(g => Contradiction($"the gap from {g.First} to {g.Last} of the key {g.Key}", "the records at its sides are others")));
            if (!chains.OpenIntents().Select(i => i.Index).SequenceEqual(manifest.OpenIntents))
                problems.Add(Contradiction("open intents", $"open here are {Numbers(chains.OpenIntents().Select(i => i.Index))}, named are {Numbers(manifest.OpenIntents)}"));
            if (!manifest.Records.Any(r => r.Why.Contains(PackReasons.Selected))) problems.Add(EvidenceProblems.PackEmpty.At("The pack"));
            return manifest.Records.Count;
        }

        private static string Numbers(IEnumerable<long> numbers) => string.Join(' ', numbers.Take(20).Select(n => n.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("none"));

        private static EvidenceProblem Contradiction(string subject, string reason) => EvidenceProblems.ManifestContradicted.At(subject, ("reason", reason));

        private static EvidenceException Contradicted(string subject, string reason) => new(Contradiction(subject, reason));
    }
}

/// <summary>Which runs were started as exercises, out of their signed first entries.</summary>
internal sealed class ExerciseRuns
{
    public const string Started = "run.started";
    private readonly HashSet<string> exercises = new(StringComparer.Ordinal);

    /// <summary>To be called for every entry first: a run's entries may be asked about before and after its start.</summary>
    public void Take(EvidenceEntry entry)
    {
        if (entry.Type == Started && entry.Origin == EvidenceEntry.ServerOrigin && Members(entry) is ({ } run, "Exercise")) exercises.Add(run);
    }

    public bool IsExercise(EvidenceEntry entry) => RunOf(entry) is { } run && exercises.Contains(run);

    /// <summary>The run that an entry of the server belongs to, or null.</summary>
    public static string? RunOf(EvidenceEntry entry) =>
        entry.Origin == EvidenceEntry.ServerOrigin && entry.Type.StartsWith("run.", StringComparison.Ordinal) ? Members(entry).Run : null;

    private static (string? Run, string? Mode) Members(EvidenceEntry entry)
    {
        using var payload = JsonDocument.Parse(entry.Payload);
        return (Text(payload.RootElement, "run"), Text(payload.RootElement, "mode"));
    }

    private static string? Text(JsonElement payload, string name) => payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Names of the files of a pack and of a log.</summary>
public static class PackNames
{
    public const string Manifest = "manifest.json";
    public const string ManifestSignature = "manifest.sig";
    public const string Checkpoint = "checkpoint";
    public const string Records = "records/";
    private const string Earlier = "checkpoints/", EarlierEnd = ".checkpoint", ConsistencyEnd = ".consistency";

    public static string Entry(long index) => Records + Number(index) + ".json";

    public static string Proof(long index) => Records + Number(index) + ".tlog-proof";

    /// <summary>Size and beginning of the root, so that two of one size can lie side by side.</summary>
    public static string EarlierCheckpoint(Checkpoint checkpoint) => $"{Earlier}{Number(checkpoint.Size)}-{checkpoint.Root.ToString()[..8]}{EarlierEnd}";

    public static bool IsEarlierCheckpoint(string name) => name.StartsWith(Earlier, StringComparison.Ordinal) && name.EndsWith(EarlierEnd, StringComparison.Ordinal);

    /// <summary>Where time stamps lie: two files each, named after the checkpoint and the authority.</summary>
    public const string TimeStamps = "timestamps/";

    public static TimeStampName TimeStamp(Checkpoint checkpoint, string authority) => new(EarlierCheckpoint(checkpoint), authority);

    /// <summary>Which time stamp a file belongs to; false for any other name.</summary>
    public static bool TryTimeStamp(string name, out TimeStampName stamp)
    {
        const int checkpoint = 12 + 1 + 8;
        stamp = default;
        if (!name.StartsWith(TimeStamps, StringComparison.Ordinal) || name.Length <= TimeStamps.Length + checkpoint + 1) return false;
        var (label, rest) = (name.Substring(TimeStamps.Length, checkpoint), name[(TimeStamps.Length + checkpoint + 1)..]);
        var end = rest.LastIndexOf('.');
        if (end < 0 || !label[..12].All(char.IsAsciiDigit) || label[12] != '-' || !label[13..].All(char.IsAsciiHexDigitLower)) return false;
        stamp = new TimeStampName($"{Earlier}{label}{EarlierEnd}", rest[..end]);
        return TimeStampAuthority.IsName(stamp.Authority) && (name == stamp.Request || name == stamp.Token);
    }

    internal static string LabelOf(string earlierCheckpoint) => earlierCheckpoint[Earlier.Length..^EarlierEnd.Length];

    public static string ConsistencyOf(string earlierCheckpoint) => earlierCheckpoint[..^EarlierEnd.Length] + ConsistencyEnd;

    private static string Number(long value) => value.ToString("000000000000", CultureInfo.InvariantCulture);
}

/// <summary>The two files of a time stamp: the request and the token (RFC 3161).</summary>
/// <param name="Checkpoint">Name that the checkpoint has, or would have, as an earlier one.</param>
public readonly record struct TimeStampName(string Checkpoint, string Authority)
{
    public string Request => $"{PackNames.TimeStamps}{PackNames.LabelOf(Checkpoint)}.{Authority}.tsq";

    public string Token => $"{PackNames.TimeStamps}{PackNames.LabelOf(Checkpoint)}.{Authority}.tst";
}

/// <summary>Hashes in base64, each ended by a line feed.</summary>
public static class HashLines
{
    private const int MaxLines = 64;

    public static byte[] ToBytes(IEnumerable<Hash256> hashes) => Encoding.ASCII.GetBytes(string.Concat(hashes.Select(h => Convert.ToBase64String(h.ToArray()) + "\n")));

    /// <exception cref="EvidenceException">BG2028.</exception>
    public static IReadOnlyList<Hash256> Parse(ReadOnlyMemory<byte> bytes, string subject)
    {
        if (bytes.IsEmpty) return [];
        var lines = Encoding.Latin1.GetString(bytes.Span).Split('\n');
        if (lines[^1].Length > 0 || lines.Length > MaxLines + 1) throw Malformed(subject);
        return [.. lines[..^1].Select(l => Base64.TryDecode(l, out var hash) && hash.Length == Hash256.Length ? new Hash256(hash) : throw Malformed(subject))];
    }

    private static EvidenceException Malformed(string subject) => new(EvidenceProblems.ProofMalformed.At(subject, ("reason", "it is not lines of hashes in base64")));
}

/// <summary>The newest checkpoint there is, and the log's key that signed it.</summary>
internal sealed record HeadOfLog(ReadOnlyMemory<byte> Note, Checkpoint Checkpoint, NoteKey Key)
{
    /// <exception cref="EvidenceException">BG2020 to BG2023, BG2035.</exception>
    public static HeadOfLog Read(IEvidenceFiles files, TrustPolicy policy)
    {
        if (!files.Names.Contains(PackNames.Checkpoint)) throw new EvidenceException(EvidenceProblems.FileMissing.At(PackNames.Checkpoint));
        var note = files.Read(PackNames.Checkpoint);
        var signatures = SignedNote.Parse(note.Span).Signatures;
        // Of several logs, the one that claims to have signed; without any, the first tells what was expected.
        var key = policy.Logs.FirstOrDefault(l => signatures.Any(s => s.KeyName == l.Name && s.KeyId == l.Key.KeyId)) ?? policy.Logs[0];
        return new HeadOfLog(note, Checkpoint.Verify(note.Span, key), key);
    }

    /// <param name="stamped">Authorities whose time stamps count.</param>
    public long CheckWitnesses(TrustPolicy policy, IEnumerable<string> stamped, List<EvidenceProblem> problems)
    {
        var note = SignedNote.Parse(Note.Span);
        var witnessed = new HashSet<string>(stamped, StringComparer.Ordinal);
        foreach (var witness in policy.Witnesses)
        {
            try
            {
                // A key of a type that this version cannot judge vouches for nothing.
                if (CosignatureKey.Of(witness.Key) is { } key && Cosignature.Verify(note, key) is not null) witnessed.Add(witness.Name);
            }
            catch (EvidenceException e)
            {
                problems.Add(e.Problem);
            }
        }
        if (!policy.IsMet(witnessed))
            problems.Add(EvidenceProblems.PolicyNotMet.At($"The checkpoint at {Checkpoint.Size} entries", ("reason", $"it must be vouched for by {policy.Quorum}; vouched for by {(witnessed.Count == 0 ? "nobody that the policy names" : string.Join(", ", witnessed.Order(StringComparer.Ordinal)))}")));
        return policy.Witnesses.Count + policy.Authorities.Count;
    }
}
