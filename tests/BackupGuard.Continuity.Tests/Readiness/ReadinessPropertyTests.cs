using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using FsCheck;
using FsCheck.Fluent;
using FluentAssertions;
using Xunit;
using Outcome = BackupGuard.Continuity.Readiness.Outcome;

namespace BackupGuard.Continuity.Tests.Readiness;

/// <summary>The laws of the readiness answer, on random hospitals. A failure prints the seed to replay.</summary>
public class ReadinessPropertyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 12, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Ids = ["a", "b", "c", "d"];

    private sealed record Hospital(HospitalCatalogue Catalogue, IReadOnlyList<ProofFact> Facts, int Pick, int Other, int Days)
    {
        public Dictionary<string, ReadinessState> States(DateTimeOffset? at = null, IEnumerable<ProofFact>? facts = null, HospitalCatalogue? catalogue = null) =>
            ReadinessRules.Evaluate(catalogue ?? Catalogue, (facts ?? Facts).ToList(), at ?? Now).Applications.ToDictionary(a => a.ApplicationId, a => a.State);
    }

    private static Gen<TimeSpan?> MaybeHours(int max) =>
        Gen.Frequency((1, Gen.Constant<TimeSpan?>(null)), (6, Gen.Choose(0, max).Select(h => (TimeSpan?)TimeSpan.FromHours(h))));

    /// <summary>Dependencies point to earlier letters only, as the catalogue refuses cycles.</summary>
    private static Gen<Application> OneApplication(int index) =>
        from rto in MaybeHours(8)
        from rpo in MaybeHours(8)
        from days in Gen.Choose(1, 60)
        from dependsOn in Gen.SubListOf(Ids.Take(index))
        select new Application(Ids[index], Ids[index]) { RecoveryTimeObjective = rto, RecoveryPointObjective = rpo, ProofValidFor = TimeSpan.FromDays(days), DependsOn = [.. dependsOn] };

    /// <summary>Mostly good news, so that green is common enough for the laws to bite.</summary>
    private static Gen<ProofFact> OneFact(long sequence) =>
        from app in Gen.Elements(Ids)
        from drill in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from outcome in Gen.Frequency((8, Gen.Constant(Outcome.Proved)), (1, Gen.Constant(Outcome.Failed)), (1, Gen.Constant(Outcome.Inconclusive)))
        from minutes in Gen.Choose(-30, 60 * 24 * 40)
        from skew in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Choose(-600, 60)))
        from name in Gen.Frequency((6, Gen.Constant("x")), (1, Gen.Constant("y")))
        from definition in Gen.Elements("1", "2")
        from rto in MaybeHours(3)
        from rpo in MaybeHours(3)
        let at = Now.AddMinutes(-minutes)
        let recorded = at.AddMinutes(-skew) > Now ? Now : at.AddMinutes(-skew)
        select new ProofFact(sequence, app, drill ? ProofKind.Drill : ProofKind.Verification, outcome, at)
        {
            Name = name, DefinitionHash = definition, MeasuredRecoveryTime = rto, MeasuredRecoveryPoint = rpo, RecordedAt = recorded,
        };

    private static Gen<IReadOnlyList<T>> Each<T>(IEnumerable<Gen<T>> gens) =>
        gens.Aggregate(Gen.Constant<IReadOnlyList<T>>([]), (all, one) => from rest in all from item in one select (IReadOnlyList<T>)[.. rest, item]);

    private static readonly Gen<Hospital> Hospitals =
        from applications in Each(Enumerable.Range(0, Ids.Length).Select(OneApplication))
        from count in Gen.Choose(0, 14)
        from facts in Each(Enumerable.Range(1, count).Select(i => OneFact(i)))
        from pick in Gen.Choose(0, Ids.Length - 1)
        from other in Gen.Choose(0, Ids.Length - 1)
        from days in Gen.Choose(0, 120)
        select new Hospital(new("CH", "Europe/Paris", applications), facts, pick, other, days);

    private static void Holds(Func<Hospital, bool> law) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Arb.From(Hospitals), law));

    private static bool NeverRaised(Dictionary<string, ReadinessState> before, Dictionary<string, ReadinessState> after) =>
        before.All(b => ReadinessOrder.Rank(after[b.Key]) <= ReadinessOrder.Rank(b.Value));

    [Fact]
    public void Time_passing_never_raises() => Holds(h => NeverRaised(h.States(), h.States(Now.AddDays(h.Days))));

    [Fact]
    public void A_failed_drill_never_raises() => Holds(h => NeverRaised(h.States(), h.States(facts: h.Facts.Append(Added(h, ProofKind.Drill, Outcome.Failed)))));

    [Fact]
    public void An_inconclusive_result_never_raises() => Holds(h =>
        NeverRaised(h.States(), h.States(facts: h.Facts.Append(Added(h, ProofKind.Drill, Outcome.Inconclusive))))
        && NeverRaised(h.States(), h.States(facts: h.Facts.Append(Added(h, ProofKind.Verification, Outcome.Inconclusive)))));

    [Fact]
    public void A_verification_of_any_outcome_never_proves_what_no_drill_proved() => Holds(h =>
    {
        var verifications = h.Facts.Where(f => f.Kind == ProofKind.Verification);
        return h.States(facts: verifications).Values.All(s => s != ReadinessState.Proved);
    });

    [Fact]
    public void One_more_dependency_never_raises() => Holds(h =>
    {
        var applications = h.Catalogue.Applications.Select((a, i) => i == h.Pick ? a with { DependsOn = [.. a.DependsOn, Ids[h.Other]] } : a).ToList();
        return NeverRaised(h.States(), h.States(catalogue: h.Catalogue with { Applications = applications }));
    });

    [Fact]
    public void The_order_of_facts_and_of_applications_is_irrelevant() => Holds(h =>
    {
        var reversed = h.Catalogue with { Applications = [.. h.Catalogue.Applications.Reverse()] };
        var a = ReadinessRules.Evaluate(h.Catalogue, [.. h.Facts], Now);
        var b = ReadinessRules.Evaluate(reversed, [.. h.Facts.Reverse()], Now);
        return a.Applications.All(x => b.Applications.Single(y => y.ApplicationId == x.ApplicationId) is { } y
            && x.State == y.State && x.ExpiresAt == y.ExpiresAt && x.Reasons.SequenceEqual(y.Reasons) && x.History.SequenceEqual(y.History));
    });

    [Fact]
    public void Unknown_in_unknown_out() => Holds(h =>
    {
        var without = h.Facts.Where(f => f.ApplicationId != Ids[h.Pick]);
        var states = h.States(facts: without);
        return h.Catalogue.Applications.Where(a => a.Id == Ids[h.Pick] || a.DependsOn.Contains(Ids[h.Pick])).All(a => states[a.Id] != ReadinessState.Proved);
    });

    [Fact]
    public void Renaming_applications_changes_nothing() => Holds(h =>
    {
        static string New(string id) => "z-" + (char)('z' - id[0] + 'a');
        var renamed = h.Catalogue with { Applications = [.. h.Catalogue.Applications.Select(a => a with { Id = New(a.Id), DependsOn = [.. a.DependsOn.Select(New)] })] };
        var states = h.States(facts: h.Facts.Select(f => f with { ApplicationId = New(f.ApplicationId) }), catalogue: renamed);
        return h.States().All(s => states[New(s.Key)] == s.Value);
    });

    [Fact]
    public void What_is_proved_has_an_expiry_ahead_and_turns_exactly_then() => Holds(h =>
        ReadinessRules.Evaluate(h.Catalogue, [.. h.Facts], Now).Applications.Where(a => a.State == ReadinessState.Proved)
            .All(a => a.ExpiresAt > Now && h.States(a.ExpiresAt)[a.ApplicationId] != ReadinessState.Proved && h.States(a.ExpiresAt!.Value.AddTicks(-1))[a.ApplicationId] == ReadinessState.Proved));

    [Fact]
    public void The_random_hospitals_contain_every_state() =>
        Gen.Sample(Hospitals, 2000, 50).SelectMany(h => h.States().Values).Distinct().Should().HaveCount(5, "laws tested on empty hospitals prove nothing");

    private static ProofFact Added(Hospital h, ProofKind kind, Outcome outcome) =>
        new(100 - h.Days, Ids[h.Pick], kind, outcome, Now.AddDays(-h.Days)) { Name = "x", DefinitionHash = "2", MeasuredRecoveryTime = TimeSpan.Zero, MeasuredRecoveryPoint = TimeSpan.Zero };

    [Fact]
    public void A_veto_never_raises_an_answer_and_never_leaves_its_application_proved() => Holds(hospital =>
    {
        var id = hospital.Catalogue.Applications[hospital.Pick % hospital.Catalogue.Applications.Count].Id;
        var before = hospital.States();
        return Enum.GetValues<VetoKind>().All(kind =>
        {
            var after = ReadinessRules.Evaluate(hospital.Catalogue, hospital.Facts, Now, [new Veto(id, kind, "base", 7)]).Applications.ToDictionary(a => a.ApplicationId, a => a.State);
            return after[id] != ReadinessState.Proved && after.All(a => ReadinessOrder.Rank(a.Value) <= ReadinessOrder.Rank(before[a.Key]));
        });
    });
}
