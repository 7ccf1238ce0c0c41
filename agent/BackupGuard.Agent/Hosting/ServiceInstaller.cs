using BackupGuard.Agent.Config;

namespace BackupGuard.Agent.Hosting;

/// <summary>Makes the agent a systemd service, and says of each step whether it was done.</summary>
/// <param name="systemctl">Runs systemctl with these arguments and gives its exit code and what it said; null where systemd does not run.</param>
internal sealed class ServiceInstaller(string unitFolder, bool isRoot, Func<string[], (int ExitCode, string Said)>? systemctl, TextWriter output, TextWriter error)
{
    public const string DefaultUnitFolder = "/etc/systemd/system";

    private string UnitFile => Path.Combine(unitFolder, SystemdUnit.Name);

    public bool Install(AgentSettings settings, IReadOnlyList<string> program, string user)
    {
        if (!MayChange("install")) return false;
        if (Hidden(settings) is { } hidden)
        {
            error.WriteLine($"{hidden} lies under /tmp or /var/tmp, where the service has folders of its own and would not see it; name another folder in {settings.File}.");
            return false;
        }
        try
        {
            foreach (var folder in SystemdUnit.Writable(settings))
            {
                StateFiles.CreateFolder(folder);
                output.WriteLine($"done: folder {folder}");
            }
            Directory.CreateDirectory(unitFolder);
            File.WriteAllText(UnitFile, SystemdUnit.Write(settings, program, user));
            output.WriteLine($"done: unit {UnitFile}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"The service was not installed: {e.Message}");
            return false;
        }
        if (user != "root") output.WriteLine($"to do: give the folders above to {user} (chown -R {user})");
        return Load(["daemon-reload"], ["enable", "--now", SystemdUnit.Name], "load and start it with: systemctl daemon-reload && systemctl enable --now " + SystemdUnit.Name);
    }

    public bool Uninstall()
    {
        if (!MayChange("uninstall")) return false;
        if (!File.Exists(UnitFile))
        {
            output.WriteLine($"There is no {UnitFile}: nothing was changed.");
            return true;
        }
        var stopped = systemctl is null || Run(["disable", "--now", SystemdUnit.Name]);
        if (!stopped) return false;
        try
        {
            File.Delete(UnitFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"The unit was not removed: {e.Message}");
            return false;
        }
        output.WriteLine($"done: removed {UnitFile}");
        output.WriteLine("kept: state and configuration, with the evidence key and what was not sent yet; remove them by hand if you mean to");
        return Load(["daemon-reload"], null, "tell systemd with: systemctl daemon-reload");
    }

    private bool MayChange(string what)
    {
        if (isRoot) return true;
        error.WriteLine($"Only root may {what} a service; run the same command with sudo. Nothing was changed.");
        return false;
    }

    // The unit has PrivateTmp: what lies there would be invisible to the service.
    private static string? Hidden(AgentSettings settings) =>
        SystemdUnit.Writable(settings).Concat(settings.Repositories.Select(r => r.Address[(r.Address.IndexOf(':', StringComparison.Ordinal) + 1)..])).Append(settings.File)
            .FirstOrDefault(p => p.StartsWith("/tmp/", StringComparison.Ordinal) || p.StartsWith("/var/tmp/", StringComparison.Ordinal));

    private bool Load(string[] reload, string[]? start, string byHand)
    {
        if (systemctl is not null) return Run(reload) && (start is null || Run(start));
        output.WriteLine($"not done: systemd does not run here; where it does, {byHand}");
        return true;
    }

    private bool Run(string[] arguments)
    {
        // Only ever called where systemctl was given.
        var (exitCode, said) = systemctl!(arguments);
        if (exitCode == 0) output.WriteLine($"done: systemctl {string.Join(' ', arguments)}");
        else error.WriteLine($"failed: systemctl {string.Join(' ', arguments)} ended with {exitCode}: {said.Trim()}");
        return exitCode == 0;
    }
}
