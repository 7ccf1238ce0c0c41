using System.Globalization;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Calendar = BackupGuard.Agent.Scheduling.Calendar;

namespace BackupGuard.Agent.Tests.Scheduling;

public sealed class CalendarTables
{
    private static Calendar At(string line, string zone = "Europe/Paris") =>
        Calendar.TryCreate(line, zone, out var calendar, out var refusal) ? calendar! : throw new ArgumentException(refusal);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static IEnumerable<string> Next(Calendar calendar, string after, int count)
    {
        var at = Utc(after);
        for (var i = 0; i < count; i++)
        {
            at = calendar.NextAfter(at)!.Value;
            yield return at.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture);
        }
    }

    [Theory]
    // Plain lines, checked against a wall calendar.
    [InlineData("0 3 * * 0", "2026-11-21T12:00Z", "2026-11-22T02:00Z", "2026-11-29T02:00Z")]
    [InlineData("0 3 * * 7", "2026-11-21T12:00Z", "2026-11-22T02:00Z", "2026-11-29T02:00Z")]
    [InlineData("0 3 * * sun", "2026-11-21T12:00Z", "2026-11-22T02:00Z", "2026-11-29T02:00Z")]
    [InlineData("30 4 1,15 * *", "2026-11-21T12:00Z", "2026-12-01T03:30Z", "2026-12-15T03:30Z")]
    [InlineData("*/20 9-10 * * mon-fri", "2026-11-20T09:30Z", "2026-11-20T09:40Z", "2026-11-23T08:00Z")]
    [InlineData("5 0 * aug *", "2026-11-21T12:00Z", "2027-07-31T22:05Z", "2027-08-01T22:05Z")]
    [InlineData("0 12 * * 5-7", "2026-11-19T12:00Z", "2026-11-20T11:00Z", "2026-11-21T11:00Z")]
    // The leap day.
    [InlineData("0 0 29 2 *", "2026-11-21T12:00Z", "2028-02-28T23:00Z", "2032-02-28T23:00Z")]
    // Both days restricted: either is enough. 13 November 2026 is a Friday.
    [InlineData("0 12 13 * 5", "2026-11-12T12:00Z", "2026-11-13T11:00Z", "2026-11-20T11:00Z")]
    [InlineData("0 12 1 * 5", "2026-11-28T12:00Z", "2026-12-01T11:00Z", "2026-12-04T11:00Z")]
    // One of them begins with a star: both must match. Odd days that are Mondays.
    [InlineData("0 12 */2 * 1", "2026-11-21T12:00Z", "2026-11-23T11:00Z", "2026-12-07T11:00Z")]
    public void A_line_comes_up_when_crontab_says(string line, string after, string first, string second) =>
        Next(At(line), after, 2).Should().Equal(first, second);

    [Theory]
    // Paris, 28 March 2027: 02:00 becomes 03:00 (01:00Z).
    [InlineData("30 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T00:30Z")]
    [InlineData("0 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T00:00Z")]
    [InlineData("0 3 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T01:00Z")]
    [InlineData("*/15 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", "2027-03-29T00:00Z")]
    [InlineData("59 1 * * *", "2027-03-27T12:00Z", "2027-03-28T00:59Z", "2027-03-28T23:59Z")]
    // Paris, 25 October 2026: 03:00 (01:00Z) becomes 02:00.
    [InlineData("30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    [InlineData("0 3 * * *", "2026-10-24T12:00Z", "2026-10-25T02:00Z", "2026-10-26T02:00Z")]
    [InlineData("0 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:00Z", "2026-10-26T01:00Z")]
    [InlineData("45 * * * *", "2026-10-25T00:00Z", "2026-10-25T00:45Z", "2026-10-25T02:45Z")]
    // Asked in the middle of the second pass.
    [InlineData("30 2 * * *", "2026-10-25T01:10Z", "2026-10-26T01:30Z", "2026-10-27T01:30Z")]
    public void A_night_when_the_clock_jumps_has_each_run_once(string line, string after, string first, string second) =>
        Next(At(line), after, 2).Should().Equal(first, second);

    [Theory]
    // Lord Howe moves by half an hour; Casablanca leaves and comes back around Ramadan; Kathmandu is 5:45 ahead.
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", "2026-10-03T15:30Z")]
    [InlineData("0 6 * * *", "Asia/Kathmandu", "2026-11-21T12:00Z", "2026-11-22T00:15Z")]
    [InlineData("0 6 * * *", "UTC", "2026-11-21T12:00Z", "2026-11-22T06:00Z")]
    public void The_zone_is_the_one_that_was_named(string line, string zone, string after, string first) =>
        Next(At(line, zone), after, 1).Should().Equal(first);

    [Theory]
    [InlineData("0 0 31 2 *", "never comes up")]
    [InlineData("0 0 30 feb */2", "never comes up")]
    [InlineData("61 * * * *", "\"61\" is not a value of the field minute, which goes from 0 to 59")]
    [InlineData("* 24 * * *", "hour, which goes from 0 to 23")]
    [InlineData("* * 0 * *", "day of month, which goes from 1 to 31")]
    [InlineData("* * * 13 *", "month, which goes from 1 to 12 or jan to dec")]
    [InlineData("* * * * 8", "day of week, which goes from 0 to 7 or sun to sat")]
    [InlineData("* * * * monday", "\"monday\" is not a value")]
    [InlineData("0 3 * *", "five fields (minute, hour, day of month, month, day of week), this one has 4")]
    [InlineData("0 0 3 * * *", "this one has 6")]
    [InlineData("", "this one has 0")]
    [InlineData("@daily", "this one has 1")]
    [InlineData("*/0 * * * *", "step")]
    [InlineData("*/99 * * * *", "step")]
    [InlineData("5/15 * * * *", "write a range such as \"5-59/15\"")]
    [InlineData("0 22-4 * * *", "runs backwards")]
    [InlineData("1,,2 * * * *", "\"\" is not a value")]
    [InlineData("0 0 L * *", "\"L\" is not a value")]
    [InlineData("0 0 ? * 1", "\"?\" is not a value")]
    [InlineData("-1 * * * *", "\"\" is not a value")]
    [InlineData("+1 * * * *", "\"+1\" is not a value")]
    public void An_impossible_line_is_refused_with_a_sentence(string line, string says) =>
        (Calendar.TryCreate(line, "Europe/Paris", out _, out var refusal) ? "accepted" : refusal).Should().Contain(says);

    [Theory]
    [InlineData("Europe/Pris")]
    [InlineData("Romance Standard Time")]
    [InlineData("+01:00")]
    [InlineData("")]
    public void A_zone_that_is_not_named_is_refused(string zone) =>
        (Calendar.TryCreate("0 3 * * 0", zone, out _, out var refusal) ? "accepted" : refusal).Should().Contain("IANA name such as Europe/Paris");

    [Fact]
    public void Occurrences_strictly_increase_and_show_the_named_minute()
    {
        var lines = Gen.Elements("*/7 * * * *", "30 2 * * *", "0 0 29 2 *", "15 1-3 * * 0,6", "0 12 13 * 5", "59 23 31 12 *", "*/5 2 */3 3,10 *");
        var zones = Gen.Elements("Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Africa/Casablanca");
        var starts = Gen.Choose(0, 3 * 366 * 24 * 60).Select(m => Utc("2026-01-01T00:00Z").AddMinutes(m).AddSeconds(m % 60));
        Prop.ForAll(lines.Zip(zones).Zip(starts).ToArbitrary(), input =>
        {
            var ((line, zone), start) = input;
            var calendar = At(line, zone);
            var previous = start;
            for (var i = 0; i < 12; i++)
            {
                var next = calendar.NextAfter(previous)!.Value;
                if (next <= previous || next.Second != 0) return false;
                // Asking from any moment before it gives the same occurrence.
                if (calendar.NextAfter(previous + (next - previous) / 2) != next) return false;
                previous = next;
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }
}
