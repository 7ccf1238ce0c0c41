using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Exercises;

/// <summary>A run in exercise mode for one reader at one instant.</summary>
internal sealed record ExerciseView(RunView Run, ExerciseSheet Sheet)
{
    private ExerciseReport? report;

    public string Id => Run.Id;
    public ExerciseDefinition Exercise => Sheet.Exercise;
    public bool FromFile => Sheet.Sha256 != "";
    public Reader Reader => Run.Frame.Reader;
    public ExerciseFacts Facts => Run.Run.State.Exercise;
    public ExerciseReport Report => report ??= ExerciseReport.Of(Exercise, Facts, Run.Run.Events, Run.Frame.At, DateOnly.FromDateTime(Reader.Local(Run.Frame.At).DateTime));
    public ExerciseBoard Board => Report.Board;
    public bool MayFacilitate => ExerciseRoles.MayFacilitate(Run.User);

    /// <summary>The play is over, or the whole run: players may then see what was planned.</summary>
    public bool Over => Board.EndedAt is not null || Run.Closed;

    /// <summary>One id for each form of the page: the same page sent twice is done once, and two forms are two commands.</summary>
    public string Command(string form) => $"{Run.CommandId}-{form}";

    public string From(PlannedInject inject) => inject.From is not { } from ? Reader.Say(ExerciseTexts.ForFacilitators) : Exercise.Member(from.Id)?.Label.In(Reader.Code) ?? Run.RoleName(from.Id);

    public string To(PlannedInject inject) => string.Join(", ", inject.To.Select(t => Run.RoleName(t.Id)));

    public string Way(PlannedInject inject) => Reader.Say(ExerciseTexts.FromTo, ("channel", Reader.Say(ExerciseTexts.Channel(inject.Channel))), ("from", From(inject)), ("to", To(inject)));

    public string Planned(InjectLine line) => line.PlannedAt is { } at
        ? Reader.Say(ExerciseTexts.PlannedAt, ("time", Reader.TimeOfDay(at)), ("after", Reader.Duration(line.Inject.After)))
        : Reader.Say(ExerciseTexts.PlannedAfter, ("after", Reader.Duration(line.Inject.After)));

    /// <summary>What a reaction should be, with its tolerance; "" when nothing was written down.</summary>
    public string Expected(PlannedInject inject)
    {
        if (inject.Expect is not { } expect)
        {
            return "";
        }

        var step = expect.Step is { } s ? Run.StepName(s.Id) : expect.Transition is { } t ? Run.TransitionName(t.Id) : "";
        var reaction = string.Join(" – ", new[] { expect.Reaction.In(Reader.Code), step }.Where(p => p != ""));
        return Reader.Say(ExerciseTexts.Expected, ("reaction", reaction)) + (expect.Within is { } within ? " " + Reader.Say(ExerciseTexts.Within, ("time", Reader.Duration(within))) : "");
    }

    /// <summary>What a facilitator has to know beside the text: the way, the reaction to be expected, when not to play it.</summary>
    public IReadOnlyList<string> Directions(PlannedInject inject) =>
    [
        .. new[] { Way(inject), Expected(inject), inject.OnlyIf.Fr == "" ? "" : Reader.Say(ExerciseTexts.OnlyIf, ("condition", inject.OnlyIf.In(Reader.Code))) }.Where(t => t != ""),
    ];

    public string State(InjectState state) => Reader.Say(state switch
    {
        InjectState.Planned => ExerciseTexts.InjectPlanned,
        InjectState.Due => ExerciseTexts.InjectDue,
        InjectState.Late => ExerciseTexts.InjectLate,
        InjectState.Played => ExerciseTexts.InjectPlayed,
        InjectState.PlayedLate => ExerciseTexts.InjectPlayedLate,
        InjectState.NotPlayed => ExerciseTexts.InjectNotPlayed,
        InjectState.Spare => ExerciseTexts.InjectSpare,
    });

    public string Journal(InjectLine line) => line.Journal switch
    {
        JournalSays.CannotTell => Reader.Say(ExerciseTexts.JournalCannotTell),
        JournalSays.NotPlayed => Reader.Say(ExerciseTexts.JournalNotPlayed),
        JournalSays.Waiting => Reader.Say(ExerciseTexts.JournalWaiting),
        JournalSays.InTime => Timed(ExerciseTexts.JournalInTime, line),
        JournalSays.Seen => Timed(ExerciseTexts.JournalSeen, line),
        JournalSays.Late => Timed(ExerciseTexts.JournalLate, line),
        JournalSays.Before => Timed(ExerciseTexts.JournalBefore, line),
        JournalSays.Absent => Reader.Say(ExerciseTexts.JournalAbsent),
        JournalSays.CutShort => Reader.Say(ExerciseTexts.JournalCutShort),
    };

    public string Seen(InjectLine line) => Reader.Say(line.Observers switch
    {
        ObserversSay.Nobody => ExerciseTexts.SeenNobody,
        ObserversSay.Expected => ExerciseTexts.SeenExpected,
        ObserversSay.Partial => ExerciseTexts.SeenPartial,
        ObserversSay.Other => ExerciseTexts.SeenOther,
        ObserversSay.None => ExerciseTexts.SeenNone,
        ObserversSay.Contradict => ExerciseTexts.SeenContradict,
    }) + (line.Observed.Count > 0 ? $" ({Reader.Number(line.Observed.Count)})" : "");

    public string ReactionWord(Reaction reaction) => Reader.Say(reaction switch
    {
        Reaction.Expected => ExerciseTexts.SeenExpected,
        Reaction.Partial => ExerciseTexts.SeenPartial,
        Reaction.Other => ExerciseTexts.SeenOther,
        Reaction.None => ExerciseTexts.SeenNone,
    });

    public string Gap(Gap gap)
    {
        var phrase = gap.Kind switch
        {
            GapKind.NotPlayed => ExerciseTexts.GapNotPlayed,
            GapKind.ReactionLate => ExerciseTexts.GapLate,
            GapKind.ReactionAbsent => ExerciseTexts.GapAbsent,
            GapKind.SeenPartial => ExerciseTexts.GapPartial,
            GapKind.SeenOther => ExerciseTexts.GapOther,
            GapKind.SeenNone => ExerciseTexts.GapNone,
            GapKind.ObserversContradict or GapKind.CriterionContradicts => ExerciseTexts.GapContradict,
            GapKind.CriterionLow => ExerciseTexts.GapLow,
        };
        var name = Exercise.Criteria.FirstOrDefault(c => c.Id == gap.Subject)?.Label.In(Reader.Code);
        return Reader.Say(phrase, ("subject", name is null ? gap.Subject : $"{gap.Subject}, {name}"));
    }

    public static Look LookOf(ObjectiveState state) => state switch
    {
        ObjectiveState.Reached => new("proven", ExerciseTexts.Reached),
        ObjectiveState.NotReached => new("failed", ExerciseTexts.NotReached),
        ObjectiveState.Contradicted => new("inconclusive", ExerciseTexts.Contradicted),
        ObjectiveState.Unknown => new("unproven", ExerciseTexts.Unknown),
    };

    public static Phrase Level(ExerciseLevel level) => level switch
    {
        ExerciseLevel.Beginner => ExerciseTexts.Beginner,
        ExerciseLevel.Intermediate => ExerciseTexts.Intermediate,
        ExerciseLevel.Advanced => ExerciseTexts.Advanced,
    };

    public static string Days(Reader reader, Reminder reminder) => reminder.Days switch
    {
        null => reader.Say(reminder.Before ? ExerciseTexts.Before : ExerciseTexts.After),
        0 => reader.Say(ExerciseTexts.SameDay),
        { } days => reader.Count(reminder.Before ? ExerciseTexts.DaysBefore : ExerciseTexts.DaysAfter, days),
    };

    /// <summary>What was played for this reader's roles, newest first. An administrator stands in for everybody.</summary>
    public IReadOnlyList<InjectLine> Received =>
        [.. Board.Lines.Where(l => l.Played is not null && Run.Mine(l.Inject.To.Select(t => t.Id)).Count > 0).OrderByDescending(l => l.Played!.At)];

    public IReadOnlyList<PlayerLine> Players =>
    [
        .. Exercise.Players.Select(p => new PlayerLine(
            Run.RoleName(p.Id),
            Board.Lines.Count(l => l.Played is not null && l.Inject.To.Any(t => t.Id == p.Id)),
            Run.Run.Events.LastOrDefault(e => e.Role == p.Id)?.OccurredAt)),
    ];

    private string Timed(Phrase phrase, InjectLine line) => Reader.Say(phrase, ("time", Reader.TimeOfDay(line.SeenAt!.Value)));
}

/// <param name="LastAct">Null: nothing in the journal was done in this role.</param>
internal sealed record PlayerLine(string Role, int Received, DateTimeOffset? LastAct);
