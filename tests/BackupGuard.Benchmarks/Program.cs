using BackupGuard.Benchmarks;

if (args is ["signals", ..]) return await SignalsVerb.RunAsync(args[1..]);

if (BenchmarkOptions.Parse(args, out var problem) is not { } options || (problem = Machine.WhatIsMissing()) is not null)
{
    Console.Error.WriteLine($"BackupGuard.Benchmarks: {problem}");
    return 2;
}
var folder = options.Keep ?? Directory.CreateTempSubdirectory("backupguard-benchmark-").FullName;
try
{
    await new Benchmark(options.SizeBytes, folder).RunAsync();
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
