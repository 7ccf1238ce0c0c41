using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Benchmarks;

/// <summary>Makes a cluster and backups of it with the real server, and measures our verification beside pg_verifybackup in turn. Asserts nothing about speed.</summary>
internal sealed class PostgresBenchmark(long sizeBytes, string folder, string? agent)
{
    private const int CountedRuns = 3;
    private const int Tables = 8;
    private const int RowBytes = 1024;
    private const string Bins = "/usr/lib/postgresql";

    private static readonly string Bin = !Directory.Exists(Bins) ? "" :
        Directory.EnumerateDirectories(Bins).Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "pg_verifybackup"))).Order(StringComparer.Ordinal).LastOrDefault("");

    private readonly string data = Path.Combine(folder, "data");

    public async Task RunAsync()
    {
        await MakeAsync();
        Print($"* Machine: {Machine.Describe()}, {(agent is null ? "not published" : "published")}");
        Print($"* {await TimedProcess.RunPlainAsync([Program("pg_verifybackup"), "--version"], folder)}");
        Print($"* A cluster with data checksums and {Tables} tables, {sizeBytes >> 20} MiB of rows. Median of {CountedRuns} counted runs after one warm-up, the two programs in turn; all of it in the page cache.");
        Print($"* `backupguard-agent verify postgres:DIR` beside `pg_verifybackup DIR`. Ours checks each block's own checksum too.");
        var before = Machine.Load();
        foreach (var algorithm in (string[])["CRC32C", "SHA256"]) await CompareAsync(algorithm);
        Console.WriteLine($"\nLoad average (1 minute) before and after: {before}, {Machine.Load()}.");
    }

    private async Task MakeAsync()
    {
        Say("making a cluster");
        if (Environment.IsPrivilegedProcess) await TimedProcess.RunPlainAsync(["chown", "postgres", folder], "/");
        await AsServerAsync("initdb", "-D", data, "-k", "-A", "trust", "-U", "postgres", "--no-sync");
        await AsServerAsync("pg_ctl", "-D", data, "-w", "-l", data + ".log", "-o", $"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c autovacuum=off -c max_wal_size=512MB", "start");
        try
        {
            for (var table = 0; table < Tables; table++)
                await AsServerAsync("psql", "-h", folder, "-U", "postgres", "-qAt", "-c", string.Create(CultureInfo.InvariantCulture, $"create table t{table} as select g, repeat(md5(g::text), {RowBytes / 32 - 1}) as x from generate_series(1, {sizeBytes / Tables / RowBytes}) g"));
            foreach (var algorithm in (string[])["CRC32C", "SHA256"])
            {
                Say($"backing it up with {algorithm}");
                await AsServerAsync("pg_basebackup", "-h", folder, "-U", "postgres", "-D", Backup(algorithm), "-c", "fast", "--no-sync", $"--manifest-checksums={algorithm}");
            }
        }
        finally
        {
            await AsServerAsync("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
        }
        Directory.Delete(data, recursive: true);
    }

    private async Task CompareAsync(string algorithm)
    {
        var backup = Backup(algorithm);
        List<Measure> ours = [], theirs = [];
        for (var run = 0; run <= CountedRuns; run++)
        {
            Say($"{algorithm}, {(run == 0 ? "warm-up" : $"run {run}")}");
            await TimedProcess.RunPlainAsync(["sync"], folder);
            var our = await TimedProcess.RunAsync([.. Machine.AgentCommand(agent), "verify", $"postgres:{backup}"], folder, ("LC_ALL", "C"));
            var their = await TimedProcess.RunAsync([Program("pg_verifybackup"), "-q", backup], folder, ("LC_ALL", "C"));
            if (run == 0) continue;
            ours.Add(our);
            theirs.Add(their);
        }

        var bytes = Directory.EnumerateFiles(backup, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/pg_wal/", StringComparison.Ordinal)).Sum(f => new FileInfo(f).Length);
        Print($"\n| {algorithm}, {bytes >> 20} MiB | wall s | CPU s | peak MiB | MiB/s | wall s of each run |");
        Print($"|---|---:|---:|---:|---:|---|");
        Row("backupguard-agent", ours, bytes);
        Row("pg_verifybackup", theirs, bytes);
        Print($"| ratio | {Median(ours, m => m.WallSeconds) / Median(theirs, m => m.WallSeconds):0.00} | {Median(ours, m => m.CpuSeconds) / Median(theirs, m => m.CpuSeconds):0.00} | | {Median(theirs, m => m.WallSeconds) / Median(ours, m => m.WallSeconds):0.00} | |");
        var start = await StartAsync();
        var nanoseconds = NanosecondsPerByte(algorithm);
        var hash = nanoseconds * bytes * 1e-9;
        var work = Median(ours, m => m.CpuSeconds) - start;
        Print($"\n{algorithm} by itself, one core: {1e9 / nanoseconds / (1 << 20):0} MiB/s, {hash:0.00} s for this backup. Starting the program takes {start:0.00} CPU s; of the other {work:0.00}, {hash / work:P0} are the hash, the rest is copying from the page cache, blocks' own checksums and WAL.");
    }

    /// <summary>What the agent takes before it reads a backup.</summary>
    private async Task<double> StartAsync()
    {
        List<Measure> runs = [];
        for (var run = 0; run < CountedRuns; run++) runs.Add(await TimedProcess.RunAsync([.. Machine.AgentCommand(agent), "--version"], folder, ("LC_ALL", "C")));
        return Median(runs, m => m.CpuSeconds);
    }

    /// <summary>The fastest of many rounds: on a shared machine the others measure the neighbours.</summary>
    private static double NanosecondsPerByte(string algorithm)
    {
        var data = new byte[256 << 10];
        new SplitMix(3).Fill(data);
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 400; round++)
        {
            var began = Stopwatch.GetTimestamp();
            if (algorithm == "CRC32C") _ = Crc32C.Of(data);
            else SHA256.HashData(data);
            var elapsed = Stopwatch.GetElapsedTime(began);
            if (elapsed < best) best = elapsed;
        }
        return best.TotalNanoseconds / data.Length;
    }

    private static void Row(string name, List<Measure> runs, long bytes) =>
        Print($"| {name} | {Median(runs, m => m.WallSeconds):0.00} | {Median(runs, m => m.CpuSeconds):0.00} | {Median(runs, m => m.PeakMiB):0} | {bytes / (double)(1 << 20) / Median(runs, m => m.WallSeconds):0} | {string.Join(", ", runs.Select(r => r.WallSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} |");

    private static double Median(List<Measure> runs, Func<Measure, double> of) => runs.Select(of).Order().ElementAt(runs.Count / 2);

    private string Backup(string algorithm) => Path.Combine(folder, "backup-" + algorithm);
    private static string Program(string name) => Path.Combine(Bin, name);

    /// <summary>The server refuses to run as root.</summary>
    private Task<string> AsServerAsync(string program, params string[] arguments) =>
        TimedProcess.RunPlainAsync([.. Environment.IsPrivilegedProcess ? (string[])["runuser", "-u", "postgres", "--"] : [], Program(program), .. arguments], folder);

    private static void Say(string what) => Console.Error.WriteLine(what);
    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
