using System.Diagnostics;
using System.Globalization;

namespace BackupGuard.Benchmarks;

/// <summary>The offline crisis pack, made by a process of its own as people make it: start, database, every runbook, every card, signature, file.</summary>
internal static class CrisisPackVerb
{
    private const int Runbooks = 40;
    private const int Runs = 5;

    public static async Task<int> RunAsync()
    {
        if (!File.Exists(Machine.Server))
        {
            Console.Error.WriteLine($"BackupGuard.Benchmarks: the server is not at {Machine.Server}; build the solution in this configuration.");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("backupguard-benchmark-").FullName;
        try
        {
            var steps = Copy(Path.Combine(folder, "runbooks"));
            await TimeAsync(folder, "accounts", "add", "mesure", "--data", Path.Combine(folder, "data"));
            Console.WriteLine($"* Machine: {Machine.Describe()}, load average (1 minute) {Machine.Load()}");
            var times = new List<double>();
            for (var run = 0; run <= Runs; run++)
            {
                var output = Path.Combine(folder, $"pack-{run}.zip");
                var seconds = await TimeAsync(folder, "pack", "--out", output, "--data", Path.Combine(folder, "data"), "--runbooks", Path.Combine(folder, "runbooks"));
                if (run > 0) times.Add(seconds);
                if (run == Runs) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"* {Runbooks} runbooks, {steps} cards: {new FileInfo(output).Length / 1048576.0:0.0} MiB"));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"* wall s after one warm-up: {string.Join(", ", times.Select(t => t.ToString("0.00", CultureInfo.InvariantCulture)))}; median {times.Order().ElementAt(Runs / 2):0.00}"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The runbooks that we ship, the first of them again under other ids until there are enough.</summary>
    /// <returns>How many steps they have together.</returns>
    private static int Copy(string folder)
    {
        Directory.CreateDirectory(folder);
        var shipped = Directory.EnumerateFiles(Path.Combine(Root(), "runbooks"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(f => File.ReadAllText(f).Contains("format: backupguard.runbook/v1", StringComparison.Ordinal)).ToArray();
        var steps = 0;
        for (var i = 0; i < Runbooks; i++)
        {
            var (file, round) = (shipped[i % shipped.Length], i / shipped.Length);
            var id = Path.GetFileNameWithoutExtension(file);
            var text = File.ReadAllText(file);
            steps += text.Split("\n  - id: ").Length - 1;
            File.WriteAllText(Path.Combine(folder, $"{id}-{round}.yaml"), round == 0 ? text : text.Replace($"\nid: {id}\n", $"\nid: {id}-{round}\n", StringComparison.Ordinal));
        }

        return steps;
    }

    /// <summary>The tree that the server was built in.</summary>
    internal static string Root()
    {
        var at = new FileInfo(Machine.Server).Directory;
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "BackupGuard.sln"))) at = at.Parent;
        return at?.FullName ?? throw new BenchmarkException("the runbooks are read from the tree that the server was built in");
    }

    private static async Task<double> TimeAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Machine.Server, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new BenchmarkException("the server did not start");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        // 1: written, and the directory is empty.
        if (process.ExitCode is not (0 or 1)) throw new BenchmarkException($"{arguments[0]} gave {process.ExitCode}: {await output}{await error}");
        return watch.Elapsed.TotalSeconds;
    }
}
