using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BackupGuard.Evidence;

/// <summary>One entry of the log, schema <c>backupguard.evidence/v1</c> (FORMAT.md, section 2).</summary>
/// <remarks>Reading one from foreign bytes goes through <see cref="UnverifiedEntry"/>: content is shown only after its signature was checked.</remarks>
public sealed partial record EvidenceEntry
{
    public const string Schema = "backupguard.evidence/v1";

    /// <summary>What the two length bytes of an entry bundle can say (C2SP tlog-tiles).</summary>
    public const int MaxBytes = 65_535;
    public const string ServerOrigin = "server";

    /// <summary>Largest integer that every JSON reader keeps exactly (RFC 8785, appendix D; 2^53 - 1).</summary>
    public const long MaxCounter = 9007199254740991;

    internal const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // Names that rise were seen to be no duplicates.
    private static readonly JsonDocumentOptions Scanned = new() { MaxDepth = CanonicalJson.MaxDepth };

    // In canonical order (RFC 8785, 3.2.3), which is the order of the stored bytes.
    private static readonly string[] Members =
    [
        "algorithm", "application", "counter", "id", "intent", "key", "occurredAt", "origin", "payload", "previous", "recordedAt", "schema", "softwareVersion", "type",
    ];

    /// <summary><c>server</c>, or <c>agent:</c> and the agent's name.</summary>
    public required string Origin { get; init; }

    /// <summary>Id of the key that signs; see <see cref="EvidencePublicKey.KeyId"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary>1, 2, 3… for each key, without gaps.</summary>
    public required long Counter { get; init; }

    /// <summary>SHA-256 of the bytes of the entry before, by the same key; null for counter 1.</summary>
    public required Hash256? Previous { get; init; }

    /// <summary>A UUIDv7, for people and links. What makes an entry unique is its key and counter.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was signed, by the signer's clock; whole milliseconds.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>When it happened, where that is another time (a paper record entered afterwards).</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>Lower-case words joined by dots. Types that end in <c>.intent</c> wait for an entry that closes them.</summary>
    public required string Type { get; init; }

    /// <summary>Id of the application concerned, or "".</summary>
    public required string Application { get; init; }

    /// <summary>Counter of the intent, by the same key, that this entry closes.</summary>
    public long? Intent { get; init; }

    public required string SoftwareVersion { get; init; }

    /// <summary>A JSON object. Canonical in every entry that was read or signed.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    public bool IsIntent => Type.EndsWith(".intent", StringComparison.Ordinal);

    /// <summary>Name of an agent as it may stand in an origin: lower case letters, digits, <c>. _ -</c>, at most 63.</summary>
    public static bool IsAgentName(string name) => AgentName().IsMatch(name);

    /// <summary>Makes the canonical bytes and signs them.</summary>
    /// <exception cref="EvidenceException">A field is outside its format, or the entry is too large.</exception>
    public VerifiedEntry Sign(EvidenceKey key)
    {
        if (key.PublicKey.KeyId != KeyId) throw new ArgumentException("The entry names another key than the one that shall sign it.", nameof(key));
        var bytes = ToBytes();
        // Read back before signing: nothing is signed that a strict reader would refuse.
        return new VerifiedEntry(Parse(bytes), bytes, key.Sign(bytes), key.PublicKey);
    }

    internal byte[] ToBytes()
    {
        var subject = $"Entry {Counter}";
        var output = new MemoryStream();
        using (var payload = CanonicalJson.Parse(Payload, subject))
        using (var writer = new Utf8JsonWriter(output))
            WriteMembers(writer, payload.RootElement);
        using var document = CanonicalJson.Parse(output.ToArray(), subject);
        var bytes = CanonicalJson.Write(document.RootElement, subject);
        return bytes.Length <= MaxBytes ? bytes : throw new EvidenceException(EvidenceProblems.TooLarge.At(subject, ("bytes", bytes.Length), ("limit", MaxBytes)));
    }

    private void WriteMembers(Utf8JsonWriter writer, JsonElement payload)
    {
        writer.WriteStartObject();
        writer.WriteString("algorithm", EvidenceAlgorithm.Id);
        writer.WriteString("application", Application);
        writer.WriteNumber("counter", Counter);
        writer.WriteString("id", Id.ToString("D"));
        if (Intent is { } intent) writer.WriteNumber("intent", intent); else writer.WriteNull("intent");
        writer.WriteString("key", KeyId);
        writer.WriteString("occurredAt", OccurredAt is { } at ? TextOf(at) : null);
        writer.WriteString("origin", Origin);
        writer.WritePropertyName("payload");
        payload.WriteTo(writer);
        writer.WriteString("previous", Previous?.ToString());
        writer.WriteString("recordedAt", TextOf(RecordedAt));
        writer.WriteString("schema", Schema);
        writer.WriteString("softwareVersion", SoftwareVersion);
        writer.WriteString("type", Type);
        writer.WriteEndObject();
    }

    /// <summary>Reads the one form that an entry may have; everything else is refused.</summary>
    internal static EvidenceEntry Parse(ReadOnlyMemory<byte> bytes)
    {
        const string subject = "The entry";
        if (bytes.Length > MaxBytes) throw new EvidenceException(EvidenceProblems.TooLarge.At(subject, ("bytes", bytes.Length), ("limit", MaxBytes)));
        var scanned = CanonicalScan.IsCanonical(bytes.Span);
        using var document = scanned ? JsonDocument.Parse(bytes, Scanned) : CanonicalJson.Parse(bytes, subject);
        var root = document.RootElement;
        if (!scanned && !CanonicalJson.Write(root, subject).AsSpan().SequenceEqual(bytes.Span)) throw new EvidenceException(EvidenceProblems.NotCanonical.At(subject));
        Require(root.ValueKind == JsonValueKind.Object, "it is not an object");
        DemandMembers(root);
        Require(Text(root, "schema") == Schema, "its schema is another");
        Require(Text(root, "algorithm") == EvidenceAlgorithm.Id, "its algorithm is unknown");
        return Read(root);
    }

    private static void DemandMembers(JsonElement root)
    {
        var place = 0;
        foreach (var member in root.EnumerateObject())
        {
            if (place == Members.Length || !member.NameEquals(Members[place++]))
            {
                place = -1;
                break;
            }
        }
        if (place == Members.Length) return;
        var names = root.EnumerateObject().Select(p => p.Name).Take(20);
        throw Malformed($"its members are {string.Join(", ", names)}, where exactly {string.Join(", ", Members)} are expected");
    }

    private static EvidenceEntry Read(JsonElement root)
    {
        var counter = Number(root, "counter") ?? 0;
        var previous = TextOrNull(root, "previous");
        var entry = new EvidenceEntry
        {
            Origin = Matching(root, "origin", Origins()),
            KeyId = Matching(root, "key", KeyIds()),
            Counter = counter,
            Previous = previous is null ? null : Hash256.TryParse(previous, out var hash) ? hash : throw Malformed("previous is not 64 lower-case hexadecimal digits"),
            Id = Guid.ParseExact(Matching(root, "id", Uuid7()), "D"),
            RecordedAt = Time(Text(root, "recordedAt"), "recordedAt"),
            OccurredAt = TextOrNull(root, "occurredAt") is { } at ? Time(at, "occurredAt") : null,
            Type = Matching(root, "type", Types()),
            Application = Matching(root, "application", Applications()),
            Intent = Number(root, "intent"),
            SoftwareVersion = Matching(root, "softwareVersion", Versions()),
            // A part of canonical bytes is canonical.
            Payload = JsonMarshal.GetRawUtf8Value(root.GetProperty("payload")).ToArray(),
        };
        Require(root.GetProperty("payload").ValueKind == JsonValueKind.Object, "payload is not an object");
        Require(counter is >= 1 and <= MaxCounter, "counter is not between 1 and 2^53 - 1");
        Require(entry.Previous is null == (counter == 1), "previous must be null for counter 1, and only there");
        Require(entry.Intent is not { } intent || (intent >= 1 && intent < counter), "intent is not the counter of an earlier entry");
        return entry;
    }

    private static string? TextOrNull(JsonElement root, string name)
    {
        var value = root.GetProperty(name);
        return value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => throw Malformed($"{name} is not a string"),
        };
    }

    private static string Text(JsonElement root, string name) => TextOrNull(root, name) ?? throw Malformed($"{name} is null");

    private static string Matching(JsonElement root, string name, Regex form)
    {
        var text = Text(root, name);
        return form.IsMatch(text) ? text : throw Malformed($"{name} is not of the form it must have");
    }

    private static long? Number(JsonElement root, string name)
    {
        var value = root.GetProperty(name);
        if (value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Malformed($"{name} is not an integer");
    }

    private static DateTimeOffset Time(string text, string name) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Malformed($"{name} is not a UTC time with milliseconds, such as 2026-11-21T22:05:24.000Z");

    internal static string TextOf(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw Malformed(otherwise);
    }

    private static EvidenceException Malformed(string reason) => new(EvidenceProblems.Malformed.At("The entry", ("reason", reason)));

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AgentName();

    [GeneratedRegex(@"\A(server|agent:[a-z0-9][a-z0-9._-]{0,62})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Origins();

    [GeneratedRegex(@"\A[0-9a-f]{8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyIds();

    // RFC 9562, 5.7: version 7, variant 10.
    [GeneratedRegex(@"\A[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid7();

    [GeneratedRegex(@"\A(?=.{1,64}\z)[a-z0-9-]+(\.[a-z0-9-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Types();

    [GeneratedRegex(@"\A[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Applications();

    [GeneratedRegex(@"\A[\x21-\x7e]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Versions();
}

/// <summary>Bytes that claim to be an entry. Only what is needed to look for the key can be read.</summary>
public sealed class UnverifiedEntry
{
    private readonly EvidenceEntry claimed;
    private readonly byte[] bytes;
    private readonly byte[] signature;

    private UnverifiedEntry(EvidenceEntry claimed, byte[] bytes, byte[] signature)
    {
        this.claimed = claimed;
        this.bytes = bytes;
        this.signature = signature;
    }

    public string ClaimedOrigin => claimed.Origin;
    public string ClaimedKeyId => claimed.KeyId;
    public long ClaimedCounter => claimed.Counter;

    /// <exception cref="EvidenceException">The bytes are not an entry in canonical form.</exception>
    public static UnverifiedEntry Parse(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> signature)
    {
        var own = bytes.ToArray();
        return new UnverifiedEntry(EvidenceEntry.Parse(own), own, signature.ToArray());
    }

    /// <summary>Checks the signature over the bytes as they were received.</summary>
    /// <exception cref="EvidenceException">Another key is named (BG2005) or the signature does not match (BG2004).</exception>
    public VerifiedEntry Verify(EvidencePublicKey key)
    {
        if (key.KeyId != claimed.KeyId) throw new EvidenceException(EvidenceProblems.KeyUnknown.At($"Entry {claimed.Counter} of {claimed.Origin}", ("key", claimed.KeyId)));
        if (!key.Verify(bytes, signature)) throw new EvidenceException(EvidenceProblems.SignatureWrong.At($"entry {claimed.Counter} of {claimed.Origin}"));
        return new VerifiedEntry(claimed, bytes, signature, key);
    }
}

/// <summary>An entry whose signature was checked, with the bytes that were signed.</summary>
public sealed class VerifiedEntry
{
    internal VerifiedEntry(EvidenceEntry entry, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> signature, EvidencePublicKey key)
    {
        Entry = entry;
        Bytes = bytes;
        Signature = signature;
        Key = key;
        Hash = Hash256.Of(bytes.Span);
    }

    public EvidenceEntry Entry { get; }

    /// <summary>The canonical bytes: what is stored, hashed and sent, never written anew.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }
    public ReadOnlyMemory<byte> Signature { get; }
    public EvidencePublicKey Key { get; }

    /// <summary>SHA-256 of the bytes: <see cref="EvidenceEntry.Previous"/> of the next entry by this key.</summary>
    public Hash256 Hash { get; }
}
