using System.Globalization;
using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Definitions;

/// <summary>Durations PnDTnHnM (ISO 8601), the part of it that means the same everywhere: no months, no years.</summary>
public static partial class Iso8601
{
    public static TimeSpan? Duration(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success)
        {
            return null;
        }

        return new TimeSpan(Part(match, 1), Part(match, 2), Part(match, 3), 0);
    }

    public static string Write(TimeSpan duration)
    {
        var time = (duration.Hours > 0 ? $"{duration.Hours}H" : "") + (duration.Minutes > 0 ? $"{duration.Minutes}M" : "");
        var days = duration.Days > 0 ? string.Create(CultureInfo.InvariantCulture, $"{duration.Days}D") : "";
        return days + time == "" ? "PT0M" : "P" + days + (time == "" ? "" : "T" + time);
    }

    private static int Part(Match match, int group) =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^P(?=.)(?:([0-9]{1,5})D)?(?:T(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,5})M)?)?\z")]
    private static partial Regex Pattern();
}
