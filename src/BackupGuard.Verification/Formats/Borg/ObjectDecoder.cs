using System.Security.Cryptography;
using BackupGuard.Verification.Cryptography;
using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>What became of one object: good when <see cref="Wrong"/> is null.</summary>
internal readonly record struct ObjectOutcome(FindingKind? Wrong, Words Reason);

/// <summary>From stored bytes to content, for one thread: envelope, authentication, decryption, decompression, id (Borg internals, "Encryption").</summary>
internal sealed class ObjectDecoder : IDisposable
{
    private const int MacAt = 1, IvAt = 33, CipherAt = 41;

    /// <summary>Of SHA-256.</summary>
    private const int BlockBytes = 64;

    /// <summary>The object that is found by its place, not by its content.</summary>
    public static BlobId Manifest => default;

    private readonly BorgMode mode;
    private readonly Decompressor decompressor = new();
    private readonly AesCtr? cipher;
    private readonly IncrementalHash? mac, id;
    private readonly Blake2b? blake;
    private readonly byte[] macKey = [], idKey = [];

    /// <summary>HMAC (RFC 2104): the block before the content, and the one before the hash of both; empty where the id is a plain hash.</summary>
    private readonly byte[] inner = [], outer = [];

    /// <param name="key">Needed in every mode but None.</param>
    public ObjectDecoder(BorgMode mode, BorgKey? key)
    {
        this.mode = mode;
        if (mode.IsEncrypted()) cipher = new AesCtr(key!.Encryption);    // see the parameter
        if (mode == BorgMode.None || key is null)
        {
            id = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
        else if (mode.IsBlake2())
        {
            // Borg puts the key in front of the data, filled up to a block: no keyed BLAKE2b in the sense of RFC 7693.
            blake = new Blake2b(32);
            (macKey, idKey) = ([.. key.Mac], [.. key.Id]);
        }
        else
        {
            mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Mac);
            id = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Id);
            (inner, outer) = (Padded(key.Id, 0x36), Padded(key.Id, 0x5C));
        }
    }

    /// <param name="stored">The object; decrypted in place.</param>
    /// <param name="content">Gone with the next call.</param>
    public ObjectOutcome Decode(ArraySegment<byte> stored, BlobId name, out ReadOnlySpan<byte> content)
    {
        var outcome = Unpack(stored, out content);
        return outcome.Wrong is not null || IsNamed(content, name) ? outcome : new(BorgFindings.ObjectContent, default);
    }

    /// <summary>All but the id, which is left to the caller: <see cref="IsNamed"/>, or SHA-256 of <see cref="BeforeContent"/> and the content, and then <see cref="IsName"/>.</summary>
    public ObjectOutcome Unpack(ArraySegment<byte> stored, out ReadOnlySpan<byte> content)
    {
        content = default;
        var overhead = cipher is null ? 1 : CipherAt;
        if (stored.Count < overhead + 2) return new(BorgFindings.ObjectEnvelope, new("it is too short", "il est trop court"));
        var type = (BorgMode)stored[0];
        // Repositories of Borg 0.x went from passphrase to repokey with their objects left as they were.
        if (type != mode && !(type == BorgMode.Passphrase && mode == BorgMode.RepoKey))
            return new(BorgFindings.ObjectEnvelope, new($"its protection is {Named(type)}, the repository's is {mode.Name()}", $"sa protection est {Named(type)}, celle du dépôt {mode.Name()}"));
        if (cipher is not null)
        {
            if (!IsAuthentic(stored)) return new(BorgFindings.ObjectTampered, default);
            Span<byte> counter = stackalloc byte[16];
            counter.Clear();
            stored.AsSpan(IvAt, 8).CopyTo(counter[8..]);
            cipher.Transform(counter, stored.AsSpan(CipherAt));
        }
        return decompressor.TryDecompress(stored[overhead..], out content, out var reason) ? default : new(BorgFindings.ObjectCompression, reason);
    }

    public bool IsNamed(ReadOnlySpan<byte> content, BlobId name)
    {
        if (name.Equals(Manifest)) return true;
        Span<byte> hash = stackalloc byte[32];
        Hash(id, idKey, content, hash);
        return BlobId.Of(hash).Equals(name);
    }

    /// <summary>Whether ids come from SHA-256, of which many can be had at once.</summary>
    public bool NamesBySha256 => id is not null;
    public ReadOnlySpan<byte> BeforeContent => inner;

    /// <param name="hash">SHA-256 of <see cref="BeforeContent"/> and the content.</param>
    public bool IsName(ReadOnlySpan<byte> hash, BlobId name)
    {
        if (outer.Length == 0) return BlobId.Of(hash).Equals(name);
        Span<byte> both = stackalloc byte[BlockBytes + 32], whole = stackalloc byte[32];
        outer.CopyTo(both);
        hash.CopyTo(both[BlockBytes..]);
        SHA256.HashData(both, whole);
        return BlobId.Of(whole).Equals(name);
    }

    private static byte[] Padded(ReadOnlySpan<byte> key, byte with)
    {
        var block = new byte[BlockBytes];
        if (key.Length > BlockBytes) SHA256.HashData(key, block);
        else key.CopyTo(block);
        for (var i = 0; i < block.Length; i++) block[i] ^= with;
        return block;
    }

    private bool IsAuthentic(ReadOnlySpan<byte> stored)
    {
        Span<byte> tag = stackalloc byte[32];
        Hash(mac, macKey, stored[IvAt..], tag);
        return CryptographicOperations.FixedTimeEquals(tag, stored.Slice(MacAt, 32));
    }

    private void Hash(IncrementalHash? hmac, byte[] key, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (hmac is not null)
        {
            hmac.AppendData(data);
            hmac.GetHashAndReset(hash);
            return;
        }
        blake!.Append(key);     // one of the two is there
        blake.Append(data);
        blake.Finish(hash);
    }

    private static string Named(BorgMode mode) => mode.IsKnown() ? mode.Name() : $"{(byte)mode:x2}";

    public void Dispose()
    {
        cipher?.Dispose();
        mac?.Dispose();
        id?.Dispose();
        blake?.Dispose();
        CryptographicOperations.ZeroMemory(macKey);
        CryptographicOperations.ZeroMemory(idKey);
        CryptographicOperations.ZeroMemory(inner);
        CryptographicOperations.ZeroMemory(outer);
    }
}
