using BackupGuard.Verification.Cryptography.MultiHash;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>An object that does not come as it should, with the finding to be written once it is known whom that hurts.</summary>
internal sealed record DamagedObject(BlobId Id, Func<string, Finding> Describe);

/// <summary>Reads segments whole, one after the other, for one thread: the checksum of every entry; and every object authenticated, decrypted, unpacked and hashed,
/// the ones that were replaced or deleted since too.</summary>
/// <remarks>Bytes pass through one window that holds a read chunk and the entry that is still coming: never a whole segment.</remarks>
internal sealed class SegmentVerifier : IDisposable
{
    private const int Chunk = 1 << 20;

    /// <summary>What all verifiers of a run may hold of contents that are being hashed.</summary>
    private const int MemoryForHashingBytes = 48 << 20;

    private readonly OpenRepository repository;
    private readonly FindingSink sink;
    private readonly Action<DamagedObject> damaged;
    private readonly Action<int> advance;
    private readonly ObjectDecoder decoder;

    /// <summary>Null where the framework's hash is faster, or another one names the objects.</summary>
    private readonly LaneHasher<SegmentEntry>? names;

    /// <summary>Of the entries whose hash came back from the lanes: bytes of the good ones, and the others.</summary>
    private long named;
    private readonly List<SegmentEntry> misnamed = [];
    private byte[] window = GC.AllocateUninitializedArray<byte>(4 * Chunk, pinned: true);
    private byte[] second = [];
    private long windowAt;
    private int filled;

    /// <param name="verifiers">How many share the memory.</param>
    public SegmentVerifier(OpenRepository repository, FindingSink sink, Action<DamagedObject> damaged, Action<int> advance, int verifiers)
    {
        (this.repository, this.sink, this.damaged, this.advance) = (repository, sink, damaged, advance);
        decoder = new ObjectDecoder(repository.Mode, repository.Key);
        if (decoder.NamesBySha256 && Sha256Kernel.Fastest is { } kernel) names = new LaneHasher<SegmentEntry>(kernel, MemoryForHashingBytes / verifiers, Named);
    }

    /// <param name="from">0, or where an entry begins.</param>
    /// <param name="to">Where another one begins, or <see cref="long.MaxValue"/> for the end of the segment.</param>
    /// <returns>Bytes that are good.</returns>
    public async ValueTask<long> VerifyAsync(Segment segment, long from, long to, CancellationToken cancellationToken)
    {
        // A look that a failing store cut short leaves its entries in there.
        names?.Flush();
        named = 0;
        misnamed.Clear();
        var good = await ReadAsync(segment, from, to, cancellationToken);
        names?.Flush();
        good += named;
        foreach (var entry in misnamed)
        {
            var wrong = new DamagedObject(entry.Id, affected => BorgFindings.ObjectContent.At(segment.File.Name, ("object", entry.Id), ("reason", default(Words)), ("affected", affected)));
            if (await IsGoodAtSecondLookAsync(segment, entry, wrong, cancellationToken)) good += entry.Length;
            else damaged(wrong);
        }
        return good;
    }

    private void Named(in SegmentEntry entry, ReadOnlySpan<byte> hash)
    {
        if (decoder.IsName(hash, entry.Id)) named += entry.Length;
        else misnamed.Add(entry);
    }

    private async ValueTask<long> ReadAsync(Segment segment, long from, long to, CancellationToken cancellationToken)
    {
        await using var reader = await repository.Store.OpenAsync(segment.File.Name, cancellationToken);
        (windowAt, filled) = (from, 0);
        var length = reader.LengthBytes;
        if (from == 0 && (!await FillAsync(reader, 0, SegmentEntry.MagicBytes, length, cancellationToken) || !window.AsSpan(0, filled).StartsWith(SegmentEntry.Magic)))
            return Broken(segment, 0, new("it does not begin as a segment does", "il ne commence pas comme un segment"));
        long good = from == 0 ? SegmentEntry.MagicBytes : 0;
        for (var at = from + good; at < Math.Min(to, length);)
        {
            await FillAsync(reader, at, (int)Math.Min(SegmentEntry.WithIdBytes, length - at), length, cancellationToken);
            if (!SegmentEntry.TryParse(Window(at, SegmentEntry.WithIdBytes).Span, at, length - at, out var entry, out _, out var reason))
            {
                Broken(segment, at, reason);
                return good;
            }
            if (!await FillAsync(reader, at, entry.Length, length, cancellationToken))
            {
                Broken(segment, at, new("it ends inside an entry", "il s’arrête au milieu d’une entrée"));
                return good;
            }
            if (Look(segment, entry, Segmented(at, entry.Length), mayWait: true, out var waits) is not { } wrong)
            {
                if (!waits) good += entry.Length;
            }
            else if (await IsGoodAtSecondLookAsync(segment, entry, wrong, cancellationToken)) good += entry.Length;
            else damaged(wrong);
            at += entry.Length;
        }
        return good;
    }

    private Memory<byte> Window(long at, int most) => window.AsMemory((int)(at - windowAt), (int)Math.Min(most, windowAt + filled - at));

    private ArraySegment<byte> Segmented(long at, int length) => new(window, (int)(at - windowAt), length);

    private long Broken(Segment segment, long at, Words reason)
    {
        if (!repository.KnownBroken.Contains(segment.Number)) sink.Add(BorgFindings.SegmentDamaged.At(segment.File.Name, ("offset", at), ("reason", reason)));
        return 0;
    }

    /// <summary>Sees to it that the bytes from <paramref name="at"/> on are in the window; those before it are given up.</summary>
    private async ValueTask<bool> FillAsync(IObjectReader reader, long at, int wanted, long length, CancellationToken cancellationToken)
    {
        while (windowAt + filled < at + wanted)
        {
            var drop = (int)Math.Min(at - windowAt, filled);
            // Before it grows: else what was passed long ago would be kept, and more of it each time.
            if (drop > 0 && (window.Length - filled < Chunk || at + wanted + Chunk - windowAt > window.Length))
            {
                window.AsSpan(drop, filled - drop).CopyTo(window);
                windowAt += drop;
                filled -= drop;
            }
            var needed = (int)(at - windowAt) + wanted + Chunk;
            if (needed > window.Length) Array.Resize(ref window, needed);
            var read = await reader.ReadAsync(windowAt + filled, window.AsMemory(filled, (int)Math.Min(Math.Min(Chunk, window.Length - filled), length - windowAt - filled)), cancellationToken);
            if (read == 0) return false;
            filled += read;
            advance(read);
        }
        return true;
    }

    /// <param name="whole">The entry; its object is decrypted in place.</param>
    /// <param name="waits">Whether all but its name is good, and that is known when the lanes have hashed it.</param>
    private DamagedObject? Look(Segment segment, SegmentEntry entry, ArraySegment<byte> whole, bool mayWait, out bool waits)
    {
        waits = false;
        var (name, id, offset) = (segment.File.Name, entry.Id, entry.Offset);
        if (!entry.Matches(whole)) return new DamagedObject(id, affected => BorgFindings.EntryChecksum.At(name, ("offset", offset), ("affected", affected)));
        if (entry.Tag != EntryTag.Put) return null;
        var outcome = decoder.Unpack(whole[SegmentEntry.WithIdBytes..], out var content);
        if (outcome.Wrong is { } wrong) return new DamagedObject(id, affected => wrong.At(name, ("object", id), ("reason", outcome.Reason), ("affected", affected)));
        var claim = repository.Index.Find(id) is var at and >= 0 ? repository.Index[at].Claim : ObjectEntry.NotClaimed;
        var actual = content.Length;
        var isSized = claim is ObjectEntry.NotClaimed or ObjectEntry.SizeUnknown || claim - 1 == (uint)actual;
        waits = mayWait && isSized && !id.Equals(ObjectDecoder.Manifest) && TrySubmit(entry, content);
        if (waits) return null;
        if (!decoder.IsNamed(content, id)) return new DamagedObject(id, affected => BorgFindings.ObjectContent.At(name, ("object", id), ("reason", default(Words)), ("affected", affected)));
        return isSized ? null : new DamagedObject(id, affected => BorgFindings.ObjectSize.At(name, ("object", id), ("actual", actual), ("expected", claim - 1), ("affected", affected)));
    }

    private bool TrySubmit(in SegmentEntry entry, ReadOnlySpan<byte> content)
    {
        if (names is null || !names.TryReserve(decoder.BeforeContent.Length + content.Length, out var room)) return false;
        decoder.BeforeContent.CopyTo(room);
        content.CopyTo(room[decoder.BeforeContent.Length..]);
        names.Submit(room.Length, entry);
        return true;
    }

    /// <summary>Damage is believed when seen twice, the second time through a fresh opening.</summary>
    private async ValueTask<bool> IsGoodAtSecondLookAsync(Segment segment, SegmentEntry entry, DamagedObject first, CancellationToken cancellationToken)
    {
        if (second.Length < entry.Length) second = new byte[entry.Length];
        await using var reader = await repository.Store.OpenAsync(segment.File.Name, cancellationToken);
        if (await reader.ReadAsync(entry.Offset, second.AsMemory(0, entry.Length), cancellationToken) != entry.Length) return false;
        if (Look(segment, entry, new ArraySegment<byte>(second, 0, entry.Length), mayWait: false, out _) is not null) return false;
        sink.Add(CommonFindings.ReadOnRetry.At(segment.File.Name, ("reason", first.Describe("–").Message("en"))));
        return true;
    }

    public void Dispose()
    {
        names?.Dispose();
        decoder.Dispose();
    }
}
