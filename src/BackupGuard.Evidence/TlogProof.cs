using System.Globalization;
using System.Text;

namespace BackupGuard.Evidence;

/// <summary>A C2SP tlog-proof, version 1: that an entry stands at an index of the tree that a signed checkpoint names. Complete without the server.</summary>
/// <param name="Extra">What the application puts there; in our packs the signature of the entry (FORMAT.md, section 11). Null: none.</param>
/// <param name="Inclusion">The leaf's sibling first.</param>
/// <param name="Checkpoint">The whole signed note.</param>
public sealed record TlogProof(long Index, ReadOnlyMemory<byte>? Extra, IReadOnlyList<Hash256> Inclusion, ReadOnlyMemory<byte> Checkpoint)
{
    public const int MaxBytes = 2 * SignedNote.MaxBytes;

    // A path in a tree of 2^63 entries has 63 hashes.
    private const int MaxHashes = 63;
    private const string FirstLine = "c2sp.org/tlog-proof@v1";

    public byte[] ToBytes()
    {
        var text = new StringBuilder(FirstLine).Append('\n');
        if (Extra is { } extra) text.Append("extra ").Append(Convert.ToBase64String(extra.Span)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Inclusion) text.Append(Convert.ToBase64String(hash.ToArray())).Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.Append('\n').ToString()), .. Checkpoint.Span];
    }

    /// <param name="subject">What the file is called, for the sentence.</param>
    /// <exception cref="EvidenceException">BG2028.</exception>
    public static TlogProof Parse(ReadOnlyMemory<byte> bytes, string subject)
    {
        if (bytes.Length > MaxBytes) throw Malformed(subject, $"it has more than {MaxBytes} bytes");
        var end = bytes.Span.IndexOf("\n\n"u8);
        if (end < 0) throw Malformed(subject, "the blank line in front of the checkpoint is missing");
        // Everything in front of the checkpoint is ASCII; any other byte fails one of the tests below.
        var lines = Encoding.Latin1.GetString(bytes.Span[..end]).Split('\n');
        var next = 0;
        if (lines[next++] != FirstLine) throw Malformed(subject, "its first line is another");
        ReadOnlyMemory<byte>? extra = null;
        if (next < lines.Length && lines[next].StartsWith("extra ", StringComparison.Ordinal))
            extra = Base64.TryDecode(lines[next++]["extra ".Length..], out var value) ? value : throw Malformed(subject, "the extra data are not base64");
        if (next == lines.Length || !TryIndex(lines[next++], out var index)) throw Malformed(subject, "the line of the index is missing or not of its form");
        if (lines.Length - next > MaxHashes) throw Malformed(subject, $"it has more than {MaxHashes} hashes");
        var path = new List<Hash256>();
        foreach (var line in lines[next..])
            path.Add(Base64.TryDecode(line, out var hash) && hash.Length == Hash256.Length ? new Hash256(hash) : throw Malformed(subject, "a line is not a hash in base64"));
        return new TlogProof(index, extra, path, bytes[(end + 2)..]);
    }

    private static bool TryIndex(string line, out long index)
    {
        index = 0;
        return line.StartsWith("index ", StringComparison.Ordinal) && long.TryParse(line.AsSpan("index ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out index)
            && index.ToString(CultureInfo.InvariantCulture) == line["index ".Length..];
    }

    private static EvidenceException Malformed(string subject, string reason) => new(EvidenceProblems.ProofMalformed.At(subject, ("reason", reason)));
}
