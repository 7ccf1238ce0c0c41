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
        var control = new Option<bool>("--control") { Description = "Damages the copy afterwards and asks again, even where this definition was seen to go red before." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would happen; opens, restores and records nothing." };
        var command = new Command("drill", "Restores into a sandbox, starts and asks what the steps say, measures, cleans up and reports.") { name, config, format, control, dryRun };
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
                if (parsed.GetValue(dryRun))
                {
                    foreach (var line in DryRun(drill)) await output.WriteLineAsync(line);
                    return ExitCodes.Inconclusive;    // 0 would be "proved" to a monitoring that someone left it in
                }
                var document = await RunAsync(settings, drill, parsed.GetValue(control), parts, error, cancellationToken);
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
    private static async Task<DrillDocument?> RunAsync(AgentSettings settings, DrillSettings drill, bool withControl, AgentParts parts, TextWriter error, CancellationToken cancellationToken)
    {
        var job = new DrillJob(drill, parts.OpenRepository, parts.CreateTarget, parts.Clock, parts.Progress(error), withControl);
        return await HandRun.RunAsync(job, settings, parts, error, cancellationToken) ? job.Last : null;
    }

    /// <remarks>Not a JSON document: nothing was looked at, so there is no verdict that a program could read.</remarks>
    private static IEnumerable<string> DryRun(DrillSettings drill)
    {
        var plan = drill.Plan;
        yield return $"{plan.Name} for {plan.Application}: nothing was looked at, this is what a run would do.";
        yield return $"  1. restore {plan.Snapshot} of {plan.Repository} into a fresh folder of {drill.Sandbox.Folder}" + (plan.Include.Count == 0 ? "" : ", only " + string.Join(", ", plan.Include));
        if (drill.Sandbox.QuotaBytes is { } quota) yield return string.Create(CultureInfo.InvariantCulture, $"     at most {quota} bytes");
        foreach (var (at, step) in plan.Probes.Index()) yield return string.Create(CultureInfo.InvariantCulture, $"  {at + 2}. {step.StepKind} {step.Name}{(step.NeedsRoom ? ", in a room without network" : "")}");
        if (plan.Probes is []) yield return "     no step asks anything: this drill can never be proved";
        yield return string.Create(CultureInfo.InvariantCulture, $"  {plan.Probes.Count + 2}. damage the copy on purpose and ask again, where this definition was not seen to go red before");
        yield return string.Create(CultureInfo.InvariantCulture, $"  {plan.Probes.Count + 3}. remove everything and record the result");
        if (plan.LongestRto is { } rto) yield return $"  objective: back within {rto}";
        if (plan.LongestRpo is { } rpo) yield return $"  objective: data not older than {rpo}";
        if (plan.Probes.Any(p => p.NeedsRoom) && (OperatingSystem.IsLinux() ? BubblewrapRoom.Missing() : "this system has no room without network") is { } missing)
            yield return $"  ! {missing}: the steps that need a room would be inconclusive";
        yield return $"  definition {plan.DefinitionHash}";
    }

    private static string Text(DrillDocument document)
    {
        var lines = new List<string>
        {
            $"{document.Drill}: {document.Verdict.ToUpperInvariant()}" + (document.Unfinished is null ? "" : $" ({(CommandLine.Language == "fr" ? document.UnfinishedFr : document.Unfinished)})"),
            $"  repository  {document.Repository}",
            "  snapshot    " + (document.Snapshot is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s.Id}, taken {s.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "none"),
            string.Create(CultureInfo.InvariantCulture, $"  restored    {document.Files} files, {document.Bytes} bytes") + (document.RestoreBytesPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $", {rate / 1e6:0.0} MB/s") : ""),
            "  RTO         " + Measured(document.MeasuredRtoSeconds) + (document.ScaledRtoSeconds is { } scaled ? ", of a part; scaled to the whole snapshot by its bytes: " + Measured(scaled) : ""),
            "  RPO         " + Measured(document.MeasuredRpoSeconds),
            "  cleaned up  " + (document.CleanedUp ? "yes" : "NO"),
        };
        lines.AddRange(document.Steps.Select(s => string.Create(CultureInfo.InvariantCulture, $"  {s.Verdict,-12} {s.DurationSeconds,9:0.000} s  {s.Kind} {s.Name}: {s.Detail}")));
        if (document.Control is { } control)
        {
            lines.Add(control.AlarmProved ? "  alarm proved: on a copy damaged on purpose every question went red" : "  ALARM NOT PROVED: on a copy damaged on purpose not every question went red");
            lines.AddRange(control.Steps.Select(s => $"    {s.Name}: {(s.Damage.Length == 0 ? "" : s.Damage + ", ")}{s.Verdict} ({s.Detail})"));
        }
        foreach (var finding in document.Findings) lines.AddRange([$"  {finding.Severity} {finding.Code} {finding.Message}", $"      {finding.Remedy}"]);
        return string.Join('\n', lines);
    }

    private static string Measured(double? seconds) => seconds is { } s ? string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromSeconds(s):d\\.hh\\:mm\\:ss\\.fff} ({s} s)") : "not measured";
}
