using System.CommandLine;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Hosting;

namespace BackupGuard.Agent.Commands;

/// <summary>Exit codes of the whole agent; scripts and monitoring depend on them.</summary>
internal static class ExitCodes
{
    public const int Proved = 0, Failed = 1, Usage = 2, Inconclusive = 3;
}

/// <summary>--config, and what every command does with a file that cannot be used: each mistake on a line of standard error, exit code 2.</summary>
internal static class ConfigFile
{
    public static Option<string> Option() => new("--config") { Description = "The agent's configuration file.", Required = true, HelpName = "agent.yaml" };

    public static async Task<int> WithSettingsAsync(string file, AgentParts parts, TextWriter error, Func<AgentSettings, Task<int>> run)
    {
        AgentSettings settings;
        try
        {
            settings = AgentConfig.Load(file, parts.AddressRefusal);
        }
        catch (ConfigException e)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Usage;
        }
        return await run(settings);
    }
}
