using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Benchmarks;

/// <summary>What grows with a repository: the index of ten million blobs in memory, and a look at a thousand snapshots beside restic. Asserts nothing.</summary>
internal sealed class ScaleBenchmark(string folder, string? agent)
{
    private const int Blobs = 10_000_000, BlobsInPack = 20, PacksInFile = 2500;
    private const int Doublings = 10;
    private const int CountedRuns = 5;
    private static readonly string Password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public async Task RunAsync()
    {
        Console.WriteLine($"* Machine: {Machine.Describe()}, {(agent is null ? "not published" : "published")}; load average {Machine.Load()}.");
        Index();
        await SnapshotsAsync();
    }

    /// <summary>The text of each index file is made, read and dropped, as when a repository is opened: what stays is the index.</summary>
    private static void Index()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new BlobIndex();
        var reader = new IndexReader(index, new FindingSink());
        var random = new SplitMix(7);
        var text = new byte[16 << 20];
        long bytes = 0;
        var reading = TimeSpan.Zero;
        for (var file = 0; index.Count < Blobs; file++)
        {
            var length = Write(text, random);
            bytes += length;
            var began = Stopwatch.GetTimestamp();
            reader.Add(text.AsSpan(0, length), "synthetic");
            reading += Stopwatch.GetElapsedTime(began);
        }
        var freezing = Stopwatch.GetTimestamp();
        index.Freeze();
        reading += Stopwatch.GetElapsedTime(freezing);
        text = [];
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        var found = 0;
        var looking = Stopwatch.GetTimestamp();
        for (var i = 0; i < index.Count; i += 7) found += index.Find(index[i].Kind, index[i].Id) >= 0 ? 1 : 0;
        var lookups = Stopwatch.GetElapsedTime(looking);
        Print($"\nIndex of {index.Count} blobs in {index.Packs.Count} packs, synthetic: {held / (double)(1 << 20):0} MiB held, {held / (double)index.Count:0.0} bytes a blob, peak of the whole process {PeakMiB():0} MiB;");
        Print($"{bytes >> 20} MiB of JSON read in {reading.TotalSeconds:0.0} s ({bytes / (double)(1 << 20) / reading.TotalSeconds:0} MiB/s), a lookup {lookups.TotalNanoseconds / found:0} ns.");
        GC.KeepAlive(index);
    }

    /// <summary>One index file as restic writes it, with ids that no other has.</summary>
    private static int Write(byte[] text, SplitMix random)
    {
        var at = 0;
        var id = new byte[BlobId.Bytes];
        Add("{\"supersedes\":[],\"packs\":[");
        for (var pack = 0; pack < PacksInFile; pack++)
        {
            Add(pack == 0 ? "{\"id\":\"" : ",{\"id\":\"");
            Id();
            Add("\",\"blobs\":[");
            for (var blob = 0; blob < BlobsInPack; blob++)
            {
                Add(blob == 0 ? "{\"id\":\"" : ",{\"id\":\"");
                Id();
                Add(string.Create(CultureInfo.InvariantCulture, $"\",\"type\":\"{(blob == 0 ? "tree" : "data")}\",\"offset\":{blob * 800_000},\"length\":800000,\"uncompressed_length\":1200345}}"));
            }
            Add("]}");
        }
        Add("]}");
        return at;

        void Add(string piece) => at += Encoding.ASCII.GetBytes(piece, text.AsSpan(at));
        void Id()
        {
            random.Fill(id);
            Convert.TryToHexStringLower(id, text.AsSpan(at), out var written);
            at += written;
        }
    }

    /// <summary>restic rewrites snapshots when it tags them: with the old ones put back there are twice as many.</summary>
    private async Task SnapshotsAsync()
    {
        var repository = Path.Combine(folder, "snapshots-of-many");
        var source = Path.Combine(folder, "few-files");
        Directory.CreateDirectory(source);
        await File.WriteAllTextAsync(Path.Combine(source, "note.txt"), "sample");
        Console.Error.WriteLine("making snapshots");
        await Restic("init");
        await Restic("backup", source, "--host", "benchmark");
        var snapshots = Path.Combine(repository, "snapshots");
        for (var i = 0; i < Doublings; i++)
        {
            var kept = Directory.EnumerateFiles(snapshots).ToDictionary(f => f, File.ReadAllBytes);
            await Restic("tag", "--add", string.Create(CultureInfo.InvariantCulture, $"t{i}"));
            foreach (var (file, bytes) in kept.Where(k => !File.Exists(k.Key))) await File.WriteAllBytesAsync(file, bytes);
        }

        List<Measure> ours = [], theirs = [];
        for (var run = 0; run <= CountedRuns; run++)
        {
            var our = await TimedProcess.RunAsync([.. Machine.AgentCommand(agent), "inspect", $"restic:{repository}"], folder, ("BACKUPGUARD_PASSWORD", Password));
            var their = await TimedProcess.RunAsync(["restic", "-r", repository, "snapshots", "--no-lock", "--no-cache"], folder, ("RESTIC_PASSWORD", Password));
            if (run == 0) continue;
            ours.Add(our);
            theirs.Add(their);
        }
        Print($"\n| {Directory.EnumerateFiles(snapshots).Count()} snapshots, nothing of the data read | wall s | CPU s | peak MiB |");
        Console.WriteLine("|---|---:|---:|---:|");
        Row("backupguard-agent inspect", ours);
        Row("restic snapshots", theirs);

        Task<string> Restic(params string[] arguments) => TimedProcess.RunPlainAsync(["restic", "-r", repository, .. arguments, "--no-cache"], folder, ("RESTIC_PASSWORD", Password));
    }

    private static void Row(string name, List<Measure> runs) => Print($"| {name} | {Median(runs, m => m.WallSeconds):0.00} | {Median(runs, m => m.CpuSeconds):0.00} | {Median(runs, m => m.PeakMiB):0} |");

    private static double Median(List<Measure> runs, Func<Measure, double> of) => runs.Select(of).Order().ElementAt(runs.Count / 2);

    private static double PeakMiB() =>
        double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
