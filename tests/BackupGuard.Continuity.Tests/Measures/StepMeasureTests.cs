using BackupGuard.Continuity.Measures;
using BackupGuard.Continuity.Runs;
using BackupGuard.Continuity.Tests.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Measures;

/// <summary>What counts as a measured duration, and above all what does not.</summary>
public class StepMeasureTests
{
    private readonly RunBench run = new(RunEngineTests.Checked);

    private static readonly (string, string) Hour = ("heure", "2026-11-22T02:40Z");

    private IEnumerable<TimeSpan> Took(string step) => StepMeasures.Of(run.Journal)[step].Select(m => m.Took);

    private void Take(string step) => run.Ok(run.By(run.Take(step), Anne, "tech"));

    private void Finish(string step, params (string, string)[] proof) => run.Ok(run.By(run.Done(step, proof), Anne, "tech"));

    private void Wait(int minutes) => run.Now = run.Now.AddMinutes(minutes);

    private void Check(bool conform) => run.Ok(run.In((id, now) => new VerifyStep("b", conform, conform ? "" : "Il en manque") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now }));

    private void Sign() => run.Ok(run.In((id, now) => new CountersignStep("b") { RunId = "r1", CommandId = id, Actor = Chloe, Role = "dir", Now = now }));

    [Fact]
    public void A_step_that_was_begun_and_done_took_the_time_between()
    {
        Take("a");
        Wait(25);
        Finish("a", Hour);

        Took("a").Should().Equal(TimeSpan.FromMinutes(25));
        StepMeasures.Of(run.Journal)["a"].Single().At.Should().Be(run.Now);
    }

    [Fact]
    public void The_hours_that_people_gave_count_not_those_of_the_record()
    {
        var began = run.Now;
        Take("a");
        Wait(90);
        run.Ok(run.By(run.Done("a", Hour), Anne, "tech", occurredAt: began.AddMinutes(12)));

        Took("a").Should().Equal(TimeSpan.FromMinutes(12));
    }

    [Fact]
    public void What_was_written_down_after_the_fact_in_one_go_was_not_measured()
    {
        Finish("a", Hour);

        Took("a").Should().BeEmpty("begun and done by one form: nobody noted when it began");
    }

    [Fact]
    public void A_paper_card_has_the_hour_of_its_end_only()
    {
        run.Ok(run.By(run.Done("a", Hour), Anne, "tech", occurredAt: run.Now.AddMinutes(-40)) with { Paper = new("", 0, "Bob Petit", "BP") });

        Took("a").Should().BeEmpty();
    }

    [Fact]
    public void Two_forms_in_a_row_measure_the_hand_and_an_end_before_its_beginning_measures_nothing()
    {
        Take("a");
        run.Now = run.Now.AddSeconds(59);
        Finish("a", Hour);
        Took("a").Should().BeEmpty();

        run.Ok(run.In((id, now) => new ReopenStep("a", "Encore") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now }));
        Take("a");
        run.Ok(run.By(run.Done("a", Hour), Anne, "tech", occurredAt: run.Now.AddMinutes(-30)));
        Took("a").Should().BeEmpty();
    }

    [Fact]
    public void A_skipped_or_failed_step_measures_nothing()
    {
        Take("a");
        Wait(20);
        run.Ok(run.In((id, now) => new ReportProblem("a", "Câble soudé") { RunId = "r1", CommandId = id, Actor = Anne, Role = "tech", Now = now }));
        var skip = run.By(run.Skip("a", "Impossible"), Anne, "tech");
        run.Ok(skip);
        run.Ok(run.By(run.Vote(skip.CommandId), Bob, "chef"));

        run.View("a").State.Should().Be(StepState.Skipped);
        Took("a").Should().BeEmpty();
    }

    [Fact]
    public void A_step_to_be_checked_counts_when_it_was_checked_and_signed_with_the_time_of_the_work()
    {
        Finish("a", Hour);
        Take("b");
        Wait(10);
        Finish("b");
        Took("b").Should().BeEmpty("nobody has checked it yet");
        Wait(60);
        Check(conform: true);
        Took("b").Should().BeEmpty("nobody has signed it yet");
        Sign();

        Took("b").Should().Equal(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void A_step_found_wrong_at_its_check_was_not_done()
    {
        Finish("a", Hour);
        Take("b");
        Wait(10);
        Finish("b");
        Check(conform: false);

        Took("b").Should().BeEmpty();
    }

    [Fact]
    public void A_step_opened_again_counts_with_its_last_attempt_only()
    {
        Take("a");
        Wait(5);
        Finish("a", Hour);
        run.Ok(run.In((id, now) => new ReopenStep("a", "Le lien est remonté") { RunId = "r1", CommandId = id, Actor = Bob, Role = "chef", Now = now }));
        Took("a").Should().BeEmpty("somebody said that it was not done after all");
        Take("a");
        Wait(45);
        Finish("a", Hour);

        Took("a").Should().Equal(TimeSpan.FromMinutes(45));
    }

    [Fact]
    public void Work_over_which_the_run_was_paused_is_not_measured()
    {
        Take("a");
        Wait(5);
        run.Ok(run.By(run.Transition("pause"), Chloe, "dir"));
        Wait(600);
        run.Ok(run.By(run.Transition("repartir"), Chloe, "dir"));
        Wait(5);
        Finish("a", Hour);

        Took("a").Should().BeEmpty("nobody knows how much of it was work");
    }

    [Fact]
    public void Quantiles_are_measures_that_were_really_made_and_one_alone_is_both()
    {
        var day = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        MeasuredDuration.Of([]).Should().BeNull("no measure, no number");
        MeasuredDuration.Of([new(TimeSpan.FromMinutes(7), day)]).Should().Be(new MeasuredDuration(1, TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(7), day));
        MeasuredDuration.Of([new(TimeSpan.FromMinutes(30), day), new(TimeSpan.FromMinutes(10), day.AddDays(3))])
            .Should().Be(new MeasuredDuration(2, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), day.AddDays(3)));
        MeasuredDuration.Of(Enumerable.Range(1, 10).Reverse().Select(i => new Measure(TimeSpan.FromMinutes(i), day)))
            .Should().BeEquivalentTo(new { Count = 10, P50 = TimeSpan.FromMinutes(5), P90 = TimeSpan.FromMinutes(9) });
        MeasuredDuration.Of(Enumerable.Range(1, 11).Select(i => new Measure(TimeSpan.FromMinutes(i), day)))
            .Should().BeEquivalentTo(new { P50 = TimeSpan.FromMinutes(6), P90 = TimeSpan.FromMinutes(10) });
    }

    [Fact]
    public void Several_runs_are_told_together()
    {
        Take("a");
        Wait(25);
        Finish("a", Hour);
        var other = new RunBench(RunEngineTests.Checked);
        other.Ok(other.By(other.Take("a"), Anne, "tech"));
        other.Now = other.Now.AddMinutes(5);
        other.Ok(other.By(other.Done("a", Hour), Anne, "tech"));

        var both = RunbookMeasures.OfRuns([StepMeasures.Of(run.Journal), StepMeasures.Of(other.Journal)]);

        both.Should().ContainSingle().Which.Should().Be(new KeyValuePair<string, MeasuredDuration>("a", new(2, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(25), run.Now)));
    }
}
