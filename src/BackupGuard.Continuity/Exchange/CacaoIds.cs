using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Exchange;

/// <summary>Identifiers that are the same each time the same runbook is written: two exports can be compared.</summary>
internal static partial class CacaoIds
{
    /// <summary>Our extension, whatever its version.</summary>
    public const string Extension = "extension-definition--6c6bb9d2-0638-45a9-aabd-20d1f01c2807";

    /// <summary>Who wrote the extension's definition: this product.</summary>
    public const string Product = "identity--34a124e9-a4e0-4241-b4de-4a532655b3e6";

    // The specification's own namespace is forbidden to whoever does not hash name and types; a title may be corrected, and it is still the same playbook.
    private static readonly Guid Namespace = new("e44fad14-0612-4796-860c-22f3510fddea");

    /// <summary>UUIDv5 of the runbook's id: every version of one runbook is one playbook.</summary>
    public static string Playbook(string runbookId) => "playbook--" + Uuid(SHA1("playbook:" + runbookId), version: 5);

    public static string Identity(string owner) => "identity--" + Uuid(SHA1("identity:" + owner), version: 5);

    /// <summary>Objects inside a playbook must carry version 4. The bits come from the name and not from chance, so that the same step keeps its identifier.</summary>
    public static string Inside(string type, string runbookId, string name) => $"{type}--{Uuid(SHA256.HashData(Encoding.UTF8.GetBytes($"{Namespace}/{type}/{runbookId}/{name}")), version: 4)}";

    /// <summary>type--UUID, with a UUID of RFC 4122 of version 1 to 5.</summary>
    public static bool IsValid(string text, string? type = null) => Identifier().IsMatch(text) && (type is null || text.StartsWith(type + "--", StringComparison.Ordinal));

    /// <summary>RFC 4122 asks for SHA-1 here; nothing is protected by it.</summary>
    private static byte[] SHA1(string name)
    {
#pragma warning disable CA5350 // The hash that version 5 names.
        return System.Security.Cryptography.SHA1.HashData([.. Namespace.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);
#pragma warning restore CA5350
    }

    private static string Uuid(byte[] hash, int version)
    {
        var bytes = hash[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | (version << 4));
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    [GeneratedRegex("^[a-z][a-z0-9-]+[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}\\z")]
    private static partial Regex Identifier();
}
