using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Link;

/// <summary>A request that led to no answer worth following.</summary>
internal sealed class LinkException(Finding finding, Exception? inner = null) : Exception(finding.Message("en"), inner)
{
    public Finding Finding { get; } = finding;

    /// <summary>The code that the server gave with its refusal, or null.</summary>
    public string? ServerCode { get; init; }
}

/// <summary>Outbound requests to one server, which must show the pinned key and is shown a certificate around the agent's own.</summary>
internal sealed class ServerChannel : IDisposable
{
    /// <summary>From the first byte sent to the last received.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly Uri server;
    private readonly ServerPin? pin;
    private readonly TimeProvider clock;
    private readonly X509Certificate2 certificate;
    private readonly HttpClient client;
    private ServerPin? seen;
    private string refusedBecause = "";

    /// <param name="pin">The server's key, or null to trust what the machine trusts.</param>
    public ServerChannel(Uri server, ServerPin? pin, AgentIdentity identity, TimeProvider clock)
    {
        this.server = server;
        this.pin = pin;
        this.clock = clock;
        certificate = CertificateOf(identity, clock.GetUtcNow());
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = !server.IsLoopback,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            // A server that came back under another address is found again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, errors) => IsTheServer(shown as X509Certificate2, errors),
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            },
        };
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    public string Server => server.GetLeftPart(UriPartial.Authority);

    /// <summary>Sends JSON and returns the body of a successful answer.</summary>
    /// <exception cref="LinkException">Everything else that can happen.</exception>
    /// <exception cref="OperationCanceledException">The caller's token.</exception>
    public async Task<byte[]> PostAsync(string path, byte[] json, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } };
            using var response = await client.PostAsync(new Uri(server, path), content, both.Token);
            var body = await response.Content.ReadAsByteArrayAsync(both.Token);
            return response.IsSuccessStatusCode ? body : throw Refusal(response.StatusCode, body);
        }
        catch (HttpRequestException e)
        {
            throw new LinkException(Explain(e), e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException(LinkFindings.TooSlow.At(Server, ("seconds", Deadline.TotalSeconds)), e);
        }
    }

    public LinkException Unbelievable(string reason, Exception? inner) => new(LinkFindings.AnswerWrong.At(Server, ("reason", reason)), inner);

    public void Dispose()
    {
        client.Dispose();
        certificate.Dispose();
    }

    private bool IsTheServer(X509Certificate2? shown, SslPolicyErrors errors)
    {
        if (shown is null) return false;
        seen = ServerPin.Of(shown);
        refusedBecause = errors.ToString();
        // The pinned key says more than names, dates and issuers of a certificate can.
        return pin is null ? errors == SslPolicyErrors.None : seen == pin;
    }

    private Finding Explain(HttpRequestException e)
    {
        if (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded) return LinkFindings.AnswerWrong.At(Server, ("reason", $"it is longer than {MaxAnswerBytes} bytes"));
        if (e.HttpRequestError == HttpRequestError.SecureConnectionError && seen is { } key)
        {
            if (pin is not null && key != pin) return LinkFindings.CertificateWrong.At(Server, ("seen", key), ("expected", pin));
            if (pin is null && refusedBecause != nameof(SslPolicyErrors.None)) return LinkFindings.CertificateUntrusted.At(Server, ("seen", key), ("reason", refusedBecause));
        }
        return LinkFindings.Unreachable.At(Server, ("reason", e.GetBaseException().Message.TrimEnd('.')));
    }

    private LinkException Refusal(HttpStatusCode status, byte[] body)
    {
        var problem = ReadProblem(body);
        var kind = (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests ? LinkFindings.ServerFault : LinkFindings.Denied;
        var said = problem is null ? "" : $" ({problem.Code}: {problem.Detail.TrimEnd('.')})";
        return new LinkException(kind.At(Server, ("status", ((int)status).ToString(CultureInfo.InvariantCulture)), ("reason", said))) { ServerCode = problem?.Code };
    }

    private static Problem? ReadProblem(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, WireJson.Default.Problem);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static X509Certificate2 CertificateOf(AgentIdentity identity, DateTimeOffset now)
    {
        using var key = identity.Key.ToECDsa();
        var request = new CertificateRequest($"CN={identity.Name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        // RFC 5280, 4.2.1.12: client authentication.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        // The server knows the key, not the dates; wide ones leave room for clocks that differ.
        var made = request.CreateSelfSigned(now.AddDays(-30), now.AddYears(2));
        if (!OperatingSystem.IsWindows()) return made;
        // Schannel refuses a key that lives in memory only.
        using (made) return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
