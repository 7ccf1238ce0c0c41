using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Commands;

/// <summary>backupguard-agent queue: what is due, overdue, running or waiting, as the calendar of the service remembers it.</summary>
public static class QueueCommand
{
    public static Command Create(AgentParts parts)
    {
        var config = ConfigFile.Option();
        var format = new Option<string>("--format") { Description = "text for people, json for programs.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("queue", "Shows what is due, overdue, running or waiting for the end of a blackout. Exit code 1 when something is overdue.") { config, format };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                if (ScheduleState.Read(StateFiles.Schedule(settings)) is not { } state)
                {
                    await error.WriteLineAsync($"{StateFiles.Schedule(settings)} cannot be read: what is due is unknown. The service puts it aside at its next start and begins to count anew.");
                    return ExitCodes.Inconclusive;
                }
                var document = AgentQueue.Of(AgentJobs.Of(settings, parts), state, parts.Clock.GetUtcNow());
                await output.WriteLineAsync(parsed.GetValue(format) == "json" ? JsonSerializer.Serialize(document, DocumentJson.Default.QueueDocument) : Text(document));
                return document.Jobs.Any(j => j.State == "overdue") ? ExitCodes.Failed : ExitCodes.Proved;
            });
        });
        return command;
    }

    private static string Text(QueueDocument document) => document.Jobs.Count == 0 ? "No job has a calendar." : string.Join('\n', document.Jobs.Select(j =>
        string.Create(CultureInfo.InvariantCulture, $"{j.State,-8} {At(j.NextAt),-21} {j.Job} ({j.Application}), last begun {At(j.LastAt)}")));

    private static string At(DateTimeOffset? at) => at is { } instant ? instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) : "never";
}
