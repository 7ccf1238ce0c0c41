using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using BackupGuard.Agent.Stores.Azure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>A loopback HTTP server that answers as Azure Blob storage does where it is healthy, and as a test tells it where it is not.</summary>
internal sealed class FakeAzure : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeAzure(WebApplication app) => this.app = app;

    /// <summary>Name to bytes; their ETag is their length.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new();

    /// <summary>What was asked, as "GET /account/container/name?query Range".</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Asked before the healthy answer; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    public AzureLocation Location => new(new Uri($"{app.Urls.Single()}/account/"), "account", "container", "");

    public static async Task<FakeAzure> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var fake = new FakeAzure(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    public static async Task<bool> ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        if (code.Length > 0) context.Response.Headers["x-ms-error-code"] = code;
        context.Response.ContentType = "application/xml";
        if (context.Request.Method != "HEAD") await context.Response.WriteAsync($"<Error><Code>{code}</Code><Message>told to</Message></Error>");
        return true;
    }

    public static async Task<bool> TextAsync(HttpContext context, string text, string type = "application/xml")
    {
        context.Response.ContentType = type;
        await context.Response.WriteAsync(text);
        return true;
    }

    public static string Listing(string blobs, string next = "") =>
        $"\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://h/\" ContainerName=\"container\"><MaxResults>5000</MaxResults><Blobs>{blobs}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>";

    public static string Entry(string name, string length = "1", string more = "", string properties = "") =>
        $"<Blob>{(name.StartsWith('<') ? name : $"<Name>{name}</Name>")}{more}<Properties><Last-Modified>Sat, 21 Nov 2026 10:00:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>{length}</Content-Length><BlobType>BlockBlob</BlobType>{properties}</Properties><OrMetadata /></Blob>";

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Asked.Enqueue($"{request.Method} {request.Path}{request.QueryString} {request.Headers.Range}".TrimEnd());
        context.Response.Headers["x-ms-version"] = request.Headers["x-ms-version"];
        context.Response.Headers["x-ms-request-id"] = "request-1";
        if (await Instead(context)) return;
        if (request.Query["comp"] == "list")
        {
            await TextAsync(context, Listing(string.Concat(Objects.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => Entry(o.Key, o.Value.Length.ToString(CultureInfo.InvariantCulture))))));
            return;
        }
        if (request.Query["restype"] == "container")
        {
            foreach (var name in (string[])["x-ms-has-immutability-policy", "x-ms-has-legal-hold", "x-ms-immutable-storage-with-versioning-enabled"]) context.Response.Headers[name] = "false";
            return;
        }
        var key = request.Path.Value!["/account/container/".Length..];    // every other request of the store names the container
        if (!Objects.TryGetValue(key, out var bytes))
        {
            await ErrorAsync(context, 404, "BlobNotFound");
            return;
        }
        context.Response.Headers.ETag = $"\"{bytes.Length}\"";
        var (from, to) = (0L, bytes.Length - 1L);
        if (request.GetTypedHeaders().Range?.Ranges.Single() is { From: { } f } asked)
        {
            if (f >= bytes.Length)
            {
                await ErrorAsync(context, 416, "InvalidRange");
                return;
            }
            (from, to) = (f, Math.Min(asked.To ?? long.MaxValue, bytes.Length - 1));
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
        }
        context.Response.ContentLength = to - from + 1;
        if (request.Method != "HEAD") await context.Response.Body.WriteAsync(bytes.AsMemory((int)from, (int)(to - from + 1)), context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
