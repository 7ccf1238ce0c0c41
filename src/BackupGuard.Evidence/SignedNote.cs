using System.Text;

namespace BackupGuard.Evidence;

/// <summary>A key that signs notes under a name, as <c>name+keyid+base64(0x02 || SPKI)</c> (C2SP signed-note, type 0x02: ECDSA).</summary>
public sealed record NoteKey
{
    private const byte Ecdsa = 0x02;

    /// <exception cref="ArgumentException">The name is empty or holds white space, control characters or a plus.</exception>
    public NoteKey(string name, EvidencePublicKey key)
    {
        if (!IsName(name)) throw new ArgumentException("The name of a note key has no white space and no plus.", nameof(name));
        Name = name;
        Key = key;
    }

    public string Name { get; }
    public EvidencePublicKey Key { get; }

    /// <exception cref="EvidenceException">Not a key of this form, or the id does not belong to the key.</exception>
    public static NoteKey Parse(string text)
    {
        var parts = text.Split('+', 3);
        if (parts.Length == 3 && IsName(parts[0]) && Base64.TryDecode(parts[2], out var bytes) && bytes.Length > 1 && bytes[0] == Ecdsa)
        {
            var key = EvidencePublicKey.FromSpki(bytes.AsSpan(1));
            if (key.KeyId == parts[1]) return new NoteKey(parts[0], key);
        }
        throw new EvidenceException(EvidenceProblems.Malformed.At("The key", ("reason", "it is not name+id+base64 of an ECDSA P-256 key")));
    }

    public override string ToString() => $"{Name}+{Key.KeyId}+{Convert.ToBase64String([Ecdsa, .. Key.Spki.Span])}";

    internal static bool IsName(string name) => name.Length is > 0 and <= 255 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c) || c == '+');
}

/// <summary>One signature line: whose it claims to be, and its bytes.</summary>
/// <param name="KeyId">Eight hexadecimal digits.</param>
public sealed record NoteSignature(string KeyName, string KeyId, ReadOnlyMemory<byte> Bytes);

/// <summary>A text with signature lines (C2SP signed-note). Its text is shown only by <see cref="Verify"/>.</summary>
public sealed class SignedNote
{
    public const int MaxBytes = 64 * 1024;

    // The specification asks verifiers to take at least 16.
    public const int MaxSignatures = 64;

    // An em dash (U+2014) and a space.
    private const string LineStart = "\u2014 ";

    private readonly string text;

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        this.text = text;
        Signatures = signatures;
    }

    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>For checking further signatures over it, and for finding the key: nobody has vouched for it yet.</summary>
    internal string Unverified => text;

    /// <param name="value">Key id and signature.</param>
    internal static string Line(string keyName, ReadOnlySpan<byte> value) => $"{LineStart}{keyName} {Convert.ToBase64String(value)}\n";

    /// <summary>Signs a text that ends in a line feed.</summary>
    public static byte[] Sign(string text, string keyName, EvidenceKey key)
    {
        var note = new NoteKey(keyName, key.PublicKey);
        if (!IsText(text)) throw new ArgumentException("The text of a note ends in a line feed and holds no other control character.", nameof(text));
        var signature = key.Sign(Encoding.UTF8.GetBytes(text));
        byte[] value = [.. Convert.FromHexString(note.Key.KeyId), .. signature];
        return Encoding.UTF8.GetBytes($"{text}\n{Line(note.Name, value)}");
    }

    /// <exception cref="EvidenceException">The bytes are not a note (BG2020).</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) throw Malformed($"it has more than {MaxBytes} bytes");
        var whole = Decode(bytes);
        // The last blank line separates: the text itself may hold others.
        var end = whole.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !IsText(whole[..(end + 1)])) throw Malformed("the text, or the blank line after it, is missing");
        var lines = whole[(end + 2)..];
        if (!lines.EndsWith('\n')) throw Malformed("the last signature line is cut off");
        var signatures = lines[..^1].Split('\n').Select(ReadLine).ToArray();
        if (signatures.Length > MaxSignatures) throw Malformed($"it has more than {MaxSignatures} signatures");
        return new SignedNote(whole[..(end + 1)], signatures);
    }

    /// <summary>The text, if the key signed it. Lines by other keys are left alone.</summary>
    /// <param name="subject">What the note is, for the sentence.</param>
    /// <exception cref="EvidenceException">No line of this key (BG2022), or one whose signature does not match (BG2021).</exception>
    public string Verify(NoteKey key, string subject)
    {
        var own = Signatures.Where(s => s.KeyName == key.Name && s.KeyId == key.Key.KeyId).ToArray();
        if (own.Length == 0) throw new EvidenceException(EvidenceProblems.CheckpointUnsigned.At(subject, ("key", $"{key.Name}+{key.Key.KeyId}")));
        var signed = Encoding.UTF8.GetBytes(text);
        if (!own.All(s => key.Key.Verify(signed, s.Bytes.Span)))
            throw new EvidenceException(EvidenceProblems.CheckpointSignatureWrong.At(subject, ("key", $"{key.Name}+{key.Key.KeyId}")));
        return text;
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new EvidenceException(EvidenceProblems.CheckpointMalformed.At("The note", ("reason", "it is not UTF-8")), e);
        }
    }

    private static NoteSignature ReadLine(string line)
    {
        var parts = line.StartsWith(LineStart, StringComparison.Ordinal) ? line[LineStart.Length..].Split(' ') : [];
        if (parts.Length != 2 || !NoteKey.IsName(parts[0]) || !Base64.TryDecode(parts[1], out var value) || value.Length <= 4)
            throw Malformed("a signature line is not of the form \u2014 name base64");
        return new NoteSignature(parts[0], Convert.ToHexStringLower(value.AsSpan(0, 4)), value.AsMemory(4));
    }

    private static bool IsText(string text) => text.EndsWith('\n') && !text.Any(c => char.IsControl(c) && c != '\n');

    private static EvidenceException Malformed(string reason) => new(EvidenceProblems.CheckpointMalformed.At("The note", ("reason", reason)));
}

/// <summary>Base64 with padding, in its one canonical spelling.</summary>
internal static class Base64
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var written)) return false;
        bytes = bytes[..written];
        // The framework skips white space and unused bits; a second spelling of one signature is refused here.
        return Convert.ToBase64String(bytes) == text;
    }
}
