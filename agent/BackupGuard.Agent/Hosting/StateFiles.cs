using BackupGuard.Agent.Config;

namespace BackupGuard.Agent.Hosting;

/// <summary>What lies in the state folder, which only the agent's account may enter.</summary>
internal static class StateFiles
{
    public static string Schedule(AgentSettings settings) => Path.Combine(settings.StateFolder, "schedule.json");

    /// <summary>Drills started by a person remember themselves apart: the service may hold the other file at the same time.</summary>
    public static string Console(AgentSettings settings) => Path.Combine(settings.StateFolder, "console.json");

    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static void CreateFolder(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the state folder {folder} cannot be created: {e.Message}", e);
        }
    }
}
