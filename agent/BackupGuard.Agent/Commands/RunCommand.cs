using System.CommandLine;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace BackupGuard.Agent.Commands;

/// <summary>backupguard-agent run: the service.</summary>
public static class RunCommand
{
    /// <summary>Long enough for a drill to be cancelled, its sandbox removed and its result recorded; the unit's TimeoutStopSec is longer still.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMinutes(2);

    public static Command Create(AgentParts parts)
    {
        var config = ConfigFile.Option();
        var command = new Command("run", "Runs the service: keeps the calendar of verifications and drills, and sends the evidence.") { config };
        command.SetAction((parsed, cancellationToken) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, settings => RunAsync(settings, parts, error, cancellationToken));
        });
        return command;
    }

    private static async Task<int> RunAsync(AgentSettings settings, AgentParts parts, TextWriter error, CancellationToken cancellationToken)
    {
        OpenSpool spool;
        try
        {
            StateFiles.CreateFolder(settings.StateFolder);
            spool = parts.OpenSpool(settings);
        }
        catch (IOException e)
        {
            await error.WriteLineAsync($"The service cannot start: {e.Message}");
            return ExitCodes.Usage;
        }
        using (spool.Lifetime)
        {
            using var host = Build(settings, parts, spool);
            // Kept before the run: RunAsync disposes of the host's services.
            var service = host.Services.GetRequiredService<AgentService>();
            await host.RunAsync(cancellationToken);
            return service.HasFailed ? ExitCodes.Failed : ExitCodes.Proved;
        }
    }

    private static IHost Build(AgentSettings settings, AgentParts parts, OpenSpool spool)
    {
        // Empty: no configuration is read but agent.yaml, neither from the working folder nor from the environment.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole(console => { console.SingleLine = true; console.ColorBehavior = LoggerColorBehavior.Disabled; });
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton(settings).AddSingleton(parts).AddSingleton(spool).AddSingleton(ServiceNotification.FromEnvironment(parts.Clock));
        builder.Services.AddSingleton<AgentService>().AddHostedService(services => services.GetRequiredService<AgentService>());
        return builder.Build();
    }
}
