using System.Buffers.Binary;
using System.Security.Cryptography;
using BackupGuard.Verification.Cryptography.MultiHash;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>A blob that does not come from where it should, with the finding to be written once it is known whom that hurts.</summary>
internal sealed record DamagedBlob(BlobKind Kind, BlobId Id, Func<string, Finding> Describe);

/// <summary>What looking at one pack brought up. Reported only when a second look agrees, or told as a read that had to be repeated.</summary>
internal sealed class PackOutcome
{
    public List<Finding> Findings { get; } = [];
    public List<DamagedBlob> Damaged { get; } = [];
    public long AuthenticatedBytes { get; set; }

    /// <summary>Blobs whose content is still being hashed: until there are none, the outcome says nothing.</summary>
    public int Pending { get; set; }
    public bool IsGood => Damaged.Count == 0 && Findings.All(f => f.Severity != Severity.Error);
}

/// <summary>Reads packs whole, one after the other, for one thread: file hash, every blob, header, header against index.</summary>
/// <remarks>
/// Bytes pass through one window that holds a read chunk and the blob that is still coming; each is hashed while it is in the cache and decrypted in place.
/// Never a whole pack: --pack-size 128 exists.
/// </remarks>
internal sealed class PackVerifier : IDisposable
{
    /// <summary>What all verifiers of a run may hold of contents that are being hashed.</summary>
    private const int MemoryForHashingBytes = 64 << 20;

    private const int Chunk = 1 << 20;

    /// <summary>restic's own bound on a header (16 MiB) plus its length field.</summary>
    private const int LongestTail = (16 << 20) + 4;

    /// <summary>Type, length, id; and for compressed blobs the plain length too (restic design, "Pack Format").</summary>
    private const int PlainEntry = 37, CompressedEntry = 41;

    private readonly OpenRepository repository;
    private readonly BlobDecoder decoder;
    private readonly ResticKey headerKey;
    private readonly LaneHasher<HashedBlob>? contents;
    private readonly IncrementalHash packHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly NativeBuffer window = new();

    /// <summary>A blob whose content is good when its hash is.</summary>
    private readonly record struct HashedBlob(BlobEntry Entry, BlobId Pack, PackOutcome Outcome);

    /// <param name="verifiers">How many share the memory.</param>
    public PackVerifier(OpenRepository repository, int verifiers)
    {
        this.repository = repository;
        window.Grow(2 * Chunk);
        (decoder, headerKey) = (new BlobDecoder(repository.Key.Clone()), repository.Key.Clone());
        if (Sha256Kernel.Fastest is { } kernel) contents = new LaneHasher<HashedBlob>(kernel, MemoryForHashingBytes / verifiers, Hashed);
    }

    /// <param name="blobs">The pack's entries by offset, from the index; for a pack without index from its own header.</param>
    /// <param name="advance">Told of every chunk read.</param>
    /// <returns>What there is to say once no blob of it is pending any more: after some later call, or <see cref="Flush"/>.</returns>
    public async ValueTask<PackOutcome> VerifyAsync(StoredObject file, BlobId id, BlobEntry[]? blobs, Action<int> advance, CancellationToken cancellationToken)
    {
        var outcome = new PackOutcome();
        // A look that a failing store cut short leaves the beginning of its pack in there.
        packHash.GetHashAndReset();
        await using var reader = await repository.Store.OpenAsync(file.Name, cancellationToken);
        var indexed = blobs is not null;
        blobs ??= await ReadHeaderFirstAsync(reader, cancellationToken) ?? [];
        var length = reader.LengthBytes;

        long windowAt = 0, position = 0, expected = 0;
        int filled = 0, next = 0;
        var overlong = false;
        while (position < length)
        {
            var needed = next < blobs.Length ? blobs[next].Offset + (long)blobs[next].Length : position + 1;
            MakeRoom(ref windowAt, ref filled, next < blobs.Length ? Math.Min(blobs[next].Offset, position) : Math.Min(expected, position), needed, position);
            var read = await reader.ReadAsync(position, window.Memory.Slice(filled, Math.Min(Chunk, window.Length - filled)), cancellationToken);
            if (read == 0) break;
            packHash.AppendData(window.GetSpan().Slice(filled, read));
            filled += read;
            position += read;
            advance(read);
            for (; next < blobs.Length && blobs[next].Offset + (long)blobs[next].Length <= position; next++) Look(blobs[next], windowAt, ref expected, outcome, id);
            // What follows the last blob is the header; a tail that grows past its bound is none and need not be kept.
            if (next == blobs.Length && position - Math.Max(expected, windowAt) > LongestTail)
            {
                overlong = true;
                (windowAt, filled) = (position, 0);
            }
        }
        Judge(id, blobs, indexed, next, position, expected, overlong || windowAt > expected ? [] : window.GetSpan().Slice((int)(expected - windowAt), (int)(position - expected)), outcome);
        return outcome;
    }

    /// <summary>Slides what is still needed to the front, and grows the window when the coming blob is larger than it.</summary>
    private void MakeRoom(ref long windowAt, ref int filled, long keepFrom, long needed, long position)
    {
        if (window.Length - filled >= Chunk && needed - windowAt <= window.Length) return;
        var drop = (int)Math.Clamp(keepFrom - windowAt, 0, filled);
        if (drop > 0)
        {
            window.GetSpan().Slice(drop, filled - drop).CopyTo(window.GetSpan());
            windowAt += drop;
            filled -= drop;
        }
        var wanted = Math.Max(needed, position) - windowAt + Chunk;
        if (wanted <= window.Length) return;
        window.Grow(checked((int)Math.Min(wanted + Chunk, Array.MaxLength)));
    }

    private void Look(in BlobEntry entry, long windowAt, ref long expected, PackOutcome outcome, BlobId pack)
    {
        if (entry.Offset != expected)
            outcome.Findings.Add(ResticFindings.PackHeaderIndex.At(pack.ToString(), ("reason", new Words(
                $"a blob begins at {entry.Offset} where the one before ends at {expected}", $"un bloc commence à {entry.Offset} alors que le précédent finit à {expected}"))));
        if (entry.Offset < Math.Max(expected, windowAt))
        {
            Damage(entry, pack, ResticFindings.BlobLength, new("it overlaps the blob before it", "il chevauche le bloc précédent"), outcome);
            return;
        }
        expected = entry.Offset + (long)entry.Length;
        var stored = window.GetSpan().Slice((int)(entry.Offset - windowAt), (int)entry.Length);
        if (contents is null || !contents.TryReserve(entry.PlainLength, out var room))
        {
            var result = decoder.Decode(stored, entry, out _);
            if (result.Wrong is null) outcome.AuthenticatedBytes += entry.Length;
            else Damage(entry, pack, result.Wrong, result.Reason, outcome);
            return;
        }
        var unpacked = decoder.Unpack(stored, entry, room, out var content);
        if (unpacked.Wrong is not null)
        {
            Damage(entry, pack, unpacked.Wrong, unpacked.Reason, outcome);
            return;
        }
        if (!entry.IsCompressed) content.CopyTo(room);
        outcome.Pending++;
        contents.Submit(content.Length, new HashedBlob(entry, pack, outcome));
    }

    private static void Hashed(in HashedBlob blob, ReadOnlySpan<byte> hash)
    {
        blob.Outcome.Pending--;
        if (BlobId.Of(hash).Equals(blob.Entry.Id)) blob.Outcome.AuthenticatedBytes += blob.Entry.Length;
        else Damage(blob.Entry, blob.Pack, ResticFindings.BlobContent, default, blob.Outcome);
    }

    /// <summary>Hashes what is pending of every outcome given so far.</summary>
    public void Flush() => contents?.Flush();

    private static void Damage(in BlobEntry entry, BlobId pack, FindingKind kind, Words reason, PackOutcome outcome)
    {
        var (id, name) = (entry.Id, pack.ToString());
        outcome.Damaged.Add(new DamagedBlob(entry.Kind, id, affected => kind.At(name, ("blob", id), ("reason", reason), ("affected", affected))));
    }

    private void Judge(BlobId id, BlobEntry[] blobs, bool indexed, int looked, long length, long expected, Span<byte> tail, PackOutcome outcome)
    {
        Span<byte> hash = stackalloc byte[BlobId.Bytes];
        packHash.GetHashAndReset(hash);
        if (!BlobId.Of(hash).Equals(id)) outcome.Findings.Add(ResticFindings.PackName.At(id.ToString()));
        for (var i = looked; i < blobs.Length; i++)
            Damage(blobs[i], id, ResticFindings.BlobLength, new("the pack ends before it", "le paquet s’arrête avant lui"), outcome);

        var header = ParseHeader(tail, out var reason);
        var needed = blobs.Sum(b => (long)b.Length) + 4 + ResticKey.Overhead + blobs.Sum(b => b.IsCompressed ? CompressedEntry : PlainEntry);
        if (indexed && needed != length) outcome.Findings.Add(ResticFindings.PackSize.At(id.ToString(), ("actual", length), ("expected", needed)));
        if (header is null) outcome.Findings.Add(ResticFindings.PackHeader.At(id.ToString(), ("reason", reason)));
        else if (indexed && Difference(header, blobs) is { } difference) outcome.Findings.Add(ResticFindings.PackHeaderIndex.At(id.ToString(), ("reason", difference)));
        if (repository.Version == 2 && blobs.Any(b => b.Kind == BlobKind.Tree) && blobs.Any(b => b.Kind == BlobKind.Data)) outcome.Findings.Add(ResticFindings.PackMixed.At(id.ToString()));
    }

    private async ValueTask<BlobEntry[]?> ReadHeaderFirstAsync(IObjectReader reader, CancellationToken cancellationToken)
    {
        var tail = new byte[(int)Math.Min(reader.LengthBytes, LongestTail)];
        var read = await reader.ReadAsync(reader.LengthBytes - tail.Length, tail, cancellationToken);
        return ParseHeader(tail.AsSpan(0, read), out _);
    }

    /// <summary>The header behind the blobs (restic design, "Pack Format"). Its length field is not authenticated: it is bounded before it is believed.</summary>
    private BlobEntry[]? ParseHeader(ReadOnlySpan<byte> tail, out Words reason)
    {
        reason = new("the file ends inside it", "le fichier s’arrête au milieu");
        if (tail.Length < 4 + ResticKey.Overhead) return null;
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(tail[^4..]);
        if (claimed < ResticKey.Overhead || claimed > tail.Length - 4)
        {
            reason = new($"it claims {claimed} bytes", $"il annonce {claimed} octets");
            return null;
        }
        var envelope = tail[^((int)claimed + 4)..^4].ToArray();
        if (!headerKey.TryOpen(envelope, out var plain))
        {
            reason = new("its authentication fails", "son authentification échoue");
            return null;
        }
        var entries = ParseEntries(plain);
        if (entries is null) reason = new("its entries are malformed", "ses entrées sont mal formées");
        return entries;
    }

    private static BlobEntry[]? ParseEntries(ReadOnlySpan<byte> plain)
    {
        var entries = new List<BlobEntry>();
        long offset = 0;
        while (plain.Length > 0)
        {
            var compressed = (plain[0] & 2) != 0;
            var size = compressed ? CompressedEntry : PlainEntry;
            if (plain[0] > 3 || plain.Length < size) return null;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(plain[1..]);
            var plainLength = compressed ? BinaryPrimitives.ReadUInt32LittleEndian(plain[5..]) : 0;
            entries.Add(new BlobEntry(BlobId.Of(plain.Slice(size - BlobId.Bytes, BlobId.Bytes)), (BlobKind)(plain[0] & 1), 0, (uint)offset, length, plainLength));
            offset += length;
            if (offset > uint.MaxValue) return null;
            plain = plain[size..];
        }
        return [.. entries];
    }

    private static Words? Difference(BlobEntry[] header, BlobEntry[] index)
    {
        if (header.Length != index.Length) return new($"{header.Length} blobs in the header, {index.Length} in the index", $"{header.Length} blocs dans l’en-tête, {index.Length} dans l’index");
        for (var i = 0; i < header.Length; i++)
        {
            var (h, x) = (header[i], index[i]);
            if (!h.Id.Equals(x.Id) || h.Kind != x.Kind || h.Offset != x.Offset || h.Length != x.Length || h.CompressedPlainLength != x.CompressedPlainLength)
                return new($"blob {i + 1} is another one", $"le bloc {i + 1} est un autre");
        }
        return null;
    }

    public void Dispose()
    {
        decoder.Dispose();
        headerKey.Dispose();
        packHash.Dispose();
        ((IDisposable)window).Dispose();
        contents?.Dispose();
    }
}
