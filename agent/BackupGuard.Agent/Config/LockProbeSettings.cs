using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Config;

/// <summary>The probe of a repository's immutability: probe in agent.yaml.</summary>
/// <param name="IdentityUnderTest">What a thief would have. In a bucket a file with the keys that write the backups, never null; in a folder the name of an account of this machine, or null for the one that the probe runs as.</param>
/// <param name="Verifier">File with keys that may only read; null for those of the repository's store.</param>
/// <param name="Mode">The lock that backups are said to have: Compliance or Governance; at Azure a locked or an unlocked policy, which count as those.</param>
/// <param name="ControlAfter">How long the short canary is held.</param>
/// <param name="Wanted">How long from now each snapshot should be held.</param>
/// <param name="ApprovedBy">Who allowed it; without two different names nothing is tried.</param>
/// <param name="Calendar">Null when only a person starts it.</param>
public sealed record LockProbeSettings(string? IdentityUnderTest, string? Verifier, LockMode Mode, TimeSpan Interval, TimeSpan ControlAfter, TimeSpan Wanted, IReadOnlyList<string> ApprovedBy, Calendar? Calendar)
{
    public bool IsApproved => ApprovedBy.Distinct(StringComparer.OrdinalIgnoreCase).Count() >= 2;

    public HorizonPolicy Horizon => new(Mode == LockMode.Governance, Wanted);
}

/// <summary>Reads the probe section of a repository.</summary>
internal static class LockProbeReader
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromDays(7), DefaultControl = TimeSpan.FromMinutes(15), LongestInterval = TimeSpan.FromDays(92);

    public static LockProbeSettings? Read(string repository, YamlValue value, string folder, bool isFolder, List<ConfigProblem> problems)
    {
        var before = problems.Count;
        var s = new Section(value, $"probe of {repository}", ["identityUnderTest", "verifier", "mode", "interval", "controlAfter", "horizon", "approvedBy", "cron", "timeZone"], problems);
        if (isFolder)
        {
            // The service's own unit shows it every folder read-only: a probe that it started would try nothing.
            foreach (var key in (string[])["verifier", "mode", "controlAfter", "horizon", "cron", "timeZone"])
                if (s.Find(key) is not null) s.RefuseKey(key, key is "cron" or "timeZone" ? "the service sees folders read-only and could try nothing; have a timer of root's run: backupguard-agent probe" : "a folder has no locks with a date; leave it out");
        }
        var tested = isFolder ? s.Optional("identityUnderTest") : AgentConfig.FullPath(s.Required("identityUnderTest", "dpi-writer.s3"), folder);
        var verifier = AgentConfig.FullPath(s.Optional("verifier"), folder);
        var mode = s.Optional("mode") ?? "compliance";
        if (mode is not ("compliance" or "governance" or "locked" or "unlocked")) s.RefuseKey("mode", $"\"{mode}\" is neither compliance nor governance (S3), neither locked nor unlocked (Azure)");
        var interval = Duration(s, "interval", "P7D") ?? DefaultInterval;
        if (interval > LongestInterval) s.RefuseKey("interval", "a canary cannot be removed before the interval and a day are over; write at most P92D");
        var control = Duration(s, "controlAfter", "PT15M") ?? DefaultControl;
        var wanted = Duration(s, "horizon", "P44D") ?? HorizonPolicy.DefaultWanted;
        var names = Names(s);
        var calendar = s.Optional("cron") is { } cron ? AgentConfig.ReadCalendar(s, cron) : null;
        return problems.Count == before ? new LockProbeSettings(tested, verifier, isFolder ? LockMode.Attribute : mode is "governance" or "unlocked" ? LockMode.Governance : LockMode.Compliance, interval, control, wanted, names, calendar) : null;
    }

    private static TimeSpan? Duration(Section s, string key, string example)
    {
        if (s.Optional(key) is not { } text) return null;
        if (Values.TryDuration(text, out var duration)) return duration;
        s.RefuseKey(key, $"\"{text}\" is not a duration; write for example {example}");
        return null;
    }

    /// <summary>Fewer than two names are no mistake of the file: the probe itself says so and tries nothing.</summary>
    private static List<string> Names(Section s)
    {
        var names = new List<string>();
        if (s.Find("approvedBy") is not { } value) return names;
        if (value is not YamlList list) { s.RefuseKey("approvedBy", "must be a list of the names of two persons"); return names; }
        foreach (var item in list.Items)
        {
            if (item is YamlText { Value: var text } && text.Trim() is { Length: > 0 and <= 100 } name) names.Add(name);
            else s.Refuse(item, "approvedBy: write a person's name");
        }
        return names;
    }
}
