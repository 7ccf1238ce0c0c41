using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Tests.Stores.S3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>What kind of container the server with policies plays.</summary>
internal enum AzureContainerKind
{
    /// <summary>Immutability of versions.</summary>
    VersionLevel,

    /// <summary>No policy anywhere, and no versions.</summary>
    Plain,

    /// <summary>A policy of the container: it holds every blob, and the blobs say nothing of it.</summary>
    ContainerLevel,
}

/// <summary>A loopback Blob server with versions and immutability policies in memory, on a clock of the test's, written after the REST reference: Azurite has neither. Records what every request that changes something was aimed at.</summary>
internal sealed class FakeLockAzure : IAsyncDisposable
{
    private sealed record Version(string Id, byte[] Bytes, string Mode, DateTimeOffset Until, bool Hold)
    {
        public string Tag => Convert.ToHexStringLower(SHA256.HashData(Bytes));
    }

    private sealed class Blob
    {
        public List<Version> Versions { get; } = [];
        public Version? Current { get; set; }
    }

    private readonly WebApplication app;
    private readonly TimeProvider clock;
    private readonly SortedDictionary<string, Blob> blobs = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private int count, changes;

    private FakeLockAzure(WebApplication app, TimeProvider clock) => (this.app, this.clock) = (app, clock);

    public LockFault Fault { get; set; }
    public AzureContainerKind Kind { get; set; }

    /// <summary>Every name that a PUT or DELETE named, below the container.</summary>
    public ConcurrentBag<string> Changed { get; } = [];

    /// <summary>Every request that changes something, as "PUT comp=legalhold".</summary>
    public ConcurrentBag<string> Requests { get; } = [];

    public AzureLocation Location => new(new Uri($"{app.Urls.Single()}/account/"), "account", "container", "backups/dpi/");

    private DateTimeOffset Now => clock.GetUtcNow() + (Fault.HasFlag(LockFault.ClockJumps) && changes > 4 ? TimeSpan.FromHours(1) : TimeSpan.Zero);

    private bool HasVersions => Kind == AzureContainerKind.VersionLevel;

    public static async Task<FakeLockAzure> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var fake = new FakeLockAzure(app, clock);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    /// <summary>A backup object, as it would lie there.</summary>
    public void Put(string name, string mode = "locked") => Add(name, new Version(NewId(), [1, 2, 3], mode, clock.GetUtcNow().AddDays(30), false));

    public void Delete(string name) => blobs[name].Current = null;

    /// <summary>Everything but canaries: name, version and bytes.</summary>
    public string Backups => string.Join('\n', blobs.Where(b => !b.Key.Contains("/.backupguard/", StringComparison.Ordinal)).SelectMany(b => b.Value.Versions.Select(v => $"{b.Key} {v.Id} {v.Tag} {v.Mode} {v.Until:O} {v == b.Value.Current}")));

    private string NewId() => HasVersions ? string.Create(CultureInfo.InvariantCulture, $"2026-11-21T10:00:00.{++count:0000000}Z") : "";

    private void Add(string name, Version version)
    {
        if (!blobs.TryGetValue(name, out var blob)) blobs.Add(name, blob = new Blob());
        if (!HasVersions) blob.Versions.Clear();
        blob.Versions.Add(version);
        blob.Current = version;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        var (status, code, xml, raw) = (0, "", "", (byte[]?)null);
        lock (gate)
        {
            if (request.Method is not ("GET" or "HEAD")) changes++;
            response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
            response.Headers["x-ms-request-id"] = $"request-{Interlocked.Increment(ref count)}";
            response.Headers["x-ms-version"] = request.Headers["x-ms-version"];
            if (!(Fault.HasFlag(LockFault.HangsUpOnDeletes) && request.Method == "DELETE"))
                (status, code, xml, raw) = request.Path.Value!.StartsWith("/account/container/", StringComparison.Ordinal) ? OfBlob(context, request.Path.Value["/account/container/".Length..], memory.ToArray()) : Settings(context);    // a path is never null
        }
        if (status == 0)
        {
            context.Abort();
            return;
        }
        response.StatusCode = status;
        if (code.Length > 0) response.Headers["x-ms-error-code"] = code;
        if (raw is not null && request.Method != "HEAD") await response.Body.WriteAsync(raw);
        else if (request.Method != "HEAD" && (xml.Length > 0 || code.Length > 0)) await response.WriteAsync(code.Length > 0 ? $"<Error><Code>{code}</Code></Error>" : xml);
    }

    private (int, string, string, byte[]?) Settings(HttpContext context)
    {
        var (query, headers) = (context.Request.Query, context.Response.Headers);
        if (query["restype"] == "account")
        {
            (headers["x-ms-account-kind"], headers["x-ms-sku-name"], headers["x-ms-is-hns-enabled"]) = ("StorageV2", "Standard_GRS", "false");
            return (200, "", "", null);
        }
        if (query["restype"] == "service") return (403, "AuthorizationPermissionMismatch", "", null);
        if (query["comp"] != "list")
        {
            headers["x-ms-has-immutability-policy"] = Kind == AzureContainerKind.ContainerLevel ? "true" : "false";
            headers["x-ms-has-legal-hold"] = "false";
            headers["x-ms-immutable-storage-with-versioning-enabled"] = HasVersions ? "true" : "false";
            return (200, "", "", null);
        }
        var lines = blobs.Where(b => b.Key.StartsWith(query["prefix"].ToString(), StringComparison.Ordinal)).SelectMany(b => b.Value.Versions.Where(v => v == b.Value.Current || HasVersions).Select(v =>
            FakeAzure.Entry(b.Key, v.Bytes.Length.ToString(CultureInfo.InvariantCulture), HasVersions ? $"<VersionId>{v.Id}</VersionId>{(v == b.Value.Current ? "<IsCurrentVersion>true</IsCurrentVersion>" : "")}" : "").Replace("0x1", v.Tag, StringComparison.Ordinal)));
        return (200, "", FakeAzure.Listing(string.Concat(lines)), null);
    }

    private (int, string, string, byte[]?) OfBlob(HttpContext context, string name, byte[] body)
    {
        var (request, id) = (context.Request, context.Request.Query["versionid"].FirstOrDefault());
        var found = blobs.TryGetValue(name, out var blob) ? id is null ? blob.Current : blob.Versions.FirstOrDefault(v => v.Id == id) : null;
        if (request.Method is "GET" or "HEAD") return Read(context, found);
        Changed.Add(name);
        Requests.Add($"{request.Method} {request.Query["comp"]}");
        if (Fault.HasFlag(LockFault.IsBusy)) return (503, "ServerBusy", "", null);
        if (request.Query.ContainsKey("comp"))
        {
            if (found is null || blob is null) return (404, "BlobNotFound", "", null);
            return SetPolicy(request, blob, found);
        }
        if (request.Method == "DELETE") return Delete(blob, id, found);
        if (Fault.HasFlag(LockFault.RefusesWrites)) return (403, "AuthorizationPermissionMismatch", "", null);
        if (Kind == AzureContainerKind.ContainerLevel && blob?.Current is not null) return (409, "BlobImmutableDueToPolicy", "", null);
        if (request.Headers.ContainsKey("x-ms-encryption-key") && !request.IsHttps) return (400, "InsecureProtocol", "", null);
        var (mode, until) = PolicyIn(request);
        if (mode.Length > 0 && !HasVersions) return (409, "ImmutableStorageWithVersioningNotEnabled", "", null);
        var made = new Version(NewId(), body, mode, until, false);
        Add(name, made);
        if (made.Id.Length > 0) context.Response.Headers["x-ms-version-id"] = made.Id;
        context.Response.Headers.ETag = $"\"{made.Tag}\"";
        return (201, "", "", null);
    }

    private static (string Mode, DateTimeOffset Until) PolicyIn(HttpRequest request) =>
        (request.Headers["x-ms-immutability-policy-mode"].FirstOrDefault() ?? "", DateTimeOffset.TryParseExact(request.Headers["x-ms-immutability-policy-until-date"], "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : default);

    private (int, string, string, byte[]?) SetPolicy(HttpRequest request, Blob blob, Version found)
    {
        Version now;
        if (request.Query["comp"] == "legalhold") now = found with { Hold = request.Headers["x-ms-legal-hold"] == "true" };
        else if (request.Method == "DELETE")
        {
            if (found.Mode == "locked" && found.Until > Now) return (409, "ImmutabilityPolicyDeleteOnLockedPolicy", "", null);
            now = found with { Mode = "", Until = default };
        }
        else
        {
            var (mode, until) = PolicyIn(request);
            var isWeaker = mode != found.Mode || until < found.Until;
            if (found.Mode == "locked" && isWeaker && !(Fault.HasFlag(LockFault.ShortensRetention) && mode == found.Mode)) return (409, "BlobImmutableDueToPolicy", "", null);
            now = found with { Mode = mode, Until = until };
        }
        blob.Versions[blob.Versions.IndexOf(found)] = now;
        if (blob.Current == found) blob.Current = now;
        return (200, "", "", null);
    }

    private (int, string, string, byte[]?) Delete(Blob? blob, string? id, Version? found)
    {
        if (blob is null || found is null) return (404, "BlobNotFound", "", null);
        if (Fault.HasFlag(LockFault.RefusesDeletes)) return (403, "AuthorizationPermissionMismatch", "", null);
        if (Fault.HasFlag(LockFault.IgnoresDeletes)) return (202, "", "", null);
        if (Kind == AzureContainerKind.ContainerLevel) return (409, "BlobImmutableDueToPolicy", "", null);
        if (id is null && HasVersions)
        {
            blob.Current = null;
            return (202, "", "", null);
        }
        if (id is not null && found == blob.Current) return (403, "OperationNotAllowedOnRootBlob", "", null);
        var isHeld = found.Hold || found.Mode.Length > 0 && found.Until > Now;
        if (isHeld && !Fault.HasFlag(LockFault.DeletesWhatIsLocked)) return Fault.HasFlag(LockFault.WrongErrorCode) ? (405, "UnsupportedHttpVerb", "", null) : (409, "BlobImmutableDueToPolicy", "", null);
        blob.Versions.Remove(found);
        if (blob.Current == found) blob.Current = null;
        return (202, "", "", null);
    }

    private (int, string, string, byte[]?) Read(HttpContext context, Version? found)
    {
        if (found is null) return (404, "BlobNotFound", "", null);
        var headers = context.Response.Headers;
        headers.ETag = $"\"{found.Tag}\"";
        if (found.Mode.Length > 0 && !Fault.HasFlag(LockFault.HidesLocks)) (headers["x-ms-immutability-policy-mode"], headers["x-ms-immutability-policy-until-date"]) = (found.Mode, found.Until.ToString("R", CultureInfo.InvariantCulture));
        else if (Fault.HasFlag(LockFault.HidesLocks)) headers["x-ms-version"] = "2019-12-12";
        if (found.Hold) headers["x-ms-legal-hold"] = "true";
        context.Response.ContentLength = found.Bytes.Length;
        return (200, "", "", found.Bytes);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
