using System.Text.Json;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runs;
using FluentAssertions;

namespace BackupGuard.Continuity.Tests.Runs;

/// <summary>A run on the bench: a journal in memory, persons, and a clock that moves by hand.</summary>
internal sealed class RunBench
{
    public static readonly Actor Anne = new("anne", "Anne Roy");
    public static readonly Actor Bob = new("bob", "Bob Petit");
    public static readonly Actor Chloe = new("chloe", "Chloé Faure");

    private readonly List<RunEvent> journal = [];
    private int commands;

    public RunBench(string yaml, RunMode mode = RunMode.Exercise, bool start = true, bool confirm = true)
    {
        var pinned = RunDefinition.Pin(yaml, "test.yaml");
        pinned.Issues.Where(i => i.Level == IssueLevel.Error).Should().BeEmpty();
        Pinned = pinned.Value!;
        if (start)
        {
            Ok(new StartRun(mode) { RunId = "r1", CommandId = "start", Actor = Anne, Now = Now });
        }

        if (start && confirm && mode == RunMode.Live)
        {
            Ok(new ConfirmStart { RunId = "r1", CommandId = "confirm", Actor = Bob, Now = Now });
        }
    }

    public static RunBench PlanBlanc(RunMode mode = RunMode.Exercise) => new(RepositoryFiles.Read("runbooks/plan-blanc-numerique.yaml"), mode);

    public RunDefinition Pinned { get; private set; }
    public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 2, 47, 0, TimeSpan.Zero);
    public IReadOnlyList<RunEvent> Journal => journal;

    /// <summary>Followed line by line, as the server does; tests compare it with a fold of the whole.</summary>
    public RunState State { get; private set; } = RunState.Fold([]);

    public StepView View(string step) => StepViews.Of(Pinned.Runbook, State, Pinned.Runbook.Step(step)!, Now);

    public RunDecision Do(RunCommand command)
    {
        var decision = RunEngine.Decide(Pinned, State, command);
        switch (decision)
        {
            case RunDecision.Accepted accepted:
                journal.AddRange(accepted.Events);
                State = State.Then(accepted.Events);
                Pinned = accepted.Events.OfType<DefinitionAmended>().Any() ? RunDefinition.Of(journal) : Pinned;
                break;
            case RunDecision.Refused { Journal: { } line }:
                journal.Add(line);
                State = State.Then([line]);
                break;
        }

        return decision;
    }

    public IReadOnlyList<RunEvent> Ok(RunCommand command) =>
        Do(command).Should().BeOfType<RunDecision.Accepted>("{0}", JsonSerializer.Serialize((Do(command) as RunDecision.Refused)?.Reasons)).Which.Events;

    public IReadOnlyList<string> No(RunCommand command)
    {
        var before = Snapshot(State);
        var reasons = Do(command).Should().BeOfType<RunDecision.Refused>().Which.Reasons;
        Snapshot(State).Should().Be(before, "a refusal changes nothing");
        reasons.Should().OnlyContain(r => r.Fr != "" && r.En != "");
        return [.. reasons.Select(r => r.Code)];
    }

    public T By<T>(T command, Actor actor, string role = "", DateTimeOffset? occurredAt = null) where T : RunCommand =>
        command with { Actor = actor, Role = role, OccurredAt = occurredAt, Now = Now };

    public RequestTransition Transition(string id, string reason = "", params (string, string)[] evidence) =>
        new(id) { RunId = "r1", CommandId = NextId(), Actor = Anne, Now = Now, Reason = reason, Evidence = Map(evidence) };

    public StartStep Take(string step) => new(step) { RunId = "r1", CommandId = NextId(), Actor = Anne, Now = Now };

    public CompleteStep Done(string step, params (string, string)[] evidence) => new(step) { RunId = "r1", CommandId = NextId(), Actor = Anne, Now = Now, Evidence = Map(evidence) };

    public ChooseOption Choose(string step, string option, string why = "", params (string, string)[] evidence) =>
        new(step, option, why) { RunId = "r1", CommandId = NextId(), Actor = Anne, Now = Now, Evidence = Map(evidence) };

    public CastVote Vote(string request, bool inFavour = true) => new(request, inFavour) { RunId = "r1", CommandId = NextId(), Actor = Anne, Now = Now };

    public SkipStep Skip(string step, string reason) => new(step, reason) { RunId = "r1", CommandId = NextId(), Actor = Anne, Now = Now };

    public T In<T>(Func<string, DateTimeOffset, T> make) where T : RunCommand => make(NextId(), Now);

    public string NextId() => $"c{++commands}";

    /// <summary>Everything a run knows, without the answers to commands.</summary>
    public static string Snapshot(RunState run) => JsonSerializer.Serialize(new
    {
        run.State, run.Paused, run.Visits, Steps = run.Steps.OrderBy(s => s.Key), Facts = run.Facts.OrderBy(f => f.Key), Evidence = run.Evidence.OrderBy(e => e.Key), Requests = run.Requests.OrderBy(r => r.Key), run.DefinitionSha256, run.Amendments, run.Modules, run.Shifts.Holders, run.Shifts.Offers, run.Obligations, run.Exercise, run.Backlogs, run.OwnEta, run.ParentEta,
    });

    private static Dictionary<string, string> Map((string Key, string Value)[] pairs) => pairs.ToDictionary(p => p.Key, p => p.Value);
}
