using System.Diagnostics;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>The borg command of the machine, the other opinion, with folders of its own and a passphrase that is a sample.</summary>
internal sealed class BorgTool : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("bg-borg-home-").FullName;

    /// <summary>The only key file there is, or null.</summary>
    public byte[]? KeyFile => Directory.Exists(Keys) && Directory.EnumerateFiles(Keys).SingleOrDefault() is { } file ? File.ReadAllBytes(file) : null;

    private string Keys => Path.Combine(home, ".config", "borg", "keys");

    public (int Exit, string Output) Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("borg", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in new[]
        {
            ("BORG_BASE_DIR", home), ("BORG_PASSPHRASE", BorgForge.Passphrase), ("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes"), ("BORG_RELOCATED_REPO_ACCESS_IS_OK", "yes"),
            ("BORG_CHECK_I_KNOW_WHAT_I_AM_DOING", "YES"), ("BORG_HOST_ID", "sample"), ("BORG_EXIT_ON_ERROR", "yes"),
        }) start.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("These tests compare with the borg command: install the package borgbackup (tests/run.sh does).", e);
        }
        using (process)
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
    }

    public void Must(string folder, params string[] arguments)
    {
        var (exit, output) = Run(folder, arguments);
        if (exit != 0) throw new InvalidOperationException($"borg {string.Join(' ', arguments)} ended with {exit}: {output}");
    }

    /// <summary>Whether <c>borg check --verify-data</c> calls the repository good. It takes a lock and writes: give it a copy.</summary>
    public static bool CallsGood(string repository)
    {
        using var tool = new BorgTool();
        return tool.Run(repository, "check", "--verify-data", repository).Exit == 0;
    }

    public void Dispose() => Directory.Delete(home, recursive: true);
}
