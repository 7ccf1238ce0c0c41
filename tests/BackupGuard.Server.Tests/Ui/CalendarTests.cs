using BackupGuard.Server.Features.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

public sealed class CalendarTests
{
    [Fact]
    public void The_worst_comes_first_and_silence_is_never_planned() =>
        Valmont.Calendar.Jobs.Select(j => (j.State, j.Job)).Should().Equal(
            (PlannedState.Overdue, "drill:pharmacie-hebdo"), (PlannedState.Overdue, "drill:ancien"), (PlannedState.ClockWrong, "drill:labo"),
            (PlannedState.Due, "verify:depot-dpi"), (PlannedState.Never, "probe:coffre"), (PlannedState.Planned, "drill:restauration-dpi"));

    [Theory]
    [InlineData(0, PlannedState.Due)]
    [InlineData(-24, PlannedState.Due)]
    [InlineData(-24.01, PlannedState.Overdue)]
    [InlineData(0.01, PlannedState.Planned)]
    public void Due_for_more_than_a_day_is_overdue(double nextInHours, PlannedState state)
    {
        var plan = new AgentPlan("a", Valmont.Now, Valmont.Now, [new("drill:x", "dpi", "planned", Valmont.Now.AddHours(nextInHours), null)], 0);
        CalendarView.From(new(true, [plan]), Valmont.Now).Jobs.Single().State.Should().Be(state);
    }

    [Fact]
    public async Task The_page_says_in_one_sentence_what_did_not_come_and_what_is_missing_from_it()
    {
        var page = await Rendering.PageAsync<CalendarPage>(new { Frame = Valmont.Frame(Readers.French), View = Valmont.Calendar, Applications = Valmont.Catalogue.Applications.ToDictionary(a => a.Id) });
        page.Text.Should().Contain("2 travaux en retard, 1 daté par une horloge fausse, 1 à faire, 1 sans date, 1 prévu.").And.Contain("2 travaux ne tenaient pas");
    }
}
