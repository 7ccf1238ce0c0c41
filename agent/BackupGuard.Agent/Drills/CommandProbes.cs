using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using BackupGuard.Agent.Driven;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>Runs a program on the restored files: in a room without network, or where the definition says so on this machine. The rules there:</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No shell: the arguments arrive as they were written. The working folder is the restored one.</item>
/// <item>The environment is empty but for PATH, LANG and a mark; no secret of the agent is in it. Standard input is closed.</item>
/// <item>When the program ends, and when its time is up, everything it started is killed, found by the mark or the working folder even if it went into the background.
/// What wiped both and still holds the output leaves the question unanswered.</item>
/// <item>Output is read to its end, the first 64 KiB are looked at, and nothing of it is kept: it may hold patients' data.</item>
/// </list>
/// On this machine nothing keeps the command from the network: it is the administrator's own, from agent.yaml. What was restored must not be started there.
/// </remarks>
internal sealed class CommandProbes(string workingFolder, TimeProvider clock) : IProbeRunner
{
    private const int MostOutputBytes = 64 * 1024;

    /// <summary>How long the output may stay open after everything that could be found was killed.</summary>
    private static readonly TimeSpan EndOfOutput = TimeSpan.FromSeconds(5);

    public bool CanRun(Probe probe) => probe is CommandProbe;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var command = (CommandProbe)probe;
        if (command.OnMachine) return await RunAsync(command, cancellationToken);
        var room = await scene.Room(cancellationToken);
        var end = await room.RunAsync(new RoomCommand(command.Run) { Timeout = command.Timeout, MostOutputBytes = MostOutputBytes }, cancellationToken);
        return end.TimedOut ? new ProbeAnswer(Verdict.Inconclusive, TimedOut(command)) : Judge(command, end.ExitCode, end.OutputText);
    }

    /// <summary>Nobody knows what the command looks at: every file is emptied.</summary>
    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) =>
        Task.FromResult<Said?>(scene.EmptyAll(cancellationToken) is { } emptied ? new Said($"{emptied} files emptied", $"{emptied} fichiers vidés") : null);

    private async Task<ProbeAnswer> RunAsync(CommandProbe probe, CancellationToken cancellationToken)
    {
        var mark = new ProcessMark(clock);
        using var process = Start(probe, mark);
        using var deadline = new CancellationTokenSource(probe.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var output = new OutputHead(process.StandardOutput.BaseStream, MostOutputBytes);
        var errors = new OutputHead(process.StandardError.BaseStream, MostOutputBytes);
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new ProbeAnswer(Verdict.Inconclusive, TimedOut(probe));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await EndAsync(probe, mark, Task.WhenAll(output.Read, errors.Read));
        }
        return Judge(probe, process.ExitCode, Encoding.UTF8.GetString(output.Bytes));
    }

    private Process Start(CommandProbe probe, ProcessMark mark)
    {
        var start = new ProcessStartInfo(probe.Run[0])
        {
            WorkingDirectory = workingFolder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in probe.Run.Skip(1)) start.ArgumentList.Add(argument);
        mark.SetEnvironment(start);
        try
        {
            return Process.Start(start) ?? throw new SandboxException($"{probe.Run[0]} could not be started");
        }
        catch (Win32Exception e)
        {
            throw new SandboxException($"{probe.Run[0]} could not be started: {e.Message}", e);
        }
    }

    private async Task EndAsync(CommandProbe probe, ProcessMark mark, Task outputs)
    {
        if (!await mark.KillAllAsync(outputs, workingFolder, EndOfOutput, CancellationToken.None))
            throw new SandboxException($"{probe.Run[0]} left a process behind that hides and could not be stopped");
    }

    private static Said TimedOut(CommandProbe probe) => new(
        string.Create(CultureInfo.InvariantCulture, $"it did not end within {probe.Timeout.TotalSeconds:0.##} s and was killed"),
        string.Create(CultureInfo.GetCultureInfo("fr-FR"), $"elle n’a pas fini en {probe.Timeout.TotalSeconds:0.##} s et a été arrêtée"));

    private static ProbeAnswer Judge(CommandProbe probe, int exitCode, string output)
    {
        if (exitCode != probe.ExitCode)
            return new ProbeAnswer(Verdict.Failed, new($"exit code {exitCode}, expected {probe.ExitCode}", $"code de sortie {exitCode}, attendu {probe.ExitCode}"));
        if (probe.OutputContains is { } text && !output.Contains(text, StringComparison.Ordinal))
            return new ProbeAnswer(Verdict.Failed, new("the expected text is not in its output", "le texte attendu n’est pas dans sa sortie"));
        return new ProbeAnswer(Verdict.Proved, new($"exit code {exitCode}", $"code de sortie {exitCode}"));
    }
}
