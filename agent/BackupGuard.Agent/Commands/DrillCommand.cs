using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Hosting;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Commands;

/// <summary>backupguard-agent drill NAME: one drill of agent.yaml, now.</summary>
public static class DrillCommand
{
    public static Command Create(AgentParts parts)
    {
        var name = new Argument<string>("name") { Description = "The drill's name in agent.yaml." };
        var config = ConfigFile.Option();
        var format = new Option<string>("--format") { Description = "text for people, json for programs.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("drill", "Restores into a sandbox, asks the probes, measures, cleans up and reports.") { name, config, format };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                var wanted = parsed.GetRequiredValue(name);
                if (settings.Drills.FirstOrDefault(d => d.Name == wanted) is not { } drill)
                {
                    await error.WriteLineAsync(Unknown(wanted, settings));
                    return ExitCodes.Usage;
                }
                var document = await RunAsync(settings, drill, parts, error, cancellationToken);
                if (document is null) return ExitCodes.Usage;
                await output.WriteLineAsync(parsed.GetValue(format) == "json" ? JsonSerializer.Serialize(document, DocumentJson.Default.DrillDocument) : Text(document));
                return document.Verdict switch { "proved" => ExitCodes.Proved, "failed" => ExitCodes.Failed, _ => ExitCodes.Inconclusive };
            });
        });
        return command;
    }

    private static string Unknown(string wanted, AgentSettings settings)
    {
        var names = settings.Drills.Select(d => d.Name).ToList();
        return $"{settings.File} names no drill \"{Verification.Printable.Of(wanted)}\"; " +
            (Values.Closest(wanted, names) is { } meant ? $"did you mean \"{meant}\"?" : names is [] ? "it names none." : $"it names {string.Join(", ", names)}.");
    }

    /// <returns>Null when the evidence could not be written.</returns>
    private static async Task<DrillDocument?> RunAsync(AgentSettings settings, DrillSettings drill, AgentParts parts, TextWriter error, CancellationToken cancellationToken)
    {
        var job = new DrillJob(drill, parts.OpenRepository, parts.CreateTarget, parts.Clock, parts.Progress(error));
        return await HandRun.RunAsync(job, settings, parts, error, cancellationToken) ? job.Last : null;
    }

    private static string Text(DrillDocument document)
    {
        var lines = new List<string>
        {
            $"{document.Drill}: {document.Verdict.ToUpperInvariant()}" + (document.Unfinished is null ? "" : $" ({(CommandLine.Language == "fr" ? document.UnfinishedFr : document.Unfinished)})"),
            $"  repository  {document.Repository}",
            "  snapshot    " + (document.Snapshot is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s.Id}, taken {s.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "none"),
            string.Create(CultureInfo.InvariantCulture, $"  restored    {document.Files} files, {document.Bytes} bytes"),
            "  RTO         " + Measured(document.MeasuredRtoSeconds),
            "  RPO         " + Measured(document.MeasuredRpoSeconds),
            "  cleaned up  " + (document.CleanedUp ? "yes" : "NO"),
        };
        lines.AddRange(document.Steps.Select(s => string.Create(CultureInfo.InvariantCulture, $"  {s.Verdict,-12} {s.DurationSeconds,9:0.000} s  {s.Kind} {s.Name}: {s.Detail}")));
        foreach (var finding in document.Findings) lines.AddRange([$"  {finding.Severity} {finding.Code} {finding.Message}", $"      {finding.Remedy}"]);
        return string.Join('\n', lines);
    }

    private static string Measured(double? seconds) => seconds is { } s ? string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromSeconds(s):d\\.hh\\:mm\\:ss\\.fff} ({s} s)") : "not measured";
}
