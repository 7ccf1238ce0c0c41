using BackupGuard.Demo;

// Ctrl-C, or SIGTERM from a script: both end in the same orderly stop.
using var stop = new CancellationTokenSource();
using var onInterrupt = StopSignal.Register(stop);
var keep = args.Contains("--keep");
if (args.FirstOrDefault(a => a is not "--keep") is { } unknown)
{
    Console.Error.WriteLine($"BackupGuard.Demo: '{unknown}' is not an option. --keep leaves the demonstration's folder behind.");
    return 2;
}
try
{
    await using var hospital = SampleHospital.Create(keep);
    await new Demonstration(hospital).RunAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (DemoException e)
{
    Console.Error.WriteLine($"BackupGuard.Demo: {e.Message}");
    return 1;
}
