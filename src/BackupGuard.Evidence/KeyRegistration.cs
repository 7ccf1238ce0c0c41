using System.Text.Json;

namespace BackupGuard.Evidence;

/// <summary>Payload of the server's entries <c>key.register</c> and <c>key.retire</c>: whose key it is from this entry on (FORMAT.md, section 4).</summary>
public sealed record KeyRegistration(string Origin, EvidencePublicKey Key)
{
    public const string RegisterType = "key.register";
    public const string RetireType = "key.retire";

    public byte[] ToPayload()
    {
        var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("algorithm", EvidenceAlgorithm.Id);
            writer.WriteString("key", Key.KeyId);
            writer.WriteString("origin", Origin);
            writer.WriteString("publicKey", Convert.ToBase64String(Key.Spki.Span));
            writer.WriteEndObject();
        }
        return CanonicalJson.Canonicalise(output.ToArray());
    }

    /// <exception cref="EvidenceException">Not such a payload, or the id is not that of the key.</exception>
    public static KeyRegistration FromPayload(ReadOnlyMemory<byte> payload)
    {
        using var document = CanonicalJson.Parse(payload, "The registration");
        var members = document.RootElement.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
        if (members.Count != 4 || document.RootElement.GetPropertyCount() != 4
            || members.GetValueOrDefault("algorithm") != EvidenceAlgorithm.Id
            || !members.TryGetValue("key", out var id) || !members.TryGetValue("origin", out var origin)
            || !members.TryGetValue("publicKey", out var text) || !Base64.TryDecode(text, out var spki))
        {
            throw Malformed("its members are not algorithm, key, origin and publicKey");
        }
        var key = EvidencePublicKey.FromSpki(spki);
        return key.KeyId == id ? new KeyRegistration(origin, key) : throw Malformed("the id is not that of the key");
    }

    private static EvidenceException Malformed(string reason) => new(EvidenceProblems.Malformed.At("The registration", ("reason", reason)));
}
