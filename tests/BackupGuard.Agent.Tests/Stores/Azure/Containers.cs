using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Tests.Servers;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>Containers on Azurite, each new, and the store over them.</summary>
internal sealed class Containers : IDisposable
{
    private static int count;
    private readonly TestFolder disk = new();
    private readonly HttpClient plain = new();
    private readonly HttpClient tls;

    private Containers(Azurite server)
    {
        Server = server;
        tls = new HttpClient(StoreHttp.Sockets(server.CaFile, StoreLimits.Default));
    }

    public static async Task<Containers> OnAzuriteAsync() => new(await Azurite.GetAsync());

    public Azurite Server { get; }

    public async Task<string> CreateAsync(bool overTls = false)
    {
        var name = $"t{Environment.ProcessId}-{Interlocked.Increment(ref count)}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
        await SendAsync(HttpMethod.Put, $"{name}?restype=container", [], overTls);
        return name;
    }

    public Task PutAsync(string container, string blob, byte[] content, bool overTls = false) => SendAsync(HttpMethod.Put, $"{container}/{blob}", content, overTls, ("x-ms-blob-type", "BlockBlob"));

    /// <summary>As the owner of the account does it: any request, signed with the key.</summary>
    private async Task SendAsync(HttpMethod method, string what, byte[] content, bool overTls, params (string, string)[] headers)
    {
        var uri = new Uri($"{(overTls ? Server.Tls : Server.Plain)}/{Azurite.Account}/{what}");
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["x-ms-date"] = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture), ["x-ms-version"] = AzureClient.ApiVersion };
        foreach (var (name, value) in headers) all[name] = value;
        using var request = new HttpRequestMessage(method, uri) { Content = new ByteArrayContent(content) };
        foreach (var (name, value) in all) request.Headers.Add(name, value);
        all["Content-Length"] = content.Length.ToString(CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedKey {Azurite.Account}:{SharedKeyPolicy.Sign(SharedKeyPolicy.StringToSign(method.Method, uri, all, Azurite.Account), Convert.FromBase64String(Azurite.Key))}");
        using var answer = await (overTls ? tls : plain).SendAsync(request);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {what}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    public AzureLocation Location(string container, string prefix = "", bool overTls = false) => new(new Uri($"{(overTls ? Server.Tls : Server.Plain)}/{Azurite.Account}/"), Azurite.Account, container, prefix);

    public StoreSettings Settings(params string[] lines) => new() { CredentialsFile = Written(lines.Length > 0 ? lines : [$"account_key = {Azurite.Key}"]) };

    public string Written(params string[] lines)
    {
        var file = disk[$"keys-{Interlocked.Increment(ref count)}"];
        File.WriteAllLines(file, lines);
        return file;
    }

    public AzureStore Store(string container, string prefix = "") => new(Location(container, prefix), Settings(), TimeProvider.System);

    /// <summary>A service SAS for one container. Source: "Create a service SAS", Azure Storage REST reference, version 2020-12-06.</summary>
    public static string Sas(string container, string permissions, TimeSpan validFor)
    {
        var expiry = (DateTimeOffset.UtcNow + validFor).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string[] fields = [permissions, "", expiry, $"/blob/{Azurite.Account}/{container}", "", "", "", "2020-12-06", "c", "", "", "", "", "", "", ""];
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Azurite.Key), Encoding.UTF8.GetBytes(string.Join('\n', fields))));
        return $"sv=2020-12-06&se={Uri.EscapeDataString(expiry)}&sr=c&sp={permissions}&sig={Uri.EscapeDataString(signature)}";
    }

    public void Dispose()
    {
        plain.Dispose();
        tls.Dispose();
        disk.Dispose();
    }
}
