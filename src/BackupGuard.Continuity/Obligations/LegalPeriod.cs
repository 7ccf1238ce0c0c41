using System.Globalization;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Obligations;

/// <summary>A legal time limit: elapsed hours, nights and weekends included, or calendar months. A month is never thirty days.</summary>
public readonly partial record struct LegalPeriod
{
    private const int MostMonths = 120;

    private readonly string written;

    private LegalPeriod(string written, int months, TimeSpan elapsed) => (this.written, Months, Elapsed) = (written, months, elapsed);

    /// <summary>0 for a period of elapsed time.</summary>
    public int Months { get; }

    /// <summary>Zero for a period of calendar months.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>As the author wrote it: 72 hours stay 72 hours.</summary>
    public override string ToString() => written;

    /// <returns>Null when it is neither PnM (1 to 120) nor a duration longer than zero.</returns>
    public static LegalPeriod? Parse(string text)
    {
        if (CalendarMonths().Match(text) is { Success: true } match)
        {
            var months = int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            return months is >= 1 and <= MostMonths ? new(text, months, TimeSpan.Zero) : null;
        }

        return Iso8601.Duration(text) is { } elapsed && elapsed > TimeSpan.Zero ? new(text, 0, elapsed) : null;
    }

    /// <summary>When it ends. Months are counted on the calendar of the zone: from 31 January to the last day of February.</summary>
    public DateTimeOffset After(DateTimeOffset start, TimeZoneInfo zone)
    {
        try
        {
            return Months == 0 ? start.ToUniversalTime() + Elapsed : Instant(TimeZoneInfo.ConvertTime(start, zone).DateTime.AddMonths(Months), zone);
        }
        catch (ArgumentOutOfRangeException)
        {
            return DateTimeOffset.MaxValue;
        }
    }

    /// <summary>Whether it can end after the other, whatever the month it begins in.</summary>
    public bool MayOutlast(LegalPeriod other) => (Months > 0) == (other.Months > 0)
        ? Months > other.Months || Elapsed > other.Elapsed
        : Longest > other.Shortest;

    private TimeSpan Longest => Months > 0 ? TimeSpan.FromDays(31 * Months) : Elapsed;
    private TimeSpan Shortest => Months > 0 ? TimeSpan.FromDays(28 * Months) : Elapsed;

    /// <summary>The prudent one: of an hour that comes twice the first, and an hour that the clock leaps over ends earlier, not later.</summary>
    private static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        var offsets = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local) : [zone.GetUtcOffset(local), zone.GetUtcOffset(local.AddHours(zone.IsInvalidTime(local) ? 3 : 0))];
        return new DateTimeOffset(local, offsets.Max()).ToUniversalTime();
    }

    [GeneratedRegex(@"^P([0-9]{1,3})M\z")]
    private static partial Regex CalendarMonths();
}
