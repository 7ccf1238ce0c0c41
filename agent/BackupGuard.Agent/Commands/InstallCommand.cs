using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using BackupGuard.Agent.Hosting;

namespace BackupGuard.Agent.Commands;

/// <summary>backupguard-agent install and uninstall.</summary>
public static partial class InstallCommand
{
    public static Command Create(AgentParts parts)
    {
        var config = ConfigFile.Option();
        var unitFolder = UnitFolder();
        var user = new Option<string>("--user") { Description = "The account of the service; root unless given.", DefaultValueFactory = _ => "root" };
        user.Validators.Add(result => { if (!Account().IsMatch(result.GetValueOrDefault<string>())) result.AddError("--user must be the name of an account."); });
        var dryRun = new Option<bool>("--dry-run") { Description = "Prints the unit and changes nothing." };
        var command = new Command("install", "Makes the agent a hardened systemd service.") { config, unitFolder, user, dryRun };
        command.SetAction((parsed, _) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                var account = parsed.GetRequiredValue(user);
                if (parsed.GetValue(dryRun))
                {
                    await output.WriteAsync(SystemdUnit.Write(settings, Program(), account));
                    return ExitCodes.Proved;
                }
                return Installer(parsed.GetRequiredValue(unitFolder), output, error) is { } installer && installer.Install(settings, Program(), account) ? ExitCodes.Proved : ExitCodes.Usage;
            });
        });
        return command;
    }

    public static Command CreateUninstall()
    {
        var unitFolder = UnitFolder();
        var command = new Command("uninstall", "Removes the service; state and configuration are kept.") { unitFolder };
        command.SetAction(parsed => Installer(parsed.GetRequiredValue(unitFolder), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error) is { } installer && installer.Uninstall()
            ? ExitCodes.Proved : ExitCodes.Usage);
        return command;
    }

    private static Option<string> UnitFolder() => new("--unit-dir") { Description = "Where the unit goes.", DefaultValueFactory = _ => ServiceInstaller.DefaultUnitFolder };

    private static ServiceInstaller? Installer(string unitFolder, TextWriter output, TextWriter error)
    {
        if (!OperatingSystem.IsLinux())
        {
            error.WriteLine("This command writes a systemd unit; on Windows use packaging\\install-agent.ps1. Nothing was changed.");
            return null;
        }
        // sd_booted(3). Elsewhere than in its own folder systemd would not find the unit.
        var systemdRuns = Directory.Exists("/run/systemd/system") && unitFolder == ServiceInstaller.DefaultUnitFolder;
        return new ServiceInstaller(unitFolder, Environment.IsPrivilegedProcess, systemdRuns ? Systemctl : null, output, error);
    }

    private static (int, string) Systemctl(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemctl", arguments) { RedirectStandardError = true }) ?? throw new InvalidOperationException("systemctl did not start.");
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    /// <summary>This program as systemd shall start it: itself, or dotnet with its assembly when it was started that way.</summary>
    private static string[] Program()
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        return Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, Path.Combine(AppContext.BaseDirectory, "backupguard-agent.dll")] : [self];
    }

    [GeneratedRegex(@"^[a-z_][a-z0-9_-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Account();
}
