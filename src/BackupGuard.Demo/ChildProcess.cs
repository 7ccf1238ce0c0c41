using System.Diagnostics;

namespace BackupGuard.Demo;

internal sealed class DemoException(string message) : Exception(message);

/// <summary>One of our programs, running as a process of its own.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process process;
    private readonly string name;

    private ChildProcess(string name, Process process)
    {
        this.name = name;
        this.process = process;
    }

    /// <param name="secret">Name and value of an environment variable: secrets never stand on a command line.</param>
    public static ChildProcess Start(string name, string program, IEnumerable<string> arguments, Action<string> onOutput, Action<string> onError, (string Name, string Value)? secret = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (secret is { } s) start.Environment[s.Name] = s.Value;
        var process = Process.Start(start) ?? throw new DemoException($"{name} could not be started.");
        process.OutputDataReceived += (_, e) => { if (e.Data is { } line) onOutput(line); };
        process.ErrorDataReceived += (_, e) => { if (e.Data is { } line) onError(line); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(name, process);
    }

    /// <summary>Runs a program to its end and gives what it printed.</summary>
    public static async Task<(int ExitCode, IReadOnlyList<string> Output)> RunAsync(
        string name, string program, IEnumerable<string> arguments, CancellationToken cancellationToken, (string Name, string Value)? secret = null)
    {
        var output = new List<string>();
        var errors = new List<string>();
        await using var child = Start(name, program, arguments, line => { lock (output) output.Add(line); }, line => { lock (errors) errors.Add(line); }, secret);
        await child.process.WaitForExitAsync(cancellationToken);
        if (child.process.ExitCode == 2) throw new DemoException($"{name} refused its work: {string.Join(' ', errors)}");
        return (child.process.ExitCode, output.Count > 0 ? output : errors);
    }

    public bool HasEnded => process.HasExited;
    public int ExitCode => process.ExitCode;

    /// <summary>Asks the process to end, waits for it, and only then ends it by force.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            if (!StopSignal.TrySend(process.Id)) process.Kill(entireProcessTree: true);
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine($"{name} did not stop within {Patience.TotalSeconds} s and was ended.");
                process.Kill(entireProcessTree: true);
            }
        }
        process.Dispose();
    }
}
