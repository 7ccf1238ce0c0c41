using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Obligations.Desk;

namespace BackupGuard.Continuity.Tests.Obligations;

public class ObligationBoardTests
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    private const string Breach = "connaissance-violation-dcp", Important = "connaissance-incident-important", T0 = "t0-connaissance-incident";

    [Fact]
    public void Without_an_event_no_clock_runs_and_the_row_says_which_one_is_missing()
    {
        var row = Shipped.Row("n4a", Monday.AddYears(1));

        row.Status.Should().Be(DutyStatus.NotStarted);
        row.Duty.StartEvent.Id.Should().Be(Breach);
        row.DueAt.Should().BeNull();
    }

    [Fact]
    public void A_clock_of_72_hours_runs_through_the_night_and_the_weekend()
    {
        var friday = new DateTimeOffset(2026, 11, 20, 16, 30, 0, TimeSpan.Zero);

        var row = Shipped.Aware(Breach, friday).Row("n4a", friday.AddHours(1));

        row.DueAt.Should().Be(new DateTimeOffset(2026, 11, 23, 16, 30, 0, TimeSpan.Zero));
        row.TargetAt.Should().Be(friday.AddHours(48));
        row.Status.Should().Be(DutyStatus.Running);
        row.NextReminder.Should().Be(friday.AddHours(36));
    }

    [Theory]
    [InlineData(35.9, DutyStatus.Running)]
    [InlineData(36, DutyStatus.DueSoon)]
    [InlineData(72, DutyStatus.DueSoon)]
    [InlineData(72.01, DutyStatus.Late)]
    public void A_row_is_due_soon_from_its_first_reminder_and_late_only_after_its_hour(double hours, DutyStatus status) =>
        Shipped.Aware(Breach, Monday).Row("n4a", Monday.AddHours(hours)).Status.Should().Be(status);

    [Fact]
    public void Two_nights_of_clock_change_do_not_move_a_limit_in_hours()
    {
        var before = new DateTimeOffset(2027, 10, 30, 12, 0, 0, TimeSpan.FromHours(2));

        Shipped.Aware(Breach, before).Row("n4a", before).DueAt.Should().Be(before.AddHours(72), "elapsed hours, not hours of the wall");
    }

    [Theory]
    [InlineData("2027-01-31T10:00+01:00", "2027-02-28T10:00+01:00")]
    [InlineData("2028-01-31T10:00+01:00", "2028-02-29T10:00+01:00")]
    [InlineData("2027-01-15T10:00+01:00", "2027-02-15T10:00+01:00")]
    [InlineData("2027-01-31T23:30Z", "2027-02-28T23:30Z")]
    [InlineData("2027-02-28T02:30+01:00", "2027-03-28T01:30+01:00")]
    [InlineData("2027-09-30T02:30+02:00", "2027-10-30T02:30+02:00")]
    [InlineData("2026-09-25T02:30+02:00", "2026-10-25T02:30+02:00")]
    public void A_month_is_a_month_of_the_calendar_in_the_hospitals_time(string start, string end)
    {
        // 28 February 02:30 -> 28 March 02:30, which the clock leaps over: earlier, not later. 25 October 02:30 comes twice: the first.
        var due = LegalPeriod.Parse("P1M")!.Value.After(Instant(start), Paris);

        due.Should().Be(Instant(end));
    }

    [Fact]
    public void The_final_report_counts_from_the_hour_the_notification_really_left()
    {
        var desk = Nis2On.Aware(Important, Monday);
        desk.Row("n3d", Monday.AddDays(10)).Status.Should().Be(DutyStatus.NotStarted, "what was not sent starts nothing");

        var row = desk.Sent("n3b", Monday.AddHours(60)).Row("n3d", Monday.AddDays(10));

        row.StartedAt.Should().Be(Monday.AddHours(60));
        row.DueAt.Should().Be(new DateTimeOffset(2026, 12, 25, 14, 12, 0, TimeSpan.Zero));
        desk.Row("n3b", Monday).Starts.Should().Equal((string[])["n3d"], "the board says what a sending sets off");
    }

    [Fact]
    public void The_cnil_is_told_in_two_steps()
    {
        var desk = Shipped.Aware(Breach, Monday).Sent("n4a", Monday.AddHours(70));

        var second = desk.Row("n4a-complement", Monday.AddHours(71));

        second.Status.Should().Be(DutyStatus.Running);
        second.TargetAt.Should().Be(Monday.AddHours(142));
        second.DueAt.Should().BeNull("the law gives the complement no figure");
    }

    [Fact]
    public void Sent_in_time_is_told_from_sent_late_and_the_reason_is_asked_for()
    {
        var desk = Shipped.Aware(Breach, Monday);

        desk.Sent("n4a", Monday.AddHours(72)).Row("n4a", Monday.AddDays(9)).Status.Should().Be(DutyStatus.SentOnTime);
        var late = desk.Sent("n4a", Monday.AddHours(73)).Row("n4a", Monday.AddDays(9));
        (late.Status, late.LateReasonMissing).Should().Be((DutyStatus.SentLate, true));
        desk.Sent("n4a", Monday.AddHours(73), "Portail fermé").Row("n4a", Monday.AddDays(9)).LateReasonMissing.Should().BeFalse();
        desk.Row("n4a", Monday.AddDays(9)).LateReasonMissing.Should().BeTrue("it is late already");
        late.Duty.LateReasonRequired.Should().BeTrue("the GDPR asks for it");
    }

    [Fact]
    public void A_sending_that_nothing_can_be_compared_with_is_not_called_on_time()
    {
        var early = Shipped.Sent("n4a", Monday).Row("n4a", Monday.AddHours(1));
        (early.Status, early.Doubt).Should().Be((DutyStatus.Sent, SendingDoubt.StartUnknown));

        var noFigure = Shipped.Aware(T0, Monday).Sent("n1", Monday.AddMinutes(5)).Row("n1", Monday.AddHours(1));
        (noFigure.Status, noFigure.Doubt).Should().Be((DutyStatus.Sent, SendingDoubt.NoFigure));

        var before = Shipped.Aware(Breach, Monday).Sent("n4a", Monday.AddHours(-1)).Row("n4a", Monday.AddHours(1));
        (before.Status, before.Doubt).Should().Be((DutyStatus.Sent, SendingDoubt.BeforeStart), "told before it was known: one of the two hours is wrong");
    }

    [Fact]
    public void A_row_set_aside_is_quiet_until_its_event_is_declared_after_that()
    {
        var aside = Shipped.SetAside("n4a", Monday);
        aside.Row("n4a", Monday.AddDays(1)).Status.Should().Be(DutyStatus.NotApplicable);
        Shipped.Aware(Breach, Monday).SetAside("n4a", Monday.AddHours(1)).Row("n4a", Monday.AddDays(9)).Status.Should().Be(DutyStatus.NotApplicable);

        var row = aside.Aware(Breach, Monday.AddHours(-2), recorded: Monday.AddHours(3)).Row("n4a", Monday.AddDays(9));

        row.Status.Should().Be(DutyStatus.Late, "“no data hit” was said before somebody found that data was hit");
        row.SetAsideBefore.Should().BeTrue();
    }

    [Fact]
    public void A_correction_of_the_hour_moves_the_clock()
    {
        var desk = Shipped.Aware(Breach, Monday);

        desk.Aware(Breach, Monday.AddHours(-12)).Row("n4a", Monday).DueAt.Should().Be(Monday.AddHours(60));
    }

    [Fact]
    public void A_row_that_comes_after_another_says_so_until_that_is_settled()
    {
        var desk = Nis2On.Aware(Important, Monday);

        desk.Row("n3b", Monday).WaitsFor.Should().Equal((string[])["n3a"], "the early warning comes first");
        desk.Sent("n3a", Monday.AddHours(3)).Row("n3b", Monday.AddHours(4)).WaitsFor.Should().BeEmpty();
        desk.SetAside("n3a", Monday.AddHours(3)).Row("n3b", Monday.AddHours(4)).WaitsFor.Should().BeEmpty();
    }

    [Theory]
    [InlineData(null, Ternary.Unknown)]
    [InlineData(true, Ternary.True)]
    [InlineData(false, Ternary.False)]
    public void The_complaint_comes_before_any_reinstall_and_not_knowing_is_said(bool? intact, Ternary expected)
    {
        var board = ObligationBoard.Of(Shipped.Rows, Shipped.Facts, RunMode.Live, Monday, new Fact("preuves-intactes", intact));

        board.Row("n5")!.Guards.Should().ContainSingle().Which.Holds.Should().Be(expected);
        Shipped.Row("n5", Monday).Guards.Should().ContainSingle().Which.Holds.Should().Be(Ternary.Unknown);
    }

    [Fact]
    public void A_profile_is_off_grey_or_on_and_not_before_its_day()
    {
        const string Delivered = "mode: off, enacted: false, inForceFrom: \"\", decider: \"\"";

        State("mode: off, enacted: false, inForceFrom: \"\", decider: \"\"").Should().Be((DutyStatus.Off, DutyStatus.Late));
        State("mode: blanc, enacted: false, inForceFrom: \"\", decider: \"\"").Should().Be((DutyStatus.Blanc, DutyStatus.Late));
        State("mode: on, enacted: false, inForceFrom: 2026-11-23, decider: X").Should().Be((DutyStatus.Late, DutyStatus.Late));
        State("mode: on, enacted: false, inForceFrom: 2027-01-01, decider: X").Should().Be((DutyStatus.Blanc, DutyStatus.Late), "it is not law yet");

        static (DutyStatus, DutyStatus) State(string mode)
        {
            var row = With((Delivered, mode)).Aware(Important, Monday).Row("n3a", Monday.AddDays(2));
            return (row.Status, row.Clock);
        }
    }

    [Fact]
    public void What_is_due_first_stands_first_and_what_is_closed_last()
    {
        var desk = Shipped.Aware(Breach, Monday).Aware("connaissance-atteinte-stad", Monday.AddHours(-40)).Aware(T0, Monday).Sent("n1", Monday.AddMinutes(10)).SetAside("n2", Monday);

        var rows = desk.Board(Monday.AddHours(1)).Rows;

        rows.Select(r => r.Duty.Id).Take(3).Should().Equal((string[])["n4c", "n5", "n4a"], "24 h of our own, then 32 h, then 72 h");
        rows.Select(r => r.Status).Should().ContainInOrder(DutyStatus.Running, DutyStatus.NotStarted, DutyStatus.Sent, DutyStatus.NotApplicable, DutyStatus.Off);
    }

    [Fact]
    public void T0_is_offered_for_the_other_events_and_never_set()
    {
        var board = Shipped.Aware(T0, Monday).Board(Monday.AddHours(1));

        var breach = board.Events.Single(e => e.Event.Id == Breach);
        (breach.Declared, breach.Proposed).Should().Be((null, Monday));
        board.Row("n4a")!.Status.Should().Be(DutyStatus.NotStarted, "only a person declares");
        board.Events.Single(e => e.Event.Id == "levee-plan-blanc").Proposed.Should().BeNull("the lifting is not the beginning");
    }

    [Fact]
    public void The_hour_that_a_transition_noted_is_offered_for_T0_and_what_hangs_on_it()
    {
        var board = ObligationBoard.Of(Shipped.Rows, Shipped.Facts, RunMode.Live, Monday.AddHours(1), new Noted("prise-de-connaissance", Monday));

        board.Events.Single(e => e.Event.Id == T0).Proposed.Should().Be(Monday);
        board.Events.Single(e => e.Event.Id == Breach).Proposed.Should().Be(Monday);
        board.Rows.Should().OnlyContain(r => r.Status == DutyStatus.NotStarted || r.Status == DutyStatus.Off);
    }

    [Theory]
    [InlineData("", "", RowCheck.Never)]
    [InlineData("2026-10-01", "C. Robin", RowCheck.Checked)]
    [InlineData("2026-10-01", "", RowCheck.Never)]
    [InlineData("2025-10-01", "C. Robin", RowCheck.Stale)]
    public void A_row_is_vouched_for_by_a_date_and_a_name_for_a_year(string on, string by, RowCheck expected)
    {
        var duty = Shipped.Rows.Duty("n1")! with { CheckedOn = on == "" ? null : DateOnly.Parse(on, System.Globalization.CultureInfo.InvariantCulture), CheckedBy = by };

        duty.CheckOn(new(2026, 11, 23)).Should().Be(expected);
    }

    [Fact]
    public void Deadlines_are_those_of_open_rows_with_the_persons_to_tell()
    {
        var desk = Nis2On.Aware(Breach, Monday).Aware(T0, Monday).Sent("n1", Monday.AddMinutes(5)).SetAside("n4c", Monday.AddMinutes(5));

        var deadlines = ObligationDeadlines.Of(desk.Rows, desk.Facts, RunMode.Live, Monday.AddDays(9));

        deadlines.Should().BeEquivalentTo([new ObligationDeadline("n4a", Monday.AddHours(72), Internal: false, ["dpo", "directeur-crise"])]);
        ObligationDeadlines.Of(desk.Rows, desk.Aware("decision-plan-blanc", Monday).Facts, RunMode.Live, Monday).Select(d => (d.Duty, d.Internal)).Should().Equal([("n7", true), ("n4a", false)]);
    }

    [Fact]
    public void A_profile_that_is_off_or_grey_alarms_nobody()
    {
        var grey = With(("mode: off, enacted: false", "mode: blanc, enacted: false")).Aware(Important, Monday);

        ObligationDeadlines.Of(grey.Rows, grey.Facts, RunMode.Live, Monday.AddDays(9)).Should().BeEmpty();
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Fact(string Name, bool? Value) : IGuardContext
    {
        public GuardValue? Find(GuardName name) => name.Root == "facts" && name.Subject == Name && Value is { } value ? new GuardValue.Truth(value) : null;
    }

    private sealed record Noted(string Name, DateTimeOffset Value) : IGuardContext
    {
        public GuardValue? Find(GuardName name) => name.Root == "evidence" && name.Subject == Name ? new GuardValue.Instant(Value) : null;
    }
}
