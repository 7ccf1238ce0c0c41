using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using BackupGuard.Agent.Stores.S3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>A loopback HTTP server that answers as an S3 server does where it is healthy, and as a test tells it where it is not.</summary>
internal sealed class FakeS3 : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeS3(WebApplication app) => this.app = app;

    /// <summary>Key to bytes; their ETag is their length.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new();

    /// <summary>What was asked, as "GET /bucket/key?query Range".</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Asked before the healthy answer; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    public S3Location Location => new(new Uri(app.Urls.Single()), "bucket", "");

    public static async Task<FakeS3> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var fake = new FakeS3(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    public static async Task<bool> ErrorAsync(HttpContext context, int status, string code, string more = "")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync($"<Error><Code>{code}</Code><Message>told to</Message>{more}</Error>");
        return true;
    }

    public static async Task<bool> TextAsync(HttpContext context, string text, string type = "application/xml")
    {
        context.Response.ContentType = type;
        await context.Response.WriteAsync(text);
        return true;
    }

    public static string Listing(string contents, string more = "<IsTruncated>false</IsTruncated>") =>
        $"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys>{more}{contents}</ListBucketResult>";

    public static string Entry(string key, string size = "1") => $"<Contents><Key>{key}</Key><LastModified>2026-11-21T10:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>";

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Asked.Enqueue($"{request.Method} {request.Path}{request.QueryString} {request.Headers.Range}".TrimEnd());
        if (await Instead(context)) return;
        if (request.Query.ContainsKey("list-type"))
        {
            await TextAsync(context, Listing(string.Concat(Objects.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => Entry(o.Key, o.Value.Length.ToString(CultureInfo.InvariantCulture))))));
            return;
        }
        var key = request.Path.Value!["/bucket/".Length..];    // every request of the store names the bucket
        if (!Objects.TryGetValue(key, out var bytes))
        {
            await ErrorAsync(context, 404, "NoSuchKey");
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
