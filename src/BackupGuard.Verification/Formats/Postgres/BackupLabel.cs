using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>backup_label: where recovery of this backup begins (PostgreSQL documentation, "Backing Up The Data Directory"; src/backend/access/transam/xlogbackup.c).</summary>
internal sealed record BackupLabel(Lsn Start, string StartSegment, Lsn Checkpoint, uint Timeline)
{
    public const string FileName = "backup_label";

    /// <summary>As people and scripts named the backup.</summary>
    public string Label { get; init; } = "";

    /// <summary>"primary" or "standby".</summary>
    public string From { get; init; } = "";

    /// <summary>Null when the zone's abbreviation is not one that means one offset only.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Start of the backup that this one builds on; null for a full backup.</summary>
    public Lsn? IncrementalFrom { get; init; }

    // Abbreviations as the time zone database writes them for France, its neighbours and the zones of its territories that have letters; all others there are numbers.
    private static readonly Dictionary<string, TimeSpan> Zones = new(StringComparer.Ordinal)
    {
        ["UTC"] = TimeSpan.Zero, ["GMT"] = TimeSpan.Zero, ["Z"] = TimeSpan.Zero, ["WET"] = TimeSpan.Zero, ["WEST"] = TimeSpan.FromHours(1),
        ["CET"] = TimeSpan.FromHours(1), ["CEST"] = TimeSpan.FromHours(2), ["EET"] = TimeSpan.FromHours(2), ["EEST"] = TimeSpan.FromHours(3),
        ["EAT"] = TimeSpan.FromHours(3), ["AST"] = TimeSpan.FromHours(-4), ["ADT"] = TimeSpan.FromHours(-3),
    };

    public static BackupLabel? Parse(ReadOnlySpan<byte> bytes, out Words refusal)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0 && !fields.TryAdd(line[..colon], line[(colon + 2)..]))
            {
                refusal = new($"'{line[..colon]}' comes twice", $"« {line[..colon]} » y figure deux fois");
                return null;
            }
        }

        refusal = new("it has no start position", "il n’a pas de position de départ");
        if (!fields.TryGetValue("START WAL LOCATION", out var start) || !Location(start, out var lsn, out var segment)) return null;
        refusal = new("it has no checkpoint position", "il n’a pas de position de point de reprise");
        if (!fields.TryGetValue("CHECKPOINT LOCATION", out var text) || !Lsn.TryParse(text, out var checkpoint)) return null;
        refusal = new("it has no timeline", "il n’a pas de timeline");
        if (!fields.TryGetValue("START TIMELINE", out text) || !uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var timeline)) return null;
        refusal = default;
        return new BackupLabel(lsn, segment, checkpoint, timeline)
        {
            Label = fields.GetValueOrDefault("LABEL", ""),
            From = fields.GetValueOrDefault("BACKUP FROM", ""),
            StartedAt = fields.TryGetValue("START TIME", out text) ? Time(text) : null,
            IncrementalFrom = fields.TryGetValue("INCREMENTAL FROM LSN", out text) && Lsn.TryParse(text, out var from) ? from : null,
        };
    }

    /// <summary>"0/2000028 (file 000000010000000000000002)".</summary>
    private static bool Location(string text, out Lsn lsn, out string segment)
    {
        (lsn, segment) = (default, "");
        var open = text.IndexOf(" (file ", StringComparison.Ordinal);
        if (open < 0 || !text.EndsWith(')') || !Lsn.TryParse(text.AsSpan(0, open), out lsn)) return false;
        segment = text[(open + 7)..^1];
        return WalSegments.IsName(segment);
    }

    /// <summary>"2026-11-22 01:06:12 UTC"; the zone is what strftime's %Z gives in the server's log_timezone: letters, or an offset such as +04 or -0330.</summary>
    internal static DateTimeOffset? Time(string text)
    {
        const string format = "yyyy-MM-dd HH:mm:ss";
        if (text.Length < format.Length + 2) return null;
        if (!DateTime.TryParseExact(text.AsSpan(0, format.Length), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)) return null;
        var zone = text[(format.Length + 1)..].Trim();
        if (Offset(zone) is not { } offset || local.Year is < 2000 or > 9000) return null;
        return new DateTimeOffset(local, offset);
    }

    private static TimeSpan? Offset(string zone)
    {
        if (Zones.TryGetValue(zone, out var known)) return known;
        if (zone is not ['+' or '-', ..] || zone.Length is not (3 or 5) || !zone.AsSpan(1).ContainsOnlyDigits()) return null;
        var hours = int.Parse(zone.AsSpan(1, 2), CultureInfo.InvariantCulture);
        var minutes = zone.Length == 5 ? int.Parse(zone.AsSpan(3, 2), CultureInfo.InvariantCulture) : 0;
        if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0)) return null;
        var offset = new TimeSpan(hours, minutes, 0);
        return zone[0] == '-' ? -offset : offset;
    }
}

internal static class Digits
{
    public static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => text.Length > 0 && text.IndexOfAnyExceptInRange('0', '9') < 0;
}
