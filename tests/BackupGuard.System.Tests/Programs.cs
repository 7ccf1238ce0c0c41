using System.Diagnostics;
using System.Reflection;
using System.Text;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>Our programs and the tools beside them, run as processes. Only processes started here are ever ended.</summary>
internal static class Programs
{
    public const string Password = "fixture-only";

    private static string Metadata(string key) => typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;    // written by the project file

    public static string Root => Metadata("Root");
    public static string Agent => Path.Combine(Root, "agent/BackupGuard.Agent", Metadata("Output"), "backupguard-agent.dll");
    public static string Server => Path.Combine(Root, "src/BackupGuard.Server", Metadata("Output"), "backupguard-server.dll");
    public static string Evidence => Path.Combine(Root, "src/BackupGuard.Evidence.Verifier", Metadata("Output"), "backupguard-evidence.dll");
    public static string Witness => Path.Combine(Root, "src/BackupGuard.Witness", Metadata("Output"), "backupguard-witness.dll");
    public static string SecondVerifier => Path.Combine(Root, "tests/second-verifier/verify_pack.py");
    public static string Demo => Path.Combine(Root, "src/BackupGuard.Demo", Metadata("Output"), "BackupGuard.Demo.dll");

    public sealed record Ended(int ExitCode, string Output, string Error);

    public static Task<Ended> AgentAsync(params string[] arguments) => RunAsync("dotnet", [Agent, .. arguments]);

    public static async Task<Ended> RunAsync(string program, string[] arguments, params (string Name, string? Value)[] environment)
    {
        using var process = Start(program, arguments, environment);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end");
        }
        return new Ended(process.ExitCode, await output, await error);
    }

    public static Process Start(string program, string[] arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RESTIC_PASSWORD"] = Password;
        start.Environment["BACKUPGUARD_PASSWORD"] = Password;
        start.Environment["LANG"] = "C.UTF-8";
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    public static async Task<string> MustAsync(string program, params string[] arguments)
    {
        var ended = await RunAsync(program, arguments);
        Assert.True(ended.ExitCode == 0, $"{program} {string.Join(' ', arguments)} gave {ended.ExitCode}: {ended.Output}{ended.Error}");
        return ended.Output;
    }
}

/// <summary>Lines of a running process, and the moment one appears.</summary>
internal sealed class Watched : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder lines = new();
    private readonly SemaphoreSlim more = new(0);

    public Watched(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (lines) lines.AppendLine(line);
        more.Release();
    }

    public string Text
    {
        get { lock (lines) return lines.ToString(); }
    }

    public Process Process => process;

    public async Task<string> LineAsync(string containing)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (Text.Split('\n').FirstOrDefault(l => l.Contains(containing, StringComparison.Ordinal)) is { } line) return line.Trim();
            if (process.HasExited) throw new InvalidOperationException($"ended with {process.ExitCode} before saying '{containing}':\n{Text}");
            try { await more.WaitAsync(TimeSpan.FromMilliseconds(500), patience.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"never said '{containing}':\n{Text}"); }
        }
    }

    public async Task<int> SignalAsync(string signal)
    {
        await Programs.MustAsync("kill", $"-{signal}", $"{process.Id}");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        more.Dispose();
    }
}

/// <summary>A folder that goes away with the test, whatever modes were restored into it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bg-system-").FullName;

    public string Of(params string[] parts) => global::System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Turns one bit, so that the byte is another whatever it was.</summary>
    public static void Flip(string file, long place)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = place;
        var value = stream.ReadByte();
        stream.Position = place;
        stream.WriteByte((byte)(value ^ 0x10));
    }

    public void Dispose()
    {
        // Restored folders may forbid writing, and names need not be UTF-8: the tool copes with both.
        using var remove = Process.Start(new ProcessStartInfo("rm", ["-rf", Path]));
        remove?.WaitForExit();
    }
}
