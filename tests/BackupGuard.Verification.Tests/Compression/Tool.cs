using System.Diagnostics;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>A compressing command of the machine: the other opinion.</summary>
internal static class Tool
{
    public static byte[] Pipe(string command, byte[] input, params string[] options)
    {
        var start = new ProcessStartInfo(command, options) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"These tests compare with the {command} command: tests/run.sh installs it.", e);
        }
        using (process)
        {
            var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
            reading.Wait();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"{command} ended with exit code {process.ExitCode}.");
        }
    }
}
