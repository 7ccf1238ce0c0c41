using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>The requests of the Blob REST interface that this agent makes. Reading takes names; changing takes an <see cref="OwnBlob"/> and nothing else.</summary>
/// <remarks>Every member throws a <see cref="StoreException"/> for an answer that is no success, with an <see cref="AzureRefusal"/> in it, and for none.</remarks>
internal sealed class AzureClient : IDisposable
{
    /// <summary>Knows immutability of versions and names that XML cannot hold.</summary>
    public const string ApiVersion = "2021-12-02";

    private readonly AzureLocation location;
    private readonly Uri service;
    private readonly string container;
    private readonly HttpClient http, login;
    private readonly HttpPipeline pipeline;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable, or do not fit the address.</exception>
    public AzureClient(AzureLocation location, StoreSettings settings, StoreLimits limits, TimeProvider clock)
    {
        this.location = location;
        var credentials = AzureCredentials.Load(settings.CredentialsFile);
        var account = location.Account ?? credentials.Account;
        service = location.Service ?? Named(account, credentials.EndpointSuffix);
        container = $"{service}{Escaped(location.Container)}";
        Identity = credentials.Key is null ? credentials.Name : $"account key of {account}";
        login = new HttpClient(StoreHttp.Sockets(settings.CaFile, limits)) { Timeout = limits.Answer };
        http = AzureTransport.CreateClient(new Uri(container), new Uri($"{container}/{Escaped(location.Prefix + OwnBlob.Corner)}").AbsolutePath, credentials.Sas, settings.CaFile, limits);
        pipeline = AzurePipeline.Create(credentials, service, account, http, login, limits, clock);
    }

    /// <summary>Who asks, without secrets.</summary>
    public string Identity { get; }

    private static Uri Named(string? account, string? suffix)
    {
        if (account is null) throw new UsageException("The address azure:container:/path does not say which storage account it is: write account_name into the credentials file, set AZURE_ACCOUNT_NAME, or write the whole address.");
        return Uri.TryCreate($"https://{account}.blob.{suffix ?? "core.windows.net"}/", UriKind.Absolute, out var uri) && uri.AbsolutePath == "/" ? uri : throw new UsageException("Account name and endpoint suffix make no address: write core.windows.net or the suffix of your cloud.");
    }

    private static string Escaped(string name) => string.Join('/', name.Split('/').Select(Uri.EscapeDataString));

    private string BlobUri(string name, string query) => $"{container}/{Escaped(location.Prefix + name)}{(query.Length > 0 ? "?" : "")}{query}";

    /// <summary>Of one version; "" means the current one.</summary>
    public static string VersionQuery(string version, string more = "") => string.Join('&', ((string[])[more, version.Length > 0 ? $"versionid={Uri.EscapeDataString(version)}" : ""]).Where(p => p.Length > 0));

    /// <summary>The content as it comes: whoever asks ends it.</summary>
    public ValueTask<HttpMessage> GetBlobAsync(string name, string query, string? range, string? etag, CancellationToken cancellationToken) =>
        SendAsync(name, RequestMethod.Get, BlobUri(name, query), [.. Pair("Range", range), .. Pair("If-Match", etag)], null, buffer: false, cancellationToken);

    public async ValueTask<Response> HeadBlobAsync(string name, string query, CancellationToken cancellationToken) => await AskAsync(name, RequestMethod.Head, BlobUri(name, query), cancellationToken);

    /// <param name="marker">Where the page begins; "" for the first.</param>
    /// <param name="include">Such as versions, or "".</param>
    public async ValueTask<Response> ListAsync(string prefix, string marker, string include, CancellationToken cancellationToken) => await AskAsync(prefix, RequestMethod.Get,
        $"{container}?restype=container&comp=list&maxresults={AzurePage.MostBlobs}&prefix={Uri.EscapeDataString(location.Prefix + prefix)}"
        + (marker.Length > 0 ? $"&marker={Uri.EscapeDataString(marker)}" : "") + (include.Length > 0 ? $"&include={include}" : ""), cancellationToken);

    public ValueTask<Response> HeadContainerAsync(CancellationToken cancellationToken) => AskAsync("", RequestMethod.Head, $"{container}?restype=container", cancellationToken);

    public ValueTask<Response> HeadAccountAsync(CancellationToken cancellationToken) => AskAsync("", RequestMethod.Head, $"{service}?restype=account&comp=properties", cancellationToken);

    public ValueTask<Response> GetServicePropertiesAsync(CancellationToken cancellationToken) => AskAsync("", RequestMethod.Get, $"{service}?restype=service&comp=properties", cancellationToken);

    public async ValueTask<Response> PutAsync(OwnBlob blob, string query, IReadOnlyList<(string Name, string Value)> headers, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        (await SendAsync(blob.Name, RequestMethod.Put, BlobUri(blob.Name, query), headers, RequestContent.Create(content), buffer: true, cancellationToken)).Response;

    public async ValueTask<Response> DeleteAsync(OwnBlob blob, string query, CancellationToken cancellationToken) =>
        (await SendAsync(blob.Name, RequestMethod.Delete, BlobUri(blob.Name, query), [], null, buffer: true, cancellationToken)).Response;

    /// <summary>An answer whose content is in memory: its connection went back already, nothing is left to end.</summary>
    private async ValueTask<Response> AskAsync(string name, RequestMethod method, string uri, CancellationToken cancellationToken) => (await SendAsync(name, method, uri, [], null, buffer: true, cancellationToken)).Response;

    private static (string, string)[] Pair(string name, string? value) => value is null ? [] : [(name, value)];

    private async ValueTask<HttpMessage> SendAsync(string name, RequestMethod method, string uri, IReadOnlyList<(string Name, string Value)> headers, RequestContent? content, bool buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var message = pipeline.CreateMessage();
        try
        {
            message.BufferResponse = buffer;
            message.Request.Method = method;
            message.Request.Uri.Reset(new Uri(uri));
            message.Request.Headers.SetValue("x-ms-version", ApiVersion);
            foreach (var (header, value) in headers) message.Request.Headers.SetValue(header, value);
            message.Request.Content = content;
            await pipeline.SendAsync(message, cancellationToken);
            if (message.Response.Status is >= 200 and < 300) return message;
            throw AzureFailure.OfAnswer(message.Response, name);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            message.Dispose();
            throw;
        }
#pragma warning disable CA1031 // The pipeline documents no closed set of exceptions; the port has one.
        catch (Exception e) when (e is not NotOursException)
#pragma warning restore CA1031
        {
            message.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw e as StoreException is { InnerException: AzureRefusal } refused ? refused : AzureFailure.Of(e, name);
        }
    }

    public void Dispose()
    {
        http.Dispose();
        login.Dispose();
    }
}
