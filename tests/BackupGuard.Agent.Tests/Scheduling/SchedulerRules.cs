using BackupGuard.Agent.Scheduling;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Scheduling;

public sealed class SchedulerRules : IDisposable
{
    private readonly AgentLives _agent = new();

    public void Dispose() => _agent.Dispose();

    private static string Z(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mmZ", System.Globalization.CultureInfo.InvariantCulture);
    private IEnumerable<string> Planned => _agent.Job.Starts.Select(s => Z(s.PlannedAt));
    private IEnumerable<string> StartedBy => _agent.Job.Starts.Select(s => s.StartedBy);

    [Fact]
    public async Task A_new_job_waits_for_its_first_occurrence()
    {
        var scheduler = await _agent.StartAsync();
        Planned.Should().BeEmpty();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        await scheduler.RunDueAsync("schedule", default);
        Planned.Should().Equal("2026-11-22T03:00Z");
    }

    [Fact]
    public async Task What_was_missed_while_the_machine_was_off_is_run_at_start_once()
    {
        await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-12-01T12:00Z"));
        var scheduler = await _agent.StartAsync();
        await scheduler.RunDueAsync("schedule", default);
        StartedBy.Should().Equal("missed");

        _agent.Clock.Set(AgentLives.At("2026-12-01T12:05Z"));
        await _agent.StartAsync();
        Planned.Should().HaveCount(1, "another start makes up for nothing more");
    }

    [Fact]
    public async Task A_planned_instant_is_not_run_twice_when_the_clock_is_set_back_over_it()
    {
        var scheduler = await _agent.StartAsync();
        foreach (var time in (string[])["2026-11-22T03:00Z", "2026-11-22T02:00Z", "2026-11-22T03:00Z", "2026-11-22T03:30Z", "2026-11-23T02:59Z", "2026-11-23T03:01Z"])
        {
            _agent.Clock.Set(AgentLives.At(time));
            await scheduler.RunDueAsync("schedule", default);
        }
        Planned.Should().Equal("2026-11-22T03:00Z", "2026-11-23T03:00Z");
    }

    [Fact]
    public async Task A_clock_that_was_ten_years_ahead_does_not_stop_the_calendar()
    {
        await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2036-11-22T12:00Z"));
        await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T12:00Z"));
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-23T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        Planned.Should().Equal("2026-11-22T03:00Z", "2026-11-23T03:00Z");
    }

    [Fact]
    public async Task An_edited_line_makes_up_for_nothing()
    {
        await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T02:00Z"));
        _agent.Line = "0 1 * * *";
        await _agent.StartAsync();
        Planned.Should().BeEmpty("the line did not exist at 01:00");
    }

    [Fact]
    public async Task Heavy_jobs_run_one_at_a_time_in_the_order_in_which_they_were_planned()
    {
        var running = 0;
        var most = 0;
        var second = new FakeJob("verify:dpi");
        async Task Work(JobStart start, CancellationToken token)
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        }
        _agent.Job.Work = second.Work = Work;
        _agent.MoreJobs.Add(second);
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T04:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        most.Should().Be(1);
        second.Starts.Should().HaveCount(1);
        _agent.Spool.Entries.Select(e => e.Type).Should().Equal("drill.intent", "drill.result", "drill.intent", "drill.result");
    }

    [Fact]
    public async Task Occurrences_that_pass_while_a_job_runs_are_made_up_for_by_one_run()
    {
        _agent.Line = "0 * * * *";
        _agent.Job.Work = (_, _) => { if (_agent.Job.Starts.Count == 1) _agent.Clock.Advance(TimeSpan.FromHours(5)); return Task.CompletedTask; };
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-21T13:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        await scheduler.RunDueAsync("schedule", default);
        await scheduler.RunDueAsync("schedule", default);
        _agent.Job.Starts.Should().HaveCount(2);
    }

    [Fact]
    public async Task The_loop_sleeps_until_the_next_occurrence_and_runs_it()
    {
        var ran = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        _agent.Job.Work = (_, _) => { ran.SetResult(); return Task.CompletedTask; };
        await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T02:59:50Z"));
        var loop = _agent.Start().RunAsync(stop.Token);
        _agent.Clock.Advance(TimeSpan.FromSeconds(9));
        ran.Task.IsCompleted.Should().BeFalse();
        _agent.Clock.Advance(TimeSpan.FromSeconds(1));
        await ran.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await loop;
        StartedBy.Should().Equal("schedule");
    }

    [Fact]
    public async Task A_state_file_that_is_damaged_is_set_aside_and_the_calendar_begins_anew()
    {
        await File.WriteAllTextAsync(_agent.File, "{\"schema\":\"backupguard.schedule/v1\",\"jobs\":{\"drill:dpi\"");
        ScheduleState.Open(_agent.File, out var setAside);
        setAside.Should().NotBeNull();
        File.Exists(setAside).Should().BeTrue("nothing is thrown away");
        await _agent.StartAsync();
        Planned.Should().BeEmpty();
    }
}
