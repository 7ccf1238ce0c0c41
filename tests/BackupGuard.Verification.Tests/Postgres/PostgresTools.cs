using System.Diagnostics;
using Xunit;

namespace BackupGuard.Verification.Tests.Postgres;

/// <summary>PostgreSQL's own programs. Where Debian puts them no PATH looks; missing, they fail the test: tests/run.sh installs them.</summary>
internal static class PostgresTools
{
    private static readonly string? Bin = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "pg_verifybackup"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>Whether pg_verifybackup calls this plain backup good.</summary>
    public static bool CallsGood(string backup) => Run("pg_verifybackup", ["-q", backup]).Exit == 0;

    /// <summary>Runs a program as this user.</summary>
    public static (int Exit, string Output) Run(string program, string[] arguments) => Start(Bin is null ? program : Path.Combine(Bin, program), arguments);

    /// <summary>Runs a program as a user that is not root, which the server refuses to run as.</summary>
    public static string RunAsServer(string program, params string[] arguments)
    {
        var path = Bin is null ? program : Path.Combine(Bin, program);
        var (exit, output) = Environment.IsPrivilegedProcess ? Start("runuser", ["-u", "postgres", "--", path, .. arguments]) : Start(path, arguments);
        Assert.True(exit == 0, $"{program} {string.Join(' ', arguments)} gave {exit}: {output}");
        return output.Trim();
    }

    public static void GiveToServer(string folder)
    {
        if (Environment.IsPrivilegedProcess) Assert.Equal(0, Start("chown", ["-R", "postgres", folder]).Exit);
    }

    private static (int Exit, string Output) Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
