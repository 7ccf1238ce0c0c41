using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Cryptography.MultiHash;

namespace BackupGuard.Benchmarks;

/// <summary>Makes the sample, measures both programs in turn and prints the result as Markdown. Asserts nothing about speed; a run that fails or restores something else ends the measuring.</summary>
/// <param name="agent">A published agent, or null for the one that was built.</param>
internal sealed class Benchmark(long sizeBytes, string folder, string? agent)
{
    private const int CountedRuns = 3;

    // Given by whoever wants to look into what --keep leaves; otherwise nobody ever needs it again.
    private readonly string password = Environment.GetEnvironmentVariable("BACKUPGUARD_PASSWORD") is { Length: > 0 } given ? given : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly SampleSource source = new(Path.Combine(folder, "source"), sizeBytes);
    private readonly string target = Path.Combine(folder, "restored");
    private readonly string repository = Path.Combine(folder, "repository");

    private enum Restores { Nothing, Everything, Part }

    private sealed record Contender(string Name, string[] Command, (string, string) Secret);

    private sealed record Result(string Name, IReadOnlyList<Measure> Runs)
    {
        public double Wall => Median(m => m.WallSeconds);
        public double Cpu => Median(m => m.CpuSeconds);
        public double Peak => Median(m => m.PeakMiB);

        private double Median(Func<Measure, double> of) => Runs.Select(of).Order().ElementAt(Runs.Count / 2);
    }

    public async Task RunAsync()
    {
        Say($"making a source of {sizeBytes >> 20} MiB");
        source.Write();
        Say("backing it up with restic");
        var sample = new SampleRepository(repository, password);
        await sample.CreateAsync(source.Folder);
        var workload = sample.Count();
        PrintHeading(workload, await TimedProcess.RunPlainAsync(["restic", "version"], folder));
        var loadBefore = Machine.Load();

        var verify = await MeasureInTurnAsync(
            Ours("verify", $"restic:{repository}"),
            Restic("check", "--read-data", "--no-lock", "--no-cache"), Restores.Nothing);
        PrintComparison("Verification", verify, workload.PackBytes, "of stored data");
        await PrintFirstFindingAsync();
        var restore = await MeasureInTurnAsync(
            Ours("restore", $"restic:{repository}", "latest", "--to", target),
            Restic("restore", "latest", "--target", target, "--no-lock", "--no-cache"), Restores.Everything);
        PrintComparison("Restore", restore, source.Bytes, "of restored data");
        var large = source.LargeBytes >> 20 << 20;
        var alone = await MeasureInTurnAsync(
            Ours("restore", $"restic:{repository}", "latest", "--include", "large-*", "--to", target),
            new Contender("the disk by itself (dd, fdatasync)", ["dd", "if=/dev/zero", $"of={target}", "bs=1M", $"count={large >> 20}", "conv=fdatasync"], ("LC_ALL", "C")), Restores.Part);
        PrintComparison("Restore of the large files", alone, large, "of restored data");
        PrintPrimitives(Primitives.Measure(workload), workload, verify.Ours);
        Console.WriteLine($"\nLoad average (1 minute) before and after: {loadBefore}, {Machine.Load()}.");
    }

    /// <summary>One byte is changed in a pack of middle rank and afterwards put back: how long until somebody at a terminal reads of it.</summary>
    private async Task PrintFirstFindingAsync()
    {
        Say("a damaged pack: first finding");
        var packs = Directory.GetFiles(Path.Combine(repository, "data"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var pack = packs[packs.Count / 2];
        var mode = File.GetUnixFileMode(pack);
        File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        FlipByte(pack);
        try
        {
            var seconds = await TimedProcess.SecondsToAsync("BG11", Ours("verify", $"restic:{repository}").Command, folder, ("BACKUPGUARD_PASSWORD", password));
            Print($"\nOne byte changed in the pack that is {packs.Count / 2 + 1} of {packs.Count} by name: the terminal shows the first finding after {seconds:0.00} s.");
        }
        finally
        {
            FlipByte(pack);
            File.SetUnixFileMode(pack, mode);
        }
    }

    private static void FlipByte(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = stream.Length / 2;
        var value = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(value ^ 1));
    }

    private Contender Ours(params string[] arguments) => new("backupguard-agent", [.. Machine.AgentCommand(agent), .. arguments], ("BACKUPGUARD_PASSWORD", password));

    private Contender Restic(params string[] arguments) => new("restic", ["restic", "-r", repository, .. arguments], ("RESTIC_PASSWORD", password));

    /// <summary>A warm-up each, then A B A B A B: what the neighbours do meanwhile falls on both.</summary>
    /// <remarks>
    /// Each run restores into a folder of its own; all are deleted at the end. Deleted in between, as it once was, each run pays for the one before: ext4 goes past
    /// inodes that were deleted in the last minutes one by one, which was half of a run's processor time, the same for both programs.
    /// </remarks>
    private async Task<(Result Ours, Result Restic)> MeasureInTurnAsync(Contender ours, Contender restic, Restores restores)
    {
        var targets = new List<string>();
        List<Measure> oursRuns = [], resticRuns = [];
        for (var run = 0; run <= CountedRuns; run++)
        {
            foreach (var (contender, runs) in ((Contender, List<Measure>)[])[(ours, oursRuns), (restic, resticRuns)])
            {
                Say($"{(run == 0 ? "warm-up" : $"run {run}")}: {contender.Name} {contender.Command.FirstOrDefault(a => a is "verify" or "check" or "restore")}");
                targets.Add($"{target}-{targets.Count}");
                // What the last run wrote must not be written out at the expense of this one.
                await TimedProcess.RunPlainAsync(["sync"], folder);
                var measure = await TimedProcess.RunAsync([.. contender.Command.Select(a => a.Replace(target, targets[^1], StringComparison.Ordinal))], folder, contender.Secret);
                if (run > 0) runs.Add(measure);
                if (restores == Restores.Everything && run == 0) CompareWithSource(targets[^1]);
            }
        }
        foreach (var restored in targets)
        {
            if (Directory.Exists(restored)) Directory.Delete(restored, recursive: true);
            File.Delete(restored);
        }
        return (new Result(ours.Name, oursRuns), new Result(restic.Name, resticRuns));
    }

    private void CompareWithSource(string target)
    {
        var expected = Directory.GetFiles(source.Folder, "*", SearchOption.AllDirectories);
        var restored = Directory.GetFiles(target, "*", SearchOption.AllDirectories).Length;
        if (restored != expected.Length) throw new BenchmarkException($"{restored} files were restored, {expected.Length} backed up.");
        foreach (var file in expected)
        {
            var name = Path.GetRelativePath(source.Folder, file);
            if (!Hash(file).SequenceEqual(Hash(Path.Combine(target, name)))) throw new BenchmarkException($"{name} was not restored as it was.");
        }

        static byte[] Hash(string file)
        {
            using var stream = File.OpenRead(file);
            return SHA256.HashData(stream);
        }
    }

    private static void Say(string what) => Console.Error.WriteLine(what);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private void PrintHeading(Workload workload, string resticVersion)
    {
        Print($"* Machine: {Machine.Describe()}, {(agent is null ? "not published" : "published")}");
        Print($"* {resticVersion}");
        Print($"* Source: {source.Files} files, {MiB(source.Bytes):0} MiB. Repository: {workload.Packs} packs, {MiB(workload.PackBytes):0} MiB stored; {workload.Blobs} blobs, {MiB(workload.PlainBytes):0} MiB of contents, {MiB(workload.UnpackedBytes):0} MiB of them compressed.");
        Print($"* Median of {CountedRuns} counted runs after one warm-up, the two programs in turn; the page cache is left as it is.");
        Print($"* `backupguard-agent verify restic:DIR` beside `restic check --read-data --no-lock --no-cache`;");
        Print($"  `backupguard-agent restore restic:DIR latest --to DIR` beside `restic restore latest --target DIR --no-lock --no-cache`");
    }

    private static void PrintComparison(string title, (Result Ours, Result Restic) results, long bytes, string ofWhat)
    {
        var (ours, restic) = results;
        Print($"\n| {title} | wall s | CPU s | peak MiB | MiB/s {ofWhat} | wall s of each run |");
        Print($"|---|---:|---:|---:|---:|---|");
        foreach (var result in (Result[])[ours, restic])
            Print($"| {result.Name} | {result.Wall:0.00} | {result.Cpu:0.00} | {result.Peak:0} | {MiB(bytes) / result.Wall:0} | {string.Join(", ", result.Runs.Select(r => r.WallSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} |");
        Print($"| ratio | {ours.Wall / restic.Wall:0.00} | {ours.Cpu / restic.Cpu:0.00} | {ours.Peak / restic.Peak:0.00} | {restic.Wall / ours.Wall:0.00} | |");
    }

    private static void PrintPrimitives(Primitives primitives, Workload workload, Result verification)
    {
        Print($"\n| Primitive, one core | ns a byte | MiB/s | CPU s for this repository |");
        Print($"|---|---:|---:|---:|");
        Row("SHA-256, one message (packs)", primitives.Sha256, workload.PackBytes);
        Row($"SHA-256, {(Sha256Kernel.Fastest is { } kernel ? $"{kernel.Width} messages at once" : "one message")} (contents)", primitives.Sha256InLanes, workload.PlainBytes);
        Row("Poly1305 (packs)", primitives.Poly1305, workload.PackBytes);
        Row("AES-256-CTR (packs)", primitives.AesCtr, workload.PackBytes);
        Row("zstd decoding (bytes that come out)", primitives.ZstdDecode, workload.UnpackedBytes);
        Print($"| scrypt N={workload.Scrypt.N} r={workload.Scrypt.R} p={workload.Scrypt.P} | | | {primitives.ScryptSeconds:0.00} |");
        var bound = primitives.LowerBoundSeconds(workload);
        Print($"| **together: lower bound** | | | **{bound:0.00}** |");
        Print($"\nThe verification took {verification.Cpu:0.00} CPU s: {bound / verification.Cpu:P0} of them are the primitives, the rest is start, reading, indexes, folder lists and the garbage collector.");

        static void Row(string name, double nanoseconds, long bytes)
        {
            var rate = nanoseconds > 0 ? (1e9 / nanoseconds / (1 << 20)).ToString("0", CultureInfo.InvariantCulture) : "–";
            Print($"| {name} | {nanoseconds:0.000} | {rate} | {nanoseconds * bytes * 1e-9:0.00} |");
        }
    }

    private static double MiB(long bytes) => bytes / (double)(1 << 20);
}
