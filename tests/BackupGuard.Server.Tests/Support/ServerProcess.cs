using System.Diagnostics;

namespace BackupGuard.Server.Tests.Support;

/// <summary>The real program, as a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "backupguard-server.dll");
    private readonly Process process;

    private ServerProcess(Process process) => this.process = process;

    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    public List<string> Announced { get; } = [];

    /// <summary>Starts `run` and waits until it says where it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string data, params string[] more)
    {
        var server = new ServerProcess(Launch(["run", "--urls", "http://127.0.0.1:0", "--data", data, .. more], null));
        while (await server.process.StandardOutput.ReadLineAsync() is { } line)
        {
            server.Announced.Add(line);
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                server.Url = new Uri(line["Listening on ".Length..]);
                _ = server.process.StandardOutput.ReadToEndAsync();
                _ = server.process.StandardError.ReadToEndAsync();
                return server;
            }
        }
        throw new InvalidOperationException("The server did not start: " + await server.process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(string[] arguments, string? password = null)
    {
        using var process = Launch(arguments, password);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
        process.Dispose();
    }

    private static Process Launch(string[] arguments, string? password)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "BACKUPGUARD_DATA", "BACKUPGUARD_URLS", "BACKUPGUARD_CATALOGUE", "BACKUPGUARD_RUNBOOKS", "BACKUPGUARD_PASSWORD" })
        {
            start.Environment.Remove(name);
        }
        if (password is not null)
        {
            start.Environment["BACKUPGUARD_PASSWORD"] = password;
        }
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
