using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>The token endpoint of Entra ID on loopback, with the certificate of the tests' own authority. Its tokens are of the shape that Azurite looks at.</summary>
internal sealed class FakeEntra : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string folder;

    private FakeEntra(WebApplication app, string folder) => (this.app, this.folder) = (app, folder);

    public string Authority => app.Urls.Single();

    /// <summary>The bodies that were sent.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public bool Refuses { get; set; }

    /// <summary>A certificate with its key, as an application registration has it: PEM, and beside it the same as .pfx with the password sample-password.</summary>
    public string RsaCertificate
    {
        get
        {
            using var key = RSA.Create(2048);
            using var certificate = new CertificateRequest("CN=sample client", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var file = Path.Combine(folder, $"client-{Guid.NewGuid():N}.pem");
            File.WriteAllBytes(file + ".pfx", certificate.Export(X509ContentType.Pfx, "sample-password"));
            File.WriteAllText(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
            return file;
        }
    }

    /// <param name="folder">Where azurite.sh left server.crt and server.key.</param>
    public static async Task<FakeEntra> StartAsync(string folder)
    {
        var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        var app = builder.Build();
        var fake = new FakeEntra(app, folder);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        Asked.Enqueue(await reader.ReadToEndAsync());
        context.Response.ContentType = "application/json";
        if (Refuses || !context.Request.Path.Value!.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal))    // a path is never null
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided.\",\"error_codes\":[7000215]}");
            return;
        }
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var token = $"{Part("{\"alg\":\"none\",\"typ\":\"JWT\"}")}.{Part($"{{\"aud\":\"https://storage.azure.com\",\"iss\":\"https://sts.windows.net/00000000-0000-0000-0000-000000000001/\",\"iat\":{now},\"nbf\":{now - 60},\"exp\":{now + 3600}}}")}.{Part("none")}";
        await context.Response.WriteAsync($"{{\"token_type\":\"Bearer\",\"expires_in\":3600,\"ext_expires_in\":3600,\"access_token\":\"{token}\"}}");
    }

    private static string Part(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
