using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;
using BackupGuard.Agent.Stores.S3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>What the server with locks can be told to do wrong.</summary>
[Flags]
internal enum LockFault
{
    None = 0,
    DeletesWhatIsLocked = 1,
    IgnoresDeletes = 2,
    WrongErrorCode = 4,
    HidesLocks = 8,
    ClockJumps = 16,
    KeepsMarkers = 32,
    HangsUpOnDeletes = 64,
    RefusesDeletes = 128,
    RefusesWrites = 256,
    ShortensRetention = 512,
    IsBusy = 1024,
}

/// <summary>A loopback S3 server with versions and Object Lock in memory, on a clock of the test's. Records what every request that changes something was aimed at.</summary>
internal sealed class FakeLockS3 : IAsyncDisposable
{
    private sealed record Version(string Id, byte[] Bytes, bool IsMarker, string? Mode, DateTimeOffset Until, bool Hold)
    {
        public string Tag => Convert.ToHexStringLower(SHA256.HashData(Bytes));
    }

    private readonly WebApplication app;
    private readonly TimeProvider clock;
    private readonly SortedDictionary<string, List<Version>> objects = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private int count, changes;

    private FakeLockS3(WebApplication app, TimeProvider clock) => (this.app, this.clock) = (app, clock);

    public LockFault Fault { get; set; }

    /// <summary>Every key that a PUT, POST or DELETE named.</summary>
    public ConcurrentBag<string> Changed { get; } = [];

    public S3Location Location => new(new Uri(app.Urls.Single()), "bucket", "backups/dpi/");

    private DateTimeOffset Now => clock.GetUtcNow() + (Fault.HasFlag(LockFault.ClockJumps) && changes > 4 ? TimeSpan.FromHours(1) : TimeSpan.Zero);

    public static async Task<FakeLockS3> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var fake = new FakeLockS3(app, clock);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    /// <summary>A backup object, as it would lie there.</summary>
    public void Put(string key, string? mode = "COMPLIANCE") => Add(key, new Version($"v{++count}", [1, 2, 3], false, mode, clock.GetUtcNow().AddDays(30), false));

    public void Hide(string key) => Add(key, new Version($"v{++count}", [], true, null, default, false));

    /// <summary>Everything but canaries: key, version and bytes.</summary>
    public string Backups => string.Join('\n', objects.Where(o => !o.Key.Contains("/.backupguard/", StringComparison.Ordinal)).SelectMany(o => o.Value.Select(v => $"{o.Key} {v.Id} {v.Tag} {v.Mode} {v.Until:O}")));

    private void Add(string key, Version version)
    {
        if (!objects.TryGetValue(key, out var versions)) objects.Add(key, versions = []);
        versions.Insert(0, version);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        var (status, code, xml, raw) = (0, "", "", (byte[]?)null);
        lock (gate)
        {
            if (request.Method is not ("GET" or "HEAD")) changes++;
            context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
            context.Response.Headers["x-amz-request-id"] = $"tx-{Interlocked.Increment(ref count)}";
            if (!(Fault.HasFlag(LockFault.HangsUpOnDeletes) && (request.Method == "DELETE" || request.Query.ContainsKey("delete"))))
                (status, code, xml, raw) = request.Path.Value!.TrimEnd('/') == "/bucket" ? Bucket(context, memory.ToArray()) : Object(context, request.Path.Value["/bucket/".Length..], memory.ToArray());    // every request of the store names the bucket
        }
        if (status == 0)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        if (raw is null && status != 204) context.Response.ContentType = "application/xml";
        if (code.Length > 0) xml = $"<Error><Code>{code}</Code><Message>told to</Message></Error>";
        if (raw is not null) await context.Response.Body.WriteAsync(raw);
        else if (xml.Length > 0) await context.Response.WriteAsync(xml);
    }

    private (int, string, string, byte[]?) Bucket(HttpContext context, byte[] body)
    {
        var query = context.Request.Query;
        if (query.ContainsKey("versioning")) return (200, "", "<VersioningConfiguration>\n  <Status>Enabled</Status>\n</VersioningConfiguration>", null);
        if (query.ContainsKey("object-lock")) return (200, "", "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>", null);
        if (query.ContainsKey("lifecycle")) return (404, "NoSuchLifecycleConfiguration", "", null);
        if (query.ContainsKey("policy")) return (404, "NoSuchBucketPolicy", "", null);
        if (query.ContainsKey("encryption")) return (404, "ServerSideEncryptionConfigurationNotFoundError", "", null);
        if (query.ContainsKey("replication")) return (403, "AccessDenied", "", null);
        if (query.ContainsKey("delete"))
        {
            var item = XDocument.Load(new MemoryStream(body)).Descendants().Single(e => e.Name.LocalName == "Object");
            string? Of(string name) => item.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;
            Changed.Add(Of("Key")!);
            var (status, code, _, _) = Delete(Of("Key")!, Of("VersionId"), bypass: context.Request.Headers.ContainsKey("x-amz-bypass-governance-retention"));
            return (200, "", status == 204 ? "<DeleteResult/>" : $"<DeleteResult><Error><Key>{Of("Key")}</Key><Code>{code}</Code><Message>told to</Message></Error></DeleteResult>", null);
        }
        if (!query.ContainsKey("versions")) return (501, "NotImplemented", "", null);
        var prefix = query["prefix"].ToString();
        var lines = objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(o => o.Value.Select((v, i) =>
        {
            var kind = v.IsMarker ? "DeleteMarker" : "Version";
            return $"<{kind}><Key>{o.Key}</Key><VersionId>{v.Id}</VersionId><IsLatest>{(i == 0 ? "true" : "false")}</IsLatest><LastModified>2026-11-21T10:00:00.000Z</LastModified>{(v.IsMarker ? "" : $"<ETag>&quot;{v.Tag}&quot;</ETag><Size>{v.Bytes.Length}</Size>")}</{kind}>";
        }));
        return (200, "", $"<ListVersionsResult><Name>bucket</Name><Prefix>{prefix}</Prefix><IsTruncated>false</IsTruncated>{string.Concat(lines)}</ListVersionsResult>", null);
    }

    private (int, string, string, byte[]?) Object(HttpContext context, string key, byte[] body)
    {
        var (request, id) = (context.Request, context.Request.Query["versionId"].FirstOrDefault());
        var bypass = request.Headers.ContainsKey("x-amz-bypass-governance-retention");
        if (request.Method is "GET" or "HEAD") return Read(context, key, id);
        Changed.Add(key);
        if (Fault.HasFlag(LockFault.IsBusy)) return (503, "SlowDown", "", null);
        if (request.Method == "DELETE")
        {
            var markers = objects.GetValueOrDefault(key)?.Count(v => v.IsMarker) ?? 0;
            var deleted = Delete(key, id, bypass);
            if (id is null && objects[key].Count(v => v.IsMarker) > markers) (context.Response.Headers["x-amz-version-id"], context.Response.Headers["x-amz-delete-marker"]) = (objects[key][0].Id, "true");
            return deleted;
        }
        if (Fault.HasFlag(LockFault.RefusesWrites)) return (403, "AccessDenied", "", null);
        var found = Find(key, id);
        if (request.Query.ContainsKey("legal-hold"))
        {
            if (found is null) return (404, "NoSuchKey", "", null);
            Replace(key, found, found with { Hold = Text(body, "Status") == "ON" });
            return (200, "", "", null);
        }
        if (request.Query.ContainsKey("retention"))
        {
            if (found is null) return (404, "NoSuchKey", "", null);
            var (mode, until) = (Text(body, "Mode"), Text(body, "RetainUntilDate") is { } t ? DateTimeOffset.Parse(t, CultureInfo.InvariantCulture) : default);
            var isWeaker = mode != found.Mode || until < found.Until.AddSeconds(-1);
            if (isWeaker && !(Fault.HasFlag(LockFault.ShortensRetention) && mode == found.Mode)) return (403, Refusal, "", null);
            Replace(key, found, found with { Mode = mode, Until = until });
            return (200, "", "", null);
        }
        var made = new Version($"v{++count}", body, false, request.Headers["x-amz-object-lock-mode"].FirstOrDefault(),
            DateTimeOffset.TryParse(request.Headers["x-amz-object-lock-retain-until-date"], CultureInfo.InvariantCulture, out var date) ? date : default, false);
        Add(key, made);
        context.Response.Headers["x-amz-version-id"] = made.Id;
        context.Response.Headers.ETag = $"\"{made.Tag}\"";
        return (200, "", request.Headers.ContainsKey("x-amz-copy-source") ? "<CopyObjectResult><LastModified>2026-11-21T10:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag></CopyObjectResult>" : "", null);
    }

    private string Refusal => Fault.HasFlag(LockFault.WrongErrorCode) ? "MethodNotAllowed" : "AccessDenied";

    private (int, string, string, byte[]?) Delete(string key, string? id, bool bypass)
    {
        if (Fault.HasFlag(LockFault.RefusesDeletes)) return (403, "AccessDenied", "", null);
        if (Fault.HasFlag(LockFault.IgnoresDeletes)) return (204, "", "", null);
        if (id is null)
        {
            Hide(key);
            return (204, "", "", null);
        }
        if (Find(key, id) is not { } v) return (204, "", "", null);
        if (v.IsMarker && Fault.HasFlag(LockFault.KeepsMarkers)) return (403, "AccessDenied", "", null);
        if ((v.Hold || v.Mode is not null && v.Until > Now) && !Fault.HasFlag(LockFault.DeletesWhatIsLocked)) return (Fault.HasFlag(LockFault.WrongErrorCode) ? 405 : 403, Refusal, "", null);
        objects[key].Remove(v);
        return (204, "", "", null);
    }

    private (int, string, string, byte[]?) Read(HttpContext context, string key, string? id)
    {
        if (Find(key, id) is not { IsMarker: false } v) return (404, id is null ? "NoSuchKey" : "NoSuchVersion", "", null);
        var query = context.Request.Query;
        if (query.ContainsKey("retention"))
        {
            if (Fault.HasFlag(LockFault.HidesLocks)) return (403, "AccessDenied", "", null);
            return v.Mode is null ? (404, "NoSuchObjectLockConfiguration", "", null) : (200, "", $"<Retention><Mode>{v.Mode}</Mode><RetainUntilDate>{v.Until.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}</RetainUntilDate></Retention>", null);
        }
        if (query.ContainsKey("legal-hold")) return (200, "", $"<LegalHold><Status>{(v.Hold ? "ON" : "OFF")}</Status></LegalHold>", null);
        context.Response.Headers.ETag = $"\"{v.Tag}\"";
        context.Response.ContentLength = v.Bytes.Length;
        return (200, "", "", v.Bytes);
    }

    private Version? Find(string key, string? id) => objects.GetValueOrDefault(key)?.FirstOrDefault(v => id is null || v.Id == id);

    private void Replace(string key, Version old, Version now) => objects[key][objects[key].IndexOf(old)] = now;

    private static string? Text(byte[] xml, string element) => xml.Length == 0 ? null : XDocument.Load(new MemoryStream(xml)).Descendants().FirstOrDefault(e => e.Name.LocalName == element)?.Value;

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
