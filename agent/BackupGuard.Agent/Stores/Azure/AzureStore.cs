using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using Azure;
using Azure.Core;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>A backup in a container of Azure Blob storage. Asks only for reading: list, get, properties.</summary>
/// <remarks>
/// A request that failed before any byte of its answer was used is asked again, a few times (<see cref="StoreLimits.Retries"/>); once bytes were used, a failure is the
/// caller's to see. The names of objects are those behind the location's prefix. Folders of a hierarchical namespace, and empty blobs that end with '/', are not listed;
/// nor are snapshots and what was soft-deleted: no name opens them.
/// </remarks>
public sealed class AzureStore : IBackupStore, IRangedSource, IDisposable
{
    /// <summary>A store may answer with empty pages while it looks on, but not for ever.</summary>
    private const int MostEmptyPages = 1_000;

    /// <summary>The first version of the interface that shows a blob's policy.</summary>
    private const string FirstWithPolicies = "2020-06-12";

    private readonly AzureLocation location;
    private readonly StoreLimits limits;
    private readonly TimeProvider clock;
    private readonly AzureClient client;

    /// <summary>How the last reader was used: a guess for the next, which costs a request when it is wrong and never a byte.</summary>
    private volatile bool readsAtRandom;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public AzureStore(AzureLocation location, StoreSettings settings, TimeProvider clock) : this(location, settings, clock, StoreLimits.Default) { }

    internal AzureStore(AzureLocation location, StoreSettings settings, TimeProvider clock, StoreLimits limits)
    {
        (this.location, this.clock, this.limits) = (location, clock, limits);
        client = new AzureClient(location, settings, limits, clock);
    }

    public string Location => location.ToString();

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var b in BlobsAsync(prefix, "", cancellationToken)) yield return new StoredObject(b.Name, b.LengthBytes, b.ModifiedAt);
    }

    /// <remarks>A deleted blob has versions and no current one. The port knows that as a delete marker: one is given, without a version, behind the versions of such a name.</remarks>
    public async IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AzureBlob? last = null;
        var hasCurrent = false;
        await foreach (var b in BlobsAsync(prefix, "versions", cancellationToken))
        {
            if (last is not null && last.Name != b.Name)
            {
                if (!hasCurrent) yield return Marker(last);
                hasCurrent = false;
            }
            hasCurrent |= b.IsCurrent;
            last = b;
            yield return new StoredVersion(b.Name, b.Version, b.LengthBytes, b.ModifiedAt, b.IsCurrent, IsDeleteMarker: false) { Tag = b.Tag };
        }
        if (last is not null && !hasCurrent) yield return Marker(last);
    }

    private static StoredVersion Marker(AzureBlob last) => new(last.Name, "", 0, last.ModifiedAt, IsCurrent: true, IsDeleteMarker: true);

    private async IAsyncEnumerable<AzureBlob> BlobsAsync(string prefix, string include, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal) { "" };
        var empty = 0;
        for (var marker = ""; ;)
        {
            var page = Page(prefix, await client.ListAsync(prefix, marker, include, cancellationToken));
            foreach (var b in page.Blobs)
            {
                if (!b.Name.StartsWith(location.Prefix + prefix, StringComparison.Ordinal)) throw NoListing(prefix, null);
                if (!b.IsFolder) yield return b with { Name = ObjectNames.Shown(b.Name[location.Prefix.Length..]) };
            }
            if (page.NextMarker.Length == 0) yield break;
            empty = page.Blobs.Count == 0 ? empty + 1 : 0;
            // A marker that was asked for already would be asked for ever.
            if (!asked.Add(page.NextMarker) || empty > MostEmptyPages) throw NoListing(prefix, null);
            marker = page.NextMarker;
        }
    }

    private static AzurePage Page(string prefix, Response response)
    {
        try
        {
            return AzurePage.Read(response.ContentStream ?? Stream.Null);
        }
        catch (Exception e) when (e is XmlException or FormatException)
        {
            throw NoListing(prefix, e);
        }
    }

    private static StoreException NoListing(string prefix, Exception? e) =>
        new(StoreFailure.Corrupt, prefix, "the answer is not a listing of this container: check that the address is that of a Blob endpoint", e);

    public async ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        ObjectNames.Checked(name);
        if (readsAtRandom)
        {
            var head = await client.HeadBlobAsync(name, "", cancellationToken);
            return new RangedReader(this, name, LengthOf(head, name), TagOf(head, name), null);
        }
        // Who opens an object mostly reads it from the beginning: one request for both.
        var whole = await client.GetBlobAsync(name, "", null, null, cancellationToken);
        try
        {
            var (length, tag) = (LengthOf(whole.Response, name), TagOf(whole.Response, name));
            if (whole.Response.Status != 200 || whole.Response.ContentStream is not { } stream) throw Other(name, whole.Response);
            return new RangedReader(this, name, length, tag, new RangedBody(stream, whole));
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>An answer without length is one that something on the way has changed.</summary>
    private static long LengthOf(Response response, string name) =>
        response.Headers.TryGetValue("Content-Length", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length
            : throw new StoreException(StoreFailure.Corrupt, name, "the store does not say how long it is");

    private static string TagOf(Response response, string name) =>
        response.Headers.TryGetValue("ETag", out var tag) && tag.Length > 0 ? tag : throw new StoreException(StoreFailure.Corrupt, name, "the store does not say which state of it this is (no ETag): reading on could mix two");

    async ValueTask<RangedBody> IRangedSource.GetAsync(string name, long offset, long end, long length, string? etag, CancellationToken cancellationToken)
    {
        var part = await client.GetBlobAsync(name, "", string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-{end - 1}"), etag, cancellationToken);
        try
        {
            var given = part.Response.Headers.TryGetValue("Content-Range", out var range) ? range : "";
            if (given == string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-{end - 1}/{length}") && LengthOf(part.Response, name) == end - offset && part.Response.ContentStream is { } stream) return new RangedBody(stream, part);
            throw new StoreException(StoreFailure.Corrupt, name, $"bytes {offset} to {end - 1} were asked for, the store answered with {(given.Length > 0 ? Verification.Printable.Of(given) : "something else")}");
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private static StoreException Other(string name, Response response) => new(StoreFailure.Corrupt, name, $"the whole of it was asked for, the store answered with {response.Status}");

    TimeProvider IRangedSource.Clock => clock;
    StoreLimits IRangedSource.Limits => limits;
    void IRangedSource.Remember(bool atRandom) => readsAtRandom = atRandom;
    StoreException IRangedSource.FailureOf(Exception e, string name) => AzureFailure.Of(e, name);

    public async ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken)
    {
        ObjectNames.Checked(name);
        var blob = (await client.HeadBlobAsync(name, AzureClient.VersionQuery(version), cancellationToken)).Headers;
        var hold = Flag(blob, "x-ms-legal-hold");
        var (mode, date) = (Text(blob, "x-ms-immutability-policy-mode"), Text(blob, "x-ms-immutability-policy-until-date"));
        if (mode.Length > 0 || date.Length > 0)
        {
            var known = mode.ToLowerInvariant() switch { "locked" => LockMode.Locked, "unlocked" => LockMode.Unlocked, _ => LockMode.Unknown };
            return known != LockMode.Unknown && DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
                ? new ObjectLock(known, until, hold) : ObjectLock.Unknown with { LegalHold = hold };
        }
        return await WithoutPolicyAsync(blob, hold, cancellationToken);
    }

    /// <summary>A header that is not there is no answer. That nothing holds the blob is said by the container, when it has no policy and says whether its versions can have their own, to a store that knows such policies.</summary>
    /// <remarks>A policy of the container holds its blobs too, but for how long only the management interface tells: Unknown.</remarks>
    private async ValueTask<ObjectLock> WithoutPolicyAsync(ResponseHeaders blob, bool? hold, CancellationToken cancellationToken)
    {
        try
        {
            var container = (await client.HeadContainerAsync(cancellationToken)).Headers;
            var held = Flag(container, "x-ms-has-legal-hold");
            if (held is true) hold = true;
            var isTold = string.CompareOrdinal(Text(blob, "x-ms-version"), FirstWithPolicies) >= 0 && Flag(container, "x-ms-immutable-storage-with-versioning-enabled") is not null;
            return isTold && Flag(container, "x-ms-has-immutability-policy") is false ? new ObjectLock(LockMode.None, null, hold ?? held) : ObjectLock.Unknown with { LegalHold = hold };
        }
        // A SAS for blobs may not look at the container.
        catch (StoreException e) when (e.Failure == StoreFailure.Denied)
        {
            return ObjectLock.Unknown with { LegalHold = hold };
        }
    }

    private static string Text(ResponseHeaders headers, string name) => headers.TryGetValue(name, out var value) ? value : "";

    private static bool? Flag(ResponseHeaders headers, string name) => Text(headers, name).ToLowerInvariant() switch { "true" => true, "false" => false, _ => null };

    public void Dispose() => client.Dispose();
}
