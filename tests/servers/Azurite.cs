using System.Diagnostics;
using System.Runtime.CompilerServices;

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
