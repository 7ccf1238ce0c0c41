using System.Security.Cryptography;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Reads whole objects out of the store, within bounds, and says what failed how.</summary>
internal static class ResticObjects
{
    /// <summary>Largest plaintext of an index, snapshot or lock. The index of ten million blobs stays below it because restic splits indexes.</summary>
    public const int LargestUnpacked = 1 << 30;

    /// <summary>Ids are random and hardly compress; a few kilobytes that unpack to more than this are a bomb.</summary>
    private const long LargestRatio = 1000, RatioSlack = 16 << 20;

    /// <exception cref="StoreException">The store could not give the object, after a second attempt where that may help.</exception>
    public static async ValueTask<byte[]> ReadAllAsync(IBackupStore store, string name, long limit, FindingSink sink, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOnceAsync(store, name, limit, cancellationToken);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Transient)
        {
            var bytes = await ReadOnceAsync(store, name, limit, cancellationToken);
            sink.Add(CommonFindings.ReadOnRetry.At(name, ("reason", e.Message)));
            return bytes;
        }
    }

    private static async ValueTask<byte[]> ReadOnceAsync(IBackupStore store, string name, long limit, CancellationToken cancellationToken)
    {
        await using var reader = await store.OpenAsync(name, cancellationToken);
        if (reader.LengthBytes > limit) throw new StoreException(StoreFailure.Corrupt, name, $"it is {reader.LengthBytes} bytes long, more than the {limit} that such an object can have");
        var bytes = GC.AllocateUninitializedArray<byte>((int)reader.LengthBytes);
        var read = await reader.ReadAsync(0, bytes, cancellationToken);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Decrypts an index, snapshot, lock or config, and decompresses it when its first byte says so (restic design, "Unpacked Data Format").</summary>
    /// <returns>Null with the reason when it cannot be.</returns>
    public static byte[]? Open(ResticKey key, byte[] envelope, out Words reason)
    {
        reason = default;
        if (!key.TryOpen(envelope, out var plain))
        {
            reason = new("its authentication fails", "son authentification échoue");
            return null;
        }
        if (plain is [(byte)'{' or (byte)'[', ..]) return plain.ToArray();
        if (plain is not [2, ..])
        {
            reason = new("its content is neither JSON nor compressed JSON", "son contenu n’est ni du JSON ni du JSON compressé");
            return null;
        }
        var result = Zstd.DecodeBounded(plain[1..], (int)Math.Min(LargestUnpacked, RatioSlack + (LargestRatio * plain.Length)), out var json);
        if (result == ZstdResult.Ok) return json;
        reason = new($"it does not decompress ({result})", $"il ne se décompresse pas ({result})");
        return null;
    }

    public static bool HasName(ReadOnlySpan<byte> bytes, BlobId id)
    {
        Span<byte> hash = stackalloc byte[BlobId.Bytes];
        SHA256.HashData(bytes, hash);
        return BlobId.Of(hash).Equals(id);
    }
}

/// <summary>What is to be said of one blob after looking at its stored bytes.</summary>
internal readonly record struct BlobOutcome(FindingKind? Wrong, Words Reason)
{
    public static BlobOutcome Good => default;
}

/// <summary>Authenticates, decrypts, decompresses and hashes blobs. One instance serves one thread and reuses its buffers.</summary>
internal sealed class BlobDecoder(ResticKey key) : IDisposable
{
    /// <summary>restic cuts files into blobs of at most 8 MiB; other writers may take more, nobody a hundred.</summary>
    public const int LargestData = 128 << 20;

    /// <summary>A folder's list grows with its entries: this holds some three million.</summary>
    public const int LargestTree = 1 << 30;

    private readonly NativeBuffer plain = new();

    /// <summary>Looks at a stored blob, which is decrypted in place. <paramref name="content"/> is valid until the next call.</summary>
    public BlobOutcome Decode(Span<byte> stored, in BlobEntry entry, out ReadOnlySpan<byte> content)
    {
        var outcome = Unpack(stored, entry, [], out content);
        if (outcome.Wrong is not null) return outcome;
        return ResticObjects.HasName(content, entry.Id) ? BlobOutcome.Good : new(ResticFindings.BlobContent, default);
    }

    /// <summary>All of the look but the hash of the content, which the caller still owes.</summary>
    /// <param name="room">As long as the content is to be, to unpack into; or empty, for a buffer of the decoder's own.</param>
    /// <param name="content">Where the content lies: in <paramref name="room"/> or that buffer when the blob was compressed, in <paramref name="stored"/> when not.</param>
    public BlobOutcome Unpack(Span<byte> stored, in BlobEntry entry, Span<byte> room, out ReadOnlySpan<byte> content)
    {
        content = [];
        if (!key.TryOpen(stored, out var opened)) return new(ResticFindings.BlobTampered, default);
        content = opened;
        if (!entry.IsCompressed) return BlobOutcome.Good;
        var limit = entry.Kind == BlobKind.Data ? LargestData : LargestTree;
        if (entry.CompressedPlainLength > limit)
            return new(ResticFindings.BlobLength, new($"{entry.CompressedPlainLength} bytes unpacked, {limit} at most", $"{entry.CompressedPlainLength} octets une fois décompressé, {limit} au plus"));
        var length = (int)entry.CompressedPlainLength;
        if (room.Length != length)
        {
            plain.Grow(length);
            room = plain.GetSpan()[..length];
        }
        var result = Zstd.Decode(opened, room, out var written);
        if (result != ZstdResult.Ok) return new(ResticFindings.BlobCompression, new(result.ToString(), result.ToString()));
        if (written != length) return new(ResticFindings.BlobLength, new($"{length} bytes promised, {written} there", $"{length} octets promis, {written} présents"));
        content = room;
        return BlobOutcome.Good;
    }

    public void Dispose()
    {
        key.Dispose();
        ((IDisposable)plain).Dispose();
    }
}
