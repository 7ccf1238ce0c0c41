using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BackupGuard.Tests.Servers;

/// <summary>The Azure Blob server of the tests (azurite.sh): the one that the environment names, else one that this process starts when it is first asked for and that ends with it.</summary>
/// <param name="Plain">Its http endpoint, without the account.</param>
/// <param name="Tls">Its https endpoint, under the authority of <paramref name="CaFile"/> only; takes tokens of Entra ID without looking at their signature.</param>
internal sealed record Azurite(string Plain, string Tls, string CaFile, string Folder)
{
    /// <summary>The account of every emulator, and its key as Azurite's documentation publishes it: no secret.</summary>
    public const string Account = "devstoreaccount1";
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly Lazy<Task<Azurite>> Running = new(StartAsync);

    public static Task<Azurite> GetAsync() => Running.Value;

    private readonly HttpClient plain = new(), tls = new(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = Only(CaFile) } });

    private static X509ChainPolicy Only(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }

    public Task CreateContainerAsync(string container, bool overTls = false) => SendAsync(HttpMethod.Put, container, "restype=container&", null, overTls);

    public Task PutAsync(string container, string blob, byte[] content, bool overTls = false) => SendAsync(HttpMethod.Put, $"{container}/{Escaped(blob)}", "", content, overTls);

    public Task DeleteAsync(string container, string blob) => SendAsync(HttpMethod.Delete, $"{container}/{Escaped(blob)}", "", null, overTls: false);

    /// <summary>Every file below a folder, as blobs of the same names below a prefix.</summary>
    public async Task UploadAsync(string container, string prefix, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)) await PutAsync(container, prefix + Path.GetRelativePath(folder, file).Replace('\\', '/'), await File.ReadAllBytesAsync(file));
    }

    private static string Escaped(string blob) => string.Join('/', blob.Split('/').Select(Uri.EscapeDataString));

    /// <summary>As the owner of the account does it, by an account SAS: no signature of requests is needed, least of all our own.</summary>
    private async Task SendAsync(HttpMethod method, string path, string query, byte[]? content, bool overTls)
    {
        using var request = new HttpRequestMessage(method, $"{(overTls ? Tls : Plain)}/{Account}/{path}?{query}{AccountSas()}");
        if (content is not null)
        {
            request.Content = new ByteArrayContent(content);
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
        }
        using var answer = await (overTls ? tls : plain).SendAsync(request);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Source: "Create an account SAS", Azure Storage REST reference, version 2020-12-06.</summary>
    private static string AccountSas()
    {
        var expiry = Time(DateTimeOffset.UtcNow.AddHours(1));
        return $"sv=2020-12-06&ss=b&srt=sco&sp=rwdlac&se={Uri.EscapeDataString(expiry)}&sig={Signature(Account, "rwdlac", "b", "sco", "", expiry, "", "", "2020-12-06", "", "")}";
    }

    /// <summary>A service SAS for one container. Source: "Create a service SAS", Azure Storage REST reference, version 2020-12-06.</summary>
    public static string ContainerSas(string container, string permissions, TimeSpan validFor)
    {
        var expiry = Time(DateTimeOffset.UtcNow + validFor);
        return $"sv=2020-12-06&se={Uri.EscapeDataString(expiry)}&sr=c&sp={permissions}&sig={Signature(permissions, "", expiry, $"/blob/{Account}/{container}", "", "", "", "2020-12-06", "c", "", "", "", "", "", "", "")}";
    }

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Signature(params string[] fields) => Uri.EscapeDataString(Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(string.Join('\n', fields)))));

    private static async Task<Azurite> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("BACKUPGUARD_TEST_AZURE") is { Length: > 0 }) return Of(n => Environment.GetEnvironmentVariable(n) ?? "");
        var folder = Directory.CreateTempSubdirectory("bg-azurite-").FullName;
        // By the end of this process the script stops the servers itself, whatever ends it.
        var output = await ScriptAsync("up", folder, $"{Environment.ProcessId}");
        var values = output.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        return Of(n => values[n]);
    }

    private static Azurite Of(Func<string, string> value) => new(value("BACKUPGUARD_TEST_AZURE"), value("BACKUPGUARD_TEST_AZURE_TLS"), value("BACKUPGUARD_TEST_AZURE_CA"), value("BACKUPGUARD_TEST_AZURE_FOLDER"));

    private static async Task<string> ScriptAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Path.GetDirectoryName(Here())!, "azurite.sh"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };    // a source file lies in a folder
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"azurite.sh {string.Join(' ', arguments)} gave {process.ExitCode} (it needs node, npm and openssl): {await error}");
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
