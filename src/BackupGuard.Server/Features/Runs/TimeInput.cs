using System.Globalization;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Why what was typed is no hour.</summary>
internal enum HourProblem
{
    None,
    Unreadable,

    /// <summary>The clocks were set back, and both could be meant.</summary>
    Twice,

    /// <summary>The clocks were set forward over it.</summary>
    Skipped,
}

/// <param name="At">Null unless <paramref name="Problem"/> is None.</param>
internal readonly record struct TypedHour(DateTimeOffset? At, HourProblem Problem)
{
    /// <summary>Word of an address that comes back to the form.</summary>
    public string Word => Problem switch { HourProblem.Twice => "double", HourProblem.Skipped => "sautee", _ => "illisible" };

    /// <returns>Null for a word that is none of ours.</returns>
    public static Phrase? Sentence(string word) => word switch { "double" => RunTexts.HourTwice, "sautee" => RunTexts.HourSkipped, "illisible" => RunTexts.BadTime, _ => null };
}

/// <summary>What people type for an hour at three in the morning: 03:12, 3h12, or a date and an hour, in the hospital's time, with the offset where one night has the hour twice (02:30+2).</summary>
internal static partial class TimeInput
{
    private static readonly string[] Hours = ["H:mm", "HH:mm", "H'h'mm", "HH'h'mm"];
    private static readonly string[] Dates = ["yyyy-MM-dd H:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm", "dd/MM/yyyy HH:mm"];

    /// <summary>As in the engine: clocks of two machines.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Who writes down what happens now does not mean the hour before.</summary>
    public static readonly TimeSpan Live = TimeSpan.FromMinutes(30);

    /// <summary>An hour alone means the nearest one, before or after <paramref name="now"/>.</summary>
    /// <param name="sure">Of an hour that came twice the second is meant when it is no longer ago than this; before that somebody has to say which. What is not yet cannot be meant.</param>
    public static TypedHour Read(string text, TimeZoneInfo zone, DateTimeOffset now, TimeSpan sure) => Read(text, zone, now, (first, second) =>
        second > now + Tolerance ? new(first, HourProblem.None) : now - second <= sure ? new(second, HourProblem.None) : new(null, HourProblem.Twice));

    /// <summary>What is still to come: an hour alone means the next one after <paramref name="now"/>; of one that comes twice somebody has to say which.</summary>
    public static TypedHour Ahead(string text, TimeZoneInfo zone, DateTimeOffset now) => Read(text, zone, now + HalfADay, (first, second) =>
        first <= now && second > now ? new(second, HourProblem.None) : new(null, HourProblem.Twice));

    private static readonly TimeSpan HalfADay = TimeSpan.FromHours(12);

    private static TypedHour Read(string text, TimeZoneInfo zone, DateTimeOffset near, Func<DateTimeOffset, DateTimeOffset, TypedHour> which)
    {
        var typed = text.Trim();
        if (BackupGuard.Continuity.Runbooks.Guards.GuardValue.IsInstant(typed, out var instant))
        {
            return FactRules.IsPlausible(instant) ? new(instant, HourProblem.None) : new(null, HourProblem.Unreadable);
        }

        var match = WithOffset.Match(typed);
        var offset = match.Success ? Offset(match) : (TimeSpan?)null;
        var words = match.Success ? match.Groups["words"].Value : typed;
        if (DateTime.TryParseExact(words, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return On(local, offset, zone, which);
        }

        if (!TimeOnly.TryParseExact(words, Hours, CultureInfo.InvariantCulture, DateTimeStyles.None, out var hour))
        {
            return new(null, HourProblem.Unreadable);
        }

        // A night without this hour is not passed over for another night: that would be off by a day, and nobody would see it.
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(near, zone).DateTime);
        return On(new[] { -1, 0, 1 }.Select(d => today.AddDays(d).ToDateTime(hour)).MinBy(l => (new DateTimeOffset(l, zone.GetUtcOffset(l)) - near).Duration()), offset, zone, which);
    }

    public static string Write(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private static TypedHour On(DateTime local, TimeSpan? offset, TimeZoneInfo zone, Func<DateTimeOffset, DateTimeOffset, TypedHour> which)
    {
        if (local.Year is 1 or 9999)
        {
            return new(null, HourProblem.Unreadable);
        }

        if (zone.IsInvalidTime(local))
        {
            return new(null, HourProblem.Skipped);
        }

        // The larger offset is the earlier instant.
        TimeSpan[] offsets = zone.IsAmbiguousTime(local) ? [.. zone.GetAmbiguousTimeOffsets(local).OrderDescending()] : [zone.GetUtcOffset(local)];
        var instants = offsets.Where(o => offset is null || o == offset).Select(o => new DateTimeOffset(local, o).ToUniversalTime()).Where(FactRules.IsPlausible).ToList();
        return instants switch
        {
            [] => new(null, HourProblem.Unreadable),
            [var only] => new(only, HourProblem.None),
            [var first, var second, ..] => which(first, second),
        };
    }

    private static TimeSpan Offset(Match match)
    {
        var length = new TimeSpan(int.Parse(match.Groups["hours"].Value, CultureInfo.InvariantCulture), match.Groups["minutes"].Success ? int.Parse(match.Groups["minutes"].Value, CultureInfo.InvariantCulture) : 0, 0);
        return match.Groups["sign"].Value == "+" ? length : -length;
    }

    [GeneratedRegex(@"^(?<words>.*[0-9][:h][0-9]{2})\s*(?<sign>[+−-])(?<hours>[0-9]{1,2})(:(?<minutes>[0-9]{2}))?$", RegexOptions.None, 100)]
    private static partial Regex WithOffset { get; }
}
