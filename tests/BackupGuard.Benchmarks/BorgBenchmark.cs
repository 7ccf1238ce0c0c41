using System.Globalization;

namespace BackupGuard.Benchmarks;

/// <summary>Verification beside <c>borg check --verify-data</c>, on repositories that the real borg made, for both of its MACs. Asserts nothing about speed.</summary>
internal sealed class BorgBenchmark(long sizeBytes, string folder, string? agent)
{
    private const int CountedRuns = 3;
    private const string Sample = "sample";

    public async Task RunAsync()
    {
        // Not the user's own cache and keys; every child process gets it.
        Environment.SetEnvironmentVariable("BORG_BASE_DIR", Path.Combine(folder, "borg"));
        Console.Error.WriteLine($"making a source of {sizeBytes >> 20} MiB");
        var source = new SampleSource(Path.Combine(folder, "source"), sizeBytes);
        source.Write();
        Console.WriteLine($"* Machine: {Machine.Describe()}, {(agent is null ? "not published" : "published")}");
        Console.WriteLine($"* {await TimedProcess.RunPlainAsync(["borg", "--version"], folder)}");
        Print($"* Source: {source.Files} files, {source.Bytes >> 20} MiB. Median of {CountedRuns} counted runs after one warm-up, the two programs in turn; the page cache is left as it is.");
        Print($"* `backupguard-agent verify borg:DIR` beside `borg check --verify-data DIR`");
        var before = Machine.Load();
        foreach (var mode in (string[])["repokey", "repokey-blake2"])
            foreach (var compression in (string[])["lz4", "zstd,3"]) await MeasureAsync(mode, compression, source.Folder);
        Console.WriteLine($"\nLoad average (1 minute) before and after: {before}, {Machine.Load()}.");
    }

    private async Task MeasureAsync(string mode, string compression, string source)
    {
        var repository = Path.Combine(folder, $"{mode}-{compression.Replace(',', '-')}");
        Console.Error.WriteLine($"{mode}, {compression}");
        await TimedProcess.RunPlainAsync(["borg", "init", "-e", mode, repository], folder, ("BORG_PASSPHRASE", Sample));
        await TimedProcess.RunPlainAsync(["borg", "create", "-C", compression, $"{repository}::sample", "."], source, ("BORG_PASSPHRASE", Sample));
        List<Measure> ours = [], borg = [];
        for (var run = 0; run <= CountedRuns; run++)
        {
            await TimedProcess.RunPlainAsync(["sync"], folder);
            var a = await TimedProcess.RunAsync([.. Machine.AgentCommand(agent), "verify", $"borg:{repository}"], folder, ("BACKUPGUARD_PASSWORD", Sample));
            var b = await TimedProcess.RunAsync(["borg", "check", "--verify-data", repository], folder, ("BORG_PASSPHRASE", Sample));
            if (run == 0) continue;
            ours.Add(a);
            borg.Add(b);
        }
        var stored = new DirectoryInfo(Path.Combine(repository, "data")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
        Print($"\n| {mode}, {compression}: {stored >> 20} MiB stored | wall s | CPU s | peak MiB | wall s of each run |");
        Print($"|---|---:|---:|---:|---|");
        Row("backupguard-agent", ours);
        Row("borg", borg);
        Print($"| ratio | {Median(ours, m => m.WallSeconds) / Median(borg, m => m.WallSeconds):0.00} | {Median(ours, m => m.CpuSeconds) / Median(borg, m => m.CpuSeconds):0.00} | {Median(ours, m => m.PeakMiB) / Median(borg, m => m.PeakMiB):0.00} | |");
    }

    private static void Row(string name, List<Measure> runs) => Print(
        $"| {name} | {Median(runs, m => m.WallSeconds):0.00} | {Median(runs, m => m.CpuSeconds):0.00} | {Median(runs, m => m.PeakMiB):0} | {string.Join(", ", runs.Select(r => r.WallSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} |");

    private static double Median(List<Measure> runs, Func<Measure, double> of) => runs.Select(of).Order().ElementAt(runs.Count / 2);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
