using BackupGuard.Verification.Coverage;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Verification.Tests.Coverage;

public sealed class ReadPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Promise = TimeSpan.FromDays(31);

    [Fact]
    public void What_was_never_read_comes_first_then_the_oldest()
    {
        (long, DateTimeOffset?)[] items = [(10, Now.AddDays(-1)), (10, null), (10, Now.AddDays(-9)), (10, null)];
        ReadPlan.Choose(items, ReadData.All).Should().Equal(1, 3, 2, 0);
        ReadPlan.Choose(items, new ReadData(1, 30)).Should().Equal(1, 3, 2);
        ReadPlan.Choose(items, new ReadData(0.5, null)).Should().Equal(1, 3);
    }

    [Fact]
    public void None_reads_nothing_and_the_smallest_share_reads_one()
    {
        (long, DateTimeOffset?)[] items = [(1000, null), (1000, null)];
        ReadPlan.Choose(items, ReadData.None).Should().BeEmpty();
        ReadPlan.Choose(items, new ReadData(0.001, null)).Should().Equal(0);
    }

    [Fact]
    public void A_large_object_is_not_passed_over_for_small_ones()
    {
        (long, DateTimeOffset?)[] items = [(10, null), (1000, null), (10, null)];
        ReadPlan.Choose(items, new ReadData(1, 25)).Should().Equal(0, 1);
        ReadPlan.Choose(items, new ReadData(1, 10)).Should().Equal(0);
    }

    [Fact]
    public void A_reading_in_the_future_counts_for_nothing()
    {
        var summary = ReadPlan.Summarise([(10, Now.AddDays(1)), (20, Now)], Now, Promise);
        summary.BytesNeverRead.Should().Be(10);
        summary.IsKept.Should().BeFalse();
    }

    [Theory]
    [InlineData(31, true)]
    [InlineData(32, false)]
    public void The_promise_is_kept_to_the_day(int days, bool kept)
    {
        var summary = ReadPlan.Summarise([(10, Now.AddDays(-days)), (20, Now)], Now, Promise);
        summary.IsKept.Should().Be(kept);
        summary.OldestAt.Should().Be(Now.AddDays(-days));
        summary.Share.Should().BeApproximately(kept ? 1 : 2.0 / 3, 1e-9);
    }

    [Fact]
    public void A_share_day_after_day_reads_everything_within_its_cycle_and_nothing_twice_before()
    {
        Prop.ForAll(Gen.Choose(1, 400).NonEmptyListOf().ToArbitrary(), Gen.Choose(2, 40).ToArbitrary(), (sizes, percent) =>
        {
            var items = sizes.Select(s => ((long)s, (DateTimeOffset?)null)).ToArray();
            var total = items.Sum(i => i.Item1);
            var largest = items.Max(i => i.Item1);
            var day = Now;
            var unread = items.Length;
            for (var round = 0; unread > 0; round++, day = day.AddDays(1))
            {
                var chosen = ReadPlan.Choose(items, new ReadData(percent / 100.0, null));
                chosen.Should().NotBeEmpty().And.OnlyHaveUniqueItems();
                // Each round reads at least one object, and what is left unread shrinks by the budget less one object at most.
                var fresh = chosen.Count(i => items[i].Item2 is null);
                fresh.Should().BePositive();
                if (chosen.Count > 1) chosen.Sum(i => items[i].Item1).Should().BeLessThanOrEqualTo((long)Math.Ceiling(total * (percent / 100.0)) + largest);
                unread -= fresh;
                foreach (var i in chosen) items[i].Item2 = day;
                round.Should().BeLessThan(items.Length + 1);
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_key_changes_with_everything_that_was_relied_upon()
    {
        CoverageKey Key(string rules = "r/1", string name = "data/ab", long length = 5, int second = 0, byte expectation = 1) => CoverageKey.Of(rules, name, length, Now.AddSeconds(second), [expectation]);
        Key().Should().Be(Key());
        Key(name: "data/ac").Name.Should().NotBe(Key().Name);
        foreach (var other in (CoverageKey[])[Key(rules: "r/2"), Key(length: 6), Key(second: 1), Key(expectation: 2)])
        {
            other.Name.Should().Be(Key().Name);
            other.State.Should().NotBe(Key().State);
        }
    }

    [Fact]
    public void A_record_comes_back_and_a_changed_bit_does_not()
    {
        var record = new CoverageRecord(CoverageKey.Of("r/1", "data/ab", 5, Now, []), Now);
        Span<byte> bytes = stackalloc byte[CoverageRecord.Bytes];
        record.Write(bytes);
        CoverageRecord.Read(bytes).Should().Be(record);
        for (var i = 0; i < bytes.Length * 8; i++)
        {
            bytes[i / 8] ^= (byte)(1 << (i % 8));
            CoverageRecord.Read(bytes).Should().BeNull($"bit {i}");
            bytes[i / 8] ^= (byte)(1 << (i % 8));
        }
        bytes.Clear();
        CoverageRecord.Read(bytes).Should().BeNull("a tail of zeros after a power cut is nothing");
    }
}
