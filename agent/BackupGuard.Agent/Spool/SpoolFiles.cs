using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Contracts;
using BackupGuard.Evidence;

namespace BackupGuard.Agent.Spool;

/// <summary>The newest entry that the server has: where the chain goes on when no entry is left in the folder.</summary>
internal sealed record SpoolHead(string Key, long Counter, string Hash, DateTimeOffset RecordedAt)
{
    [JsonIgnore]
    public Hash256? LastHash => Hash256.TryParse(Hash, out var hash) ? hash : null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SpoolHead))]
internal sealed partial class SpoolJson : JsonSerializerContext;

/// <summary>Names and bytes of the files in a spool. An entry file is one JSON line: the <see cref="SignedEntry"/> that will be sent.</summary>
internal static class SpoolFiles
{
    public const string EntryExtension = ".entry";

    /// <summary>Delivered, and kept for a while: what the agent did last must be known after a crash, whether or not it was sent in between.</summary>
    public const string SentExtension = ".sent";
    public const string TemporaryExtension = ".tmp";
    public const string Lock = "lock";
    public const string Aside = "aside";

    /// <summary>Two copies, replaced one after the other: one damaged sector does not make the counter unknown.</summary>
    public static readonly string[] Heads = ["head.1", "head.2"];

    // 64 KiB of entry in base64, with its signature and names.
    private const int MaxFileBytes = 128 * 1024;

    public static string EntryName(long counter) => counter.ToString("D12", CultureInfo.InvariantCulture) + EntryExtension;

    public static string SentName(long counter) => counter.ToString("D12", CultureInfo.InvariantCulture) + SentExtension;

    /// <summary>The counter in a name that <see cref="EntryName"/> or <see cref="SentName"/> could have made.</summary>
    public static (long Counter, bool IsSent)? Recognise(string name)
    {
        if (!long.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.None, CultureInfo.InvariantCulture, out var counter)) return null;
        if (name == EntryName(counter)) return (counter, false);
        return name == SentName(counter) ? (counter, true) : null;
    }

    public static byte[] Write(VerifiedEntry entry) => Line(JsonSerializer.SerializeToUtf8Bytes(
        new SignedEntry(entry.Entry.Counter, Convert.ToBase64String(entry.Bytes.Span), Convert.ToBase64String(entry.Signature.Span)), WireJson.Default.SignedEntry));

    public static byte[] Write(SpoolHead head) => Line(JsonSerializer.SerializeToUtf8Bytes(head, SpoolJson.Default.SpoolHead));

    /// <exception cref="InvalidDataException">With the reason why this is not the entry of this counter by this key.</exception>
    public static VerifiedEntry ReadEntry(ISpoolFileSystem files, string path, long counter, EvidencePublicKey key)
    {
        try
        {
            var signed = JsonSerializer.Deserialize(Whole(files, path), WireJson.Default.SignedEntry) ?? throw new InvalidDataException("it is empty");
            var entry = UnverifiedEntry.Parse(Convert.FromBase64String(signed.Entry), Convert.FromBase64String(signed.Signature)).Verify(key);
            return entry.Entry.Counter == counter && signed.Counter == counter ? entry : throw new InvalidDataException("its name is that of another entry");
        }
        catch (Exception e) when (e is JsonException or FormatException or EvidenceException)
        {
            throw new InvalidDataException(e is EvidenceException evidence ? $"{evidence.Problem.Code}: {evidence.Problem.Message("en")}" : "it is torn or was not written by the agent", e);
        }
    }

    public static SpoolHead ReadHead(ISpoolFileSystem files, string path)
    {
        try
        {
            var head = JsonSerializer.Deserialize(Whole(files, path), SpoolJson.Default.SpoolHead);
            return head is { Counter: > 0, LastHash: not null } ? head : throw new InvalidDataException("it is no head of a spool");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("it is torn or was not written by the agent", e);
        }
    }

    /// <summary>A file that lacks its line feed was cut off.</summary>
    private static ReadOnlySpan<byte> Whole(ISpoolFileSystem files, string path)
    {
        var bytes = files.Read(path, MaxFileBytes);
        return bytes is [.., (byte)'\n'] ? bytes : throw new InvalidDataException("it is cut off");
    }

    private static byte[] Line(byte[] json) => [.. json, (byte)'\n'];
}
