using BackupGuard.Verification.Checks.Copies;
using BackupGuard.Verification.Checks.Immutability;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks;

public sealed class CopiesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);

    private static CopyFacts Local => new("nas", "disk", "main", Verdict.Proved, Now.AddDays(-1));
    private static CopyFacts Bucket => new("bucket", "object", "far", Verdict.Proved, Now.AddDays(-2)) { Immutability = ImmutabilityVerdict.Proved, ProbedAt = Now.AddDays(-3) };

    private static RequirementState[] Judge(params CopyFacts[] copies) => [.. CopiesRule.Judge(copies, "main", "disk", Now).Select(l => l.State)];

    private const RequirementState Met = RequirementState.Met, Missing = RequirementState.Missing, Unknown = RequirementState.Unknown;

    [Fact]
    public void A_disk_here_and_a_locked_bucket_elsewhere_meet_the_rule() => Judge(Local, Bucket).Should().Equal(Met, Met, Met, Met, Met);

    [Fact]
    public void Nothing_at_all_meets_nothing() => Judge().Should().Equal(Missing, Missing, Missing, Missing, Missing);

    [Fact]
    public void A_copy_that_nobody_looked_at_is_unknown_not_met() =>
        Judge(Local, Bucket with { Verified = null, VerifiedAt = null }).Should().Equal(Unknown, Unknown, Unknown, Unknown, Unknown);

    [Fact]
    public void A_proof_that_ran_out_is_unknown() => Judge(Local, Bucket with { VerifiedAt = Now.AddDays(-36) }).Should().Equal(Unknown, Unknown, Unknown, Unknown, Unknown);

    [Fact]
    public void A_failed_copy_is_missing_and_an_error() => Judge(Local, Bucket with { Verified = Verdict.Failed }).Should().Equal(Missing, Missing, Missing, Unknown, Missing);

    [Fact]
    public void A_failure_long_ago_is_no_news_of_today() => Judge(Local, Bucket with { Verified = Verdict.Failed, VerifiedAt = Now.AddDays(-100) })[4].Should().Be(Unknown);

    [Theory]
    [InlineData(ImmutabilityVerdict.Exposed, Missing)]
    [InlineData(ImmutabilityVerdict.Hidden, Missing)]
    [InlineData(ImmutabilityVerdict.IamOnly, Missing)]
    [InlineData(ImmutabilityVerdict.ProvedGovernance, Missing)]
    [InlineData(ImmutabilityVerdict.ConfigOnly, Unknown)]
    [InlineData(ImmutabilityVerdict.Inconclusive, Unknown)]
    public void Only_a_proved_lock_is_a_lock(ImmutabilityVerdict verdict, RequirementState state) => Judge(Bucket with { Immutability = verdict })[3].Should().Be(state);

    [Fact]
    public void A_probe_of_last_month_proves_nothing_today() => Judge(Bucket with { ProbedAt = Now.AddDays(-9) })[3].Should().Be(Unknown);

    [Fact]
    public void A_tape_seen_in_the_safe_is_offline_while_somebody_keeps_looking()
    {
        Judge(new CopyFacts("tape", "tape", "main", Verdict.Proved, Now) { SeenOfflineAt = Now.AddDays(-90) })[3].Should().Be(Met);
        Judge(new CopyFacts("tape", "tape", "main", Verdict.Proved, Now) { SeenOfflineAt = Now.AddDays(-101) })[3].Should().Be(Unknown);
    }

    [Fact]
    public void A_worse_copy_never_makes_a_requirement_better() =>
        Prop.ForAll(Gen.Choose(0, 2).ToArbitrary(), Gen.Choose(-5, 60).ToArbitrary(), (verdict, age) =>
        {
            var better = Judge(Local, Bucket);
            var worse = Judge(Local, Bucket with { Verified = (Verdict)verdict, VerifiedAt = Now.AddDays(-age), ProbedAt = Now.AddDays(-age) });
            for (var i = 0; i < better.Length; i++) Rank(worse[i]).Should().BeLessThanOrEqualTo(Rank(better[i]));
            return true;
        }).QuickCheckThrowOnFailure();

    private static int Rank(RequirementState state) => state switch { Met => 2, Unknown => 1, _ => 0 };
}
