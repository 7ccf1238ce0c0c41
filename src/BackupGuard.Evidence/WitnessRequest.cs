using System.Globalization;
using System.Text;

namespace BackupGuard.Evidence;

/// <summary>What a log asks of a witness: the body of add-checkpoint (C2SP tlog-witness).</summary>
/// <param name="OldSize">The size that the log believes the witness has seen last.</param>
/// <param name="Proof">That the tree of the old size is a beginning of the new one.</param>
/// <param name="Checkpoint">The signed note.</param>
public sealed record WitnessRequest(long OldSize, IReadOnlyList<Hash256> Proof, ReadOnlyMemory<byte> Checkpoint)
{
    public const int MaxBytes = SignedNote.MaxBytes + 8 * 1024;

    /// <summary>A path in a tree of 2^63 entries.</summary>
    public const int MostHashes = 63;

    public byte[] ToBytes()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {OldSize}\n");
        foreach (var hash in Proof) text.Append(Convert.ToBase64String(hash.ToArray())).Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. Checkpoint.Span];
    }

    /// <returns>Null when it is not of that form.</returns>
    public static WitnessRequest? Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes) return null;
        var end = bytes.Span.IndexOf("\n\n"u8);
        if (end < 0) return null;
        var lines = Encoding.Latin1.GetString(bytes.Span[..end]).Split('\n');
        if (lines.Length - 1 > MostHashes || !lines[0].StartsWith("old ", StringComparison.Ordinal)
            || !long.TryParse(lines[0].AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var old) || old.ToString(CultureInfo.InvariantCulture) != lines[0][4..]) return null;
        var proof = new List<Hash256>();
        foreach (var line in lines[1..])
        {
            if (!Base64.TryDecode(line, out var hash) || hash.Length != Hash256.Length) return null;
            proof.Add(new Hash256(hash));
        }
        return new WitnessRequest(old, proof, bytes[(end + 2)..]);
    }
}

/// <summary>What a witness last vouched for.</summary>
public sealed record WitnessedTree(long Size, Hash256 Root);

/// <summary>The answers of add-checkpoint.</summary>
public enum WitnessAnswer
{
    /// <summary>200: the new tree is to be stored durably, and only then answered with a cosignature.</summary>
    Accepted,

    /// <summary>400: not of the form, or the old size is larger than the checkpoint's.</summary>
    Malformed,

    /// <summary>403: no signature of that log's key, or a wrong one.</summary>
    NotSigned,

    /// <summary>404.</summary>
    UnknownLog,

    /// <summary>409: another size was seen last, or another root of the same size.</summary>
    Conflict,

    /// <summary>422: the tree does not grow out of the one that was seen.</summary>
    Inconsistent,
}

/// <summary>A witness's whole judgement, apart from storing and signing. Pure.</summary>
public static class WitnessRules
{
    /// <param name="logs">The logs that this witness knows, by the name of their key, which is their origin.</param>
    /// <param name="seen">What was last vouched for of that log; null for nothing yet.</param>
    public static (WitnessAnswer Answer, Checkpoint? Checkpoint, SignedNote? Note) Judge(ReadOnlyMemory<byte> body, IReadOnlyList<NoteKey> logs, Func<string, WitnessedTree?> seen)
    {
        if (WitnessRequest.Parse(body) is not { } request) return (WitnessAnswer.Malformed, null, null);
        SignedNote note;
        Checkpoint checkpoint;
        try
        {
            note = SignedNote.Parse(request.Checkpoint.Span);
            var origin = note.Unverified.Split('\n')[0];
            if (logs.FirstOrDefault(l => l.Name == origin) is not { } log) return (WitnessAnswer.UnknownLog, null, null);
            checkpoint = Checkpoint.Verify(request.Checkpoint.Span, log);
        }
        catch (EvidenceException e)
        {
            return (e.Problem.Kind == EvidenceProblems.CheckpointMalformed ? WitnessAnswer.Malformed : WitnessAnswer.NotSigned, null, null);
        }
        if (request.OldSize > checkpoint.Size) return (WitnessAnswer.Malformed, null, null);
        var last = seen(checkpoint.Origin) ?? new WitnessedTree(0, MerkleTree.EmptyRoot);
        if (request.OldSize != last.Size || last.Size > 0 && last.Size == checkpoint.Size && last.Root != checkpoint.Root) return (WitnessAnswer.Conflict, null, null);
        var grows = last.Size == 0 || last.Size == checkpoint.Size
            ? request.Proof.Count == 0 && (checkpoint.Size > 0 || checkpoint.Root == MerkleTree.EmptyRoot)
            : MerkleVerifier.Consistency(last.Size, checkpoint.Size, last.Root, checkpoint.Root, request.Proof);
        return grows ? (WitnessAnswer.Accepted, checkpoint, note) : (WitnessAnswer.Inconsistent, null, null);
    }
}
