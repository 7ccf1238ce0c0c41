using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Exercises;

public enum InjectState { Planned, Due, Late, Played, PlayedLate, NotPlayed, Spare }

/// <summary>What the run's own journal shows of the reaction. It never speaks for an observer.</summary>
public enum JournalSays
{
    /// <summary>Nothing that a journal could show was expected: only an observer can tell.</summary>
    CannotTell,
    NotPlayed,
    Waiting,
    InTime,

    /// <summary>Seen, and no tolerance was set.</summary>
    Seen,
    Late,

    /// <summary>Done before the inject was played; not again since.</summary>
    Before,
    Absent,

    /// <summary>FINEX came before the tolerance had passed.</summary>
    CutShort,
}

/// <summary>What people saw. Nobody is not None: nobody looked.</summary>
public enum ObserversSay { Nobody, Expected, Partial, Other, None, Contradict }

/// <param name="PlannedAt">Null until DEBEX was announced.</param>
/// <param name="SeenAt">When the journal first shows the expected reaction.</param>
public sealed record InjectLine(PlannedInject Inject, DateTimeOffset? PlannedAt, InjectState State, PlayedInject? Played, JournalSays Journal, DateTimeOffset? SeenAt)
{
    public IReadOnlyList<ObservedInject> Observed { get; init; } = [];

    public ObserversSay Observers => Observed.Select(o => o.Reaction).Distinct().ToList() switch
    {
        [] => ObserversSay.Nobody,
        [Reaction.Expected] => ObserversSay.Expected,
        [Reaction.Partial] => ObserversSay.Partial,
        [Reaction.Other] => ObserversSay.Other,
        [Reaction.None] => ObserversSay.None,
        _ => ObserversSay.Contradict,
    };
}

/// <summary>Where an exercise stands, inject by inject: what was planned, what was played, what the journal shows, what people saw. The last two are never merged.</summary>
/// <param name="StartedAt">DEBEX as announced, or null.</param>
/// <param name="EndedAt">FINEX as announced, or null.</param>
public sealed record ExerciseBoard(ExerciseDefinition Exercise, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, IReadOnlyList<InjectLine> Lines)
{
    /// <summary>An inject is late after this; people look at their watches, not at a stopwatch.</summary>
    public static readonly TimeSpan Punctual = TimeSpan.FromMinutes(5);

    /// <summary>The first one of the file that is not in reserve and was not played; null when the play is over.</summary>
    public InjectLine? Next => EndedAt is null ? Lines.FirstOrDefault(l => l.Played is null && !l.Inject.Spare) : null;

    public static ExerciseBoard Of(ExerciseDefinition exercise, ExerciseFacts facts, IReadOnlyList<RunEvent> journal, DateTimeOffset now)
    {
        var start = facts.Played.GetValueOrDefault(Chronogramme.Debex)?.At;
        var end = facts.Played.GetValueOrDefault(Chronogramme.Finex)?.At;
        return new(exercise, start, end, [.. exercise.Chronogramme.Injects.OrderBy(i => i.After).Select(i => Line(i, facts, journal, start, end, now))]);
    }

    private static InjectLine Line(PlannedInject inject, ExerciseFacts facts, IReadOnlyList<RunEvent> journal, DateTimeOffset? start, DateTimeOffset? end, DateTimeOffset now)
    {
        var played = facts.Played.GetValueOrDefault(inject.Id);
        var planned = start + inject.After;
        var (says, seen) = Journal(inject, played, journal, end, now);
        return new(inject, planned, State(inject, planned, played, end, now), played, says, seen) { Observed = [.. facts.Observed.Where(o => o.Inject == inject.Id)] };
    }

    private static InjectState State(PlannedInject inject, DateTimeOffset? planned, PlayedInject? played, DateTimeOffset? end, DateTimeOffset now) => (played, planned) switch
    {
        ({ }, { } at) when played.At > at + Punctual && !inject.Spare => InjectState.PlayedLate,
        ({ }, _) => InjectState.Played,
        _ when inject.Spare => InjectState.Spare,
        _ when end is not null => InjectState.NotPlayed,
        (_, null) => InjectState.Planned,
        (_, { } at) => now > at + Punctual ? InjectState.Late : now >= at ? InjectState.Due : InjectState.Planned,
    };

    private static (JournalSays Says, DateTimeOffset? SeenAt) Journal(PlannedInject inject, PlayedInject? played, IReadOnlyList<RunEvent> journal, DateTimeOffset? end, DateTimeOffset now)
    {
        if (played is null)
        {
            return (JournalSays.NotPlayed, null);
        }

        if (inject.Expect is not { } expect || (expect.Step is null && expect.Transition is null))
        {
            return (JournalSays.CannotTell, null);
        }

        var acts = journal.Where(e => Shows(e, expect)).Select(e => e.OccurredAt).Order().ToList();
        var limit = played.At + expect.Within;
        if (acts.Exists(a => a >= played.At))
        {
            var seen = acts.First(a => a >= played.At);
            return (limit is null ? JournalSays.Seen : seen <= limit ? JournalSays.InTime : JournalSays.Late, seen);
        }

        if (acts.Count > 0)
        {
            return (JournalSays.Before, acts[^1]);
        }

        var stop = end < now ? end.Value : now;
        return (limit is { } by && stop > by ? JournalSays.Absent : end is not null ? limit is null ? JournalSays.Absent : JournalSays.CutShort : JournalSays.Waiting, null);
    }

    /// <summary>Taking a step up is the reaction; when it was finished is another question.</summary>
    private static bool Shows(RunEvent one, Expectation expect) => one switch
    {
        StepStarted e => e.Step == expect.Step?.Id,
        StepCompleted e => e.Step == expect.Step?.Id,
        DecisionProposed e => e.Step == expect.Step?.Id,
        DecisionMade e => e.Step == expect.Step?.Id,
        PaperDecisionRecorded e => e.Step == expect.Step?.Id,
        TransitionRequested e => e.Transition == expect.Transition?.Id,
        TransitionCompleted e => e.Transition == expect.Transition?.Id,
        _ => false,
    };
}
