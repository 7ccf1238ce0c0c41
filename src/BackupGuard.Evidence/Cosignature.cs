using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Evidence;

/// <summary>A witness's key: it vouches that it has seen a checkpoint, and at what time (FORMAT.md, section 13).</summary>
/// <remarks>
/// A private type of C2SP signed-note (0xff and a long identifier), with the meaning of tlog-cosignature's timestamped Ed25519 type 0x04: the framework has no Ed25519.
/// The identifier is part of the key id, so that no other reader takes it for something else.
/// </remarks>
public sealed record CosignatureKey
{
    public const byte PrivateType = 0xff;
    internal static ReadOnlySpan<byte> Identifier => "backupguard ecdsa-p256 cosignature v1"u8;

    /// <exception cref="ArgumentException">The name is empty or holds white space, control characters or a plus.</exception>
    public CosignatureKey(string name, EvidencePublicKey key)
    {
        if (!NoteKey.IsName(name)) throw new ArgumentException("The name of a witness has no white space and no plus.", nameof(name));
        (Name, Key) = (name, key);
        KeyId = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0a, .. Typed()]).AsSpan(0, 4));
    }

    public string Name { get; }
    public EvidencePublicKey Key { get; }

    /// <summary>Eight hexadecimal digits.</summary>
    public string KeyId { get; }

    /// <returns>Null for a key of another type, which this version cannot judge.</returns>
    public static CosignatureKey? Of(WitnessKey key)
    {
        if (key.Type != PrivateType || !key.Key.Span.StartsWith(Identifier)) return null;
        try
        {
            return new CosignatureKey(key.Name, EvidencePublicKey.FromSpki(key.Key.Span[Identifier.Length..]));
        }
        catch (EvidenceException)
        {
            return null;
        }
    }

    /// <summary>As a policy names it: name, key id, and base64 of type, identifier and SPKI.</summary>
    public override string ToString() => $"{Name}+{KeyId}+{Convert.ToBase64String(Typed())}";

    private byte[] Typed() => [PrivateType, .. Identifier, .. Key.Spki.Span];
}

/// <summary>Lines of witnesses under a checkpoint.</summary>
public static class Cosignature
{
    private const int TimeBytes = 8;

    /// <summary>One signature line, ended by a line feed.</summary>
    /// <param name="note">The checkpoint, whose text is vouched for.</param>
    public static string Sign(SignedNote note, CosignatureKey name, EvidenceKey key, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds();
        ArgumentOutOfRangeException.ThrowIfNegative(seconds);
        var time = new byte[TimeBytes];
        BinaryPrimitives.WriteUInt64BigEndian(time, (ulong)seconds);
        return SignedNote.Line(name.Name, [.. Convert.FromHexString(name.KeyId), .. time, .. key.Sign(Message(note, (ulong)seconds))]);
    }

    /// <summary>When that witness saw the checkpoint; of several lines of its key the latest.</summary>
    /// <returns>Null when it has no line there.</returns>
    /// <exception cref="EvidenceException">A line of that key does not match (BG2043): the note is spoiled.</exception>
    public static DateTimeOffset? Verify(SignedNote note, CosignatureKey key)
    {
        DateTimeOffset? latest = null;
        foreach (var line in note.Signatures.Where(s => s.KeyName == key.Name && s.KeyId == key.KeyId))
        {
            var bytes = line.Bytes.Span;
            var seconds = bytes.Length > TimeBytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : ulong.MaxValue;
            if (seconds > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() || !key.Key.Verify(Message(note, seconds), bytes[TimeBytes..]))
                throw new EvidenceException(EvidenceProblems.CosignatureWrong.At("The checkpoint", ("key", $"{key.Name}+{key.KeyId}")));
            var at = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
            if (latest is null || at > latest) latest = at;
        }
        return latest;
    }

    /// <summary>The note with those lines below its own; a line that is there already is not added again.</summary>
    public static byte[] Add(ReadOnlySpan<byte> note, IEnumerable<string> lines)
    {
        var text = Encoding.UTF8.GetString(note);
        foreach (var line in lines)
            if (!text.Contains("\n" + line, StringComparison.Ordinal)) text += line;
        return Encoding.UTF8.GetBytes(text);
    }

    private static byte[] Message(SignedNote note, ulong seconds) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{note.Unverified}"));
}
