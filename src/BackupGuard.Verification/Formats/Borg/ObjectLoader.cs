using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Fetches single objects for one thread: for metadata and for restoring. Keeps a few segments open.</summary>
internal sealed class ObjectLoader(OpenRepository repository, FindingSink sink) : IAsyncDisposable
{
    private const int MostOpen = 16;
    private readonly ObjectDecoder decoder = new(repository.Mode, repository.Key);
    private readonly LinkedList<(uint Segment, IObjectReader Reader)> open = [];
    private byte[] stored = [];

    /// <summary>Why the last load gave nothing.</summary>
    public Words Reason { get; private set; }

    /// <summary>Whether the store, not the backup, was the reason.</summary>
    public bool NotLookedAt { get; private set; }

    /// <summary>Hands the object's content to <paramref name="use"/>. What fails is looked at a second time, through a fresh opening.</summary>
    public async ValueTask<bool> TryLoadAsync<T>(BlobId id, T state, Action<T, ReadOnlySpan<byte>> use, CancellationToken cancellationToken)
    {
        NotLookedAt = false;
        var at = repository.Index.Find(id);
        if (at < 0)
        {
            (Reason, NotLookedAt) = (new("it is missing", "il manque"), repository.SegmentsUnread);
            return false;
        }
        var entry = repository.Index[at];
        if (await TryOnceAsync(entry, state, use, cancellationToken)) return true;
        var first = Reason;
        await CloseAsync(entry.Segment);
        NotLookedAt = false;
        if (!await TryOnceAsync(entry, state, use, cancellationToken)) return false;
        sink.Add(CommonFindings.ReadOnRetry.At(repository.NameOf(entry.Segment), ("reason", first)));
        return true;
    }

    private async ValueTask<bool> TryOnceAsync<T>(ObjectEntry entry, T state, Action<T, ReadOnlySpan<byte>> use, CancellationToken cancellationToken)
    {
        var length = (int)entry.Length;
        try
        {
            var reader = await ReaderAsync(entry.Segment, cancellationToken);
            if (stored.Length < length) stored = GC.AllocateUninitializedArray<byte>(length);
            if (await reader.ReadAsync(entry.Offset, stored.AsMemory(0, length), cancellationToken) != length)
            {
                Reason = new("its segment ends too early", "son segment s’arrête trop tôt");
                return false;
            }
        }
        catch (StoreException e)
        {
            (Reason, NotLookedAt) = (new(e.Message, e.Message), true);
            return false;
        }
        return TryDecode(entry, length, state, use);
    }

    private bool TryDecode<T>(ObjectEntry entry, int length, T state, Action<T, ReadOnlySpan<byte>> use)
    {
        if (!SegmentEntry.TryParse(stored.AsSpan(0, Math.Min(length, SegmentEntry.WithIdBytes)), entry.Offset, length, out var header, out _, out _)
            || header.Tag != EntryTag.Put || header.Length != length || !header.Id.Equals(entry.Id) || !header.Matches(stored.AsSpan(0, length)))
        {
            Reason = new("its entry does not match its checksum", "son entrée ne correspond pas à sa somme de contrôle");
            return false;
        }
        var outcome = decoder.Decode(new ArraySegment<byte>(stored, SegmentEntry.WithIdBytes, length - SegmentEntry.WithIdBytes), entry.Id, out var content);
        if (outcome.Wrong is not null)
        {
            Reason = outcome.Wrong == BorgFindings.ObjectTampered ? new("its authentication fails", "son authentification échoue")
                : outcome.Wrong == BorgFindings.ObjectContent ? new("it does not have the content that its name promises", "il n’a pas le contenu que son nom promet")
                : outcome.Reason;
            return false;
        }
        use(state, content);
        return true;
    }

    private async ValueTask<IObjectReader> ReaderAsync(uint segment, CancellationToken cancellationToken)
    {
        for (var node = open.First; node is not null; node = node.Next)
        {
            if (node.Value.Segment != segment) continue;
            if (node != open.First) { open.Remove(node); open.AddFirst(node); }
            return node.Value.Reader;
        }
        var reader = await repository.Store.OpenAsync(repository.NameOf(segment), cancellationToken);
        open.AddFirst((segment, reader));
        if (open.Count > MostOpen)
        {
            await open.Last!.Value.Reader.DisposeAsync();    // more than MostOpen entries: there is a last one
            open.RemoveLast();
        }
        return reader;
    }

    private async ValueTask CloseAsync(uint segment)
    {
        for (var node = open.First; node is not null; node = node.Next)
        {
            if (node.Value.Segment != segment) continue;
            open.Remove(node);
            await node.Value.Reader.DisposeAsync();
            return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        decoder.Dispose();
        foreach (var (_, reader) in open) await reader.DisposeAsync();
    }
}
