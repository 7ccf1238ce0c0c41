using System.Globalization;

namespace BackupGuard.Verification.Drills.Programs;

/// <summary>Connections inside the room. bash makes them: it is on every machine, and nothing of the agent is in the room.</summary>
internal static class Port
{
    /// <summary>Sends standard input and gives what comes back until the other side closes.</summary>
    private const string Exchange = """exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1; cat >&3; cat <&3""";
    private const string Wait = """until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.1; done""";

    public static async Task<bool> IsOpenAsync(IDrillRoom room, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var end = room is IRoomLoopback loopback ? await loopback.ExchangeAsync(port, [], 0, timeout, cancellationToken) : await room.RunAsync(Bash("""exec 3<>"/dev/tcp/127.0.0.1/$1" """, port) with { Timeout = timeout }, cancellationToken);
        return end.TimedOut ? throw new SandboxException(string.Create(CultureInfo.InvariantCulture, $"port {port} did not answer within {timeout.TotalSeconds:0} s")) : end.ExitCode == 0;
    }

    /// <summary>A program that ends when something listens.</summary>
    public static IRoomProcess WaitFor(IDrillRoom room, int port, TimeSpan timeout) => room is IRoomLoopback loopback ? loopback.WaitFor(port, timeout) : room.Start(Bash(Wait, port) with { Timeout = timeout });

    public static Task<RoomEnd> AskAsync(IDrillRoom room, int port, byte[] question, int mostBytes, TimeSpan timeout, CancellationToken cancellationToken) =>
        room is IRoomLoopback loopback ? loopback.ExchangeAsync(port, question, mostBytes, timeout, cancellationToken) : room.RunAsync(Bash(Exchange, port) with { Input = question, Timeout = timeout, MostOutputBytes = mostBytes }, cancellationToken);

    private static RoomCommand Bash(string script, int port) => new(["/bin/bash", "-c", script, "bash", port.ToString(CultureInfo.InvariantCulture)]);
}
