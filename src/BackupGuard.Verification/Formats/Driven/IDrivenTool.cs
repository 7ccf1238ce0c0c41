using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Driven;

/// <summary>Somebody else's program that can read a backup which we do not read ourselves, or not whole. What it says is its own word.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Which program this is stands in the agent's own configuration or command line. A question adds arguments and variables to it, never a program.</item>
/// <item>No shell: arguments MUST arrive as they are. The environment MUST hold nothing but what the configuration and the question give, and a search path.</item>
/// <item>No secret in an argument, and none in <see cref="ToolEnd.Errors"/>.</item>
/// <item>When the call returns, by whatever way, nothing that the program started may still run.</item>
/// <item>An exit status is a fact, not a verdict: it is handed on and never judged here.</item>
/// </list>
/// </remarks>
public interface IDrivenTool
{
    /// <summary>Asks once. <paramref name="read"/> gets the program's standard output while it runs; what it throws stops the program and leaves as it is.</summary>
    /// <exception cref="ToolException">The program gave no answer.</exception>
    Task<ToolEnd> RunAsync(ToolQuestion question, Func<Stream, CancellationToken, Task> read, CancellationToken cancellationToken);

    /// <summary>An empty folder of our own for what a tool can only write to a disk.</summary>
    /// <exception cref="ToolException">NoFolder.</exception>
    IToolFolder CreateFolder();
}

/// <param name="Arguments">Behind those that the configuration has.</param>
public sealed record ToolQuestion(IReadOnlyList<string> Arguments)
{
    /// <summary>Variables beside those that the configuration has.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A bound below the configured one, or null.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <param name="Errors">The beginning of its standard error, without secrets and control characters; "" when it wrote none.</param>
public sealed record ToolEnd(int ExitCode, string Errors);

/// <summary>A folder that a tool writes into and that we read afterwards. Disposing of it removes it.</summary>
public interface IToolFolder : IAsyncDisposable
{
    /// <summary>Absolute, as the tool is told.</summary>
    string Path { get; }

    /// <summary>What lies in it, read as foreign bytes: links are not followed.</summary>
    IBackupStore Content { get; }

    /// <exception cref="ToolException">NoFolder.</exception>
    void MakeFolder(string name);

    /// <summary>Removes one file, so that a large backup does not lie on the disk twice.</summary>
    void Remove(string name);
}

public enum ToolFailure
{
    /// <summary>There is no such program, or it may not be run.</summary>
    NotStarted,

    /// <summary>Its time was up, and it was stopped.</summary>
    TimedOut,

    /// <summary>It wrote more than we read.</summary>
    TooMuch,

    /// <summary>It left a process behind that could not be stopped.</summary>
    Hidden,

    /// <summary>There is no room, or no right, for a folder of our own.</summary>
    NoFolder,
}

public sealed class ToolException(ToolFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public ToolFailure Failure => failure;
}
