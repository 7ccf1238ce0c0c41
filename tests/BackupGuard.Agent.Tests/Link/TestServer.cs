using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Tests.Link;

/// <summary>A real server on a free loopback port: it keeps entries as the true one does, unless a test makes it misbehave.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2? certificate;

    private TestServer(bool isHttps)
    {
        certificate = isHttps ? SelfSigned() : null;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is null) return;
            listen.UseHttps(certificate, https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (_, _, _) => true;
            });
        }));
        app = builder.Build();
        ((IApplicationBuilder)app).Run(AnswerAsync);
    }

    /// <summary>Does something else than it should; returns false to let the request be answered as usual.</summary>
    public Func<HttpContext, Task<bool>> Misbehave { get; set; } = _ => Task.FromResult(false);

    public Func<long, bool> Refuses { get; set; } = _ => false;

    /// <summary>Entries by counter, as they came.</summary>
    public ConcurrentDictionary<long, byte[]> Log { get; } = [];

    public ConcurrentQueue<(string Path, int Entries, long Bytes, byte[]? ClientKey)> Requests { get; } = [];
    public EnrolRequest? Enrolled { get; private set; }
    public EvidencePublicKey? AgentKey { get; set; }
    public string EnrolsAs { get; set; } = "";
    public string Pin => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(certificate!.PublicKey.ExportSubjectPublicKeyInfo()));   // asked of https servers only
    public Uri Address => new(app.Services.GetService(typeof(Microsoft.AspNetCore.Hosting.Server.IServer)) is Microsoft.AspNetCore.Hosting.Server.IServer server
        ? server.Features.Get<IServerAddressesFeature>()!.Addresses.Single() : throw new InvalidOperationException());   // a started server has addresses

    public static async Task<TestServer> StartAsync(bool isHttps = false)
    {
        var server = new TestServer(isHttps);
        await server.app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate?.Dispose();
    }

    public static async Task<bool> SayAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
        return true;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await Misbehave(context)) return;
        await AnswerWellAsync(context);
    }

    public async Task AnswerWellAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var clientKey = context.Connection.ClientCertificate?.PublicKey.ExportSubjectPublicKeyInfo();
        if (context.Request.Path == "/api/v1/agents/enrol")
        {
            Enrolled = JsonSerializer.Deserialize(body.ToArray(), WireJson.Default.EnrolRequest)!;   // never "null" in these tests
            Requests.Enqueue((context.Request.Path, 0, body.Length, clientKey));
            await context.Response.WriteAsync(JsonSerializer.Serialize(new EnrolResponse(EnrolsAs.Length > 0 ? EnrolsAs : Enrolled.AgentName, "CHU d’Exemple"), WireJson.Default.EnrolResponse));
            return;
        }
        var batch = JsonSerializer.Deserialize(body.ToArray(), WireJson.Default.EvidenceBatch)!;   // as above
        Requests.Enqueue((context.Request.Path, batch.Entries.Count, body.Length, clientKey));
        await context.Response.WriteAsync(JsonSerializer.Serialize(new EvidenceReceipt([.. batch.Entries.Select(Take)]), WireJson.Default.EvidenceReceipt));
    }

    private EntryReceipt Take(SignedEntry sent)
    {
        var bytes = Convert.FromBase64String(sent.Entry);
        if (AgentKey is { } key) UnverifiedEntry.Parse(bytes, Convert.FromBase64String(sent.Signature)).Verify(key);
        if (Refuses(sent.Counter)) return new EntryReceipt(sent.Counter, "refused", null, "BG2001", "It cannot be read.");
        if (Log.TryGetValue(sent.Counter, out var known))
            return known.AsSpan().SequenceEqual(bytes) ? new EntryReceipt(sent.Counter, "duplicate", sent.Counter, null, null) : new EntryReceipt(sent.Counter, "refused", null, "BG2011", "Other bytes.");
        Log[sent.Counter] = bytes;
        return new EntryReceipt(sent.Counter, "accepted", sent.Counter, null, null);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=backupguard-test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
