using BackupGuard.Agent.Scheduling;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Scheduling;

public sealed class Blackouts : IDisposable
{
    private readonly AgentLives _agent = new();
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    public void Dispose() => _agent.Dispose();

    private static WeeklyBlackout Weekly(string from, string until, params DayOfWeek[] days) =>
        new(days.ToHashSet(), TimeOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), TimeOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture), Paris, "consultations");

    [Theory]
    [InlineData("2026-11-23T05:59Z", false)]    // Monday 06:59 in Paris
    [InlineData("2026-11-23T06:00Z", true)]
    [InlineData("2026-11-23T17:59Z", true)]
    [InlineData("2026-11-23T18:00Z", false)]
    [InlineData("2026-11-22T12:00Z", false)]    // Sunday
    public void Working_hours_are_those_of_the_wall(string at, bool inside) => Weekly("07:00", "19:00", DayOfWeek.Monday).Contains(AgentLives.At(at)).Should().Be(inside);

    [Theory]
    [InlineData("2026-11-20T20:59Z", false)]    // Friday 21:59
    [InlineData("2026-11-20T21:00Z", true)]
    [InlineData("2026-11-21T04:59Z", true)]     // Saturday 05:59, still Friday's
    [InlineData("2026-11-21T05:00Z", false)]
    [InlineData("2026-11-21T21:00Z", false)]    // Saturday's own night is not named
    public void A_night_belongs_to_the_day_on_which_it_began(string at, bool inside) => Weekly("22:00", "06:00", DayOfWeek.Friday).Contains(AgentLives.At(at)).Should().Be(inside);

    [Theory]
    [InlineData("2026-10-25T00:30Z", true)]     // 02:30, the first time
    [InlineData("2026-10-25T01:30Z", true)]     // 02:30, the second time
    [InlineData("2026-10-25T02:00Z", false)]    // 03:00
    public void In_the_night_with_two_half_past_twos_it_holds_in_both(string at, bool inside) => Weekly("02:00", "03:00", DayOfWeek.Sunday).Contains(AgentLives.At(at)).Should().Be(inside);

    [Fact]
    public async Task What_falls_due_in_a_blackout_begins_once_when_it_ends()
    {
        _agent.Blackouts = [new PeriodBlackout(AgentLives.At("2026-11-22T02:00Z"), AgentLives.At("2026-11-24T12:00Z"), "migration")];
        var scheduler = await _agent.StartAsync();
        foreach (var time in (string[])["2026-11-22T03:00Z", "2026-11-23T03:00Z", "2026-11-24T11:59Z"])
        {
            _agent.Clock.Set(AgentLives.At(time));
            await scheduler.RunDueAsync("schedule", default);
            scheduler.Wait().Should().BePositive("or the loop would spin until the blackout ends");
        }
        _agent.Job.Starts.Should().BeEmpty();

        _agent.Clock.Set(AgentLives.At("2026-11-24T12:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        await scheduler.RunDueAsync("schedule", default);
        _agent.Job.Starts.Should().ContainSingle("three occurrences were missed, one run makes up for them");
    }

    [Fact]
    public async Task A_blackout_outlives_a_restart_of_the_agent()
    {
        _agent.Blackouts = [new PeriodBlackout(AgentLives.At("2026-11-22T02:00Z"), AgentLives.At("2026-11-24T12:00Z"), "migration")];
        await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-23T12:00Z"));
        await _agent.StartAsync();
        _agent.Job.Starts.Should().BeEmpty();
        _agent.Clock.Set(AgentLives.At("2026-11-24T12:00Z"));
        await _agent.StartAsync();
        _agent.Job.Starts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_job_that_lasts_into_a_blackout_keeps_the_next_one_from_beginning_in_it()
    {
        _agent.Blackouts = [new PeriodBlackout(AgentLives.At("2026-11-22T04:00Z"), AgentLives.At("2026-11-22T12:00Z"), "consultations")];
        var second = new FakeJob("drill:pacs");
        _agent.MoreJobs.Add(second);
        _agent.Job.Work = (_, _) => { _agent.Clock.Set(AgentLives.At("2026-11-22T05:00Z")); return Task.CompletedTask; };
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        (_agent.Job.Starts.Count, second.Starts.Count).Should().Be((1, 0));
        _agent.Clock.Set(AgentLives.At("2026-11-22T12:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        second.Starts.Should().ContainSingle();
    }
}
