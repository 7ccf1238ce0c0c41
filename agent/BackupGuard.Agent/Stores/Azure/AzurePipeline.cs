using Azure.Core;
using Azure.Core.Pipeline;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>Azure.Core's pipeline as this project wants it: retries with bounds, and nothing that logs, traces or reports to anybody.</summary>
internal static class AzurePipeline
{
    private sealed class Options : ClientOptions;

    /// <summary>Tokens for any storage account; the same in every cloud.</summary>
    private const string Scope = "https://storage.azure.com/.default";

    public static void Configure(ClientOptions options, HttpPipelineTransport transport, StoreLimits limits)
    {
        options.Transport = transport;
        options.Retry.MaxRetries = limits.Retries;
        options.Retry.MaxDelay = limits.LongestPause;
        // The transport's own limits are narrower and say what happened.
        options.Retry.NetworkTimeout = limits.Answer + limits.Stall + limits.Connect;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
    }

    /// <exception cref="UsageException">The identity may not be used at that address.</exception>
    public static HttpPipeline Create(AzureCredentials credentials, Uri service, string? account, HttpClient http, HttpClient login, StoreLimits limits, TimeProvider clock)
    {
        var options = new Options();
        Configure(options, new HttpClientTransport(http), limits);
        if (credentials.Key is { } key)
        {
            var name = account ?? throw new UsageException("The address does not say which storage account it is: write account_name into the credentials file, or set AZURE_ACCOUNT_NAME.");
            return HttpPipelineBuilder.Build(options, [], [new SharedKeyPolicy(name, key, clock)], new ResponseClassifier());
        }
        // Whoever listens on the way could use what is sent along; a signature by key is good for one request only.
        if (service.Scheme != "https" && (credentials.Token is not null || !service.IsLoopback)) throw new UsageException("A SAS and a token of Entra ID are sent over https only: correct the address.");
        return credentials.Token is { } token
            ? HttpPipelineBuilder.Build(options, [], [new BearerTokenAuthenticationPolicy(token(new HttpClientTransport(login), limits), Scope)], new ResponseClassifier())
            : HttpPipelineBuilder.Build(options);
    }
}

/// <summary>A mistake of this program, stopped before it left the machine.</summary>
internal sealed class NotOursException(string message) : Exception(message);

/// <summary>Between the pipeline and the network. Guarantees: one endpoint and no other is ever spoken to, no redirect is followed, no answer hangs, no document is read without bound,
/// nothing outside this agent's own corner is changed, and a SAS is seen by nothing above it.</summary>
internal sealed class AzureTransport : DelegatingHandler
{
    /// <summary>A page of 5,000 names of 1,024 characters, each written as %XX%XX%XX, with all that stands around them.</summary>
    private const long LargestDocument = 56 << 20;

    private readonly Uri container;
    private readonly string ownCorner;
    private readonly string? sas;
    private readonly StoreLimits limits;

    private AzureTransport(Uri container, string ownCorner, string? sas, StoreLimits limits, HttpMessageHandler inner) : base(inner) =>
        (this.container, this.ownCorner, this.sas, this.limits) = (container, ownCorner, sas, limits);

    /// <param name="ownCorner">The path below which alone something may be changed.</param>
    /// <exception cref="UsageException">The CA file cannot be used.</exception>
    public static HttpClient CreateClient(Uri container, string ownCorner, string? sas, string? caFile, StoreLimits limits) =>
        new(new AzureTransport(container, ownCorner, sas, limits, StoreHttp.Sockets(caFile, limits))) { Timeout = limits.Answer };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var to = request.RequestUri;
        if (to is null || to.Scheme != container.Scheme || to.Port != container.Port || to.Host != container.Host) throw Elsewhere(to?.Host);
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head && !to.AbsolutePath.StartsWith(ownCorner, StringComparison.Ordinal))
            throw new NotOursException($"a request to change {to.AbsolutePath} was stopped: only what lies below {ownCorner} is this agent's own");
        if (sas is not null) request.RequestUri = new Uri($"{to}{(to.Query.Length > 0 ? '&' : '?')}{sas}");
        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is >= 300 and < 400 && response.StatusCode != System.Net.HttpStatusCode.NotModified)
        {
            using (response) throw Elsewhere(response.Headers.Location is { IsAbsoluteUri: true } l ? l.Host : null);
        }
        CapPause(response);
        var isObject = response.IsSuccessStatusCode && !to.Query.Contains("comp=", StringComparison.Ordinal);
        if (request.Method != HttpMethod.Head) response.Content = await StoreHttp.GuardAsync(response.Content, isObject ? long.MaxValue : LargestDocument, limits.Stall, cancellationToken);
        return response;
    }

    /// <summary>The pipeline waits as long as a store asks for, be it a year.</summary>
    private void CapPause(HttpResponseMessage response)
    {
        foreach (var name in (string[])["retry-after-ms", "x-ms-retry-after-ms"]) response.Headers.Remove(name);
        if (response.Headers.RetryAfter is null || response.Headers.RetryAfter.Delta <= limits.LongestPause) return;
        response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(limits.LongestPause);
    }

    private static StoreException Elsewhere(string? host) => new(StoreFailure.Misconfigured, "",
        "the container lies elsewhere" + (host is { Length: > 0 } ? $", at {Verification.Printable.Of(host)}" : "") + ": correct the address, it is not followed there");
}
