using System.CommandLine;
using System.Globalization;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Driven;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Link;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Commands;

/// <summary>backupguard-agent check-config: what the agent would do, without doing it. Secrets are never read, only where they are.</summary>
public static class CheckConfigCommand
{
    public static Command Create(AgentParts parts)
    {
        var config = ConfigFile.Option();
        var command = new Command("check-config", "Prints the effective settings, the next runs, and what looks wrong on this machine.") { config };
        command.SetAction((parsed, _) => ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, parsed.InvocationConfiguration.Error, async settings =>
        {
            foreach (var line in Describe(settings, parts.Clock.GetUtcNow())) await parsed.InvocationConfiguration.Output.WriteLineAsync(line);
            foreach (var warning in Warnings(settings)) await parsed.InvocationConfiguration.Output.WriteLineAsync("warning: " + warning);
            return ExitCodes.Proved;
        }));
        return command;
    }

    private static IEnumerable<string> Describe(AgentSettings settings, DateTimeOffset now)
    {
        yield return $"file: {settings.File}";
        yield return $"state: {settings.StateFolder}";
        yield return $"server: {ServerOf(settings)}";
        foreach (var repository in settings.Repositories)
        {
            yield return $"repository {repository.Name}:";
            yield return $"  address: {repository.Address}";
            yield return $"  application: {repository.Application}";
            yield return $"  password: {(repository.PasswordFile is { } file ? $"(redacted) from {file}" : "none")}";
            if (repository.Signals is { } signals)
                yield return $"  signals: canaries {signals.CanaryRegister ?? "none"}, {signals.Profiles.Count} profiles, {signals.Windows.Count(w => w.Until >= now)} windows open or to come, sample of {signals.SampleFiles} files";
            if (repository.Store is var store && store != StoreSettings.Default)
                yield return $"  store: keys {(store.CredentialsFile is { } keys ? $"(redacted) from {keys}" : "from the environment")}, authorities {store.CaFile ?? "of this machine"}, region {store.Region ?? "by default"}";
            if (repository.Tool is var tool && tool != ToolSettings.Default)
                yield return $"  tool: {tool.Program ?? "as the address says"}, configuration {tool.ConfigFile ?? "its own"}, {tool.Arguments.Count} arguments, variables {(tool.Environment.Count == 0 ? "none" : string.Join(", ", tool.Environment.Keys))} (redacted), at most {tool.Timeout.TotalMinutes:0.#} min a call, scratch {tool.Scratch ?? "the temporary folder"}";
            if (repository.LockProbe is { } probe)
            {
                if (probe.Mode == LockMode.Attribute) yield return $"  probe: the folder, as {probe.IdentityUnderTest ?? "whoever starts it"}, approved by {(probe.ApprovedBy is [] ? "nobody" : string.Join(", ", probe.ApprovedBy))}";
                else yield return $"  probe: {probe.Mode.ToString().ToLowerInvariant()} locks, keys under test (redacted) from {probe.IdentityUnderTest}, verifier {(probe.Verifier is { } v ? $"(redacted) from {v}" : "as the store")}, approved by {(probe.ApprovedBy is [] ? "nobody" : string.Join(", ", probe.ApprovedBy))}";
                yield return probe.Calendar is { } runs ? $"  next probe: {Next(runs, now)}" : "  next probe: by hand only";
            }
            if (repository.Copy is { } copy)
                yield return $"  copy: of {string.Join(", ", copy.Of)}, on {copy.Medium} at {copy.Site}{(copy.Offline ? ", offline by procedure" : "")}";
            if (repository.Verify is not { } verify) { yield return "  verify: never by itself"; continue; }
            yield return $"  verify: \"{verify.Calendar.Text}\" in {verify.Calendar.Zone.Id}, read data: {verify.ReadDataText}";
            yield return $"  next: {Next(verify.Calendar, now)}";
        }
        foreach (var dataset in settings.Datasets)
            yield return $"dataset {dataset.Name}: of {dataset.Application}, original on {dataset.Medium ?? "a medium that is not said"} at {dataset.Site ?? "a site that is not said"}";
        foreach (var external in settings.External)
            yield return $"external {external.Name}: {Verification.External.ExternalProducts.Word(external.Product)} of {external.Tenant} for {external.Application}, attested by others, never a proof";
        foreach (var drill in settings.Drills)
        {
            yield return $"drill {drill.Name}:";
            yield return $"  restores: {drill.Plan.Snapshot} of {drill.Repository.Name} for {drill.Application}";
            yield return $"  calendar: \"{drill.Calendar.Text}\" in {drill.Calendar.Zone.Id}";
            yield return $"  next: {Next(drill.Calendar, now)}";
            yield return $"  sandbox: {drill.Sandbox.Folder}{(drill.Sandbox.QuotaBytes is { } quota ? string.Create(CultureInfo.InvariantCulture, $", at most {quota} bytes") : "")}";
            yield return $"  probes: {(drill.Plan.Probes is [] ? "none" : string.Join("; ", drill.Plan.Probes.Select(p => p.Name)))}";
            yield return $"  definition: {drill.Plan.DefinitionHash}";
        }
    }

    private static string Next(Scheduling.Calendar calendar, DateTimeOffset now)
    {
        var runs = new List<string>();
        for (var at = calendar.NextAfter(now); at is { } next && runs.Count < 3; at = calendar.NextAfter(next))
            runs.Add(TimeZoneInfo.ConvertTime(next, calendar.Zone).ToString("ddd yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture));
        return string.Join(", ", runs);
    }

    private static IEnumerable<string> Warnings(AgentSettings settings)
    {
        foreach (var repository in settings.Repositories)
        {
            if (repository.Signals?.Load(out var refusal) is { Canaries: [] })
                yield return refusal is null ? $"repository {repository.Name}: no canaries are planted; none of its snapshots can be called clean without a drill."
                    : $"repository {repository.Name}: the register of canaries {repository.Signals.CanaryRegister} cannot be used: {refusal}.";
            if (repository.PasswordFile is { } file && SecretFileWarning(repository.Name, "password", file) is { } warning) yield return warning;
            if (repository.Store.CredentialsFile is { } keys && SecretFileWarning(repository.Name, "credentials", keys) is { } open) yield return open;
            if (repository.LockProbe is { } probe)
            {
                if (probe is { IdentityUnderTest: { } writer, Mode: not LockMode.Attribute } && SecretFileWarning(repository.Name, "probe's credentials", writer) is { } tested) yield return tested;
                if (probe.Verifier is { } verifier && SecretFileWarning(repository.Name, "verifier's credentials", verifier) is { } witness) yield return witness;
                if (!probe.IsApproved) yield return $"repository {repository.Name}: the probe needs two different names under approvedBy; it would try nothing.";
            }
            if (repository.Store.CaFile is { } authorities && !File.Exists(authorities))
                yield return $"repository {repository.Name}: the CA file {authorities} is not there or may not be read; every check would end as unknown.";
            var location = repository.Address[(repository.Address.IndexOf(':', StringComparison.Ordinal) + 1)..];
            if (Path.IsPathFullyQualified(location) && !Path.Exists(location))
                yield return $"repository {repository.Name}: {location} is not there; every check of it would end as unknown. Mount it or correct the address.";
            if (repository.Verify is null && settings.Drills.All(d => d.Repository.Name != repository.Name))
                yield return $"repository {repository.Name}: nothing looks at it; give it a verify section or a drill.";
        }
        foreach (var drill in settings.Drills)
        {
            if (drill.Plan.Probes is [])
                yield return $"drill {drill.Name}: it has no probe and cannot be proved; add at least one under probes.";
            if (SandboxWarning(drill) is { } warning) yield return $"drill {drill.Name}: {warning}";
        }
    }

    private static string? SecretFileWarning(string repository, string what, string file)
    {
        if (!File.Exists(file)) return $"repository {repository}: the {what} file {file} is not there or may not be read; create it for the agent's account only.";
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            return $"repository {repository}: others than its owner may read or write the {what} file {file}; run chmod 600 on it.";
        return null;
    }

    private static string? SandboxWarning(DrillSettings drill)
    {
        if (DirectorySandbox.Refusal(drill.Sandbox.Folder, drill.Repository.Address) is { } refusal) return refusal + ".";
        var existing = drill.Sandbox.Folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent) existing = parent;
        try
        {
            // Asked by doing it: rights, quotas and read-only mounts all answer the same way.
            using (new FileStream(Path.Combine(existing, ".backupguard-check-" + Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the sandbox {drill.Sandbox.Folder} cannot be written: {e.Message} Every run would end as unknown.";
        }
    }

    /// <summary>Where evidence goes is what enrolment left behind, whatever the file says.</summary>
    private static string ServerOf(AgentSettings settings)
    {
        try
        {
            if (LinkSettings.Load(settings.StateFolder) is { } link) return $"{link.Server}, enrolled as {link.AgentId}";
            return settings.Server is { } named ? $"{named}, not enrolled yet: evidence stays in the spool" : "none, evidence stays in the spool";
        }
        catch (UsageException e)
        {
            return e.Message;
        }
    }
}
