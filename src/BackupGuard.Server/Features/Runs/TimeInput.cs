using System.Globalization;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What people type for an hour at three in the morning: 03:12, 3h12, or a date and an hour, in the hospital's time.</summary>
internal static class TimeInput
{
    private static readonly string[] Hours = ["H:mm", "HH:mm", "H'h'mm", "HH'h'mm"];
    private static readonly string[] Dates = ["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm", "dd/MM/yyyy HH:mm"];

    /// <summary>An hour alone means the nearest one, before or after now.</summary>
    /// <returns>Null when it is no time; in the hour that comes twice, the first of the two.</returns>
    public static DateTimeOffset? Parse(string text, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (BackupGuard.Continuity.Runbooks.Guards.GuardValue.IsInstant(text.Trim(), out var instant))
        {
            return instant;
        }

        if (DateTime.TryParseExact(text.Trim(), Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return At(local, zone);
        }

        if (!TimeOnly.TryParseExact(text.Trim(), Hours, CultureInfo.InvariantCulture, DateTimeStyles.None, out var hour))
        {
            return null;
        }

        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return new[] { -1, 0, 1 }.Select(d => At(today.AddDays(d).ToDateTime(hour), zone)).OfType<DateTimeOffset>().OrderBy(t => (t - now).Duration()).Select(t => (DateTimeOffset?)t).FirstOrDefault();
    }

    public static string Write(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? At(DateTime local, TimeZoneInfo zone) => zone.IsInvalidTime(local) ? null
        : new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local)).ToUniversalTime();
}
