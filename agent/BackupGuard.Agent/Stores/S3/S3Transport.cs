using System.Net;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>Between the SDK and the network. Guarantees: one endpoint and no other is ever spoken to, no redirect is followed, no answer hangs, and no listing or error is read without bound.</summary>
internal sealed class S3Transport : DelegatingHandler
{
    /// <summary>A page of 1,000 names of 1,024 bytes, each byte written as %XX, with all that stands around them.</summary>
    private const long LargestDocument = 16 << 20;

    private readonly Uri endpoint;
    private readonly string bucketHost;
    private readonly StoreLimits limits;

    private S3Transport(S3Location location, StoreLimits limits, HttpMessageHandler inner) : base(inner) =>
        (endpoint, bucketHost, this.limits) = (location.Endpoint, $"{location.Bucket}.{location.Endpoint.Host}", limits);

    /// <exception cref="UsageException">The CA file cannot be used.</exception>
    public static HttpClient CreateClient(S3Location location, string? caFile, StoreLimits limits) =>
        new(new S3Transport(location, limits, StoreHttp.Sockets(caFile, limits))) { Timeout = limits.Answer };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The SDK would go to the region that an answer names, and re-sign for it.
        var to = request.RequestUri;
        if (to is null || to.Scheme != endpoint.Scheme || to.Port != endpoint.Port || to.Host != endpoint.Host && !string.Equals(to.Host, bucketHost, StringComparison.OrdinalIgnoreCase))
            throw Elsewhere(to?.Host, null);
        var response = await base.SendAsync(request, cancellationToken);
        var exchange = S3Exchange.Current;
        exchange?.Note(response);
        if ((int)response.StatusCode is >= 300 and < 400 && response.StatusCode != HttpStatusCode.NotModified)
        {
            using (response) throw Elsewhere(response.Headers.Location is { IsAbsoluteUri: true } l ? l.Host : null, response.Headers.TryGetValues("x-amz-bucket-region", out var r) ? r.FirstOrDefault() : null);
        }
        if (request.Method != HttpMethod.Head) response.Content = await StoreHttp.GuardAsync(response.Content, IsObject(to, response) && exchange is not { KeepsBody: true } ? long.MaxValue : LargestDocument, limits.Stall, cancellationToken);
        if (exchange is { KeepsBody: true }) response.Content = await exchange.KeepAsync(response.Content, cancellationToken);
        return response;
    }

    private static readonly string[] DocumentQueries = ["list-type=", "versions", "retention", "legal-hold", "object-lock"];

    private static bool IsObject(Uri asked, HttpResponseMessage response) =>
        response.IsSuccessStatusCode && !DocumentQueries.Any(q => asked.Query.Contains(q, StringComparison.Ordinal));

    public static StoreException Elsewhere(string? host, string? region) => new(StoreFailure.Misconfigured, "",
        "the bucket lies elsewhere" + (region is { Length: > 0 } ? $", in the region {Verification.Printable.Of(region)}" : "") + (host is { Length: > 0 } ? $", at {Verification.Printable.Of(host)}" : "")
        + ": correct the address or the region, it is not followed there");
}
