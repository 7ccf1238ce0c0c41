using Amazon.S3;
using Amazon.S3.Model;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>A corner of a bucket, for trying the contract. A <see cref="ScratchName"/> is the only thing that is ever written, and what lies below the prefix the only thing removed.</summary>
public sealed class S3Scratch : IStoreScratch, IDisposable
{
    private readonly S3Location location;
    private readonly HttpClient http;
    private readonly AmazonS3Client client;
    private readonly S3Store store;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public S3Scratch(S3Location location, StoreSettings settings, ScratchPrefix prefix, TimeProvider clock)
    {
        (this.location, Prefix) = (location, prefix);
        store = new S3Store(location, settings, clock);
        http = S3Transport.CreateClient(location, settings.CaFile, StoreLimits.Default);
        client = S3Client.Create(location, settings, StoreLimits.Default, http);
    }

    public ScratchPrefix Prefix { get; }

    public async ValueTask PutAsync(ScratchName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await S3Failure.AskAsync(name.Text, () => client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = location.Bucket, Key = location.Prefix + name.Text, InputStream = stream, AutoCloseStream = false, UseChunkEncoding = false,
        }, cancellationToken), cancellationToken);
    }

    public async ValueTask RemoveAsync(ScratchName name, CancellationToken cancellationToken) =>
        await S3Failure.AskAsync(name.Text, () => client.DeleteObjectAsync(location.Bucket, location.Prefix + name.Text, cancellationToken), cancellationToken);

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        var left = 0;
        StoreException? last = null;
        // Listed to the end first: removing while listing may skip.
        foreach (var (name, version) in await ListAsync(cancellationToken))
        {
            try
            {
                var request = new DeleteObjectRequest { BucketName = location.Bucket, Key = location.Prefix + name, VersionId = version };
                await S3Failure.AskAsync(name, () => client.DeleteObjectAsync(request, cancellationToken), cancellationToken);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Denied)
            {
                (left, last) = (left + 1, e);
            }
        }
        if (last is not null) throw new StoreException(StoreFailure.Denied, Prefix.Text, $"{left} versions stay there, held by the store: {last.Message}", last);
    }

    private async Task<List<(string Name, string? Version)>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<(string, string?)>();
        try
        {
            await foreach (var v in store.ListVersionsAsync(Prefix.Text, cancellationToken)) found.Add((v.Name, v.Version.Length > 0 ? v.Version : null));
        }
        catch (StoreException e) when (e.Failure is StoreFailure.Denied or StoreFailure.Misconfigured)
        {
            found.Clear();
            await foreach (var o in store.ListAsync(Prefix.Text, cancellationToken)) found.Add((o.Name, null));
        }
        return found;
    }

    public void Dispose()
    {
        client.Dispose();
        http.Dispose();
        store.Dispose();
    }
}
