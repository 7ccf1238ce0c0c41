using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using BackupGuard.Verification.Formats.Driven;

namespace BackupGuard.Agent.Driven;

/// <summary>Runs a tool as a process, by the rules of <see cref="IDrivenTool"/>.</summary>
/// <param name="secrets">Variables with secrets, for the program only; removed from whatever it writes to standard error.</param>
internal sealed class ToolProcess(string program, ToolSettings settings, IReadOnlyDictionary<string, string> secrets, TimeProvider clock) : IDrivenTool
{
    private const int MostErrorBytes = 16 * 1024, MostErrorCharacters = 280, ShortestRedacted = 4;

    /// <summary>How long output may stay open after everything that could be found was killed.</summary>
    private static readonly TimeSpan EndOfOutput = TimeSpan.FromSeconds(10);

    public async Task<ToolEnd> RunAsync(ToolQuestion question, Func<Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var timeout = question.Timeout is { } wished && wished < settings.Timeout ? wished : settings.Timeout;
        var mark = new ProcessMark(clock);
        using var process = Start(question, mark);
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var errors = new OutputHead(process.StandardError.BaseStream, MostErrorBytes);
        var work = WorkAsync(process, mark, read, either.Token);
        try
        {
            process.StandardInput.Close();
            await work.WaitAsync(either.Token);
        }
        catch (Exception) when (either.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ToolException(ToolFailure.TimedOut, string.Create(CultureInfo.InvariantCulture, $"it did not end within {timeout.TotalSeconds:0.##} s and was stopped"));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await EndAsync(mark, Task.WhenAll(work, errors.Read));
        }
        return new ToolEnd(process.ExitCode, Shown(Encoding.UTF8.GetString(errors.Bytes)));
    }

    public IToolFolder CreateFolder() => ToolFolder.Create(settings.Scratch ?? Path.GetTempPath());

    private static async Task WorkAsync(Process process, ProcessMark mark, Func<Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        var reading = read(process.StandardOutput.BaseStream, cancellationToken);
        var exit = process.WaitForExitAsync(cancellationToken);
        // Whoever is left when the program itself has ended holds its output open for ever.
        if (await Task.WhenAny(reading, exit) == exit) await mark.KillAllAsync(reading, workingFolder: null, TimeSpan.MaxValue, cancellationToken);
        await reading;
        await exit;
    }

    private Process Start(ToolQuestion question, ProcessMark mark)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Path.GetPathRoot(Environment.CurrentDirectory) ?? "/", UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in settings.Arguments.Concat(question.Arguments)) start.ArgumentList.Add(argument);
        mark.SetEnvironment(start);
        foreach (var (name, value) in settings.Environment.Concat(question.Environment).Concat(secrets)) start.Environment[name] = value;
        try
        {
            return Process.Start(start) ?? throw new ToolException(ToolFailure.NotStarted, $"{program} could not be started");
        }
        catch (Win32Exception e)
        {
            throw new ToolException(ToolFailure.NotStarted, $"{program} could not be started: {e.Message}", e);
        }
    }

    /// <remarks>What the work threw is on its way to the caller already; here only its end is waited for.</remarks>
    private async Task EndAsync(ProcessMark mark, Task outputs)
    {
        if (!await mark.KillAllAsync(outputs, workingFolder: null, EndOfOutput, CancellationToken.None))
            throw new ToolException(ToolFailure.Hidden, $"{program} left a process behind that hides and could not be stopped");
    }

    /// <summary>The beginning, on one line, with every secret that we gave it blotted out.</summary>
    private string Shown(string errors)
    {
        foreach (var secret in secrets.Values.Concat(settings.Environment.Values).Where(s => s.Length >= ShortestRedacted && s != settings.ConfigFile).OrderByDescending(s => s.Length))
            errors = errors.Replace(secret, "(redacted)", StringComparison.Ordinal);
        var line = string.Join(" / ", errors.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));
        return Verification.Printable.Of(line.Length > MostErrorCharacters ? line[..MostErrorCharacters] + "…" : line);
    }
}
