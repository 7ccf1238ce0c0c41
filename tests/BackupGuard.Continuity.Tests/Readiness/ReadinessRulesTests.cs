using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Readiness;

public class ReadinessRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 12, 8, 0, 0, TimeSpan.Zero);

    private static Application App(string id, params string[] dependsOn) => new(id, id.ToUpperInvariant())
    {
        Vital = true, RecoveryTimeObjective = TimeSpan.FromHours(8), RecoveryPointObjective = TimeSpan.FromHours(24), DependsOn = dependsOn,
    };

    private static ProofFact Drill(long sequence, string app, Outcome outcome, double daysAgo) =>
        new(sequence, app, ProofKind.Drill, outcome, Now.AddDays(-daysAgo))
        {
            Name = "essai", DefinitionHash = "d1", MeasuredRecoveryTime = TimeSpan.FromHours(2), MeasuredRecoveryPoint = TimeSpan.FromHours(10),
        };

    private static ProofFact Verification(long sequence, string app, Outcome outcome, double daysAgo) =>
        new(sequence, app, ProofKind.Verification, outcome, Now.AddDays(-daysAgo)) { Name = "depot" };

    private static ApplicationReadiness Of(Application application, params ProofFact[] facts) => Of([application], facts)[0];

    private static IReadOnlyList<ApplicationReadiness> Of(Application[] applications, params ProofFact[] facts) =>
        ReadinessRules.Evaluate(new("CH", "Europe/Paris", applications), facts, Now).Applications;

    private static void ShouldBe(ApplicationReadiness readiness, ReadinessState state, params string[] codes)
    {
        readiness.State.Should().Be(state);
        readiness.Reasons.Select(r => r.Code).Should().Equal(codes);
    }

    [Fact]
    public void A_recent_drill_within_both_objectives_proves_an_application_until_it_expires()
    {
        var readiness = Of(App("dpi"), Drill(7, "dpi", Outcome.Proved, 1));

        ShouldBe(readiness, ReadinessState.Proved);
        readiness.ProvedAt.Should().Be(Now.AddDays(-1));
        readiness.ExpiresAt.Should().Be(Now.AddDays(89));
        readiness.NewestProof!.EvidenceSequence.Should().Be(7);
    }

    [Fact]
    public void A_green_verification_alone_proves_nothing() =>
        ShouldBe(Of(App("dpi"), Verification(1, "dpi", Outcome.Proved, 0)), ReadinessState.Unproven, "BG3101");

    [Fact]
    public void A_proof_ends_at_the_very_instant_of_its_expiry()
    {
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 90)), ReadinessState.Expired, "BG3107");
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 89.999)), ReadinessState.Proved);
    }

    [Fact]
    public void A_failed_drill_supersedes_an_earlier_proof_and_never_ages()
    {
        var readiness = Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 402), Drill(2, "dpi", Outcome.Failed, 400) with { ReasonFr = "3 fichiers absents." });

        ShouldBe(readiness, ReadinessState.Failed, "BG3102");
        readiness.Reasons[0].EvidenceSequence.Should().Be(2);
        readiness.Reasons[0].Fr.Should().Contain("3 fichiers absents.");
        readiness.History.Select(h => h.EvidenceSequence).Should().Equal(2, 1);
    }

    [Fact]
    public void An_inconclusive_drill_lowers_a_proof_and_does_not_lift_a_failure()
    {
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 3), Drill(2, "dpi", Outcome.Inconclusive, 2)), ReadinessState.Inconclusive, "BG3103");
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Failed, 3), Drill(2, "dpi", Outcome.Inconclusive, 2)), ReadinessState.Failed, "BG3102", "BG3103");
    }

    [Fact]
    public void An_edited_drill_that_has_not_succeeded_yet_says_that_the_old_proofs_no_longer_count() =>
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 3), Drill(2, "dpi", Outcome.Inconclusive, 2) with { DefinitionHash = "d2" }),
            ReadinessState.Inconclusive, "BG3103", "BG3104");

    [Fact]
    public void Success_of_one_drill_does_not_lift_the_failure_of_another() =>
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Failed, 3) with { Name = "base" }, Drill(2, "dpi", Outcome.Proved, 2) with { Name = "fichiers" }),
            ReadinessState.Failed, "BG3102");

    [Fact]
    public void A_drill_that_is_no_longer_run_weighs_nothing_while_another_one_proves() =>
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 300) with { Name = "ancien" }, Drill(2, "dpi", Outcome.Proved, 2)), ReadinessState.Proved);

    [Fact]
    public void A_restore_slower_than_the_objective_is_a_failure_even_by_one_second()
    {
        var readiness = Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 1) with { MeasuredRecoveryTime = new TimeSpan(8, 0, 1) });

        ShouldBe(readiness, ReadinessState.Failed, "BG3110");
        readiness.Reasons[0].Fr.Replace('\u00a0', ' ').Should().Contain("8 h 1 s mesurés, objectif 8 h");
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 1) with { MeasuredRecoveryPoint = TimeSpan.FromHours(25) }), ReadinessState.Failed, "BG3110");
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 1) with { MeasuredRecoveryTime = TimeSpan.FromHours(8) }), ReadinessState.Proved);
    }

    [Fact]
    public void An_undefined_objective_cannot_be_met()
    {
        var readiness = Of(App("dpi") with { RecoveryTimeObjective = null }, Drill(1, "dpi", Outcome.Proved, 1));

        ShouldBe(readiness, ReadinessState.Inconclusive, "BG3108");
        readiness.Reasons[0].Fr.Should().Contain("objectif non défini");
        ShouldBe(Of(App("dpi") with { RecoveryPointObjective = null }, Drill(1, "dpi", Outcome.Proved, 1)), ReadinessState.Inconclusive, "BG3108");
    }

    [Fact]
    public void An_objective_without_a_measure_is_not_met() =>
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 1) with { MeasuredRecoveryPoint = null }), ReadinessState.Inconclusive, "BG3109");

    [Fact]
    public void A_failed_verification_vetoes_until_a_later_one_succeeds()
    {
        var drill = Drill(3, "dpi", Outcome.Proved, 1);
        ShouldBe(Of(App("dpi"), drill, Verification(2, "dpi", Outcome.Failed, 5)), ReadinessState.Failed, "BG3105");
        ShouldBe(Of(App("dpi"), drill, Verification(2, "dpi", Outcome.Failed, 5), Verification(4, "dpi", Outcome.Inconclusive, 0.5)), ReadinessState.Failed, "BG3105");
        ShouldBe(Of(App("dpi"), drill, Verification(2, "dpi", Outcome.Failed, 5), Verification(4, "dpi", Outcome.Proved, 0.5)), ReadinessState.Proved);
        ShouldBe(Of(App("dpi"), drill, Verification(4, "dpi", Outcome.Inconclusive, 0.5)), ReadinessState.Proved, "BG3106");
    }

    [Fact]
    public void The_worst_link_of_the_whole_chain_decides_and_is_named()
    {
        var applications = new[] { App("dpi", "sso"), App("sso", "annuaire"), App("annuaire") };

        var readiness = Of(applications, Drill(1, "dpi", Outcome.Proved, 1), Drill(2, "sso", Outcome.Proved, 1), Drill(3, "annuaire", Outcome.Failed, 1));

        ShouldBe(readiness[0], ReadinessState.Failed, "BG3112");
        readiness[0].Reasons[0].Fr.Should().Contain("La chaîne").And.Contain("ANNUAIRE").And.Contain("Échec");
        readiness[0].Reasons[0].EvidenceSequence.Should().Be(3);
        ShouldBe(readiness[1], ReadinessState.Failed, "BG3112");
    }

    [Fact]
    public void A_dependency_outside_the_catalogue_or_never_drilled_is_unknown_and_stays_unknown()
    {
        ShouldBe(Of(App("dpi", "fantome"), Drill(1, "dpi", Outcome.Proved, 1)), ReadinessState.Unproven, "BG3113");
        ShouldBe(Of([App("dpi", "sso"), App("sso")], Drill(1, "dpi", Outcome.Proved, 1))[0], ReadinessState.Unproven, "BG3112");
    }

    [Fact]
    public void The_chain_shortens_the_life_of_a_proof()
    {
        var sso = App("sso") with { ProofValidFor = TimeSpan.FromDays(10) };

        var readiness = Of([App("dpi", "sso"), sso], Drill(1, "dpi", Outcome.Proved, 1), Drill(2, "sso", Outcome.Proved, 4))[0];

        readiness.State.Should().Be(ReadinessState.Proved);
        readiness.ExpiresAt.Should().Be(Now.AddDays(6));
    }

    [Fact]
    public void A_result_dated_in_the_future_does_not_count_and_is_said()
    {
        var ahead = Drill(1, "dpi", Outcome.Proved, 0) with { At = Now.AddMinutes(6) };
        ShouldBe(Of(App("dpi"), ahead), ReadinessState.Unproven, "BG3101", "BG3111");
        ShouldBe(Of(App("dpi"), ahead with { At = Now.AddMinutes(5) }), ReadinessState.Proved);
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 1), ahead with { EvidenceSequence = 2, Outcome = Outcome.Failed }), ReadinessState.Inconclusive, "BG3111");
    }

    [Fact]
    public void A_result_received_before_its_own_date_never_counts_however_long_one_waits()
    {
        var lie = Drill(1, "dpi", Outcome.Proved, 1) with { RecordedAt = Now.AddDays(-2) };

        ShouldBe(Of(App("dpi"), lie), ReadinessState.Unproven, "BG3101", "BG3111");
    }

    [Fact]
    public void When_the_agents_clock_stepped_back_the_result_that_arrived_last_decides_too() =>
        ShouldBe(Of(App("dpi"), Drill(1, "dpi", Outcome.Proved, 1), Drill(2, "dpi", Outcome.Failed, 1.5)), ReadinessState.Failed, "BG3102");

    [Fact]
    public void Evidence_for_an_application_outside_the_catalogue_is_shown() =>
        ReadinessRules.Evaluate(new("CH", "Europe/Paris", [App("dpi")]), [Drill(1, "vieux-dpi", Outcome.Proved, 1)], Now)
            .UncataloguedApplications.Should().Equal("vieux-dpi");

    [Fact]
    public void The_summary_counts_states_and_answers_in_one_sentence()
    {
        var catalogue = new HospitalCatalogue("CH", "Europe/Paris", [App("dpi"), App("sil"), App("paie") with { Vital = false }]);
        ReadinessSummary Summary(params ProofFact[] facts) => ReadinessSummary.Of(catalogue, ReadinessRules.Evaluate(catalogue, facts, Now));

        var half = Summary(Drill(1, "dpi", Outcome.Proved, 1), Drill(2, "paie", Outcome.Failed, 1));

        half.Counts.Should().BeEquivalentTo(new Dictionary<ReadinessState, int>
        {
            [ReadinessState.Proved] = 1, [ReadinessState.Failed] = 1, [ReadinessState.Unproven] = 1, [ReadinessState.Expired] = 0, [ReadinessState.Inconclusive] = 0,
        });
        (half.Vital, half.VitalProved, half.AnswerEn).Should().Be((2, 1, "Not yet: 1 of 2 vital applications is proved."));
        half.VitalNotProved.Should().Equal("sil");
        half.FirstExpiry.Should().Be(Now.AddDays(89));
        Summary().AnswerEn.Should().StartWith("No:");
        Summary(Drill(1, "dpi", Outcome.Proved, 1), Drill(2, "sil", Outcome.Proved, 1)).AnswerEn.Should().StartWith("Yes: all 2");
        var none = new HospitalCatalogue("CH", "Europe/Paris", [App("paie") with { Vital = false }]);
        ReadinessSummary.Of(none, ReadinessRules.Evaluate(none, [], Now)).AnswerEn.Should().Contain("no answer is possible");
    }
}
