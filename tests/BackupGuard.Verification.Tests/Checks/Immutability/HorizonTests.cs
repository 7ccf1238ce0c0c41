using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks.Immutability;

/// <summary>The laws of the horizon, on random repositories. A failure prints the seed to replay.</summary>
public sealed class HorizonTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly HorizonPolicy Strict = new(false, TimeSpan.FromDays(44));

    private static Gen<HeldObject> Objects() =>
        from mode in Gen.Frequency((8, Gen.Constant(LockMode.Compliance)), (2, Gen.Constant(LockMode.Governance)), (1, Gen.Elements(Enum.GetValues<LockMode>())))
        from days in Gen.Choose(-10, 90)
        from dated in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
        from bytes in Gen.Choose(0, 1_000_000)
        select new HeldObject("o", bytes, mode, dated ? Now.AddDays(days) : null);

    private static SnapshotHorizon Of(IReadOnlyList<HeldObject> objects, HorizonPolicy? policy = null, IReadOnlyList<HeldObject>? indexes = null, Words? unresolved = null)
    {
        List<HeldObject> all = [.. objects, .. indexes ?? []];
        return Horizon.Of(new SnapshotNeeds("s", Now, [.. Enumerable.Range(0, objects.Count)], [.. Enumerable.Range(objects.Count, all.Count - objects.Count)], unresolved), all, policy ?? Strict, Now);
    }

    private static long Ticks(DateTimeOffset? until) => until?.UtcTicks ?? 0;

    private static void Holds(Func<HeldObject[], HeldObject, bool> law) =>
        Prop.ForAll(Objects().NonEmptyListOf().ToArbitrary(), Objects().ToArbitrary(), (objects, other) => law([.. objects], other)).QuickCheckThrowOnFailure();

    [Fact]
    public void One_more_object_never_raises_a_horizon() => Holds((objects, other) => Ticks(Of([.. objects, other]).Until) <= Ticks(Of(objects).Until));

    [Fact]
    public void An_object_without_lock_ends_it() => Holds((objects, other) => Of([.. objects, other with { Mode = LockMode.None }]).Until is null);

    [Fact]
    public void A_header_that_is_not_there_never_counts_as_a_lock() => Holds((objects, other) => Of([.. objects, other with { Mode = LockMode.Unknown, RetainUntil = Now.AddYears(1) }]) is { Until: null, Unknown: > 0 });

    [Fact]
    public void Extending_one_never_lowers_it() => Holds((objects, other) =>
    {
        var extended = other with { RetainUntil = (other.RetainUntil ?? Now).AddDays(30) };
        return Ticks(Of([.. objects, extended]).Until) >= Ticks(Of([.. objects, other]).Until);
    });

    [Fact]
    public void What_was_extended_as_planned_is_held_as_long_as_wanted() => Holds((objects, _) =>
    {
        var plan = Of(objects).Plan;
        var done = objects.Select(o => Horizon.UntilOf(o, Strict, Now) >= Now + Strict.Wanted ? o : o with { Mode = LockMode.Compliance, RetainUntil = Now + Strict.Wanted }).ToList();
        return plan.Objects == done.Zip(objects).Count(p => p.First != p.Second) && Of(done).Until >= Now + Strict.Wanted && Of(done).Plan == new ExtensionPlan(0, 0, null);
    });

    [Fact]
    public void Full_is_never_later_than_recoverable_and_an_index_without_lock_ends_only_the_first() => Holds((objects, index) =>
    {
        var h = Of(objects, indexes: [index]);
        return Ticks(h.UntilFull) <= Ticks(h.Until) && h.Until == Of(objects).Until;
    });

    [Fact]
    public void Governance_counts_only_where_it_was_proved()
    {
        HeldObject[] objects = [new("o", 1, LockMode.Governance, Now.AddDays(50))];
        Of(objects).Until.Should().BeNull();
        Of(objects, Strict with { GovernanceCounts = true }).Until.Should().Be(Now.AddDays(50));
    }

    [Fact]
    public void A_date_that_is_over_and_a_snapshot_that_needs_nothing_are_not_held()
    {
        Of([new("o", 1, LockMode.Compliance, Now)]).Should().Match<SnapshotHorizon>(h => h.Until == null && h.Unlocked == 1);
        Of([]).Until.Should().BeNull("what needs nothing was not read");
        Of([new("o", 1, LockMode.Compliance, Now.AddDays(1))], unresolved: Words.Same("a tree is missing")).Until.Should().BeNull();
    }

    [Fact]
    public void The_newest_snapshot_without_lock_is_an_error_an_older_one_a_warning_and_a_short_one_is_said()
    {
        HeldObject[] objects = [new("o", 7, LockMode.None, null), new("p", 9, LockMode.Compliance, Now.AddDays(10))];
        SnapshotHorizon At(int i) => Horizon.Of(new SnapshotNeeds($"s{i}", Now, [i], [], null), objects, Strict, Now);
        Horizon.Judge([At(0), At(1), At(0)], Strict, Now).Select(f => f.Kind).Should().Equal(ImmutabilityFindings.OlderUnprotected, ImmutabilityFindings.HorizonShort, ImmutabilityFindings.SnapshotUnprotected);
    }
}
