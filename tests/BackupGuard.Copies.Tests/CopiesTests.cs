using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Copies.Tests;

public sealed class CopiesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);

    private static CopyFacts Local => new("nas", "disk", "main", CopyVerdict.Proved, Now.AddDays(-1));
    private static CopyFacts Bucket => new("bucket", "object", "far", CopyVerdict.Proved, Now.AddDays(-2)) { Immutability = LockVerdict.Proved, ProbedAt = Now.AddDays(-3) };
    private static Original Main => new("disk", "main");

    private static RequirementState[] Judge(params CopyFacts[] copies) => JudgeAt(Now, copies);

    private static RequirementState[] JudgeAt(DateTimeOffset now, params CopyFacts[] copies) => [.. CopiesRule.Judge(copies, [Main], now).Select(l => l.State)];

    private const RequirementState Met = RequirementState.Met, Missing = RequirementState.Missing, Unknown = RequirementState.Unknown;

    [Fact]
    public void A_disk_here_and_a_locked_bucket_elsewhere_meet_the_rule() => Judge(Local, Bucket).Should().Equal(Met, Met, Met, Met, Met);

    [Fact]
    public void Nothing_at_all_meets_nothing() => Judge().Should().Equal(Missing, Missing, Missing, Missing, Missing);

    [Fact]
    public void Nothing_at_all_of_something_of_which_nothing_is_said_meets_nothing() =>
        CopiesRule.Judge([], [], Now).Select(l => l.State).Should().Equal(Missing, Missing, Missing, Missing, Missing);

    [Fact]
    public void A_copy_that_nobody_looked_at_is_unknown_not_met() =>
        Judge(Local, Bucket with { Verified = null, VerifiedAt = null }).Should().Equal(Unknown, Unknown, Unknown, Unknown, Unknown);

    [Fact]
    public void A_proof_that_ran_out_is_unknown() => Judge(Local, Bucket with { VerifiedAt = Now.AddDays(-36) }).Should().Equal(Unknown, Unknown, Unknown, Unknown, Unknown);

    [Fact]
    public void A_failed_copy_is_missing_and_an_error() => Judge(Local, Bucket with { Verified = CopyVerdict.Failed }).Should().Equal(Missing, Missing, Missing, Unknown, Missing);

    [Fact]
    public void A_failure_does_not_age_only_a_later_look_lifts_it() => Judge(Local, Bucket with { Verified = CopyVerdict.Failed, VerifiedAt = Now.AddDays(-100) })[4].Should().Be(Missing);

    [Theory]
    [InlineData(LockVerdict.Exposed, Missing)]
    [InlineData(LockVerdict.Hidden, Missing)]
    [InlineData(LockVerdict.IamOnly, Missing)]
    [InlineData(LockVerdict.ProvedGovernance, Missing)]
    [InlineData(LockVerdict.ConfigOnly, Unknown)]
    [InlineData(LockVerdict.Inconclusive, Unknown)]
    public void Only_a_proved_lock_is_a_lock(LockVerdict verdict, RequirementState state)
    {
        Judge(Bucket with { Immutability = verdict })[3].Should().Be(state);
        Judge(Bucket with { Immutability = verdict, ProbedAt = Now.AddDays(-500) })[3].Should().Be(state, "bad news does not age");
    }

    [Fact]
    public void A_probe_of_last_month_proves_nothing_today() => Judge(Bucket with { ProbedAt = Now.AddDays(-9) })[3].Should().Be(Unknown);

    [Fact]
    public void A_probe_counts_until_the_end_that_it_names_and_never_beyond_a_quarter()
    {
        Judge(Bucket with { ProbedAt = Now.AddDays(-30), ProbeExpiresAt = Now.AddDays(1) })[3].Should().Be(Met);
        Judge(Bucket with { ProbedAt = Now.AddDays(-3), ProbeExpiresAt = Now.AddDays(-1) })[3].Should().Be(Unknown);
        Judge(Bucket with { ProbedAt = Now.AddDays(-94), ProbeExpiresAt = Now.AddDays(900) })[3].Should().Be(Unknown);
    }

    [Fact]
    public void A_tape_seen_in_the_safe_is_offline_while_somebody_keeps_looking()
    {
        Judge(new CopyFacts("tape", "tape", "main", CopyVerdict.Proved, Now) { SeenOfflineAt = Now.AddDays(-90) })[3].Should().Be(Met);
        Judge(new CopyFacts("tape", "tape", "main", CopyVerdict.Proved, Now) { SeenOfflineAt = Now.AddDays(-101) })[3].Should().Be(Unknown);
    }

    [Fact]
    public void One_place_that_two_agents_look_at_is_one_copy()
    {
        var twice = Bucket with { Name = "the same bucket", Place = "s3:https://store/bucket" };
        Judge(Bucket with { Place = "s3:https://store/bucket" }, twice)[0].Should().Be(Missing);
    }

    [Fact]
    public void Of_two_views_of_one_place_the_newer_counts_and_the_worse_of_the_same_instant()
    {
        var seen = Bucket with { Place = "p" };
        Judge(Local, seen, seen with { Verified = CopyVerdict.Failed, VerifiedAt = Now.AddDays(-9) })[4].Should().Be(Met, "the later look found it whole again");
        Judge(Local, seen, seen with { Verified = CopyVerdict.Failed })[4].Should().Be(Missing, "two looks of one instant contradict each other");
        Judge(Local, seen, seen with { Immutability = LockVerdict.Exposed, ProbedAt = Now })[3].Should().Be(Unknown, "the newer probe got through; the other copy was never tried");
    }

    [Fact]
    public void Two_who_say_different_things_of_one_copy_leave_it_unknown() =>
        Judge(Local, Bucket with { Place = "p" }, Bucket with { Place = "p", Site = "main", Medium = "disk" }).Should().Equal(Met, Unknown, Unknown, Met, Met);

    [Fact]
    public void Two_who_say_different_things_of_the_original_leave_what_depends_on_it_unknown()
    {
        var lines = CopiesRule.Judge([Local, Bucket], [Main, new Original("object", "far")], Now).Select(l => l.State);
        lines.Should().Equal([Met, Met, Met, Met, Met], "whichever is right, one copy is elsewhere");
        CopiesRule.Judge([Bucket, Bucket with { Name = "other", Place = "other" }], [Main, new Original("object", "far")], Now).Select(l => l.State).Should().Equal(Met, Unknown, Unknown, Met, Met);
    }

    [Fact]
    public void Where_the_original_is_must_be_said_before_a_copy_is_elsewhere() =>
        CopiesRule.Judge([Local, Bucket], [], Now).Select(l => l.State).Should().Equal(Met, Met, Unknown, Met, Met);

    [Fact]
    public void A_look_in_the_future_proves_nothing() => Judge(Local, Bucket with { VerifiedAt = Now.AddHours(1) })[4].Should().Be(Unknown);

    [Fact]
    public void What_is_said_of_a_copy_that_is_not_proved_says_so() =>
        CopiesRule.Judge([Bucket with { VerifiedAt = Now.AddDays(-36) }], [Main], Now)[2].Evidence.Should().ContainSingle().Which.Fr.Should().Be("site far (la copie elle-même n’est pas prouvée)");

    [Fact]
    public void A_worse_copy_never_makes_a_requirement_better() =>
        Prop.ForAll(Gen.Choose(0, 2).ToArbitrary(), Gen.Choose(-5, 60).ToArbitrary(), (verdict, age) =>
        {
            var better = Judge(Local, Bucket);
            var worse = Judge(Local, Bucket with { Verified = (CopyVerdict)verdict, VerifiedAt = Now.AddDays(-age), ProbedAt = Now.AddDays(-age) });
            for (var i = 0; i < better.Length; i++) Rank(worse[i]).Should().BeLessThanOrEqualTo(Rank(better[i]));
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Time_passing_never_makes_a_requirement_better() =>
        Prop.ForAll(Gen.Choose(0, 2).ToArbitrary(), Gen.Choose(0, 6).ToArbitrary(), Gen.Choose(0, 200).ToArbitrary(), (verdict, held, days) =>
        {
            var copy = Bucket with { Verified = (CopyVerdict)verdict, Immutability = (LockVerdict)held, SeenOfflineAt = days % 2 == 0 ? Now.AddDays(-days) : null };
            var (before, after) = (JudgeAt(Now, Local, copy), JudgeAt(Now.AddDays(days), Local, copy));
            for (var i = 0; i < before.Length; i++) Rank(after[i]).Should().BeLessThanOrEqualTo(Rank(before[i]));
            return true;
        }).QuickCheckThrowOnFailure();

    private static int Rank(RequirementState state) => state switch { Met => 2, Unknown => 1, _ => 0 };
}
