using System.Globalization;

namespace BackupGuard.Verification.Drills.Engines.Sql;

/// <summary>A date as database tools print it: ISO 8601, with a blank or a T, with or without time, fraction and offset.</summary>
internal static class BusinessDate
{
    private static readonly string[] Times = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"];
    private static readonly string[] WithOffset = [.. Of("zzz"), .. Of(" zzz"), .. Of("zz"), .. Of("'Z'")];
    private static readonly string[] WithoutOffset = ["yyyy-MM-dd", .. Of("")];

    /// <param name="needsZone">It names no offset, and no zone was given to read it in.</param>
    public static DateTimeOffset? Parse(string text, TimeZoneInfo? zone, out bool needsZone)
    {
        needsZone = false;
        if (DateTimeOffset.TryParseExact(text, WithOffset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var exact)) return exact;
        if (!DateTime.TryParseExact(text, WithoutOffset, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)) return null;
        if (zone is null)
        {
            needsZone = true;
            return null;
        }
        // The hour that comes twice in autumn is taken for the earlier one: data must not seem younger than they are.
        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local));
    }

    private static IEnumerable<string> Of(string offset) => from separator in (string[])[" ", "'T'"] from time in Times select "yyyy-MM-dd" + separator + time + offset;
}
