using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Measures;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Tests.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Measures;

/// <summary>A runbook beside what was measured. The plain linter stays silent on all of these.</summary>
public class MeasuredFindingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);

    private static readonly string Timed = RunbookFileTests.Small
        .Replace("scenario: rancongiciel-total", "targets: { application: dpi }", StringComparison.Ordinal)
        .Replace("card: 1,", "card: 1, deadline: { from: lifecycle.crise.entered, within: PT30M },", StringComparison.Ordinal);

    private static readonly string FromDrills = Timed.Replace("card: 1,", "card: 1, duration: { from: drills },", StringComparison.Ordinal);

    private static readonly string OnPaper = Timed + "\ndegraded: [{ id: fiche, service: urgences, replaces: [dpi, biologie], sustainable: P1D, do: [\"Écrire\"] }]";

    private static RunbookDefinition Read(string yaml)
    {
        var parsed = RunbookFile.Parse(yaml, "petit.yaml");
        parsed.Issues.Should().BeEmpty();
        return parsed.Value!;
    }

    private static MeasuredDuration Measured(int count, double p50, double p90) => new(count, TimeSpan.FromMinutes(p50), TimeSpan.FromMinutes(p90), Now.AddDays(-12));

    private static RunbookMeasures Runs(MeasuredDuration measured) => RunbookMeasures.None with { Steps = new Dictionary<string, MeasuredDuration> { ["isoler"] = measured } };

    private static RunbookMeasures Drills(string application, MeasuredDuration measured) => RunbookMeasures.None with { Recoveries = new Dictionary<string, MeasuredDuration> { [application] = measured } };

    private static IReadOnlyList<DefinitionIssue> Find(string yaml, RunbookMeasures measures) => MeasuredFindings.Of(Read(yaml), measures, "petit.yaml");

    [Fact]
    public void A_deadline_shorter_than_half_of_what_was_measured_is_said_with_its_figures()
    {
        var issue = Find(Timed, Runs(Measured(3, 44.2, 60))).Should().ContainSingle().Subject;

        issue.Should().BeEquivalentTo(new { Code = "BG3049", Level = IssueLevel.Warning, Line = 26 });
        issue.Fr.Should().Be("Délai (PT30M) plus court que la durée mesurée une fois sur deux (PT45M\u00a0; 3 mesures en conduite).");
        issue.En.Should().Be("Deadline (PT30M) shorter than the duration measured half of the time (PT45M; 3 measures in runs).");
        Find(Timed, Runs(Measured(1, 30, 900))).Should().BeEmpty("half of the time it fits");
        Find(Timed, RunbookMeasures.None).Should().BeEmpty("nothing measured, nothing said");
    }

    [Fact]
    public void A_duration_from_drills_without_a_drill_is_said_and_why()
    {
        Find(FromDrills, RunbookMeasures.None).Should().ContainSingle().Which.Should().BeEquivalentTo(new
        {
            Code = "BG3058", Level = IssueLevel.Warning, Fr = "«\u00a0isoler\u00a0» prend sa durée des tests\u00a0: aucun test de restauration prouvé de «\u00a0dpi\u00a0» n’en a mesuré. Elle reste inconnue.",
        });
        Find(FromDrills, Drills("biologie", Measured(1, 5, 5))).Should().ContainSingle("another application says nothing about this one");
        Find(FromDrills, Drills("dpi", Measured(1, 5, 5))).Should().BeEmpty();
        Find(FromDrills.Replace("targets: { application: dpi }\n", "", StringComparison.Ordinal), Drills("dpi", Measured(1, 5, 5))).Should().ContainSingle()
            .Which.En.Should().Contain("“targets.application” does not say");
    }

    [Fact]
    public void A_duration_from_drills_is_compared_with_its_deadline_too()
    {
        Find(FromDrills, Drills("dpi", Measured(1, 31, 31))).Should().ContainSingle().Which.Fr.Should().Contain("(PT31M\u00a0; 1 test de restauration)");
        Find(Timed, Drills("dpi", Measured(1, 31, 31))).Should().BeEmpty("that step does not ask for drills");
    }

    [Fact]
    public void Paper_that_gives_way_before_the_slow_tenth_of_recoveries_is_said_for_each_application()
    {
        var issue = Find(OnPaper, Drills("biologie", Measured(10, 60, 1441))).Should().ContainSingle().Subject;

        issue.Should().BeEquivalentTo(new { Code = "BG3059", Level = IssueLevel.Warning });
        issue.Fr.Should().Contain("«\u00a0fiche\u00a0» tient P1D").And.Contain("«\u00a0biologie\u00a0» est revenue en P1DT1M").And.Contain("10 tests de restauration");
        Find(OnPaper, Drills("biologie", Measured(10, 60, 1440))).Should().BeEmpty();
        Find(OnPaper, Drills("paie", Measured(10, 60, 9999))).Should().BeEmpty("the sheet does not replace it");
    }

    [Fact]
    public void Only_proved_drills_with_a_time_measure_a_recovery()
    {
        ProofFact Fact(Outcome outcome, double? minutes, ProofKind kind = ProofKind.Drill, double ago = 60) =>
            new(1, "dpi", kind, outcome, Now.AddMinutes(-ago)) { MeasuredRecoveryTime = minutes is { } m ? TimeSpan.FromMinutes(m) : null, RecordedAt = Now.AddMinutes(-59) };

        RecoveryMeasures.Of([Fact(Outcome.Failed, 10), Fact(Outcome.Inconclusive, 10), Fact(Outcome.Proved, null), Fact(Outcome.Proved, 0), Fact(Outcome.Proved, 10, ProofKind.Verification), Fact(Outcome.Proved, 10, ago: 30)], Now)
            .Should().BeEmpty("failed, not judged, without a time, no drill, or dated ahead of its reception");
        RecoveryMeasures.Of([Fact(Outcome.Proved, 240), Fact(Outcome.Proved, 180, ago: 120)], Now)["dpi"]
            .Should().Be(new MeasuredDuration(2, TimeSpan.FromMinutes(180), TimeSpan.FromMinutes(240), Now.AddMinutes(-60)));
    }

    [Fact]
    public void A_step_from_drills_is_told_by_drills_first_and_any_other_by_runs()
    {
        var measures = Runs(Measured(2, 5, 6)) with { Recoveries = new Dictionary<string, MeasuredDuration> { ["dpi"] = Measured(1, 31, 31) } };
        var (runs, drills) = (Read(Timed), Read(FromDrills));

        measures.Of(drills, drills.Step("isoler")!).Measured!.Count.Should().Be(1);
        measures.Of(runs, runs.Step("isoler")!).Should().BeEquivalentTo(new { InDrills = (MeasuredDuration?)null, Measured = new { Count = 2 } });
        measures.Of(runs, runs.Step("choisir")!).Should().Be(StepTime.Unknown);
        RunbookMeasures.Applications(runs).Should().BeEmpty();
        RunbookMeasures.Applications(drills).Should().Equal("dpi");
        RunbookMeasures.Applications(Read(OnPaper)).Should().Equal("dpi", "biologie");
    }
}
