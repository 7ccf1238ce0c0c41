using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace BackupGuard.Benchmarks;

/// <summary>Where the measuring happens, and what it needs.</summary>
internal static class Machine
{
    public static string Agent { get; } = Metadata("Agent");
    public static string Server { get; } = Metadata("Server");

    /// <param name="published">The program of a published agent, or null for the one that was built.</param>
    public static IEnumerable<string> AgentCommand(string? published) => published is null ? ["dotnet", Agent] : [published];
    public static string Configuration { get; } = Metadata("Configuration");

    public static string? WhatIsMissing(string peer)
    {
        if (!OperatingSystem.IsLinux()) return "CPU time and peak memory are read as Linux gives them; run this on Linux.";
        if (!File.Exists(TimedProcess.Time)) return $"{TimedProcess.Time} is missing (on Debian and Ubuntu: the package 'time').";
        if (!File.Exists(Agent)) return $"the agent is not at {Agent}; build the solution in this configuration.";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(peer, [peer == "borg" ? "--version" : "version"]) { RedirectStandardOutput = true });
            return process is null ? $"{peer} could not be started." : null;
        }
        catch (Win32Exception)
        {
            return $"{peer} is not installed (on Debian and Ubuntu: the package '{(peer == "borg" ? "borgbackup" : peer)}').";
        }
    }

    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {model}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.#} GiB, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, agent built as {Configuration}");
    }

    /// <summary>Runnable processes, averaged over one minute: more than one a core says that others were at work.</summary>
    public static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static string Metadata(string key) =>
        typeof(Machine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value ?? throw new BenchmarkException($"This build names no {key}.");
}
