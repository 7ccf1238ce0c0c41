using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Scheduling;

public sealed class KilledRuns : IDisposable
{
    private readonly AgentLives _agent = new();

    public void Dispose() => _agent.Dispose();

    private IEnumerable<string> Types => _agent.Spool.Entries.Select(e => e.Type);
    private static string Word(Entry entry, string name) => JsonDocument.Parse(entry.Payload).RootElement.GetProperty(name).GetString()!;

    private async Task DieAtThreeAsync(Action arrange)
    {
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        arrange();
        await FluentActions.Awaiting(() => scheduler.RunDueAsync("schedule", default)).Should().ThrowAsync<Killed>();
        (_agent.Spool.KillBefore, _agent.Spool.KillAfter) = (null, null);
    }

    [Fact]
    public async Task A_run_leaves_an_intent_and_a_result_that_closes_it()
    {
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        Types.Should().Equal("drill.intent", "drill.result");
        _agent.Spool.Entries[1].Intent.Should().Be(1);
        _agent.Spool.Entries[1].Application.Should().Be("dpi");
    }

    [Fact]
    public async Task The_intent_is_recorded_before_the_work_begins()
    {
        _agent.Job.Work = (_, _) => { Types.Should().Equal("drill.intent"); return Task.CompletedTask; };
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        _agent.Job.Starts.Should().HaveCount(1);
    }

    [Fact]
    public async Task Killed_after_the_intent_the_run_is_closed_as_unknown_and_done_again_once()
    {
        await DieAtThreeAsync(() => _agent.Spool.KillAfter = "drill.intent");
        await _agent.StartAsync();
        Types.Should().Equal("drill.intent", "drill.result", "drill.intent", "drill.result");
        var closed = _agent.Spool.Entries[1];
        (closed.Intent, Word(closed, "verdict"), Word(closed, "code")).Should().Be((1, "inconclusive", "BG1407"));
        (_agent.Spool.Entries[3].Intent, Word(_agent.Spool.Entries[3], "verdict"), Word(_agent.Spool.Entries[3], "startedBy")).Should().Be((3, "proved", "missed"));

        await _agent.StartAsync();
        _agent.Spool.Entries.Should().HaveCount(4, "once");
    }

    [Fact]
    public async Task Killed_before_the_intent_nothing_needs_closing_and_the_run_is_made_up_for()
    {
        await DieAtThreeAsync(() => _agent.Spool.KillBefore = "drill.intent");
        await _agent.StartAsync();
        Types.Should().Equal("drill.intent", "drill.result");
    }

    [Fact]
    public async Task Killed_before_the_result_could_be_recorded_the_true_result_is_recorded_at_the_next_start()
    {
        await DieAtThreeAsync(() => _agent.Spool.KillBefore = "drill.result");
        await _agent.StartAsync();
        Types.Should().Equal("drill.intent", "drill.result");
        (_agent.Spool.Entries[1].Intent, Word(_agent.Spool.Entries[1], "verdict")).Should().Be((1, "proved"));
        _agent.Job.Starts.Should().HaveCount(1, "the work was done");
    }

    [Fact]
    public async Task Killed_after_the_result_nothing_is_recorded_twice()
    {
        await DieAtThreeAsync(() => _agent.Spool.KillAfter = "drill.result");
        await _agent.StartAsync();
        Types.Should().Equal("drill.intent", "drill.result");
        _agent.Job.Starts.Should().HaveCount(1);
    }

    [Fact]
    public async Task A_run_that_kills_the_agent_each_time_is_not_repeated_for_ever()
    {
        await DieAtThreeAsync(() => _agent.Spool.KillAfter = "drill.intent");
        _agent.Spool.KillAfter = "drill.intent";
        await FluentActions.Awaiting(_agent.StartAsync).Should().ThrowAsync<Killed>();
        _agent.Spool.KillAfter = null;
        await _agent.StartAsync();
        Types.Should().Equal("drill.intent", "drill.result", "drill.intent", "drill.result");
        _agent.Job.Starts.Should().BeEmpty();

        _agent.Clock.Set(AgentLives.At("2026-11-23T03:00Z"));
        await _agent.StartAsync();
        _agent.Job.Starts.Should().HaveCount(1, "the next occurrence is a new chance");
    }

    [Fact]
    public async Task A_bug_in_a_job_is_recorded_by_its_type_alone_and_the_calendar_goes_on()
    {
        _agent.Job.Work = (_, _) => throw new InvalidOperationException("patient Dupont");
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        var result = _agent.Spool.Entries[1];
        (Word(result, "verdict"), Word(result, "code")).Should().Be(("inconclusive", "BG1502"));
        result.Payload.Should().Contain("InvalidOperationException").And.NotContain("Dupont");

        _agent.Clock.Set(AgentLives.At("2026-11-23T03:00Z"));
        await scheduler.RunDueAsync("schedule", default);
        _agent.Job.Starts.Should().HaveCount(2);
    }

    [Fact]
    public async Task Nothing_is_run_when_the_intent_cannot_be_written()
    {
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        _agent.Spool.IsFull = true;
        await FluentActions.Awaiting(() => scheduler.RunDueAsync("schedule", default)).Should().ThrowAsync<IOException>();
        _agent.Job.Starts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_run_that_was_cancelled_by_a_restart_of_the_service_is_done_again_at_the_next_start()
    {
        using var stop = new CancellationTokenSource();
        _agent.Job.Work = async (_, _) => await stop.CancelAsync();
        var scheduler = await _agent.StartAsync();
        _agent.Clock.Set(AgentLives.At("2026-11-22T03:00Z"));
        await scheduler.RunDueAsync("schedule", stop.Token);
        Word(_agent.Spool.Entries[1], "verdict").Should().Be("inconclusive");

        _agent.Job.Work = null;
        await _agent.StartAsync();
        Types.Should().Equal("drill.intent", "drill.result", "drill.intent", "drill.result");
        await _agent.StartAsync();
        _agent.Spool.Entries.Should().HaveCount(4);
    }
}
