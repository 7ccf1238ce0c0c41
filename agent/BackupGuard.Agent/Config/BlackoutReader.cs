using System.Globalization;
using BackupGuard.Agent.Scheduling;
using Calendar = BackupGuard.Agent.Scheduling.Calendar;

namespace BackupGuard.Agent.Config;

/// <summary>Reads the times in which no drill begins.</summary>
internal static class BlackoutReader
{
    private static readonly Dictionary<string, DayOfWeek> Days = new(StringComparer.Ordinal)
    {
        ["mon"] = DayOfWeek.Monday, ["tue"] = DayOfWeek.Tuesday, ["wed"] = DayOfWeek.Wednesday, ["thu"] = DayOfWeek.Thursday, ["fri"] = DayOfWeek.Friday, ["sat"] = DayOfWeek.Saturday, ["sun"] = DayOfWeek.Sunday,
    };

    public static List<Blackout> ReadAll(Section top)
    {
        var all = new List<Blackout>();
        if (top.Find("blackouts") is not { } value || value is YamlText { Value: "" }) return all;
        if (value is not YamlList list)
        {
            top.RefuseKey("blackouts", "must be a list, each item with from, until and reason");
            return all;
        }
        foreach (var item in list.Items)
            if (Read(new Section(item, "a blackout", ["days", "from", "until", "timeZone", "reason"], top.Problems)) is { } blackout) all.Add(blackout);
        return all;
    }

    private static Blackout? Read(Section s)
    {
        var (from, until, reason) = (s.Required("from", "\"07:00\""), s.Required("until", "\"19:00\""), s.Required("reason", "consultations"));
        if (from is null || until is null || reason is null) return null;
        return s.Find("days") is not null || from.Length <= 5 ? Weekly(s, from, until, reason) : Period(s, from, until, reason);
    }

    private static WeeklyBlackout? Weekly(Section s, string from, string until, string reason)
    {
        var days = DaysOf(s);
        var zone = s.Required("timeZone", "Europe/Paris");
        TimeZoneInfo? known = null;
        if (zone is not null && !Calendar.TryZone(zone, out known, out var unknown)) s.RefuseKey("timeZone", unknown);
        if (Time(s, "from", from) is not { } begin || Time(s, "until", until) is not { } end || days is null || known is null) return null;
        if (begin == end)
        {
            s.RefuseKey("until", "it is the same time as from; to stop drills for whole days name a period with dates");
            return null;
        }
        return new WeeklyBlackout(days, begin, end, known, reason);
    }

    private static HashSet<DayOfWeek>? DaysOf(Section s)
    {
        if (s.Find("days") is not { } value) return [.. Days.Values];
        if (value is YamlList { Items.Count: > 0 } list && list.Items.All(i => i is YamlText text && Days.ContainsKey(text.Value))) return [.. list.Items.Select(i => Days[((YamlText)i).Value])];
        s.RefuseKey("days", $"write a list of {string.Join(", ", Days.Keys)}; remove the line for every day");
        return null;
    }

    private static TimeOnly? Time(Section s, string key, string text)
    {
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return time;
        s.RefuseKey(key, $"\"{Verification.Printable.Of(text)}\" is no time of day; write for example \"07:00\"");
        return null;
    }

    private static PeriodBlackout? Period(Section s, string from, string until, string reason)
    {
        if (Values.TryInstant(from, out var begin) is false) s.RefuseKey("from", Values.NoInstant(from));
        else if (Values.TryInstant(until, out var end) is false) s.RefuseKey("until", Values.NoInstant(until));
        else if (end <= begin) s.RefuseKey("until", "it is not after from");
        else return new PeriodBlackout(begin, end, reason);
        return null;
    }
}
