using System.CommandLine;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Stores;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Commands;

/// <summary>backupguard-agent probe REPOSITORY: tries, on a canary of its own, to destroy what must not be destroyed.</summary>
public static class ProbeCommand
{
    public static Command Create(AgentParts parts)
    {
        var name = new Argument<string>("repository") { Description = "The repository's name or address in agent.yaml, where its probe section stands." };
        var config = ConfigFile.Option();
        var wait = new Option<string?>("--wait") { Description = "wait at most this long (PT20M) for the short canary's end, so that one run can conclude" };
        var accept = new Option<bool>("--accept-baseline") { Description = "take the store's settings for right as they are now" };
        var format = new Option<string>("--format") { Description = "text for people, json for programs.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("probe", "Attacks a canary object with the writer's keys and says what came of it. Touches nothing but its canary.") { name, config, wait, accept, format };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                var wanted = parsed.GetRequiredValue(name);
                if (Refusal(settings, wanted, parsed.GetValue(wait), out var repository, out var longest) is { } refusal)
                {
                    await error.WriteLineAsync($"backupguard-agent: {refusal}");
                    return ExitCodes.Usage;
                }
                ProbeJob job;
                try
                {
                    // Tried once before anything is announced: what is wrong with keys or address is a mistake of the file.
                    using (ProbeOpener.IsFolder(repository) ? OperatingSystem.IsLinux() ? ProbeOpener.OpenFolder(repository, repository.LockProbe!) : null : (IDisposable)parts.OpenProbe(repository, repository.LockProbe!)) { }    // Refusal made sure of it
                    job = new ProbeJob(repository, repository.LockProbe!, parts.OpenRepository, parts.OpenProbe, parts.Clock) { LongestWait = longest, AcceptsBaseline = parsed.GetValue(accept) };
                    if (!await HandRun.RunAsync(job, settings, parts, error, cancellationToken)) return ExitCodes.Usage;
                }
                catch (UsageException e)
                {
                    await error.WriteLineAsync($"backupguard-agent: {e.Message}");
                    return ExitCodes.Usage;
                }
                if (job.Last is not { } document) return ExitCodes.Inconclusive;
                await output.WriteLineAsync(parsed.GetValue(format) == "json" ? DocumentMapping.ToJson(document, DocumentJson.Default.ProbeDocument) : ProbeText.Of(document));
                return document.Verdict switch { "proved" => ExitCodes.Proved, "failed" => ExitCodes.Failed, _ => ExitCodes.Inconclusive };
            });
        });
        return command;
    }

    private static string? Refusal(AgentSettings settings, string wanted, string? wait, out RepositorySettings repository, out TimeSpan longest)
    {
        longest = TimeSpan.Zero;
        // Any will do where the answer is a refusal.
        repository = settings.Repositories.FirstOrDefault(r => r.Name == wanted || r.Address == wanted) ?? settings.Repositories[0];
        if (repository.Name != wanted && repository.Address != wanted)
            return $"{settings.File} names no repository \"{Verification.Printable.Of(wanted)}\"; it names {string.Join(", ", settings.Repositories.Select(r => r.Name))}.";
        if (wait is not null && !Values.TryDuration(wait, out longest)) return $"--wait {Verification.Printable.Of(wait)}: give a duration such as PT20M.";
        if (repository.LockProbe is not { } probe) return $"{repository.Name} has no probe section in {settings.File}: name identityUnderTest and approvedBy there.";
        return probe.IsApproved ? null : $"the probe of {repository.Name} needs two different names under approvedBy in {settings.File}: it writes objects that cannot be removed for a while.";
    }
}
