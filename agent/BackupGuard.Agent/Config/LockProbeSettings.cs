using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Config;

/// <summary>The probe of a repository's immutability: probe in agent.yaml.</summary>
/// <param name="IdentityUnderTest">File with the keys that write the backups: what a thief would have.</param>
/// <param name="Verifier">File with keys that may only read; null for those of the repository's store.</param>
/// <param name="Mode">The lock that backups are said to have: Compliance or Governance; at Azure a locked or an unlocked policy, which count as those.</param>
/// <param name="ControlAfter">How long the short canary is held.</param>
/// <param name="Wanted">How long from now each snapshot should be held.</param>
/// <param name="ApprovedBy">Who allowed it; without two different names nothing is tried.</param>
/// <param name="Calendar">Null when only a person starts it.</param>
public sealed record LockProbeSettings(string IdentityUnderTest, string? Verifier, LockMode Mode, TimeSpan Interval, TimeSpan ControlAfter, TimeSpan Wanted, IReadOnlyList<string> ApprovedBy, Calendar? Calendar)
{
    public bool IsApproved => ApprovedBy.Distinct(StringComparer.OrdinalIgnoreCase).Count() >= 2;

    public HorizonPolicy Horizon => new(Mode == LockMode.Governance, Wanted);
}

/// <summary>Reads the probe section of a repository.</summary>
internal static class LockProbeReader
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromDays(7), DefaultControl = TimeSpan.FromMinutes(15), LongestInterval = TimeSpan.FromDays(92);

    public static LockProbeSettings? Read(string repository, YamlValue value, string folder, List<ConfigProblem> problems)
    {
        var before = problems.Count;
        var s = new Section(value, $"probe of {repository}", ["identityUnderTest", "verifier", "mode", "interval", "controlAfter", "horizon", "approvedBy", "cron", "timeZone"], problems);
        var tested = AgentConfig.FullPath(s.Required("identityUnderTest", "dpi-writer.s3"), folder);
        var verifier = AgentConfig.FullPath(s.Optional("verifier"), folder);
        var mode = s.Optional("mode") ?? "compliance";
        if (mode is not ("compliance" or "governance" or "locked" or "unlocked")) s.RefuseKey("mode", $"\"{mode}\" is neither compliance nor governance (S3), neither locked nor unlocked (Azure)");
        var interval = Duration(s, "interval", "P7D") ?? DefaultInterval;
        if (interval > LongestInterval) s.RefuseKey("interval", "a canary cannot be removed before the interval and a day are over; write at most P92D");
        var control = Duration(s, "controlAfter", "PT15M") ?? DefaultControl;
        var wanted = Duration(s, "horizon", "P44D") ?? HorizonPolicy.DefaultWanted;
        var names = Names(s);
        var calendar = s.Optional("cron") is { } cron ? AgentConfig.ReadCalendar(s, cron) : null;
        return problems.Count == before ? new LockProbeSettings(tested!, verifier, mode is "governance" or "unlocked" ? LockMode.Governance : LockMode.Compliance, interval, control, wanted, names, calendar) : null;    // required just above
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
