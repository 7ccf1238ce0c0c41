using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>How a repository protects its objects: the first byte of each (Borg internals, "Encryption").</summary>
internal enum BorgMode : byte { KeyFile = 0, Passphrase = 1, None = 2, RepoKey = 3, KeyFileBlake2 = 4, RepoKeyBlake2 = 5, AuthenticatedBlake2 = 6, Authenticated = 7 }

internal static class BorgModes
{
    public static bool IsKnown(this BorgMode mode) => mode <= BorgMode.Authenticated;
    public static bool IsEncrypted(this BorgMode mode) => mode is BorgMode.KeyFile or BorgMode.RepoKey or BorgMode.KeyFileBlake2 or BorgMode.RepoKeyBlake2 or BorgMode.Passphrase;
    public static bool IsBlake2(this BorgMode mode) => mode is BorgMode.KeyFileBlake2 or BorgMode.RepoKeyBlake2 or BorgMode.AuthenticatedBlake2;
    public static bool IsKeyFile(this BorgMode mode) => mode is BorgMode.KeyFile or BorgMode.KeyFileBlake2;

    public static string Name(this BorgMode mode) => mode switch
    {
        BorgMode.KeyFile => "keyfile", BorgMode.Passphrase => "passphrase", BorgMode.None => "none", BorgMode.RepoKey => "repokey", BorgMode.KeyFileBlake2 => "keyfile-blake2",
        BorgMode.RepoKeyBlake2 => "repokey-blake2", BorgMode.AuthenticatedBlake2 => "authenticated-blake2", BorgMode.Authenticated => "authenticated",
    };
}

/// <summary>The keys of a repository, opened with the passphrase.</summary>
/// <param name="Fingerprint">Of the encrypted key: another one when the key or its passphrase was changed.</param>
internal sealed record BorgKey(byte[] RepositoryId, byte[] Encryption, byte[] Mac, byte[] Id, int Iterations, string Fingerprint) : IDisposable
{
    /// <summary>What every Borg 1 writes by itself.</summary>
    private const int UsualIterations = 100_000;

    public string Derivation => $"PBKDF2-HMAC-SHA256 {Iterations}";

    public Words? Weakness => Iterations >= UsualIterations ? null : new Words(
        $"its key is derived with {Iterations} iterations only, so that passphrases can be tried fast", $"sa clé n’est dérivée que par {Iterations} itérations, ce qui permet d’essayer vite des phrases secrètes");

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Encryption);
        CryptographicOperations.ZeroMemory(Mac);
        CryptographicOperations.ZeroMemory(Id);
    }

    /// <summary>Key of the tag that authenticates the manifest or an archive (Borg internals, "Manifest", TAM): HKDF-HMAC-SHA-512 over all three keys.
    /// Without keys it is no secret, as Borg has it for plaintext.</summary>
    public static byte[] TagKey(BorgKey? key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        if (key is null) return [.. salt, .. context];
        var secret = (byte[])[.. key.Id, .. key.Encryption, .. key.Mac];
        var tag = new byte[64];
        HKDF.DeriveKey(HashAlgorithmName.SHA512, secret, tag, salt, (byte[])[.. "borg-metadata-authentication-"u8, .. context]);
        CryptographicOperations.ZeroMemory(secret);
        return tag;
    }
}

/// <summary>An encrypted key as it lies in the config or in a key file: base64 of a msgpack map (Borg internals, "Key files").</summary>
internal sealed record EncryptedKey(byte[] Salt, int Iterations, byte[] Hash, byte[] Data)
{
    public const int LargestFileBytes = 64 * 1024;

    /// <summary>Borg writes 100,000; whoever may write into the repository chooses the number, and each costs time.</summary>
    private const int MostIterations = 10_000_000;

    /// <summary>The text of a key file: one line with its repository's id, then the key.</summary>
    public static EncryptedKey? TryParseFile(ReadOnlySpan<byte> file, ReadOnlySpan<byte> repositoryId, out Words reason)
    {
        reason = new("it does not begin with BORG_KEY and the id of a repository", "il ne commence pas par BORG_KEY et l’id d’un dépôt");
        var end = file.IndexOf((byte)'\n');
        if (end < 0 || !file.StartsWith("BORG_KEY "u8)) return null;
        var id = Encoding.UTF8.GetString(file["BORG_KEY ".Length..end]).Trim();
        reason = new($"it belongs to the repository {id}", $"il appartient au dépôt {id}");
        if (!id.Equals(Convert.ToHexStringLower(repositoryId), StringComparison.Ordinal)) return null;
        return TryParse(Encoding.UTF8.GetString(file[(end + 1)..]), out reason);
    }

    public static EncryptedKey? TryParse(string base64, out Words reason)
    {
        reason = new("it is not base64", "ce n’est pas du base64");
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length)) return null;
        reason = new("it is not a msgpack map with salt, iterations, hash and data", "ce n’est pas une table msgpack avec salt, iterations, hash et data");
        var reader = new MsgPackReader(bytes.AsSpan(0, length));
        if (!reader.TryMap(out var count)) return null;
        byte[] salt = [], hash = [], data = [];
        long version = 0, iterations = 0;
        var algorithm = "";
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name)) return null;
            if (name.SequenceEqual("version"u8)) { if (!reader.TryInteger(out version)) return null; }
            else if (name.SequenceEqual("iterations"u8)) { if (!reader.TryInteger(out iterations)) return null; }
            else if (name.SequenceEqual("algorithm"u8)) { if (!reader.TryBytes(out var v)) return null; algorithm = Encoding.ASCII.GetString(v); }
            else if (name.SequenceEqual("salt"u8)) { if (!reader.TryBytes(out var v)) return null; salt = v.ToArray(); }
            else if (name.SequenceEqual("hash"u8)) { if (!reader.TryBytes(out var v)) return null; hash = v.ToArray(); }
            else if (name.SequenceEqual("data"u8)) { if (!reader.TryBytes(out var v)) return null; data = v.ToArray(); }
            else if (reader.Skip() != MsgPackEnd.Whole) return null;
        }
        if (!reader.AtEnd) return null;
        reason = version != 1 ? new($"its version is {version}", $"sa version est {version}")
            : algorithm != "sha256" ? new("its key derivation is not the one of Borg 1", "sa dérivation de clé n’est pas celle de Borg 1")
            : iterations is < 1 or > MostIterations ? new($"its {iterations} iterations are refused", $"ses {iterations} itérations sont refusées")
            : salt.Length < 8 || hash.Length != 32 || data.Length == 0 ? new("its salt, hash or data are too short", "son sel, son hash ou ses données sont trop courts")
            : default;
        return reason.En is null ? new EncryptedKey(salt, (int)iterations, hash, data) : null;
    }

    /// <summary>The keys, or null when the passphrase does not fit or what it opens is no key.</summary>
    public BorgKey? Open(ReadOnlySpan<byte> passphrase)
    {
        Span<byte> kek = stackalloc byte[32];
        Rfc2898DeriveBytes.Pbkdf2(passphrase, Salt, kek, Iterations, HashAlgorithmName.SHA256);
        var plain = Data.AsSpan().ToArray();
        try
        {
            using (var cipher = new AesCtr(kek)) cipher.Transform(new byte[16], plain);
            return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(kek, plain), Hash) ? Parse(plain) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(kek);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private BorgKey? Parse(ReadOnlySpan<byte> plain)
    {
        var reader = new MsgPackReader(plain);
        if (!reader.TryMap(out var count)) return null;
        byte[] repository = [], encryption = [], mac = [], id = [];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name)) return null;
            if (name.SequenceEqual("repository_id"u8)) { if (!reader.TryBytes(out var v)) return null; repository = v.ToArray(); }
            else if (name.SequenceEqual("enc_key"u8)) { if (!reader.TryBytes(out var v)) return null; encryption = v.ToArray(); }
            else if (name.SequenceEqual("enc_hmac_key"u8)) { if (!reader.TryBytes(out var v)) return null; mac = v.ToArray(); }
            else if (name.SequenceEqual("id_key"u8)) { if (!reader.TryBytes(out var v)) return null; id = v.ToArray(); }
            else if (reader.Skip() != MsgPackEnd.Whole) return null;
        }
        return encryption.Length == 32 && mac.Length is 32 or 128 && id.Length is 32 or 128 ? new BorgKey(repository, encryption, mac, id, Iterations, Convert.ToHexStringLower(SHA256.HashData([.. Salt, .. Hash, .. Data]))) : null;
    }
}
