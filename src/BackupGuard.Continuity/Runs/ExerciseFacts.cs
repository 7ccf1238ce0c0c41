using System.Collections.Immutable;

namespace BackupGuard.Continuity.Runs;

public sealed record PlayedInject(DateTimeOffset At, Actor By, string Note);

public sealed record ObservedInject(string Inject, Reaction Reaction, string Note, Actor By, DateTimeOffset At);

public sealed record CriterionScore(string Criterion, int Score, string Note, Actor By, DateTimeOffset At);

public sealed record Lesson(LessonStage Stage, string Text, Actor By, DateTimeOffset At);

public sealed record AgreedAction(string Text, string Owner, string Due, Actor By, DateTimeOffset At)
{
    /// <summary>What was done about it, or null while it is open.</summary>
    public string? Closed { get; init; }
}

public sealed record Tick(string Note, Actor By, DateTimeOffset At);

/// <summary>What facilitators, observers and players left behind in an exercise.</summary>
public sealed record ExerciseFacts
{
    public static ExerciseFacts None { get; } = new();

    public ImmutableDictionary<string, PlayedInject> Played { get; init; } = ImmutableDictionary<string, PlayedInject>.Empty;

    /// <summary>One word of each observer on each inject: the last.</summary>
    public ImmutableList<ObservedInject> Observed { get; init; } = [];

    /// <summary>One score of each observer on each criterion: the last.</summary>
    public ImmutableList<CriterionScore> Scores { get; init; } = [];
    public ImmutableList<Lesson> Lessons { get; init; } = [];
    public ImmutableDictionary<string, AgreedAction> Actions { get; init; } = ImmutableDictionary<string, AgreedAction>.Empty;
    public ImmutableDictionary<string, Tick> Ticked { get; init; } = ImmutableDictionary<string, Tick>.Empty;

    internal ExerciseFacts With(RunEvent one) => one switch
    {
        InjectPlayed e => this with { Played = Played.SetItem(e.Inject, new(e.OccurredAt, e.Actor, e.Note)) },
        InjectObserved e => this with { Observed = Observed.RemoveAll(o => o.Inject == e.Inject && o.By.Id == e.Actor.Id).Add(new(e.Inject, e.Reaction, e.Note, e.Actor, e.OccurredAt)) },
        CriterionScored e => this with { Scores = Scores.RemoveAll(s => s.Criterion == e.Criterion && s.By.Id == e.Actor.Id).Add(new(e.Criterion, e.Score, e.Note, e.Actor, e.OccurredAt)) },
        LessonNoted e => this with { Lessons = Lessons.Add(new(e.Stage, e.Text, e.Actor, e.OccurredAt)) },
        ActionAgreed e => this with { Actions = Actions.SetItem(e.Action, new(e.Text, e.Owner, e.Due, e.Actor, e.OccurredAt)) },
        ActionClosed e when Actions.TryGetValue(e.Action, out var action) => this with { Actions = Actions.SetItem(e.Action, action with { Closed = e.Note }) },
        ItemTicked e => this with { Ticked = Ticked.SetItem(e.Item, new(e.Note, e.Actor, e.OccurredAt)) },
        _ => this,
    };
}
