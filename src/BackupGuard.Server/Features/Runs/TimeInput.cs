using System.Globalization;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What people type for an hour at three in the morning: 03:12, 3h12, or a date and an hour, in the hospital's time.</summary>
internal static class TimeInput
{
    private static readonly string[] Hours = ["H:mm", "HH:mm", "H'h'mm", "HH'h'mm"];
    private static readonly string[] Dates = ["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm", "dd/MM/yyyy HH:mm"];

    /// <summary>An hour alone means the nearest one, before or after now, of the two as well in the night that has it twice.</summary>
    /// <returns>Null when it is no time; a date with an hour that comes twice is the first of the two, unless it is written with its zone.</returns>
    public static DateTimeOffset? Parse(string text, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (Dated(text, zone) is { Read: true } dated)
        {
            return dated.At;
        }

        return Candidates(text, zone, now).OrderBy(t => (t - now)?.Duration()).FirstOrDefault();
    }

    /// <summary>The same for what is still to come: an hour alone means the next one after now.</summary>
    public static DateTimeOffset? Ahead(string text, TimeZoneInfo zone, DateTimeOffset now) =>
        Dated(text, zone) is { Read: true } dated ? dated.At : Candidates(text, zone, now).Where(t => t > now).Order().FirstOrDefault();

    private static (bool Read, DateTimeOffset? At) Dated(string text, TimeZoneInfo zone)
    {
        if (BackupGuard.Continuity.Runbooks.Guards.GuardValue.IsInstant(text.Trim(), out var instant))
        {
            return (true, FactRules.IsPlausible(instant) ? instant : null);
        }

        return DateTime.TryParseExact(text.Trim(), Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? (true, At(local, zone).FirstOrDefault(t => FactRules.IsPlausible(t!.Value)))
            : (false, null);
    }

    private static IEnumerable<DateTimeOffset?> Candidates(string text, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (!TimeOnly.TryParseExact(text.Trim(), Hours, CultureInfo.InvariantCulture, DateTimeStyles.None, out var hour))
        {
            return [];
        }

        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return new[] { -1, 0, 1 }.SelectMany(d => At(today.AddDays(d).ToDateTime(hour), zone));
    }

    public static string Write(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <summary>None in the hour that is left out in spring, two in the one that comes twice in autumn, the first of them first.</summary>
    private static IEnumerable<DateTimeOffset?> At(DateTime local, TimeZoneInfo zone) =>
        local.Year is 1 or 9999 ? [] : Offsets(local, zone).OrderDescending().Select(o => (DateTimeOffset?)new DateTimeOffset(local, o).ToUniversalTime());

    private static TimeSpan[] Offsets(DateTime local, TimeZoneInfo zone) =>
        zone.IsInvalidTime(local) ? [] : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local) : [zone.GetUtcOffset(local)];
}
