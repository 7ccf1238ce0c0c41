using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Scans;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>Steps that look for malware: clamav, yara.</summary>
internal static class ScanSteps
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(6);

    public static Probe? Clamav(Section s)
    {
        var database = StepValues.FullPath(s, "database", s.Optional("database") ?? "/var/lib/clamav");
        var (sample, timeout) = (StepValues.FullPath(s, "sample", s.Optional("sample")), StepValues.Timeout(s, Long));
        var age = s.Optional("maxAge") is { } text ? text == "any" ? null : ProbeReader.Duration(s, "maxAge", text) : TimeSpan.FromDays(14);
        var over = s.Optional("overLimits") ?? "inconclusive";
        if (over is not ("inconclusive" or "said")) s.RefuseKey("overLimits", "write inconclusive (the default) or said (files over the scanner's limits are told and not held against the answer)");
        var socket = StepValues.FullPath(s, "socket", s.Optional("socket"));
        if (socket is not null && s.Find("database") is not null) s.RefuseKey("database", "clamd has its own signatures: write socket or database, not both");
        return database is null || timeout is null ? null : new ClamavScan(database, age, over == "said", sample, timeout.Value) { Socket = socket, MayFindDaemon = socket is null && s.Find("database") is null };
    }

    public static Probe? Yara(Section s)
    {
        var rules = StepValues.FullPath(s, "rules", s.Required("rules", "/etc/backupguard/rules.yar"));
        var (sample, timeout) = (StepValues.FullPath(s, "sample", s.Optional("sample")), StepValues.Timeout(s, Long));
        return rules is null || timeout is null ? null : new YaraScan(rules, sample, timeout.Value);
    }
}
