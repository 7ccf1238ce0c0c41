using System.Globalization;
using Quartz;

namespace BackupGuard.Agent.Scheduling;

/// <summary>When a line comes up on a clock that never jumps. The only place that knows the cron library.</summary>
internal interface ICronLine
{
    /// <summary>The first matching minute strictly after <paramref name="wall"/>, or null when there is none before the year 2100.</summary>
    DateTime? NextAfter(DateTime wall);
}

/// <summary>The five fields of crontab(5): minute, hour, day of month, month, day of week.</summary>
/// <remarks>
/// Numbers, names of three letters (jan, mon), lists, ranges, steps over a range or "*"; 0 and 7 are Sunday. When both day fields are restricted, a day that
/// matches either comes up; when one of them begins with "*", both must match (crontab(5), Vixie cron).
/// Quartz computes the dates; its own dialect (seconds, "?", Sunday = 1, L, W, #) stays behind this class.
/// </remarks>
internal sealed class CronLine : ICronLine
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly Field[] Fields =
    [
        new("minute", 0, 59, 0, []), new("hour", 0, 23, 0, []), new("day of month", 1, 31, 0, []), new("month", 1, 12, 1, Months), new("day of week", 0, 7, 0, Days),
    ];

    /// <summary>Lines that come up less often than once in this many candidates are taken for impossible; 29 February on a given weekday needs 7.</summary>
    private const int MostCandidates = 1000;

    private readonly CronExpression _byDate;
    private readonly CronExpression _byWeekday;
    private readonly bool _bothDays;

    private CronLine(CronExpression byDate, CronExpression byWeekday, bool bothDays)
    {
        _byDate = byDate;
        _byWeekday = byWeekday;
        _bothDays = bothDays;
    }

    public static bool TryParse(string text, out CronLine? line, out string refusal)
    {
        line = null;
        var parts = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            refusal = $"a calendar line has five fields (minute, hour, day of month, month, day of week), this one has {parts.Length}; write for example \"0 3 * * 0\"";
            return false;
        }
        var sets = new SortedSet<int>[Fields.Length];
        for (var i = 0; i < Fields.Length; i++)
            if (!Fields[i].TryParse(parts[i], out sets[i], out refusal)) return false;

        if (sets[4].Remove(7)) sets[4].Add(0);
        var (time, month) = ($"0 {List(sets[0])} {List(sets[1])}", List(sets[3]));
        var weekdays = List(sets[4].Select(d => d + 1));    // Quartz: Sunday is 1
        line = new CronLine(At($"{time} {List(sets[2])} {month} ?"), At($"{time} ? {month} {weekdays}"),
            bothDays: parts[2].StartsWith('*') || parts[4].StartsWith('*'));
        refusal = line.NextAfter(new DateTime(2026, 1, 1)) is null ? $"\"{text}\" never comes up: no month of it has such a day" : "";
        return refusal.Length == 0;
    }

    public DateTime? NextAfter(DateTime wall)
    {
        var (byDate, byWeekday) = (Next(_byDate, wall), Next(_byWeekday, wall));
        if (!_bothDays) return byDate is null || byWeekday < byDate ? byWeekday : byDate;
        for (var i = 0; i < MostCandidates && byDate is not null && byWeekday is not null; i++)
        {
            if (byDate == byWeekday) return byDate;
            // Whichever is behind catches up; a common moment cannot be skipped.
            if (byDate < byWeekday) byDate = Next(_byDate, byWeekday.Value.AddSeconds(-1));
            else byWeekday = Next(_byWeekday, byDate.Value.AddSeconds(-1));
        }
        return null;
    }

    private static DateTime? Next(CronExpression expression, DateTime wall) =>
        expression.GetNextValidTimeAfter(new DateTimeOffset(wall, TimeSpan.Zero)) is { Year: < 2100 } next ? next.DateTime : null;

    private static CronExpression At(string quartz) => new(quartz, TimeZoneInfo.Utc);
    private static string List(IEnumerable<int> values) => string.Join(',', values);

    private sealed record Field(string Name, int Min, int Max, int FirstName, string[] Names)
    {
        public bool TryParse(string text, out SortedSet<int> values, out string refusal)
        {
            values = [];
            foreach (var item in text.Split(','))
            {
                if (!TryRange(item, out var from, out var to, out var step, out refusal)) return false;
                for (var v = from; v <= to; v += step) values.Add(v);
            }
            refusal = "";
            return true;
        }

        private bool TryRange(string item, out int from, out int to, out int step, out string refusal)
        {
            (from, to, step) = (Min, Max, 1);
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            var range = slash < 0 ? item : item[..slash];
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var single = range != "*" && dash < 0;
            refusal =
                slash >= 0 && (!int.TryParse(item[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out step) || step < 1 || step > Max)
                    ? $"the step of \"{item}\" in the field {Name} must be a number from 1 to {Max}"
                : slash >= 0 && single ? $"\"{item}\" in the field {Name} steps over a single value; write a range such as \"{range}-{Max}{item[slash..]}\""
                : range == "*" ? ""
                : single ? TryValue(range, out from) ? "" : NotAValue(range)
                : !TryValue(range[..dash], out from) ? NotAValue(range[..dash])
                : !TryValue(range[(dash + 1)..], out to) ? NotAValue(range[(dash + 1)..])
                : from > to ? $"the range \"{range}\" in the field {Name} runs backwards; write it as two ranges with a comma"
                : "";
            if (single) to = from;
            // Seven days, not eight: with "*" Sunday is 0 only, or a step would count it twice.
            if (range == "*" && Max == 7) to = 6;
            return refusal.Length == 0;
        }

        private bool TryValue(string text, out int value)
        {
            var name = Array.FindIndex(Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
            if (name >= 0) { value = name + FirstName; return true; }
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= Min && value <= Max;
        }

        private string NotAValue(string text) => $"\"{text}\" is not a value of the field {Name}, which goes from {Min} to {Max}" + (Names is [] ? "" : $" or {Names[0]} to {Names[^1]}");
    }
}
