using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>The items of one archive, one after the other: msgpack values that run on over the borders of the objects that hold them.</summary>
internal sealed class ItemStream(OpenRepository repository, LoadedArchive archive, ObjectLoader loader)
{
    /// <summary>Bound on one item: a file of tens of TiB, with 50 bytes a chunk.</summary>
    private const int LongestItem = 512 << 20;

    private byte[] buffer = new byte[1 << 20];
    private int start, filled, measuredTo, tryAgainAt;
    private BlobId[]? ids;
    private int next;

    /// <summary>Reused from item to item.</summary>
    public Item Current { get; } = new();

    /// <summary>Items read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Why the stream ended before its end; null when it did not.</summary>
    public Words? Wrong { get; private set; }

    /// <summary>The object that does not come, if that was why.</summary>
    public BlobId? Lost { get; private set; }

    /// <summary>Whether the store, not the backup, was the reason.</summary>
    public bool NotLookedAt { get; private set; }

    /// <returns>False at the end, be it good or bad.</returns>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (ids is null && (ids = await OpenRepository.LoadItemIdsAsync(archive, loader, cancellationToken)) is null)
        {
            ids = [];
            return Fail(loader.Reason);
        }
        while (true)
        {
            if (filled > start && filled >= tryAgainAt)
            {
                var end = Measure(out var length);
                measuredTo = end == MsgPackEnd.Truncated ? filled : -1;
                if (end == MsgPackEnd.Malformed) return Fail(new("it is not msgpack", "ce n’est pas du msgpack"));
                if (end == MsgPackEnd.Whole)
                {
                    if (!Current.TryRead(buffer.AsSpan(start, length))) return Fail(new("an item has not what items have", "un élément n’a pas ce qu’ont les éléments"));
                    start += length;
                    tryAgainAt = 0;
                    Count++;
                    return true;
                }
                // A long item is not looked through again for each object that brings a little more of it.
                tryAgainAt = filled + (filled - start) / 4;
                if (filled - start > LongestItem) return Fail(new("an item is longer than 512 MiB", "un élément fait plus de 512 Mio"));
            }
            if (next == ids.Length)
            {
                if (filled == start) return false;
                if (measuredTo == filled) return Fail(new("it ends inside an item", "elle s’arrête au milieu d’un élément"));
                tryAgainAt = 0;
                continue;
            }
            if (!await FetchAsync(ids[next++], cancellationToken)) return false;
        }
    }

    private MsgPackEnd Measure(out int length)
    {
        var reader = new MsgPackReader(buffer.AsSpan(start, filled - start));
        var end = reader.Skip();
        length = reader.Position;
        return end;
    }

    private async ValueTask<bool> FetchAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (repository.Index.Find(id) is var entry and >= 0) repository.Index.Claim(entry, ObjectEntry.SizeUnknown);
        if (await loader.TryLoadAsync(id, this, static (stream, content) => stream.Append(content), cancellationToken)) return true;
        Lost = id;
        return Fail(new($"the object {id}: {loader.Reason.En}", $"l’objet {id} : {loader.Reason.Fr}"));
    }

    private void Append(ReadOnlySpan<byte> content)
    {
        if (start > 0 && filled + content.Length > buffer.Length)
        {
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            tryAgainAt = Math.Max(0, tryAgainAt - start);
            (start, filled, measuredTo) = (0, filled - start, -1);
        }
        if (filled + content.Length > buffer.Length) Array.Resize(ref buffer, Math.Max(2 * buffer.Length, filled + content.Length));
        content.CopyTo(buffer.AsSpan(filled));
        filled += content.Length;
    }

    private bool Fail(Words reason)
    {
        Wrong = reason;
        NotLookedAt = loader.NotLookedAt;
        return false;
    }
}
