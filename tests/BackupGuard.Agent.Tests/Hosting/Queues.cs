using System.Text.Json;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Contracts;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Hosting;

public sealed class Queues : IDisposable
{
    private readonly CommandRun _agent = new();

    public void Dispose() => _agent.Dispose();

    private async Task<(int ExitCode, string State, QueuedJobDocument Job)> QueueAsync(string? at = null)
    {
        if (at is not null) _agent.Clock.Set(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture));
        var run = await _agent.InvokeAsync("queue", "--config", _agent.Disk["agent.yaml"], "--format", "json");
        var document = JsonSerializer.Deserialize(run.Output, DocumentJson.Default.QueueDocument)!;
        return (run.ExitCode, document.Jobs.Single().State, document.Jobs.Single());
    }

    private void Remember(JobState state)
    {
        Directory.CreateDirectory(_agent.Disk["state"]);
        ScheduleState.Open(_agent.Disk["state/schedule.json"], out _).Save("drill:dpi-weekly", state);
    }

    private static JobState Settled => new() { Calendar = "0 3 * * 0 Europe/Paris", SettledUntil = CommandRun.Now };

    [Fact]
    public async Task It_tells_what_is_planned_due_and_overdue()
    {
        _agent.Config();
        var never = await QueueAsync();
        (never.ExitCode, never.State, never.Job.NextAt, never.Job.LastAt).Should().Be((0, "planned", DateTimeOffset.Parse("2026-11-22T02:00Z", null), null));
        Remember(Settled);
        (await QueueAsync("2026-11-22T02:00Z")).State.Should().Be("due");
        (await QueueAsync("2026-11-23T02:00Z")).State.Should().Be("due");
        var late = await QueueAsync("2026-11-23T02:01Z");
        (late.ExitCode, late.State).Should().Be((1, "overdue"), "monitoring goes by the exit code");
    }

    [Fact]
    public async Task It_tells_what_runs_and_what_waits_for_the_end_of_a_blackout()
    {
        _agent.Config(more: "blackouts: [{ from: 2026-11-22T00:00:00Z, until: 2026-11-25T00:00:00Z, reason: migration }]");
        Remember(Settled);
        (await QueueAsync("2026-11-22T12:00Z")).State.Should().Be("waiting");
        (await QueueAsync("2026-11-24T12:00Z")).State.Should().Be("overdue", "a blackout is a reason, not an excuse");
        using var result = JsonDocument.Parse("{}");
        Remember(Settled with { Open = new OpenRun("r", "drill", "dpi", CommandRun.Now, CommandRun.Now, false, result.RootElement.Clone()) });
        (await QueueAsync()).State.Should().Be("running");
    }

    [Fact]
    public async Task A_memory_that_cannot_be_read_is_unknown_and_stays_where_it_is()
    {
        _agent.Config();
        Directory.CreateDirectory(_agent.Disk["state"]);
        await File.WriteAllTextAsync(_agent.Disk["state/schedule.json"], "{");
        var run = await _agent.InvokeAsync("queue", "--config", _agent.Disk["agent.yaml"]);
        run.ExitCode.Should().Be(3);
        run.Error.Should().Contain("what is due is unknown");
        File.Exists(_agent.Disk["state/schedule.json"]).Should().BeTrue();
    }
}
