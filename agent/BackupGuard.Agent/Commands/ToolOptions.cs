using System.CommandLine;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Driven;

namespace BackupGuard.Agent.Commands;

/// <summary>How somebody else's program is run, for the verbs that take an address. Its arguments and variables stand in agent.yaml only.</summary>
internal sealed class ToolOptions
{
    private readonly Option<string?> config = new("--tool-config") { Description = "pgbackrest: its own configuration file (default: the one it finds itself)" };
    private readonly Option<string?> timeout = new("--tool-timeout") { Description = "pgbackrest, command: how long one call may take (default: PT24H)" };
    private readonly Option<string?> scratch = new("--scratch") { Description = "pgbackrest: folder that a restore passes through (default: the temporary folder)" };

    public void AddTo(Command command)
    {
        command.Options.Add(config);
        command.Options.Add(timeout);
        command.Options.Add(scratch);
    }

    public ToolSettings Read(ParseResult parsed)
    {
        var limit = ToolSettings.DefaultTimeout;
        if (parsed.GetValue(timeout) is { } text && !Values.TryDuration(text, out limit)) throw new UsageException($"--tool-timeout {text}: give a duration such as PT12H.");
        return new ToolSettings { ConfigFile = Full(parsed.GetValue(config)), Timeout = limit, Scratch = Full(parsed.GetValue(scratch)) };
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
