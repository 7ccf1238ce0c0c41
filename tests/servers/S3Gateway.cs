using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BackupGuard.Tests.Servers;

/// <summary>The S3 server of the tests (ceph-rgw.sh): the one that the environment names, else one that this process starts when it is first asked for and that ends with it.</summary>
/// <param name="Plain">Its http endpoint.</param>
/// <param name="Tls">Its https endpoint, under the authority of <paramref name="CaFile"/> only.</param>
internal sealed record S3Gateway(string Plain, string Tls, string CaFile, string AccessKey, string SecretKey, string Folder)
{
    private static readonly Lazy<Task<S3Gateway>> Running = new(StartAsync);

    public static Task<S3Gateway> GetAsync() => Running.Value;

    /// <summary>Another identity, which may do nothing until a bucket's policy lets it.</summary>
    public async Task<(string AccessKey, string SecretKey)> CreateUserAsync(string name)
    {
        var keys = (await ScriptAsync("user", Folder, name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return keys is [var access, var secret] ? (access, secret) : throw new InvalidOperationException($"the gateway made no user {name}");
    }

    private static async Task<S3Gateway> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("BACKUPGUARD_TEST_S3") is { Length: > 0 }) return Of(n => Environment.GetEnvironmentVariable(n) ?? "");
        var folder = Directory.CreateTempSubdirectory("bg-s3-").FullName;
        // By the end of this process the script stops the daemons itself, whatever ends it.
        var output = await ScriptAsync("up", folder, $"{Environment.ProcessId}");
        var values = output.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        return Of(n => values[n]);
    }

    private static S3Gateway Of(Func<string, string> value) => new(value("BACKUPGUARD_TEST_S3"), value("BACKUPGUARD_TEST_S3_TLS"), value("BACKUPGUARD_TEST_S3_CA"),
        value("BACKUPGUARD_TEST_S3_ACCESS_KEY"), value("BACKUPGUARD_TEST_S3_SECRET_KEY"), value("BACKUPGUARD_TEST_S3_FOLDER"));

    private static async Task<string> ScriptAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Path.GetDirectoryName(Here())!, "ceph-rgw.sh"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };    // a source file lies in a folder
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"ceph-rgw.sh {string.Join(' ', arguments)} gave {process.ExitCode} (packages: ceph-mon ceph-mgr ceph-osd ceph-common radosgw openssl curl): {await error}");
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
