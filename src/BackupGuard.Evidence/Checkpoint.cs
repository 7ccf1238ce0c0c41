using System.Globalization;

namespace BackupGuard.Evidence;

/// <summary>What the server says the log is: its name, its size and its root (C2SP tlog-checkpoint, without extension lines).</summary>
/// <param name="Origin">The log's name: a URL without schema, such as <c>backupguard.chu-example.fr/log</c>.</param>
/// <remarks>A log MUST NOT sign two different roots for one size: store a checkpoint before showing it, and sign nothing when the last one cannot be read.</remarks>
public sealed record Checkpoint(string Origin, long Size, Hash256 Root)
{
    /// <summary>The text that is signed.</summary>
    public string ToText() => $"{Origin}\n{Size.ToString(CultureInfo.InvariantCulture)}\n{Convert.ToBase64String(Root.ToArray())}\n";

    /// <summary>The signed note; the key's name in it is the origin, as the specification recommends.</summary>
    public byte[] Sign(EvidenceKey key) => SignedNote.Sign(ToText(), Origin, key);

    /// <summary>Reads a checkpoint that <paramref name="logKey"/> must have signed and whose origin must be that key's name.</summary>
    /// <exception cref="EvidenceException">BG2020 to BG2023.</exception>
    public static Checkpoint Verify(ReadOnlySpan<byte> note, NoteKey logKey)
    {
        const string subject = "The checkpoint";
        var checkpoint = Read(SignedNote.Parse(note).Verify(logKey, subject));
        return checkpoint.Origin == logKey.Name
            ? checkpoint
            : throw new EvidenceException(EvidenceProblems.CheckpointOfAnotherLog.At(subject, ("found", checkpoint.Origin), ("origin", logKey.Name)));
    }

    private static Checkpoint Read(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length == 4 && lines[3].Length == 0 && NoteKey.IsName(lines[0])
            && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size.ToString(CultureInfo.InvariantCulture) == lines[1]
            && Base64.TryDecode(lines[2], out var root) && root.Length == Hash256.Length)
        {
            return new Checkpoint(lines[0], size, new Hash256(root));
        }
        throw new EvidenceException(EvidenceProblems.CheckpointMalformed.At("The checkpoint", ("reason", "it is not three lines of origin, size and root")));
    }
}
