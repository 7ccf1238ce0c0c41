using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>A backup in a bucket of any server that speaks S3. Asks only for reading: list, get, head, versions, retention and legal hold.</summary>
/// <remarks>
/// A request that failed before any byte of its answer was used is asked again, a few times (<see cref="StoreLimits.Retries"/>); once bytes were used, a failure is the
/// caller's to see. The names of objects are those behind the location's prefix. Folder marks (empty keys that end with '/') are not listed.
/// </remarks>
public sealed class S3Store : IBackupStore, IRangedSource, IDisposable
{
    private const string ContentLength = "Content-Length";

    private readonly S3Location location;
    private readonly StoreLimits limits;
    private readonly TimeProvider clock;
    private readonly HttpClient http;
    private readonly AmazonS3Client client;

    /// <summary>How the last reader was used: a guess for the next, which costs a request when it is wrong and never a byte.</summary>
    private volatile bool readsAtRandom;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public S3Store(S3Location location, StoreSettings settings, TimeProvider clock) : this(location, settings, clock, StoreLimits.Default) { }

    internal S3Store(S3Location location, StoreSettings settings, TimeProvider clock, StoreLimits limits)
    {
        (this.location, this.clock, this.limits) = (location, clock, limits);
        http = S3Transport.CreateClient(location, settings.CaFile, limits);
        client = S3Client.Create(location, settings, limits, http);
    }

    public string Location => location.ToString();

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? token = null; ;)
        {
            var request = new ListObjectsV2Request { BucketName = location.Bucket, Prefix = location.Prefix + prefix, ContinuationToken = token, Encoding = EncodingType.Url };
            var page = await S3Failure.AskAsync(prefix, () => client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            if (string.IsNullOrEmpty(page.Name)) throw NoListing(prefix);
            foreach (var o in page.S3Objects ?? [])
            {
                var key = Decoded(o.Key, page.Encoding);
                if (o is not { Size: >= 0, LastModified: { } modified }) throw NoListing(prefix);
                if (!ObjectNames.IsFolderMark(key, o.Size.Value)) yield return new StoredObject(NameOf(key, prefix), o.Size.Value, Instant(modified));
            }
            if (page.IsTruncated != true) yield break;
            // The same token again would be asked for ever.
            if (string.IsNullOrEmpty(page.NextContinuationToken) || page.NextContinuationToken == token) throw NoListing(prefix);
            token = page.NextContinuationToken;
        }
    }

    public async IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var (keyMarker, versionMarker) = ((string?)null, (string?)null); ;)
        {
            var request = new ListVersionsRequest { BucketName = location.Bucket, Prefix = location.Prefix + prefix, KeyMarker = keyMarker, VersionIdMarker = versionMarker, Encoding = EncodingType.Url };
            var page = await S3Failure.AskAsync(prefix, () => client.ListVersionsAsync(request, cancellationToken), cancellationToken);
            if (string.IsNullOrEmpty(page.Name)) throw NoListing(prefix);
            foreach (var v in page.Versions ?? [])
            {
                var key = Decoded(v.Key, page.Encoding);
                var isMarker = v.IsDeleteMarker == true;
                if (v is not { LastModified: { } modified, IsLatest: { } isCurrent } || !isMarker && v.Size is not >= 0) throw NoListing(prefix);
                if (!ObjectNames.IsFolderMark(key, v.Size ?? 0)) yield return new StoredVersion(NameOf(key, prefix), v.VersionId ?? "", isMarker ? 0 : v.Size!.Value, Instant(modified), isCurrent, isMarker) { Tag = v.ETag ?? "" };    // checked above
            }
            if (page.IsTruncated != true) yield break;
            var nextKey = page.NextKeyMarker is { } next ? Decoded(next, page.Encoding) : null;
            if (string.IsNullOrEmpty(nextKey) || nextKey == keyMarker && page.NextVersionIdMarker == versionMarker) throw NoListing(prefix);
            (keyMarker, versionMarker) = (nextKey, page.NextVersionIdMarker);
        }
    }

    public async ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var key = location.Prefix + ObjectNames.Checked(name);
        if (readsAtRandom && await HeadAsync(name, key, cancellationToken) is { } head) return head;
        // Who opens an object mostly reads it from the beginning: one request for both. Asked as a range, because the SDK would hash (MD5) what it takes for a whole object.
        var request = new GetObjectRequest { BucketName = location.Bucket, Key = key, ByteRange = new ByteRange("bytes=0-") };
        GetObjectResponse whole;
        try
        {
            whole = await S3Failure.AskAsync(name, () => client.GetObjectAsync(request, cancellationToken), cancellationToken);
        }
        // An empty object has no byte 0.
        catch (StoreException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            return await HeadAsync(name, key, cancellationToken) is { LengthBytes: 0 } empty ? empty : throw NoLength(name);
        }
        // A server that does not know ranges gives the whole object without saying which part it is.
        if (whole.Headers.Keys.Contains(ContentLength) && (whole.ContentRange is null || whole.ContentRange == $"bytes 0-{whole.ContentLength - 1}/{whole.ContentLength}"))
            return new RangedReader(this, name, whole.ContentLength, whole.ETag, new RangedBody(whole.ResponseStream, whole));
        whole.Dispose();
        throw NoLength(name);
    }

    /// <returns>Null when the answer says nothing that could be understood: a HEAD has no body, a GET then says why.</returns>
    private async ValueTask<RangedReader?> HeadAsync(string name, string key, CancellationToken cancellationToken)
    {
        try
        {
            var head = await S3Failure.AskAsync(name, () => client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = location.Bucket, Key = key }, cancellationToken), cancellationToken);
            return head.Headers.Keys.Contains(ContentLength) ? new RangedReader(this, name, head.Headers.ContentLength, head.ETag, null) : throw NoLength(name);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Corrupt)
        {
            return null;
        }
    }

    /// <summary>An answer without length is one that something on the way has changed; the SDK shows it as an object of 0 bytes.</summary>
    private static StoreException NoLength(string name) => new(StoreFailure.Corrupt, name, "the store does not say how long it is");

    async ValueTask<RangedBody> IRangedSource.GetAsync(string name, long offset, long end, long length, string? etag, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = location.Bucket, Key = location.Prefix + name, ByteRange = new ByteRange(offset, end - 1), EtagToMatch = etag };
        var part = await S3Failure.AskAsync(name, () => client.GetObjectAsync(request, cancellationToken), cancellationToken);
        if (part.ContentRange == $"bytes {offset}-{end - 1}/{length}" && part.ContentLength == end - offset) return new RangedBody(part.ResponseStream, part);
        var given = part.ContentRange;
        part.Dispose();
        throw new StoreException(StoreFailure.Corrupt, name, $"bytes {offset} to {end - 1} were asked for, the store answered with {(given is null ? "something else" : Verification.Printable.Of(given))}");
    }

    TimeProvider IRangedSource.Clock => clock;
    StoreLimits IRangedSource.Limits => limits;
    void IRangedSource.Remember(bool atRandom) => readsAtRandom = atRandom;
    StoreException IRangedSource.FailureOf(Exception e, string name) => S3Failure.Of(e, name);

    public async ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken)
    {
        var key = location.Prefix + ObjectNames.Checked(name);
        var id = version.Length == 0 ? null : version;
        try
        {
            // Not the headers of a HEAD: they are missing both where there is no lock and where this identity may not see it.
            var answer = await S3Failure.AskAsync(name, () => client.GetObjectRetentionAsync(new GetObjectRetentionRequest { BucketName = location.Bucket, Key = key, VersionId = id }, cancellationToken), cancellationToken);
            var hold = await HoldAsync(name, key, id, cancellationToken);
            var mode = answer.Retention?.Mode?.Value switch { "COMPLIANCE" => LockMode.Compliance, "GOVERNANCE" => LockMode.Governance, _ => LockMode.Unknown };
            return mode != LockMode.Unknown && answer.Retention?.RetainUntilDate is { } until ? new ObjectLock(mode, Instant(until), hold) : ObjectLock.Unknown with { LegalHold = hold };
        }
        catch (StoreException e) when (HoldsNothing(e))
        {
            return new ObjectLock(LockMode.None, null, await HoldAsync(name, key, id, cancellationToken));
        }
        // The bucket was made without Object Lock: nothing in it can be held. Said by the bucket, once the object is known to be there.
        catch (StoreException e) when (S3Failure.CodeOf(e) == "InvalidRequest")
        {
            await S3Failure.AskAsync(name, () => client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = location.Bucket, Key = key, VersionId = id }, cancellationToken), cancellationToken);
            return await HasNoObjectLockAsync(cancellationToken) ? ObjectLock.None : ObjectLock.Unknown;
        }
        // A delete marker cannot be asked (405 at AWS, 404 at Ceph), and is never held. A server without this request may answer 405 too.
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound || S3Failure.CodeOf(e) == "MethodNotAllowed")
        {
            if (await IsMarkerAsync(name, version, cancellationToken)) return ObjectLock.None;
            if (e.Failure == StoreFailure.NotFound) throw;
            return ObjectLock.Unknown;
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Denied || S3Failure.CodeOf(e) == "NotImplemented")
        {
            return ObjectLock.Unknown;
        }
    }

    private async ValueTask<bool?> HoldAsync(string name, string key, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await S3Failure.AskAsync(name, () => client.GetObjectLegalHoldAsync(new GetObjectLegalHoldRequest { BucketName = location.Bucket, Key = key, VersionId = version }, cancellationToken), cancellationToken);
            return answer.LegalHold?.Status?.Value switch { "ON" => true, "OFF" => false, _ => null };
        }
        catch (StoreException e) when (HoldsNothing(e))
        {
            return false;
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Denied || S3Failure.CodeOf(e) is "NotImplemented" or "MethodNotAllowed" or "InvalidRequest")
        {
            return null;
        }
    }

    /// <summary>What the store says of an object that nothing was set on: the first at AWS, the second at Ceph.</summary>
    private static bool HoldsNothing(StoreException e) => S3Failure.CodeOf(e) is "NoSuchObjectLockConfiguration" or "ObjectLockConfigurationNotFoundError";

    private async ValueTask<bool> HasNoObjectLockAsync(CancellationToken cancellationToken)
    {
        try
        {
            await S3Failure.AskAsync("", () => client.GetObjectLockConfigurationAsync(new GetObjectLockConfigurationRequest { BucketName = location.Bucket }, cancellationToken), cancellationToken);
            return false;
        }
        catch (StoreException e) when (S3Failure.CodeOf(e) == "ObjectLockConfigurationNotFoundError")
        {
            return true;
        }
        catch (StoreException e) when (e.Failure != StoreFailure.Transient)
        {
            return false;
        }
    }

    private async ValueTask<bool> IsMarkerAsync(string name, string version, CancellationToken cancellationToken)
    {
        await foreach (var v in ListVersionsAsync(name, cancellationToken))
            if (v.Name == name && v.IsDeleteMarker && (v.Version == version || version.Length == 0 && v.IsCurrent)) return true;
        return false;
    }

    private string NameOf(string key, string prefix) => key.StartsWith(location.Prefix + prefix, StringComparison.Ordinal) ? ObjectNames.Shown(key[location.Prefix.Length..]) : throw NoListing(prefix);

    /// <summary>encoding-type=url: names that XML cannot hold come as %XX, a space as '+'. A server that does not know it leaves the word out and the names as they are.</summary>
    private static string Decoded(string? key, EncodingType? encoding) =>
        key is null ? "" : encoding == EncodingType.Url ? Uri.UnescapeDataString(key.Replace('+', ' ')) : key;

    private static DateTimeOffset Instant(DateTime time) => new(DateTime.SpecifyKind(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time, DateTimeKind.Utc));

    private static StoreException NoListing(string prefix) => new(StoreFailure.Corrupt, prefix, "the answer is not a listing of this bucket: check that the address is that of an S3 endpoint");

    public void Dispose()
    {
        client.Dispose();
        http.Dispose();
    }
}
