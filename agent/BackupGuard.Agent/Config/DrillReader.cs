using System.Globalization;
using BackupGuard.Agent.Envelopes;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Config;

/// <summary>Reads one drill: what to restore, where, what to start and ask, how good it has to be.</summary>
internal static class DrillReader
{
    internal static readonly string[] Keys = ["repository", "envelope", "snapshot", "include", "application", "cron", "timeZone", "sandbox", "steps", "probes", "objectives"];

    /// <param name="named">Names of all repositories, the unreadable ones too.</param>
    public static DrillSettings? Read(string name, YamlValue value, string folder, string? state, List<RepositorySettings> repositories, HashSet<string> named, List<ConfigProblem> problems)
    {
        var before = problems.Count;
        var s = new Section(value, $"the drill {name}", Keys, problems);
        var envelope = AgentConfig.FullPath(s.Optional("envelope"), folder);
        var wanted = envelope is null ? s.Required("repository", named.FirstOrDefault() ?? "name") : null;
        if (envelope is not null && s.Find("repository") is not null) s.RefuseKey("repository", "a drill from an envelope starts from nothing but that envelope; remove this line or that one");
        if (wanted is not null && !named.Contains(wanted))
            s.RefuseKey("repository", $"no repository is named \"{wanted}\"; " + (Values.Closest(wanted, named) is { } meant ? $"did you mean \"{meant}\"?" : "name it under repositories"));
        var repository = repositories.FirstOrDefault(r => r.Name == wanted);
        var application = (envelope is null ? s.Optional("application") : s.Required("application", "socle")) ?? repository?.Application;
        if (envelope is not null) repository = new RepositorySettings("envelope", EnvelopeRepository.AddressPrefix + envelope, null, application ?? "", null) { StateFolder = state ?? "" };
        if (application is not null && !Values.IsName(application)) s.RefuseKey("application", "an application's id has a-z, 0-9, \".\", \"_\" and \"-\" only");
        var snapshot = Snapshot(s, name, repository is not null && RepositoryAddress.IsDriven(repository.Address));
        var include = Include(s);
        var calendar = AgentConfig.ReadCalendar(s, s.Optional("cron") ?? Values.DefaultDrillCron(name));
        var (longestRto, longestRpo) = Objectives(s, name);
        if (s.Find("steps") is not null && s.Find("probes") is not null) s.RefuseKey("probes", "steps and probes are the same list under two names; write all of it under steps");
        var steps = ProbeReader.ReadAll(s.Find("steps") is null ? "probes" : "steps", s.Find("steps") ?? s.Find("probes"), problems);
        var sandbox = Sandbox(s, name, folder, state, ownsFiles: steps.Any(p => p.NeedsRoom));
        return problems.Count == before && repository is not null && calendar is not null && sandbox is not null
            ? new DrillSettings(repository, new DrillPlan(name, application ?? repository.Application, repository.Address, snapshot, steps) { Include = include, LongestRto = longestRto, LongestRpo = longestRpo }, calendar, sandbox)
            : null;
    }

    private static SnapshotRule Snapshot(Section drill, string name, bool isDriven)
    {
        if (drill.Find("snapshot") is YamlMap map) return Rule(new Section(map, $"snapshot of {name}", ["age", "random", "before"], drill.Problems));
        var text = drill.Optional("snapshot") ?? "latest";
        if (text == "latest") return SnapshotRule.Latest;
        // Whoever is asked by a tool's name for a backup has names of other kinds.
        if (isDriven ? !IsForeignName(text) : text.Length is < 4 or > 64 || !text.All(char.IsAsciiHexDigit))
            drill.RefuseKey("snapshot", (isDriven ? "write latest, at least the first 4 characters of the backup's name" : "write latest, at least the first 4 digits of a snapshot's id") + ", or a rule such as {age: P7D}, {random: P30D} or {before: 2026-11-01}");
        return SnapshotRule.Id(text);
    }

    private static SnapshotRule Rule(Section s)
    {
        string[] given = [.. ((string[])["age", "random", "before"]).Where(k => s.Find(k) is not null)];
        if (given is not [var key] || s.Optional(key) is not { } text)
        {
            if (given.Length != 1) s.RefuseWhole("write exactly one of age, random and before");
            return SnapshotRule.Latest;
        }
        if (key == "before")
        {
            if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)) return SnapshotRule.LastBefore(moment);
            s.RefuseKey(key, $"\"{text}\" is not a date; write for example 2026-11-01 (its first moment, UTC) or 2026-11-01T18:00:00Z");
        }
        else if (Values.TryDuration(text, out var duration))
            return key == "age" ? SnapshotRule.OfAge(duration) : SnapshotRule.AnyWithin(duration);
        else
            s.RefuseKey(key, $"\"{text}\" is not a duration; write for example P7D or PT26H");
        return SnapshotRule.Latest;
    }

    private static bool IsForeignName(string text) =>
        text.Length is >= 4 and <= 128 && text[0] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '+');

    private static List<string> Include(Section drill)
    {
        if (drill.Find("include") is not { } value) return [];
        if (value is not YamlList { Items.Count: > 0 } list || list.Items.Any(i => i is not YamlText { Value.Length: > 0 }))
        {
            drill.RefuseKey("include", "write a list of patterns over the paths inside the snapshot, as in [\"srv/dpi/**\"]; remove the line to restore everything");
            return [];
        }
        return [.. list.Items.Select(i => ((YamlText)i).Value)];
    }

    private static (TimeSpan? Rto, TimeSpan? Rpo) Objectives(Section drill, string name)
    {
        if (drill.Find("objectives") is not { } value) return (null, null);
        var s = new Section(value, $"objectives of {name}", ["rto", "rpo"], drill.Problems);
        return (Duration(s, "rto"), Duration(s, "rpo"));
    }

    private static TimeSpan? Duration(Section s, string key)
    {
        if (s.Optional(key) is not { } text) return null;
        if (Values.TryDuration(text, out var duration)) return duration;
        s.RefuseKey(key, $"\"{text}\" is not a duration; write for example PT4H or P1D");
        return null;
    }

    private static SandboxSettings? Sandbox(Section drill, string name, string folder, string? state, bool ownsFiles)
    {
        var otherwise = state is null ? null : Path.Combine(state, "sandbox");
        if (drill.Find("sandbox") is not YamlMap map)
            return (AgentConfig.FullPath(drill.Optional("sandbox"), folder) ?? otherwise) is { } path ? new SandboxSettings(path, null, ownsFiles) : null;
        var s = new Section(map, $"sandbox of {name}", ["folder", "quota", "room"], drill.Problems);
        var named = AgentConfig.FullPath(s.Optional("folder"), folder) ?? otherwise;
        long? quota = null;
        if (s.Optional("quota") is { } text)
        {
            if (Values.TryBytes(text, out var bytes) && bytes > 0) quota = bytes;
            else s.RefuseKey("quota", $"\"{text}\" is not a size; write for example 200GiB");
        }
        var room = s.Optional("room");
        if (room is not (null or "namespaces" or "job")) s.RefuseKey("room", "write namespaces (Linux, the default) or job (Windows: a job object and a firewall rule, which this project has never seen run)");
        return named is null ? null : new SandboxSettings(named, quota, ownsFiles) { AllowsJob = room == "job" };
    }
}
