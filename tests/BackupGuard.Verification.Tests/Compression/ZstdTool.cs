using System.Diagnostics;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>The zstd command of the machine: the other opinion.</summary>
internal static class ZstdTool
{
    /// <summary>Compresses through a pipe, so that the frame holds no content size.</summary>
    public static byte[] Compress(byte[] plain, params string[] options) => Run(plain, ["-q", "-c", .. options]);

    /// <summary>Compresses from a pipe but tells the size, so that the frame holds it.</summary>
    public static byte[] CompressSized(byte[] plain, params string[] options) => Run(plain, ["-q", "-c", $"--stream-size={plain.Length}", .. options]);

    private static byte[] Run(byte[] input, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("zstd") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("These tests compare with the zstd command: install the package zstd (tests/run.sh does).", e);
        }

        using (process)
        {
            var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
            reading.Wait();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"zstd ended with exit code {process.ExitCode}.");
        }
    }
}
