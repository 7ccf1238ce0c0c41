namespace BackupGuard.Verification.Drills;

/// <summary>Where the processes of a drill run: restored software must never reach production.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>MUST have no network but a loopback of its own, and see no process, socket or shared memory of the machine.</item>
/// <item>MUST show the machine's programs read-only, the restored files at <see cref="Restored"/> and an empty folder at <see cref="Scratch"/>, both writable, and nothing of the agent, its keys or the backup.</item>
/// <item>Everything that runs in it MUST be dead when the room ends, and when the agent dies.</item>
/// <item>A program gets no variable of the agent's environment. Its user is an ordinary one, unless <see cref="RoomCommand.AsRoot"/>.</item>
/// <item>Every failure to start something MUST be a <see cref="SandboxException"/>; what a program does after its start is its answer.</item>
/// </list>
/// </remarks>
public interface IDrillRoom : IAsyncDisposable
{
    /// <summary>Full path, as seen inside.</summary>
    string Restored { get; }

    /// <summary>Full path, as seen inside. Its parts lie on the sandbox's volume.</summary>
    string Scratch { get; }

    /// <summary>Runs a program to its end, or kills it and all that it started when its time is up.</summary>
    Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken);

    /// <summary>Starts a program that stays. To be ended by its <see cref="IRoomProcess.KillAsync"/>, or with the room.</summary>
    IRoomProcess Start(RoomCommand command);

    /// <summary>Writes a file of a few kilobytes into <see cref="Scratch"/>. The name has no separators.</summary>
    void Write(string name, ReadOnlySpan<byte> content);

    /// <summary>The file's first bytes, at most that many; null when it is not there or no regular file.</summary>
    /// <param name="path">Relative to <see cref="Scratch"/>.</param>
    byte[]? Read(RestoredPath path, int mostBytes);
}

/// <param name="Run">Program and arguments; no shell reads them. A name without a folder is found on the room's own search path, never in restored data.</param>
public sealed record RoomCommand(IReadOnlyList<string> Run)
{
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Full path as seen inside; null for the restored files.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>Standard input; empty when null.</summary>
    public byte[]? Input { get; init; }

    /// <summary>Whether it sees itself as root. It is root over nothing but the room.</summary>
    public bool AsRoot { get; init; }

    /// <summary>How much of its output is kept, from the beginning; the rest is read and dropped.</summary>
    public int MostOutputBytes { get; init; } = 1 << 20;
}

/// <param name="ExitCode">128 + signal where it was killed.</param>
public sealed record RoomEnd(int ExitCode, bool TimedOut, byte[] Output, byte[] Errors)
{
    public bool Succeeded => ExitCode == 0 && !TimedOut;
    public string OutputText => System.Text.Encoding.UTF8.GetString(Output);
    public string ErrorText => System.Text.Encoding.UTF8.GetString(Errors);
}

/// <summary>A program that runs in a room.</summary>
public interface IRoomProcess
{
    /// <summary>Ends when the program does.</summary>
    Task<RoomEnd> Ended { get; }

    /// <summary>Kills it with all that it started and waits for its end. Does nothing when it has ended.</summary>
    ValueTask KillAsync();
}

/// <summary>A room whose loopback this process can use itself. One that has a network of its own is asked by a program inside of it.</summary>
public interface IRoomLoopback
{
    /// <summary>Connects to 127.0.0.1, sends, and gives what comes back until the other side closes.</summary>
    /// <param name="question">Empty to connect only.</param>
    /// <returns>Exit code 1 when nothing takes the connection.</returns>
    Task<RoomEnd> ExchangeAsync(int port, byte[] question, int mostBytes, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Ends well when something takes a connection.</summary>
    IRoomProcess WaitFor(int port, TimeSpan timeout);
}
