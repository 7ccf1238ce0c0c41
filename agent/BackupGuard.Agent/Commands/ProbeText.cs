using System.Globalization;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Commands;

/// <summary>A probe for people.</summary>
internal static class ProbeText
{
    public static string Of(ProbeDocument d)
    {
        var lines = new List<string>
        {
            $"{d.Repository}: {d.Immutability.ToUpperInvariant()}" + (d.Unfinished is null ? "" : $" ({(CommandLine.Language == "fr" ? d.UnfinishedFr : d.Unfinished)})"),
            $"  identity    {d.Identity}, seen by {d.Verifier}, approved by {string.Join(", ", d.ApprovedBy)}",
            $"  canary      {d.CanaryMode}; " + (d.CanaryMode == "attribute" ? $"{d.CanariesStanding} left there" : $"{d.CanariesStanding} stand there and cannot be removed before their time"),
        };
        if (d.Scope is { } s)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"  backup      {s.Objects} objects; of the newest {s.NewestLooked}: {s.NewestUnlocked} without lock, {s.NewestUnknown} not known, locks {(s.Modes is [] ? "none" : string.Join(", ", s.Modes))}; {s.Hidden} hidden"));
        foreach (var a in d.Attacks)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"  {(a.Intact switch { "yes" => "intact", "no" => "CHANGED", _ => "unknown" }),-10}  {a.Attack}: {a.Answer} {a.Status} {a.Code} {a.RequestId} {Time(a.ServerDate)}").TrimEnd());
        if (d.Control is { } c)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"  control     {c.Outcome} {c.Canary}{(c.RetainUntil is null ? "" : $", held until {Time(c.RetainUntil)}")} {(c.Status == 0 ? "" : $"({c.Status} {c.Code})")}").TrimEnd());
        lines.AddRange(d.Drifts.Select(x => $"  drift       {x.Setting}: {x.Before} -> {x.Now}"));
        lines.AddRange(d.Settings.Select(x => $"  setting     {x.Name}: {x.State} sha256:{x.Sha256[..Math.Min(12, x.Sha256.Length)]}"));
        lines.AddRange(d.Horizons.Select(Of));
        lines.Add($"  expires     {Time(d.ExpiresAt)}");
        foreach (var f in d.Findings)
        {
            var french = CommandLine.Language == "fr";
            lines.AddRange([$"  {f.Severity} {f.Code} {(french ? f.MessageFr : f.Message)}", $"      {(french ? f.RemedyFr : f.Remedy)}"]);
        }
        return string.Join('\n', lines);
    }

    public static string Of(HorizonDocument h) => string.Create(CultureInfo.InvariantCulture,
        $"  {h.Snapshot[..Math.Min(8, h.Snapshot.Length)]}  {Time(h.Time)}  {(h.Until is { } until ? $"cannot be destroyed before {Time(until)}" : "CAN BE DESTROYED NOW, or it is not known")}; {h.Objects} objects, {CommandLine.Size(h.Bytes)}, {h.Unlocked} without lock ({CommandLine.Size(h.UnlockedBytes)}), {h.Unknown} not known, to extend: {h.ExtendObjects} ({CommandLine.Size(h.ExtendBytes)}{(h.ExtendBefore is { } by ? $") before {Time(by)}" : ")")}{(h.Unresolved is null ? "" : $"; {(CommandLine.Language == "fr" ? h.UnresolvedFr : h.Unresolved)}")}");

    private static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
