using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Fetches single blobs for one thread: for walking trees and for restoring. Keeps a few packs open.</summary>
internal sealed class BlobLoader(OpenRepository repository, IReadOnlyDictionary<BlobId, StoredObject> packs, FindingSink sink) : IAsyncDisposable
{
    private const int MostOpen = 16;
    private readonly BlobDecoder decoder = new(repository.Key.Clone());
    private readonly LinkedList<(BlobId Pack, IObjectReader Reader)> open = [];
    private byte[] stored = [];

    /// <summary>Why the last load gave nothing.</summary>
    public Words Reason { get; private set; }

    /// <summary>Hands the blob's content to <paramref name="use"/>, trying every place it lies at.</summary>
    /// <returns>False when no place gives it; <see cref="Reason"/> then says why.</returns>
    public async ValueTask<bool> TryLoadAsync<T>(BlobKind kind, BlobId id, T state, Action<T, ReadOnlySpan<byte>> use, CancellationToken cancellationToken)
    {
        Reason = new("it stands in no index", "il ne figure dans aucun index");
        var places = repository.Index.Places(kind, id);
        while (places.MoveNext())
        {
            var entry = repository.Index[places.Current];
            if (!await TryFetchAsync(entry, cancellationToken)) continue;
            var outcome = decoder.Decode(stored.AsSpan(0, (int)entry.Length), entry, out var content);
            if (outcome.Wrong is null)
            {
                use(state, content);
                return true;
            }
            Reason = outcome.Wrong == ResticFindings.BlobTampered ? new("its authentication fails", "son authentification échoue")
                : outcome.Wrong == ResticFindings.BlobContent ? new("it does not have the content that its name promises", "il n’a pas le contenu que son nom promet")
                : outcome.Reason;
        }
        return false;
    }

    private async ValueTask<bool> TryFetchAsync(BlobEntry entry, CancellationToken cancellationToken)
    {
        var pack = repository.Index.Packs[entry.Pack].Id;
        if (!packs.TryGetValue(pack, out var file) || entry.Length > file.LengthBytes || entry.Offset > file.LengthBytes - entry.Length || entry.Length > int.MaxValue / 2)
        {
            Reason = new($"the pack {pack} is missing or too short", $"le paquet {pack} manque ou est trop court");
            return false;
        }
        try
        {
            var reader = await ReaderAsync(pack, file, cancellationToken);
            if (stored.Length < entry.Length) stored = GC.AllocateUninitializedArray<byte>((int)entry.Length);
            if (await reader.ReadAsync(entry.Offset, stored.AsMemory(0, (int)entry.Length), cancellationToken) == entry.Length) return true;
            Reason = new($"the pack {pack} ends too early", $"le paquet {pack} s’arrête trop tôt");
        }
        catch (StoreException e)
        {
            OpenRepository.Unreadable(sink, e);
            Reason = new(e.Message, e.Message);
        }
        return false;
    }

    private async ValueTask<IObjectReader> ReaderAsync(BlobId pack, StoredObject file, CancellationToken cancellationToken)
    {
        for (var node = open.First; node is not null; node = node.Next)
        {
            if (!node.Value.Pack.Equals(pack)) continue;
            if (node != open.First) { open.Remove(node); open.AddFirst(node); }
            return node.Value.Reader;
        }
        var reader = await repository.Store.OpenAsync(file.Name, cancellationToken);
        open.AddFirst((pack, reader));
        if (open.Count > MostOpen)
        {
            await open.Last!.Value.Reader.DisposeAsync();    // more than MostOpen entries: there is a last one
            open.RemoveLast();
        }
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        decoder.Dispose();
        foreach (var (_, reader) in open) await reader.DisposeAsync();
    }
}
