using System.Diagnostics;
using System.Globalization;

namespace BackupGuard.Benchmarks;

internal readonly record struct Measure(double WallSeconds, double CpuSeconds, double PeakMiB);

/// <summary>Runs a program under GNU time, whose numbers are the kernel's own for that process (wait4) and not a poll of ours.</summary>
internal static class TimedProcess
{
    public const string Time = "/usr/bin/time";

    /// <exception cref="BenchmarkException">It ended with something else than 0: a run that failed measures nothing.</exception>
    public static async Task<Measure> RunAsync(IReadOnlyList<string> command, string workingFolder, (string Name, string Value) secret)
    {
        var numbers = Path.GetTempFileName();
        try
        {
            await RunPlainAsync([Time, "--quiet", "-f", "%e %U %S %M", "-o", numbers, .. command], workingFolder, secret);
            var parts = (await File.ReadAllTextAsync(numbers)).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            var values = parts.Select(p => double.Parse(p, CultureInfo.InvariantCulture)).ToArray();
            return new Measure(values[0], values[1] + values[2], values[3] / 1024);
        }
        finally
        {
            File.Delete(numbers);
        }
    }

    /// <summary>Runs a program at a terminal of its own (util-linux' script) until <paramref name="text"/> stands there.</summary>
    /// <returns>Seconds from the start until then.</returns>
    /// <exception cref="BenchmarkException">It never did.</exception>
    public static async Task<double> SecondsToAsync(string text, IReadOnlyList<string> command, string workingFolder, (string Name, string Value) secret)
    {
        var quoted = string.Join(' ', command.Select(part => $"'{part}'"));
        var start = new ProcessStartInfo("script", ["-qec", quoted, "/dev/null"]) { WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment[secret.Name] = secret.Value;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new BenchmarkException("script could not be started.");
        var seen = "";
        double? seconds = null;
        var piece = new char[4096];
        while (await process.StandardOutput.ReadAsync(piece) is var count and > 0)
        {
            seen += new string(piece, 0, count);
            if (seconds is null && seen.Contains(text, StringComparison.Ordinal)) seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
        await process.WaitForExitAsync();
        return seconds ?? throw new BenchmarkException($"'{quoted}' never said {text}.");
    }

    /// <param name="secret">Name and value of an environment variable: a password never stands on a command line.</param>
    public static async Task<string> RunPlainAsync(IReadOnlyList<string> command, string workingFolder, (string Name, string Value)? secret = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (secret is { } s) start.Environment[s.Name] = s.Value;
        using var process = Process.Start(start) ?? throw new BenchmarkException($"{command[0]} could not be started.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new BenchmarkException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {(await errors).Trim()}");
        return (await output).Trim();
    }
}
