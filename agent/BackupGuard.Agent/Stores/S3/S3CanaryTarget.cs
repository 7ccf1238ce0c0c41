using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>Plants and attacks canaries in a bucket with the keys of the identity under test. The one place of the agent, beside the store test, with calls that change a bucket.</summary>
/// <remarks>No member takes a name as text: every request is built from a <see cref="CanaryKey"/> by <see cref="KeyOf"/>.</remarks>
internal sealed class S3CanaryTarget : ICanaryTarget, IDisposable
{
    private readonly S3Location location;
    private readonly HttpClient http;
    private readonly AmazonS3Client client;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public S3CanaryTarget(S3Location location, StoreSettings settings, StoreLimits limits)
    {
        this.location = location;
        Identity = S3Credentials.Load(settings.CredentialsFile).GetCredentials().AccessKey;
        http = S3Transport.CreateClient(location, settings.CaFile, limits);
        client = S3Client.Create(location, settings, limits, http);
    }

    public string Identity { get; }

    public IReadOnlyList<CanaryAttack> Attacks { get; } = Enum.GetValues<CanaryAttack>();

    private string KeyOf(CanaryKey key) => location.Prefix + key.Text;

    private static string? VersionOf(CanaryVersion canary) => canary.Version.Length > 0 ? canary.Version : null;

    public async ValueTask<PlantAnswer> PlantAsync(CanaryKey key, ReadOnlyMemory<byte> content, LockMode mode, DateTimeOffset retainUntil, CancellationToken cancellationToken)
    {
        PutObjectResponse? put = null;
        var answer = await AskAsync(async () => put = await PutAsync(key, content, mode, retainUntil, cancellationToken), cancellationToken);
        return new PlantAnswer(answer, put is null ? null : new CanaryVersion(key, put.VersionId ?? ""));
    }

    private async Task<PutObjectResponse> PutAsync(CanaryKey key, ReadOnlyMemory<byte> content, LockMode mode, DateTimeOffset retainUntil, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        var request = new PutObjectRequest { BucketName = location.Bucket, Key = KeyOf(key), InputStream = stream, AutoCloseStream = false, UseChunkEncoding = false };
        if (mode != LockMode.None)
        {
            request.ObjectLockMode = mode == LockMode.Governance ? ObjectLockMode.Governance : ObjectLockMode.Compliance;
            request.ObjectLockRetainUntilDate = retainUntil.UtcDateTime;
        }
        return await client.PutObjectAsync(request, cancellationToken);
    }

    public ValueTask<StoreAnswer> AttackAsync(CanaryAttack attack, PlantedCanary canary, CancellationToken cancellationToken) => attack switch
    {
        CanaryAttack.DeleteVersion => DeleteAsync(canary.Canary, cancellationToken),
        CanaryAttack.DeleteVersionWithBypass => AskAsync(() => client.DeleteObjectAsync(Deletion(canary.Canary, bypass: true), cancellationToken), cancellationToken),
        CanaryAttack.ShortenRetention => RetainAsync(canary, canary.Mode, Sooner(canary), bypass: false, cancellationToken),
        CanaryAttack.ShortenRetentionWithBypass => RetainAsync(canary, canary.Mode, Sooner(canary), bypass: true, cancellationToken),
        CanaryAttack.WeakenMode => RetainAsync(canary, LockMode.Governance, canary.RetainUntil, bypass: true, cancellationToken),
        CanaryAttack.RemoveRetention => RetainAsync(canary, LockMode.None, null, bypass: true, cancellationToken),
        CanaryAttack.Overwrite => OverwriteAsync(canary.Canary, cancellationToken),
        CanaryAttack.DeleteWithoutVersion => HideAsync(canary.Canary, cancellationToken),
        CanaryAttack.CopyOverItself => CopyAsync(canary.Canary, cancellationToken),
        CanaryAttack.BatchDelete => BatchAsync(canary.Canary, cancellationToken),
        CanaryAttack.LiftLegalHold => LiftHoldAsync(canary.Canary, cancellationToken),
    };

    public ValueTask<StoreAnswer> DeleteAsync(CanaryVersion canary, CancellationToken cancellationToken) =>
        AskAsync(() => client.DeleteObjectAsync(Deletion(canary, bypass: false), cancellationToken), cancellationToken);

    private DeleteObjectRequest Deletion(CanaryVersion canary, bool bypass)
    {
        var request = new DeleteObjectRequest { BucketName = location.Bucket, Key = KeyOf(canary.Key), VersionId = VersionOf(canary) };
        if (bypass) request.BypassGovernanceRetention = true;
        return request;
    }

    private static DateTimeOffset Sooner(PlantedCanary canary) => canary.PlantedAt + ((canary.RetainUntil - canary.PlantedAt) / 2);

    private ValueTask<StoreAnswer> RetainAsync(PlantedCanary canary, LockMode mode, DateTimeOffset? until, bool bypass, CancellationToken cancellationToken)
    {
        var request = new PutObjectRetentionRequest
        {
            BucketName = location.Bucket, Key = KeyOf(canary.Canary.Key), VersionId = VersionOf(canary.Canary),
            Retention = until is not { } date ? new ObjectLockRetention()
                : new ObjectLockRetention { Mode = mode == LockMode.Governance ? ObjectLockRetentionMode.Governance : ObjectLockRetentionMode.Compliance, RetainUntilDate = date.UtcDateTime },
        };
        if (bypass) request.BypassGovernanceRetention = true;
        return AskAsync(() => client.PutObjectRetentionAsync(request, cancellationToken), cancellationToken);
    }

    private async ValueTask<StoreAnswer> OverwriteAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        string? over = null;
        var answer = await AskAsync(async () => over = (await PutAsync(canary.Key, "overwritten"u8.ToArray(), LockMode.None, default, cancellationToken)).VersionId, cancellationToken);
        return await TakeAwayAsync(canary.Key, over, answer, cancellationToken);
    }

    private async ValueTask<StoreAnswer> HideAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        string? marker = null;
        var answer = await AskAsync(async () => marker = (await client.DeleteObjectAsync(Deletion(canary with { Version = "" }, bypass: false), cancellationToken)).VersionId, cancellationToken);
        return await TakeAwayAsync(canary.Key, marker, answer, cancellationToken);
    }

    private async ValueTask<StoreAnswer> CopyAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        string? over = null;
        var request = new CopyObjectRequest
        {
            SourceBucket = location.Bucket, SourceKey = KeyOf(canary.Key), SourceVersionId = VersionOf(canary), DestinationBucket = location.Bucket, DestinationKey = KeyOf(canary.Key),
            ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256, ServerSideEncryptionCustomerProvidedKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        };
        var answer = await AskAsync(async () => over = (await client.CopyObjectAsync(request, cancellationToken)).VersionId, cancellationToken);
        return await TakeAwayAsync(canary.Key, over, answer, cancellationToken);
    }

    private ValueTask<StoreAnswer> BatchAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectsRequest { BucketName = location.Bucket, Objects = [new KeyVersion { Key = KeyOf(canary.Key), VersionId = VersionOf(canary) }], BypassGovernanceRetention = true };
        return AskAsync(() => client.DeleteObjectsAsync(request, cancellationToken), cancellationToken);
    }

    private async ValueTask<StoreAnswer> LiftHoldAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        var set = await HoldAsync(canary, ObjectLockLegalHoldStatus.On, cancellationToken);
        if (set.Kind != AnswerKind.Accepted) return set;
        var lifted = await HoldAsync(canary, ObjectLockLegalHoldStatus.Off, cancellationToken);
        return lifted with { LeftBehind = lifted.Kind != AnswerKind.Accepted };
    }

    private ValueTask<StoreAnswer> HoldAsync(CanaryVersion canary, ObjectLockLegalHoldStatus status, CancellationToken cancellationToken)
    {
        var request = new PutObjectLegalHoldRequest { BucketName = location.Bucket, Key = KeyOf(canary.Key), VersionId = VersionOf(canary), LegalHold = new ObjectLockLegalHold { Status = status } };
        return AskAsync(() => client.PutObjectLegalHoldAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>Removes the version or marker that an attack has just made over the canary.</summary>
    private async ValueTask<StoreAnswer> TakeAwayAsync(CanaryKey key, string? version, StoreAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Kind != AnswerKind.Accepted || string.IsNullOrEmpty(version)) return answer;
        var removed = await DeleteAsync(new CanaryVersion(key, version), cancellationToken);
        return answer with { LeftBehind = removed.Kind != AnswerKind.Accepted };
    }

    private static async ValueTask<StoreAnswer> AskAsync(Func<Task> ask, CancellationToken cancellationToken)
    {
        var exchange = S3Exchange.Begin();
        try
        {
            await S3Failure.AskAsync("", async () => { await ask(); return true; }, cancellationToken);
            return new StoreAnswer(AnswerKind.Accepted, exchange.Status, "", exchange.RequestId, exchange.Date);
        }
        catch (StoreException e)
        {
            var code = (e.InnerException as DeleteObjectsException)?.Response?.DeleteErrors?.FirstOrDefault()?.Code ?? S3Failure.CodeOf(e);
            var kind = exchange.Status == 0 || e.Failure == StoreFailure.Transient ? AnswerKind.None : AnswerKind.Refused;
            return new StoreAnswer(kind, exchange.Status, Verification.Printable.Of(code.Length > 0 ? code : e.Failure.ToString()), exchange.RequestId, exchange.Date);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        http.Dispose();
    }
}
