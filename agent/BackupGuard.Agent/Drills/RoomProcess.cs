using System.Diagnostics;
using BackupGuard.Agent.Driven;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>One program in a room, seen from outside: the process that entered, and all that it started.</summary>
internal sealed class RoomProcess : IRoomProcess
{
    /// <summary>How long output may stay open after everything that could be found was killed: what went into the background holds it until the room ends.</summary>
    private static readonly TimeSpan EndOfOutput = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly RoomCommand _command;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RoomProcess(Process process, RoomCommand command, TimeProvider clock)
    {
        (_process, _command, _clock) = (process, command, clock);
        Ended = RunAsync();
    }

    public Task<RoomEnd> Ended { get; }

    public static RoomProcess Start(Process process, RoomCommand command, TimeProvider clock) => new(process, command, clock);

    public async ValueTask KillAsync()
    {
        _killed.TrySetResult();
        await Ended;
    }

    private async Task<RoomEnd> RunAsync()
    {
        var output = new OutputHead(_process.StandardOutput.BaseStream, _command.MostOutputBytes);
        var errors = new OutputHead(_process.StandardError.BaseStream, 64 * 1024);
        var feeding = FeedAsync();
        using var deadline = new CancellationTokenSource(_command.Timeout, _clock);
        var exit = _process.WaitForExitAsync(CancellationToken.None);
        var late = Task.Delay(Timeout.InfiniteTimeSpan, _clock, deadline.Token);
        var first = await Task.WhenAny(exit, late, _killed.Task);
        if (first != exit) _process.Kill(entireProcessTree: true);
        try
        {
            // The whole of what it wrote, unless it left something behind that still holds its output.
            await Task.WhenAll(exit, output.Read, errors.Read, feeding).WaitAsync(EndOfOutput, _clock);
        }
        catch (TimeoutException)
        {
            // What was read until now is the answer.
        }
        var code = _process.HasExited ? _process.ExitCode : -1;
        if (_process.HasExited) _process.Dispose();
        return new RoomEnd(code, first == late, output.Bytes, errors.Bytes);
    }

    private async Task FeedAsync()
    {
        try
        {
            if (_command.Input is { } input) await _process.StandardInput.BaseStream.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, without reading all of it.
        }
    }
}
