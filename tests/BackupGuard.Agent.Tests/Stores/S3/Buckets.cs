using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using S3Location = BackupGuard.Agent.Stores.S3.S3Location;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Tests.Servers;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>Buckets on the gateway, each new, and the store over them.</summary>
internal sealed class Buckets : IDisposable
{
    private static int count;
    private readonly TestFolder disk = new();

    private Buckets(S3Gateway gateway)
    {
        Gateway = gateway;
        Client = ClientOf(gateway.AccessKey, gateway.SecretKey);
    }

    public static async Task<Buckets> OnGatewayAsync() => new(await S3Gateway.GetAsync());

    public S3Gateway Gateway { get; }

    /// <summary>The owner of the buckets: what a test does with them.</summary>
    public AmazonS3Client Client { get; }

    public AmazonS3Client ClientOf(string accessKey, string secretKey) => new(new BasicAWSCredentials(accessKey, secretKey), new AmazonS3Config
    {
        ServiceURL = Gateway.Plain, ForcePathStyle = true, AuthenticationRegion = "us-east-1", MaxErrorRetry = 1,
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    public async Task<string> CreateAsync(bool objectLock = false)
    {
        var bucket = $"t{Environment.ProcessId}-{Interlocked.Increment(ref count)}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
        await Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, ObjectLockEnabledForBucket = objectLock });
        return bucket;
    }

    public Task<PutObjectResponse> PutAsync(string bucket, string key, byte[] content, Action<PutObjectRequest>? change = null)
    {
        var request = new PutObjectRequest { BucketName = bucket, Key = key, InputStream = new MemoryStream(content), UseChunkEncoding = false };
        change?.Invoke(request);
        return Client.PutObjectAsync(request);
    }

    public S3Store Store(string bucket, string prefix = "") => Store(new S3Location(new Uri(Gateway.Plain), bucket, prefix), Settings());

    public static S3Store Store(S3Location location, StoreSettings settings) => new(location, settings, TimeProvider.System);

    public StoreSettings Settings(string? accessKey = null, string? secretKey = null) => new() { CredentialsFile = Credentials(disk, accessKey ?? Gateway.AccessKey, secretKey ?? Gateway.SecretKey) };

    public static string Credentials(TestFolder disk, string accessKey, string secretKey)
    {
        var file = disk[$"keys-{accessKey}-{Interlocked.Increment(ref count)}"];
        File.WriteAllText(file, $"[default]\naws_access_key_id = {accessKey}\naws_secret_access_key = {secretKey}\n");
        return file;
    }

    public void Dispose()
    {
        Client.Dispose();
        disk.Dispose();
    }
}
