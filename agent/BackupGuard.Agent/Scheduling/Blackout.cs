namespace BackupGuard.Agent.Scheduling;

/// <summary>A time in which no drill begins: the hospital's own work, or its own changes, come first. A drill that falls due in it begins when it ends.</summary>
public abstract record Blackout(string Reason)
{
    public abstract bool Contains(DateTimeOffset instant);
}

/// <summary>Hours of certain days. From 22:00 until 06:00 it lasts over midnight and counts to the day on which it began.</summary>
public sealed record WeeklyBlackout(IReadOnlySet<DayOfWeek> Days, TimeOnly From, TimeOnly Until, TimeZoneInfo Zone, string Reason) : Blackout(Reason)
{
    public override bool Contains(DateTimeOffset instant)
    {
        // By the clock on the wall: in the night with two 02:30 it holds in both, and what spring skips needs no rule.
        var wall = TimeZoneInfo.ConvertTime(instant, Zone).DateTime;
        var time = TimeOnly.FromDateTime(wall);
        return From < Until
            ? time >= From && time < Until && Days.Contains(wall.DayOfWeek)
            : time >= From && Days.Contains(wall.DayOfWeek) || time < Until && Days.Contains(wall.AddDays(-1).DayOfWeek);
    }
}

public sealed record PeriodBlackout(DateTimeOffset From, DateTimeOffset Until, string Reason) : Blackout(Reason)
{
    public override bool Contains(DateTimeOffset instant) => instant >= From && instant < Until;
}
