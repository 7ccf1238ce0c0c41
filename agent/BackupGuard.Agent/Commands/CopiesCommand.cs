using System.CommandLine;
using System.Globalization;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Copies;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Spool;
using BackupGuard.Contracts;
using BackupGuard.Copies;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Commands;

/// <summary>copies: 3-2-1-1-0 of each dataset from what the agent remembers; copies seen-offline: a person says that a copy was disconnected.</summary>
public static class CopiesCommand
{
    public static Command Create(AgentParts parts)
    {
        var config = ConfigFile.Option();
        var format = CommandLine.Format();
        var command = new Command("copies", "3-2-1-1-0 of each dataset: copies, media, off-site, offline or immutable, errors, each with its evidence and age. Reads no backup.") { config, format };
        command.SetAction((parsed, _) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                if (settings.Datasets.Count == 0)
                {
                    await error.WriteLineAsync($"backupguard-agent: {settings.File} names no datasets: say under datasets what the repositories are copies of.");
                    return ExitCodes.Usage;
                }
                var now = parts.Clock.GetUtcNow();
                var datasets = DatasetCopies.All(settings, now);
                var verdict = DatasetCopies.VerdictOf(datasets.SelectMany(d => d.Requirements).Select(r => r.State switch { "met" => RequirementState.Met, "missing" => RequirementState.Missing, _ => RequirementState.Unknown }));
                var report = new CopiesReportDocument { Verdict = DocumentMapping.Word(verdict), Datasets = datasets };
                await output.WriteLineAsync(parsed.GetValue(format) == "json" ? DocumentMapping.ToJson(report, DocumentJson.Default.CopiesReportDocument) : Text(report, now));
                try
                {
                    Record(settings, null, parts, now, handOver: false);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    await error.WriteLineAsync($"Not recorded as evidence: {e.Message}");
                }
                return CommandLine.ExitCode(verdict);
            });
        });
        command.Add(SeenOffline(parts));
        return command;
    }

    private static Command SeenOffline(AgentParts parts)
    {
        var name = new Argument<string>("repository") { Description = "its name in agent.yaml; offline: true must stand in its copy section" };
        var config = ConfigFile.Option();
        var by = new Option<string>("--by") { Description = "the role of whoever looked, such as exploitation; no person's name", Required = true };
        var on = new Option<string?>("--on") { Description = "the day of the look (2026-11-22); today when left out" };
        var command = new Command("seen-offline", "Writes down that somebody saw a copy disconnected from everything. It counts for 100 days.") { name, config, by, on };
        command.SetAction((parsed, _) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                var now = parts.Clock.GetUtcNow();
                var (wanted, role) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(by).Trim());
                var repository = settings.Repositories.FirstOrDefault(r => r.Name == wanted);
                var at = now;
                var refusal = repository is null ? $"{settings.File} names no repository \"{Printable.Of(wanted)}\"; it names {string.Join(", ", settings.Repositories.Select(r => r.Name))}."
                    : repository.Copy?.Offline != true ? $"{repository.Name} is not offline by procedure: write \"offline: true\" in its copy section in {settings.File} first."
                    : role.Length is 0 or > 100 ? "--by: name the role of whoever looked, in 1 to 100 characters."
                    : parsed.GetValue(on) is { } day && !TryDay(day, now, out at) ? $"--on {Printable.Of(day)}: give a day such as 2026-11-22, not in the future and not longer ago than {CopiesRule.OfflineValidFor.TotalDays:0} days."
                    : null;
                if (refusal is not null)
                {
                    await error.WriteLineAsync($"backupguard-agent: {refusal}");
                    return ExitCodes.Usage;
                }
                // The refusals above made sure of it.
                if (LastWords.Keep(repository!.StateFolder, repository.Address, LastWordKind.SeenOffline, new LastWord("seen-offline", at, null, Printable.Of(role))) is { } problem)
                {
                    await error.WriteLineAsync($"backupguard-agent: it could not be written down: {problem}");
                    return ExitCodes.Usage;
                }
                await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{repository.Name}: seen disconnected on {at:yyyy-MM-dd} ({Printable.Of(role)}); counts until {at + CopiesRule.OfflineValidFor:yyyy-MM-dd}."));
                try
                {
                    Record(settings, repository.Name, parts, now, handOver: true);
                    return ExitCodes.Proved;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    await error.WriteLineAsync($"backupguard-agent: it is remembered here, but could not be recorded as evidence: {e.Message}");
                    return ExitCodes.Usage;
                }
            });
        });
        return command;
    }

    private static bool TryDay(string text, DateTimeOffset now, out DateTimeOffset at)
    {
        at = default;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return false;
        at = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return at <= now && now - at <= CopiesRule.OfflineValidFor;
    }

    /// <param name="handOver">Whether a running service, which holds the spool, gets it to record; what only repeats what it records by itself need not be handed over.</param>
    private static void Record(AgentSettings settings, string? repository, AgentParts parts, DateTimeOffset now, bool handOver)
    {
        StateFiles.CreateFolder(settings.StateFolder);
        OpenSpool spool;
        try
        {
            spool = parts.OpenSpool(settings);
        }
        catch (IOException)
        {
            if (handOver) CopiesRecord.Write(settings, repository, new InboxRecorder(settings.StateFolder, now), now);
            return;
        }
        using (spool.Lifetime) CopiesRecord.Write(settings, repository, spool.Recorder, now);
    }

    private static string Text(CopiesReportDocument report, DateTimeOffset now)
    {
        var french = CommandLine.Language == "fr";
        var lines = new List<string>();
        foreach (var dataset in report.Datasets)
        {
            lines.Add($"{dataset.Dataset} ({dataset.Application}): {dataset.Verdict.ToUpperInvariant()}");
            foreach (var (line, requirement) in dataset.Requirements.Zip(Enum.GetValues<CopiesRequirement>()))
            {
                var name = DatasetCopies.Name(requirement);
                var state = (line.State, french) switch { ("met", true) => "satisfait", ("missing", true) => "MANQUANT", (_, true) => "inconnu", ("met", _) => "met", ("missing", _) => "MISSING", _ => "unknown" };
                lines.Add($"  {state,-10} {(french ? name.Fr : name.En)}");
                lines.AddRange(line.Evidence.Select(e => $"             {e.Copy}: {(french ? e.WhatFr : e.What)}{Age(e.At, now, french)}"));
            }
            foreach (var f in dataset.Findings)
                lines.AddRange([$"  {f.Severity} {f.Code} {(french ? f.MessageFr : f.Message)}", $"      {(french ? f.RemedyFr : f.Remedy)}"]);
        }
        return string.Join('\n', lines);
    }

    private static string Age(DateTimeOffset? at, DateTimeOffset now, bool french) => at is { } when
        ? string.Create(CultureInfo.InvariantCulture, $", {when.UtcDateTime:yyyy-MM-dd HH:mm} UTC ({(french ? "il y a " : "")}{Math.Max(0, Math.Floor((now - when).TotalDays)):0} {(french ? "j" : "d ago")})") : "";
}
