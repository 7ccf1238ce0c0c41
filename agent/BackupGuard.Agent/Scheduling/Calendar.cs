namespace BackupGuard.Agent.Scheduling;

/// <summary>A calendar line in a named time zone.</summary>
/// <remarks>
/// Every minute that the line names on the wall comes up once a day, also in the two nights a year when the clock jumps:
/// a minute that spring skips comes up at the first minute that exists after the gap; a minute that autumn shows twice comes up the first time only.
/// Occurrences strictly increase.
/// </remarks>
public sealed class Calendar
{
    private readonly ICronLine _line;

    private Calendar(string text, ICronLine line, TimeZoneInfo zone)
    {
        Text = text;
        _line = line;
        Zone = zone;
    }

    public string Text { get; }
    public TimeZoneInfo Zone { get; }

    /// <param name="timeZone">IANA name, such as Europe/Paris: the machine's own zone is not the hospital's.</param>
    public static bool TryCreate(string line, string timeZone, out Calendar? calendar, out string refusal)
    {
        calendar = null;
        if (!TryZone(timeZone, out var zone, out refusal) || !CronLine.TryParse(line, out var parsed, out refusal)) return false;
        calendar = new Calendar(line, parsed!, zone!);    // both are set when nothing was refused
        return true;
    }

    public static bool TryZone(string name, out TimeZoneInfo? zone, out string refusal)
    {
        var known = TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone) && zone.HasIanaId;
        refusal = known ? "" : $"\"{name}\" is no time zone known on this machine; write an IANA name such as Europe/Paris";
        return known;
    }

    /// <summary>The first occurrence strictly after <paramref name="instant"/>, in UTC; null when there is none left.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset instant)
    {
        var wall = TimeZoneInfo.ConvertTime(instant, Zone).DateTime;
        while (_line.NextAfter(wall) is { } next)
        {
            // In the second pass of a repeated hour the wall shows minutes whose occurrence is past.
            if (ToInstant(next) is var occurrence && occurrence > instant) return occurrence;
            wall = next;
        }
        return null;
    }

    private DateTimeOffset ToInstant(DateTime wall)
    {
        while (Zone.IsInvalidTime(wall)) wall = wall.AddTicks(TimeSpan.TicksPerMinute - wall.Ticks % TimeSpan.TicksPerMinute);
        var offset = Zone.IsAmbiguousTime(wall) ? Zone.GetAmbiguousTimeOffsets(wall).Max() : Zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, offset).ToUniversalTime();
    }
}
