using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills;

public sealed class SnapshotRules
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);

    // One a day, the newest six hours old; the list is in no order.
    private static readonly SnapshotSummary[] Ten = [.. Enumerable.Range(0, 10).Select(i => (i * 7) % 10).Select(d => new SnapshotSummary($"day-{d}", Now - TimeSpan.FromHours(6) - TimeSpan.FromDays(d), 1, 1))];

    private static string? Choose(SnapshotRule rule, int pick = 0) => rule.Choose(Ten, Now, _ => pick);

    [Fact]
    public void The_newest_that_is_old_enough_is_taken()
    {
        Choose(SnapshotRule.OfAge(TimeSpan.FromDays(3))).Should().Be("day-3");
        Choose(SnapshotRule.OfAge(TimeSpan.FromHours(6))).Should().Be("day-0");
        Choose(SnapshotRule.OfAge(TimeSpan.FromDays(10))).Should().BeNull();
    }

    [Fact]
    public void The_last_before_a_moment_is_taken_and_never_the_one_of_that_moment()
    {
        Choose(SnapshotRule.LastBefore(Now - TimeSpan.FromDays(2))).Should().Be("day-2");
        Choose(SnapshotRule.LastBefore(Now - TimeSpan.FromHours(6))).Should().Be("day-1");
        Choose(SnapshotRule.LastBefore(Now - TimeSpan.FromDays(30))).Should().BeNull();
    }

    [Fact]
    public void Any_within_the_window_can_be_picked_and_none_outside_of_it()
    {
        var rule = SnapshotRule.AnyWithin(TimeSpan.FromDays(3));
        var asked = 0;
        Enumerable.Range(0, 3).Select(i => rule.Choose(Ten, Now, count => { asked = count; return i; })).Should().Equal("day-2", "day-1", "day-0");
        asked.Should().Be(3);
        SnapshotRule.AnyWithin(TimeSpan.FromHours(1)).Choose(Ten, Now, _ => throw new InvalidOperationException("nothing to pick from")).Should().BeNull();
    }

    [Fact]
    public void A_snapshot_from_the_future_is_not_picked_at_random() =>
        SnapshotRule.AnyWithin(TimeSpan.FromDays(1)).Choose([new SnapshotSummary("tomorrow", Now + TimeSpan.FromDays(1), 1, 1)], Now, _ => 0).Should().BeNull();

    [Fact]
    public void Every_rule_reads_the_same_in_a_definition() =>
        ((SnapshotRule[])[SnapshotRule.Latest, SnapshotRule.Id("4bba301e"), SnapshotRule.OfAge(TimeSpan.FromDays(7)), SnapshotRule.AnyWithin(TimeSpan.FromHours(26)), SnapshotRule.LastBefore(Now)]).Select(r => r.Text)
            .Should().Equal("latest", "4bba301e", "age P7D", "random P1DT2H", "before 2026-11-22T02:00:00Z");
}
