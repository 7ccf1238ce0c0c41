using System.Globalization;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Exercises;

public enum ObjectiveState { Unknown, Contradicted, NotReached, Reached }

/// <summary>One criterion as observers scored it. Without any observer there is no score: that is not zero.</summary>
public sealed record CriterionLine(Criterion Criterion, IReadOnlyList<CriterionScore> Scores)
{
    /// <summary>Scores further apart than this contradict one another: then nothing is known.</summary>
    private const int MostApart = 1;

    /// <summary>From here on a score is good.</summary>
    private const int Good = 2;

    public int Observers => Scores.Select(s => s.By.Id).Distinct(StringComparer.Ordinal).Count();

    public bool IsObserved => Scores.Count > 0;

    public int? Lowest => IsObserved ? Scores.Min(s => s.Score) : null;

    public int? Highest => IsObserved ? Scores.Max(s => s.Score) : null;

    public bool Contradicts => Highest - Lowest > MostApart;

    /// <summary>The most careful of the observers counts.</summary>
    public bool? IsGood => !IsObserved || Contradicts ? null : Lowest >= Good;
}

public sealed record ObjectiveLine(Objective Objective, ObjectiveState State, IReadOnlyList<CriterionLine> Criteria);

public enum GapKind { NotPlayed, ReactionLate, ReactionAbsent, SeenPartial, SeenOther, SeenNone, ObserversContradict, CriterionLow, CriterionContradicts }

/// <param name="Subject">Id of an inject or of a criterion.</param>
public sealed record Gap(GapKind Kind, string Subject);

public sealed record ActionLine(string Id, AgreedAction Action, bool Overdue);

public sealed record ReminderLine(Reminder Reminder, Tick? Done);

/// <summary>What an exercise showed, and what nobody looked at. Nothing in it is good because nothing was said against it.</summary>
public sealed record ExerciseReport(ExerciseBoard Board)
{
    public ExerciseDefinition Exercise => Board.Exercise;

    /// <summary>Words and scores of observers. Zero: the exercise proves nothing, whatever was played.</summary>
    public int Looks { get; init; }
    public IReadOnlyList<CriterionLine> Criteria { get; init; } = [];
    public IReadOnlyList<ObjectiveLine> Objectives { get; init; } = [];

    /// <summary>What was seen to be wrong.</summary>
    public IReadOnlyList<Gap> Gaps { get; init; } = [];

    /// <summary>Injects that were played, with a reaction to be expected, and that no observer said a word about.</summary>
    public IReadOnlyList<InjectLine> Unseen { get; init; } = [];

    /// <summary>Decisions and changes of state, in the order they happened.</summary>
    public IReadOnlyList<RunEvent> Decisions { get; init; } = [];
    public IReadOnlyList<Lesson> Lessons { get; init; } = [];
    public IReadOnlyList<ActionLine> Actions { get; init; } = [];
    public IReadOnlyList<ReminderLine> Reminders { get; init; } = [];

    /// <summary>Injects of the plan, without those in reserve.</summary>
    public int Planned => Board.Lines.Count(l => !l.Inject.Spare);
    public int Played => Board.Lines.Count(l => !l.Inject.Spare && l.Played is not null);

    /// <param name="today">In the hospital's zone: due days of actions are calendar days.</param>
    public static ExerciseReport Of(ExerciseDefinition exercise, ExerciseFacts facts, IReadOnlyList<RunEvent> journal, DateTimeOffset now, DateOnly today)
    {
        var board = ExerciseBoard.Of(exercise, facts, journal, now);
        var criteria = exercise.Criteria.Select(c => new CriterionLine(c, [.. facts.Scores.Where(s => s.Criterion == c.Id)])).ToList();
        return new(board)
        {
            Looks = facts.Observed.Count(o => exercise.Inject(o.Inject) is not null) + criteria.Sum(c => c.Scores.Count),
            Criteria = criteria,
            Objectives = [.. exercise.Objectives.Select(o => Judge(o, [.. criteria.Where(c => c.Criterion.Objective.Id == o.Id)], over: board.EndedAt is not null))],
            Gaps = [.. board.Lines.SelectMany(GapsOf), .. criteria.SelectMany(GapsOf)],
            Unseen = [.. board.Lines.Where(l => l is { Played: not null, Observers: ObserversSay.Nobody, Inject.Expect: not null })],
            Decisions = [.. journal.Where(e => e is DecisionMade or PaperDecisionRecorded or TransitionCompleted).OrderBy(e => e.OccurredAt)],
            Lessons = facts.Lessons,
            Actions = [.. facts.Actions.Select(a => new ActionLine(a.Key, a.Value, a.Value.Closed is null && Day(a.Value.Due) < today)).OrderBy(a => a.Action.Due, StringComparer.Ordinal).ThenBy(a => a.Action.At)],
            Reminders = [.. exercise.Reminders.Select(r => new ReminderLine(r, facts.Ticked.GetValueOrDefault(r.Id)))],
        };
    }

    /// <summary>Reached only when every criterion was looked at, observers agree, and the play is over; a bad score is enough to know that it was not.</summary>
    private static ObjectiveLine Judge(Objective objective, IReadOnlyList<CriterionLine> criteria, bool over)
    {
        var state = criteria.Any(c => c.IsGood == false) ? ObjectiveState.NotReached
            : criteria.Any(c => c.Contradicts) ? ObjectiveState.Contradicted
            : over && criteria.Count > 0 && criteria.All(c => c.IsGood == true) ? ObjectiveState.Reached
            : ObjectiveState.Unknown;
        return new(objective, state, criteria);
    }

    private static IEnumerable<Gap> GapsOf(InjectLine line)
    {
        GapKind?[] kinds =
        [
            line.State == InjectState.NotPlayed ? GapKind.NotPlayed : null,
            line.Journal switch { JournalSays.Late => GapKind.ReactionLate, JournalSays.Absent => GapKind.ReactionAbsent, _ => null },
            line.Observers switch
            {
                ObserversSay.Partial => GapKind.SeenPartial,
                ObserversSay.Other => GapKind.SeenOther,
                ObserversSay.None => GapKind.SeenNone,
                ObserversSay.Contradict => GapKind.ObserversContradict,
                ObserversSay.Expected or ObserversSay.Nobody => null,
            },
        ];
        return kinds.OfType<GapKind>().Select(k => new Gap(k, line.Inject.Id));
    }

    private static IEnumerable<Gap> GapsOf(CriterionLine line) =>
        line.Contradicts ? [new(GapKind.CriterionContradicts, line.Criterion.Id)] : line.IsGood == false ? [new(GapKind.CriterionLow, line.Criterion.Id)] : [];

    private static DateOnly? Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
