using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>Looks at canaries and at the bucket's settings with the keys of the verifier. Asks only for reading.</summary>
internal sealed class S3CanaryWitness : ICanaryWitness, IDisposable
{
    private const int LargestCanary = 64 * 1024;

    /// <summary>What a store says where nothing is set: S3 API reference, "Error responses".</summary>
    private static readonly string[] NotSet =
        ["NoSuchLifecycleConfiguration", "NoSuchBucketPolicy", "ServerSideEncryptionConfigurationNotFoundError", "ReplicationConfigurationNotFoundError", "ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"];

    private readonly S3Location location;
    private readonly HttpClient http;
    private readonly AmazonS3Client client;
    private readonly S3Store store;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public S3CanaryWitness(S3Location location, StoreSettings settings, StoreLimits limits, TimeProvider clock)
    {
        this.location = location;
        Identity = S3Credentials.Load(settings.CredentialsFile).GetCredentials().AccessKey;
        http = S3Transport.CreateClient(location, settings.CaFile, limits);
        client = S3Client.Create(location, settings, limits, http);
        store = new S3Store(location, settings, clock, limits);
    }

    public string Identity { get; }

    public IBackupStore Store => store;

    public async ValueTask<CanarySight> LookAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        var exchange = S3Exchange.Begin();
        try
        {
            // As a range: the SDK would hold what it takes for a whole object against an ETag that need not be its MD5, and fail where we are to look.
            var request = new GetObjectRequest { BucketName = location.Bucket, Key = location.Prefix + canary.Key.Text, VersionId = canary.Version.Length > 0 ? canary.Version : null, ByteRange = new ByteRange("bytes=0-") };
            var bytes = await S3Failure.AskAsync(canary.Key.Text, () => ReadAsync(request, cancellationToken), cancellationToken);
            var date = exchange.Date;
            var held = await store.LockAsync(canary.Key.Text, canary.Version, cancellationToken);
            return new CanarySight(SightKind.Seen, Convert.ToHexStringLower(SHA256.HashData(bytes)), held, date, "");
        }
        // Only the store's own word for it: a 404 without one may come from anybody on the way.
        catch (StoreException e) when (S3Failure.CodeOf(e) is "NoSuchKey" or "NoSuchVersion")
        {
            return new CanarySight(SightKind.Gone, "", ObjectLock.Unknown, exchange.Date, "");
        }
        catch (StoreException e)
        {
            return CanarySight.Unseen(e.Message, exchange.Date);
        }
    }

    private async Task<byte[]> ReadAsync(GetObjectRequest request, CancellationToken cancellationToken)
    {
        using var answer = await client.GetObjectAsync(request, cancellationToken);
        var buffer = new byte[LargestCanary + 1];
        var read = await answer.ResponseStream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..read];
    }

    public async ValueTask<IReadOnlyList<ConfigurationAnswer>> ReadConfigurationAsync(CancellationToken cancellationToken)
    {
        var bucket = location.Bucket;
        return
        [
            await SettingAsync("versioning", "<VersioningConfiguration", () => client.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = bucket }, cancellationToken), cancellationToken),
            await SettingAsync("object-lock", "<ObjectLockConfiguration", () => client.GetObjectLockConfigurationAsync(new GetObjectLockConfigurationRequest { BucketName = bucket }, cancellationToken), cancellationToken),
            await SettingAsync("lifecycle", "<LifecycleConfiguration", () => client.GetLifecycleConfigurationAsync(new GetLifecycleConfigurationRequest { BucketName = bucket }, cancellationToken), cancellationToken),
            await SettingAsync("policy", "{", () => client.GetBucketPolicyAsync(new GetBucketPolicyRequest { BucketName = bucket }, cancellationToken), cancellationToken),
            await SettingAsync("encryption", "<ServerSideEncryptionConfiguration", () => client.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = bucket }, cancellationToken), cancellationToken),
            await SettingAsync("replication", "<ReplicationConfiguration", () => client.GetBucketReplicationAsync(new GetBucketReplicationRequest { BucketName = bucket }, cancellationToken), cancellationToken),
        ];
    }

    private static async Task<ConfigurationAnswer> SettingAsync<T>(string name, string beginning, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        var exchange = S3Exchange.Begin(keepsBody: true);
        try
        {
            await S3Failure.AskAsync(name, ask, cancellationToken);
            // A server that does not know the question (Ceph: encryption) may answer another one with 200.
            if (exchange.Status is >= 200 and < 300 && exchange.Body.Contains(beginning, StringComparison.Ordinal)) return new ConfigurationAnswer(name, AnswerState.Said, exchange.Body);
        }
        catch (StoreException)
        {
            // Judged by the code in the answer: the SDK makes an exception of some of them, an empty answer of others.
        }
        return new ConfigurationAnswer(name, NotSet.Any(c => exchange.Body.Contains($"<Code>{c}</Code>", StringComparison.Ordinal)) ? AnswerState.NotSet : AnswerState.Hidden, "");
    }

    public void Dispose()
    {
        client.Dispose();
        http.Dispose();
        store.Dispose();
    }
}
