using System.Collections.Immutable;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Continuity.Tests.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exercises;

public sealed class ExerciseReportTests
{
    private static readonly DateTimeOffset Debex = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly Actor Lea = new("lea", "Léa");
    private static readonly Actor Max = new("max", "Max");

    private static readonly ExerciseDefinition Exercise =
        ExerciseFile.Parse(ExerciseFileTests.Small, "e.yaml", RunbookFile.Parse(RunbookFileTests.Small, "petit.yaml").Value!).Value!;

    private static DateTimeOffset Minute(int minutes) => Debex.AddMinutes(minutes);

    private static ExerciseFacts Playing(params (string Inject, int Minute)[] played) => ExerciseFacts.None with
    {
        Played = played.Prepend((Chronogramme.Debex, 0)).ToImmutableDictionary(p => p.Item1, p => new PlayedInject(Minute(p.Item2), Lea, "")),
    };

    private static ExerciseFacts Over(params (string Inject, int Minute)[] played) => Playing([.. played, (Chronogramme.Finex, 60)]);

    private static StepStarted Started(string step, int minute) => new(step, 1) { OccurredAt = Minute(minute) };

    private static ObservedInject Saw(string inject, Reaction reaction, Actor by) => new(inject, reaction, "", by, Minute(20));

    private static CriterionScore Score(string criterion, int score, Actor by) => new(criterion, score, "", by, Minute(20));

    private static InjectLine Line(string inject, ExerciseFacts facts, int now, params RunEvent[] journal) => ExerciseBoard.Of(Exercise, facts, journal, Minute(now)).Lines.Single(l => l.Inject.Id == inject);

    private static ExerciseReport Report(ExerciseFacts facts, params RunEvent[] journal) => ExerciseReport.Of(Exercise, facts, journal, Minute(90), new DateOnly(2026, 11, 24));

    [Theory]
    [InlineData(4, InjectState.Planned)]
    [InlineData(5, InjectState.Due)]
    [InlineData(10, InjectState.Due)]
    [InlineData(11, InjectState.Late)]
    public void An_inject_is_due_at_its_time_since_the_real_debex_and_late_five_minutes_after(int now, InjectState state)
    {
        var line = Line("s-01", Playing(), now);

        (line.State, line.PlannedAt).Should().Be((state, Minute(5)));
    }

    [Fact]
    public void Before_debex_is_announced_nothing_is_planned_at_any_hour()
    {
        var board = ExerciseBoard.Of(Exercise, ExerciseFacts.None, [], Minute(500));

        board.Lines.Should().OnlyContain(l => l.PlannedAt == null && (l.State == InjectState.Planned || l.State == InjectState.Spare));
        (board.StartedAt, board.Next!.Inject.Id).Should().Be((null, "s-01"));
    }

    [Theory]
    [InlineData(9, InjectState.Played)]
    [InlineData(11, InjectState.PlayedLate)]
    public void What_was_played_keeps_its_real_time(int played, InjectState state)
    {
        var line = Line("s-01", Playing(("s-01", played)), 30);

        (line.State, line.Played!.At).Should().Be((state, Minute(played)));
    }

    [Fact]
    public void After_finex_what_was_not_played_stays_not_played_and_one_in_reserve_is_no_gap()
    {
        var report = Report(Over(("s-01", 5)));

        report.Board.Lines.Select(l => l.State).Should().Equal(InjectState.Played, InjectState.NotPlayed, InjectState.Spare);
        report.Gaps.Where(g => g.Kind == GapKind.NotPlayed).Should().Equal(new Gap(GapKind.NotPlayed, "s-02"));
        (report.Played, report.Planned, report.Board.Next).Should().Be((1, 2, null));
    }

    [Theory]
    [InlineData(15, 40, JournalSays.InTime)]
    [InlineData(16, 40, JournalSays.Late)]
    [InlineData(3, 40, JournalSays.Before)]
    [InlineData(null, 15, JournalSays.Waiting)]
    [InlineData(null, 16, JournalSays.Absent)]
    public void The_journal_is_judged_from_when_the_inject_was_really_played(int? taken, int now, JournalSays says) =>
        Line("s-01", Playing(("s-01", 5)), now, taken is { } minute ? [Started("isoler", minute)] : []).Journal.Should().Be(says);

    [Fact]
    public void A_transition_that_was_expected_is_seen_and_another_is_not()
    {
        TransitionCompleted Moved(string id) => new(id, "reprise", "clos", ["clos"], false, false, "", new Dictionary<string, string>(), "") { OccurredAt = Minute(40) };

        Line("s-02", Playing(("s-02", 35)), 50, Moved("finir")).Journal.Should().Be(JournalSays.InTime);
        Line("s-02", Playing(("s-02", 35)), 50, Moved("geler")).Journal.Should().Be(JournalSays.Absent);
    }

    [Fact]
    public void A_play_that_ended_before_the_tolerance_had_passed_tells_nothing() =>
        Line("s-02", Over(("s-02", 55)), 90).Journal.Should().Be(JournalSays.CutShort);

    [Fact]
    public void What_the_journal_shows_and_what_people_saw_stand_side_by_side()
    {
        var line = Line("s-01", Playing(("s-01", 5)) with { Observed = [Saw("s-01", Reaction.None, Lea)] }, 40, Started("isoler", 6));

        (line.Journal, line.Observers).Should().Be((JournalSays.InTime, ObserversSay.None));
        Report(Playing(("s-01", 5)) with { Observed = [Saw("s-01", Reaction.None, Lea)] }, Started("isoler", 6)).Gaps.Should().Contain(new Gap(GapKind.SeenNone, "s-01"), "the journal does not outvote who was there");
    }

    [Fact]
    public void Observers_who_disagree_contradict_one_another_and_nobody_is_not_none()
    {
        Line("s-01", Playing(("s-01", 5)) with { Observed = [Saw("s-01", Reaction.Expected, Lea), Saw("s-01", Reaction.Other, Max)] }, 40).Observers.Should().Be(ObserversSay.Contradict);
        Line("s-01", Playing(("s-01", 5)), 40).Observers.Should().Be(ObserversSay.Nobody);
    }

    [Fact]
    public void An_exercise_that_nobody_observed_reaches_nothing_however_smoothly_it_was_played()
    {
        var report = Report(Over(("s-01", 5), ("s-02", 35)), Started("isoler", 6));

        (report.Looks, report.Played, report.Planned).Should().Be((0, 2, 2));
        report.Objectives.Should().OnlyContain(o => o.State == ObjectiveState.Unknown);
        report.Criteria.Should().OnlyContain(c => c.Lowest == null && c.Observers == 0 && c.IsGood == null);
        report.Unseen.Select(l => l.Inject.Id).Should().Equal("s-01", "s-02");
    }

    [Fact]
    public void An_objective_is_reached_when_each_of_its_criteria_was_seen_to_be_good()
    {
        var report = Report(Over() with { Scores = [Score("c-01", 2, Lea), Score("c-01", 3, Max), Score("c-02", 1, Lea)] });

        report.Objectives.Select(o => o.State).Should().Equal(ObjectiveState.Reached, ObjectiveState.NotReached);
        report.Criteria.Select(c => (c.Observers, c.Lowest, c.Highest)).Should().Equal((2, 2, 3), (1, 1, 1));
        report.Gaps.Should().Contain(new Gap(GapKind.CriterionLow, "c-02"));
        report.Looks.Should().Be(3);
    }

    [Fact]
    public void Zero_is_a_score_and_no_score_is_not_zero()
    {
        var report = Report(Over() with { Scores = [Score("c-01", 0, Lea)] });

        report.Objectives.Select(o => o.State).Should().Equal(ObjectiveState.NotReached, ObjectiveState.Unknown);
    }

    [Fact]
    public void Scores_that_contradict_one_another_leave_the_objective_open()
    {
        var report = Report(Over() with { Scores = [Score("c-01", 0, Lea), Score("c-01", 3, Max), Score("c-02", 3, Max)] });

        report.Objectives.Select(o => o.State).Should().Equal(ObjectiveState.Contradicted, ObjectiveState.Reached);
        report.Gaps.Should().Contain(new Gap(GapKind.CriterionContradicts, "c-01")).And.NotContain(g => g.Kind == GapKind.CriterionLow);
    }

    [Fact]
    public void Nothing_is_reached_while_the_play_goes_on() =>
        Report(Playing() with { Scores = [Score("c-01", 3, Lea)] }).Objectives[0].State.Should().Be(ObjectiveState.Unknown);

    [Fact]
    public void A_score_on_a_criterion_that_this_exercise_does_not_have_counts_for_nothing() =>
        Report(Over() with { Scores = [Score("c-99", 3, Lea)], Observed = [Saw("s-99", Reaction.Expected, Lea)] }).Looks.Should().Be(0);

    [Fact]
    public void Actions_come_in_the_order_of_their_dates_and_an_open_one_of_yesterday_is_overdue()
    {
        AgreedAction Due(string day, string? closed = null) => new("Refaire l’annuaire", "Qualité", day, Lea, Minute(70)) { Closed = closed };
        var facts = Over() with { Actions = new Dictionary<string, AgreedAction> { ["b"] = Due("2026-12-01"), ["a"] = Due("2026-11-23"), ["c"] = Due("2026-11-20", "fait") }.ToImmutableDictionary() };

        Report(facts).Actions.Select(a => (a.Id, a.Overdue)).Should().Equal(("c", false), ("a", true), ("b", false));
    }

    [Fact]
    public void A_reminder_is_done_when_somebody_ticked_it()
    {
        var facts = Over() with { Ticked = ImmutableDictionary<string, Tick>.Empty.Add("avant", new("capture 12", Lea, Minute(-100))) };

        Report(facts).Reminders.Select(r => (r.Reminder.Id, r.Done?.Note)).Should().Equal(("avant", "capture 12"), ("apres", null));
    }
}
