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

    /// <summary>The object that is found by its place, not by its content.</summary>
    public static BlobId Manifest => default;

    private readonly BorgMode mode;
    private readonly Decompressor decompressor = new();
    private readonly AesCtr? cipher;
    private readonly IncrementalHash? mac, id;
    private readonly Blake2b? blake;
    private readonly byte[] macKey = [], idKey = [];

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
        }
    }

    /// <param name="stored">The object; decrypted in place.</param>
    /// <param name="content">Gone with the next call.</param>
    public ObjectOutcome Decode(ArraySegment<byte> stored, BlobId name, out ReadOnlySpan<byte> content)
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
        if (!decompressor.TryDecompress(stored[overhead..], out content, out var reason)) return new(BorgFindings.ObjectCompression, reason);
        if (name.Equals(Manifest)) return default;
        Span<byte> hash = stackalloc byte[32];
        Hash(id, idKey, content, hash);
        return BlobId.Of(hash).Equals(name) ? default : new(BorgFindings.ObjectContent, default);
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
    }
}
