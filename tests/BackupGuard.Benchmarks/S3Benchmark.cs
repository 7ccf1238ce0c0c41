using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Tests.Servers;
using BackupGuard.Verification.Stores;
using S3Location = BackupGuard.Agent.Stores.S3.S3Location;

namespace BackupGuard.Benchmarks;

/// <summary>Reads every pack of a repository that restic wrote into a bucket: through our store, and as plain downloads. Two workers each, in turn.</summary>
internal sealed class S3Benchmark(S3Gateway gateway, string folder)
{
    private const int Workers = 2, CountedRuns = 5, Chunk = 1 << 20;

    public static async Task<int> RunAsync(string[] args)
    {
        if (BenchmarkOptions.Parse(args, out var problem) is not { } options || (problem = Machine.WhatIsMissing("restic")) is not null)
        {
            Console.Error.WriteLine($"BackupGuard.Benchmarks s3: {problem}");
            return 2;
        }
        var folder = options.Keep ?? Directory.CreateTempSubdirectory("backupguard-benchmark-").FullName;
        try
        {
            Say("starting the gateway");
            await new S3Benchmark(await S3Gateway.GetAsync(), folder).MeasureAsync(args.Contains("--size") ? options.SizeBytes : 512 << 20);
            return 0;
        }
        catch (Exception e) when (e is BenchmarkException or StoreException or HttpRequestException or InvalidOperationException)
        {
            Console.Error.WriteLine($"BackupGuard.Benchmarks s3: {e.Message}");
            return 1;
        }
        finally
        {
            if (options.Keep is null) Directory.Delete(folder, recursive: true);
        }
    }

    private async Task MeasureAsync(long sizeBytes)
    {
        // Sample keys of the gateway of the tests; restic and our store both take them from here.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", gateway.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", gateway.SecretKey);
        var address = $"s3:{gateway.Plain}/benchmark{Environment.ProcessId}";
        Say($"making a source of {sizeBytes >> 20} MiB and backing it up into the bucket with restic");
        var source = new SampleSource(Path.Combine(folder, "source"), sizeBytes);
        source.Write();
        await TimedProcess.RunPlainAsync(["restic", "-r", address, "init", "--no-cache"], folder, ("RESTIC_PASSWORD", "sample"));
        await TimedProcess.RunPlainAsync(["restic", "-r", address, "backup", ".", "--no-cache", "--host", "benchmark"], source.Folder, ("RESTIC_PASSWORD", "sample"));

        var location = S3Location.Parse(address);
        using var store = new S3Store(location, StoreSettings.Default, TimeProvider.System);
        var packs = new List<StoredObject>();
        await foreach (var pack in store.ListAsync("data/", CancellationToken.None)) packs.Add(pack);
        var bytes = packs.Sum(p => p.LengthBytes);
        using var signer = new AmazonS3Client(new BasicAWSCredentials(gateway.AccessKey, gateway.SecretKey), new AmazonS3Config { ServiceURL = gateway.Plain, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        using var http = new HttpClient();

        var before = Machine.Load();
        List<Run> ours = [], plain = [];
        for (var run = 0; run <= CountedRuns; run++)
        {
            Say(run == 0 ? "warming up" : $"run {run}");
            var a = await TimeAsync(packs, bytes, p => ThroughStoreAsync(store, p.Name));
            var b = await TimeAsync(packs, bytes, p => PlainlyAsync(http, signer, location.Bucket, p.Name));
            if (run == 0) continue;
            ours.Add(a);
            plain.Add(b);
        }
        Print(packs.Count, bytes, ours, plain, before);
    }

    private readonly record struct Run(double WallSeconds, double CpuSeconds);

    private static async Task<Run> TimeAsync(List<StoredObject> packs, long bytes, Func<StoredObject, Task<long>> read)
    {
        var total = 0L;
        var (began, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await Parallel.ForEachAsync(packs, new ParallelOptions { MaxDegreeOfParallelism = Workers }, async (pack, _) => Interlocked.Add(ref total, await read(pack)));
        var run = new Run(Stopwatch.GetElapsedTime(began).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        return total == bytes ? run : throw new BenchmarkException($"{total} bytes were read where {bytes} are.");
    }

    /// <summary>As the verifier of packs reads: from the beginning, a chunk at a time.</summary>
    private static async Task<long> ThroughStoreAsync(S3Store store, string name)
    {
        var buffer = Buffer();
        await using var reader = await store.OpenAsync(name, CancellationToken.None);
        var position = 0L;
        while (position < reader.LengthBytes) position += await reader.ReadAsync(position, buffer, CancellationToken.None);
        return position;
    }

    private static async Task<long> PlainlyAsync(HttpClient http, AmazonS3Client signer, string bucket, string key)
    {
        var buffer = Buffer();
        var url = await signer.GetPreSignedURLAsync(new GetPreSignedUrlRequest { BucketName = bucket, Key = key, Expires = DateTime.UtcNow.AddHours(1), Protocol = Protocol.HTTP });
        using var answer = await http.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var position = 0L;
        for (int read; (read = await body.ReadAsync(buffer)) > 0;) position += read;
        return position;
    }

    [ThreadStatic] private static byte[]? threadBuffer;

    /// <summary>Its content is never looked at, so that readers that change threads may share one.</summary>
    private static byte[] Buffer() => threadBuffer ??= GC.AllocateUninitializedArray<byte>(Chunk, pinned: true);

    private static void Print(int packs, long bytes, List<Run> ours, List<Run> plain, string before)
    {
        var mib = bytes / (double)(1 << 20);
        double Median(List<Run> runs) => runs.Select(r => r.WallSeconds).Order().ElementAt(runs.Count / 2);
        string Row(string name, List<Run> runs) => string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {Median(runs):0.00} | {mib / Median(runs):0} | {runs.Select(r => r.CpuSeconds).Order().ElementAt(runs.Count / 2):0.00} | {string.Join(", ", runs.Select(r => r.WallSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} |");
        Console.WriteLine($"* Machine: {Machine.Describe()}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"* {packs} packs, {mib:0} MiB, written by restic into a Ceph RADOS gateway on the same machine; {Workers} workers; median of {CountedRuns} runs after one warm-up, in turn"));
        Console.WriteLine();
        Console.WriteLine("| Reading all packs | wall s | MiB/s | CPU s of the client | wall s of each run |");
        Console.WriteLine("|---|---:|---:|---:|---|");
        Console.WriteLine(Row("through S3Store", ours));
        Console.WriteLine(Row("plain downloads (HttpClient, signed URLs)", plain));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| speed of the store / plain | {Median(plain) / Median(ours):0.00} | | | |"));
        Console.WriteLine();
        Console.WriteLine($"Load average (1 minute) before and after: {before}, {Machine.Load()}.");
    }

    private static void Say(string text) => Console.Error.WriteLine(text);
}
