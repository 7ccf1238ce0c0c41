using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>Between the SDK and the network. Guarantees: one endpoint and no other is ever spoken to, no redirect is followed, no answer hangs, and no listing or error is read without bound.</summary>
internal sealed class S3Transport : DelegatingHandler
{
    /// <summary>A page of 1,000 names of 1,024 bytes, each byte written as %XX, with all that stands around them.</summary>
    private const long LargestDocument = 16 << 20;

    private readonly Uri endpoint;
    private readonly string bucketHost;
    private readonly S3Limits limits;

    private S3Transport(S3Location location, S3Limits limits, HttpMessageHandler inner) : base(inner) =>
        (endpoint, bucketHost, this.limits) = (location.Endpoint, $"{location.Bucket}.{location.Endpoint.Host}", limits);

    /// <exception cref="UsageException">The CA file cannot be used.</exception>
    public static HttpClient CreateClient(S3Location location, string? caFile, S3Limits limits)
    {
        // Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or from the system on Windows.
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false,
            ConnectTimeout = limits.Connect, MaxResponseDrainSize = 256 * 1024, PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        };
        if (caFile is not null) sockets.SslOptions.CertificateChainPolicy = OnlyFrom(caFile);
        return new HttpClient(new S3Transport(location, limits, sockets)) { Timeout = limits.Answer };
    }

    private static X509ChainPolicy OnlyFrom(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException($"The CA file {caFile} cannot be read: {e.Message}");
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new UsageException($"The CA file {caFile} holds no certificate in PEM.");
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The SDK would go to the region that an answer names, and re-sign for it.
        var to = request.RequestUri;
        if (to is null || to.Scheme != endpoint.Scheme || to.Port != endpoint.Port || to.Host != endpoint.Host && !string.Equals(to.Host, bucketHost, StringComparison.OrdinalIgnoreCase))
            throw Elsewhere(to?.Host, null);
        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is >= 300 and < 400 && response.StatusCode != HttpStatusCode.NotModified)
        {
            using (response) throw Elsewhere(response.Headers.Location is { IsAbsoluteUri: true } l ? l.Host : null, response.Headers.TryGetValues("x-amz-bucket-region", out var r) ? r.FirstOrDefault() : null);
        }
        if (request.Method != HttpMethod.Head) response.Content = await GuardAsync(response.Content, IsObject(to, response) ? long.MaxValue : LargestDocument, cancellationToken);
        return response;
    }

    private static readonly string[] DocumentQueries = ["list-type=", "versions", "retention", "legal-hold", "object-lock"];

    private static bool IsObject(Uri asked, HttpResponseMessage response) =>
        response.IsSuccessStatusCode && !DocumentQueries.Any(q => asked.Query.Contains(q, StringComparison.Ordinal));

    private async Task<StreamContent> GuardAsync(HttpContent content, long largest, CancellationToken cancellationToken)
    {
        var guarded = new StreamContent(new GuardedStream(await content.ReadAsStreamAsync(cancellationToken), largest, limits.Stall));
        foreach (var (name, values) in content.Headers) guarded.Headers.TryAddWithoutValidation(name, values);
        return guarded;
    }

    public static StoreException Elsewhere(string? host, string? region) => new(StoreFailure.Misconfigured, "",
        "the bucket lies elsewhere" + (region is { Length: > 0 } ? $", in the region {Verification.Printable.Of(region)}" : "") + (host is { Length: > 0 } ? $", at {Verification.Printable.Of(host)}" : "")
        + ": correct the address or the region, it is not followed there");
}

/// <summary>Gives up when nothing comes for too long, or when there is more than can be.</summary>
internal sealed class GuardedStream(Stream inner, long largest, TimeSpan stall) : Stream
{
    private readonly CancellationTokenSource timer = new();
    private long given;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await using var _ = cancellationToken.UnsafeRegister(static t => ((CancellationTokenSource)t!).Cancel(), timer);    // the state given behind it
        timer.CancelAfter(stall);
        try
        {
            var count = await inner.ReadAsync(buffer, timer.Token);
            if ((given += count) > largest) throw new StoreException(StoreFailure.Corrupt, "", $"its answer is longer than {largest} bytes, which no such answer is");
            return count;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the store sent nothing for {stall.TotalSeconds:0.#} s in the middle of an answer");
        }
        finally
        {
            timer.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>The SDK's reader of XML comes here.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            timer.Dispose();
        }
        base.Dispose(disposing);
    }
}
