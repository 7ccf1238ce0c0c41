using BackupGuard.Benchmarks;

if (args is ["signals", .. var asked]) return await SignalsVerb.RunAsync(asked);
if (args is ["ingest" or "proofs", ..]) return await EvidenceVerbs.RunAsync(args[0], args[1..]);
if (args is ["pack"]) return await CrisisPackVerb.RunAsync();
if (args is ["runs", .. var sized]) return await RunsBenchmark.RunAsync(sized);
if (args is ["s3", .. var rest]) return await S3Benchmark.RunAsync(rest);
var verb = args is ["postgres" or "scale", ..] ? args[0] : "";
if (verb.Length > 0) args = args[1..];
if (BenchmarkOptions.Parse(args, out var problem) is not { } options || (problem = Machine.WhatIsMissing(options.Peer)) is not null)
{
    Console.Error.WriteLine($"BackupGuard.Benchmarks: {problem}");
    return 2;
}
var folder = options.Keep ?? Directory.CreateTempSubdirectory("backupguard-benchmark-").FullName;
try
{
    Directory.CreateDirectory(folder);
    if (verb == "scale") await new ScaleBenchmark(folder, options.Agent).RunAsync();
    else if (verb == "postgres") await new PostgresBenchmark(options.SizeBytes, folder, options.Agent).RunAsync();
    else if (options.Peer == "borg") await new BorgBenchmark(options.SizeBytes, folder, options.Agent).RunAsync();
    else await new Benchmark(options.SizeBytes, folder, options.Agent).RunAsync();
    return 0;
}
catch (BenchmarkException e)
{
    Console.Error.WriteLine($"BackupGuard.Benchmarks: {e.Message}");
    return 1;
}
finally
{
    if (options.Keep is null) Directory.Delete(folder, recursive: true);
}
