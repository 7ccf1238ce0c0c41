using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>A corner of a container, for trying the contract. A <see cref="ScratchName"/> is the only thing that is ever written or removed.</summary>
public sealed class AzureScratch : IStoreScratch, IDisposable
{
    private readonly AzureClient client;
    private readonly AzureStore store;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public AzureScratch(AzureLocation location, StoreSettings settings, ScratchPrefix prefix, TimeProvider clock) : this(location, settings, prefix, clock, StoreLimits.Default) { }

    internal AzureScratch(AzureLocation location, StoreSettings settings, ScratchPrefix prefix, TimeProvider clock, StoreLimits limits)
    {
        Prefix = prefix;
        store = new AzureStore(location, settings, clock, limits);
        client = new AzureClient(location, settings, limits, clock);
    }

    public ScratchPrefix Prefix { get; }

    public async ValueTask PutAsync(ScratchName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await client.PutAsync(OwnBlob.Of(name), "", [("x-ms-blob-type", "BlockBlob")], content, cancellationToken);

    public async ValueTask RemoveAsync(ScratchName name, CancellationToken cancellationToken) => await client.DeleteAsync(OwnBlob.Of(name), "", cancellationToken);

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        var left = 0;
        StoreException? last = null;
        // Listed to the end first: removing while listing may skip. The current version of a name can only go as such, and is then one of its older ones.
        foreach (var v in (await ListAsync(cancellationToken)).OrderByDescending(v => v.IsCurrent))
        {
            try
            {
                var name = OwnBlob.Of(Prefix.Name(v.Name[Prefix.Text.Length..]));
                if (v.IsCurrent) await TryDeleteAsync(name, "", cancellationToken);
                if (v.Version.Length > 0) await TryDeleteAsync(name, AzureClient.VersionQuery(v.Version), cancellationToken);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Denied)
            {
                (left, last) = (left + 1, e);
            }
        }
        if (last is not null) throw new StoreException(StoreFailure.Denied, Prefix.Text, $"{left} versions stay there, held by the store: {last.Message}", last);
    }

    private async ValueTask TryDeleteAsync(OwnBlob name, string query, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(name, query, cancellationToken);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            // Gone is what is wanted.
        }
    }

    private async Task<List<StoredVersion>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<StoredVersion>();
        await foreach (var v in store.ListVersionsAsync(Prefix.Text, cancellationToken))
            if (!v.IsDeleteMarker) found.Add(v);
        return found;
    }

    public void Dispose()
    {
        client.Dispose();
        store.Dispose();
    }
}
