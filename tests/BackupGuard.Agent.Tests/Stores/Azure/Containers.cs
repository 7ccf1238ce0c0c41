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

    private Containers(Azurite server) => Server = server;

    public static async Task<Containers> OnAzuriteAsync() => new(await Azurite.GetAsync());

    public Azurite Server { get; }

    public async Task<string> CreateAsync(bool overTls = false)
    {
        var name = $"t{Environment.ProcessId}-{Interlocked.Increment(ref count)}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
        await Server.CreateContainerAsync(name, overTls);
        return name;
    }

    public Task PutAsync(string container, string blob, byte[] content, bool overTls = false) => Server.PutAsync(container, blob, content, overTls);

    public AzureLocation Location(string container, string prefix = "", bool overTls = false) => new(new Uri($"{(overTls ? Server.Tls : Server.Plain)}/{Azurite.Account}/"), Azurite.Account, container, prefix);

    public StoreSettings Settings(params string[] lines) => new() { CredentialsFile = Written(lines.Length > 0 ? lines : [$"account_key = {Azurite.Key}"]) };

    public string Written(params string[] lines)
    {
        var file = disk[$"keys-{Interlocked.Increment(ref count)}"];
        File.WriteAllLines(file, lines);
        return file;
    }

    public AzureStore Store(string container, string prefix = "") => new(Location(container, prefix), Settings(), TimeProvider.System);

    public void Dispose() => disk.Dispose();
}
