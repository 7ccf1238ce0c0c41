using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Directories;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Directories;

public sealed class SambaAdJudgements
{
    private static RoomEnd End(int code, string output = "", string error = "", bool timedOut = false) => new(code, timedOut, Encoding.UTF8.GetBytes(output), Encoding.UTF8.GetBytes(error));

    [Theory]
    [InlineData(29, 180, null)]
    [InlineData(31, 180, "those that changed it twice")]
    [InlineData(61, 180, "every machine has lost its trust")]
    [InlineData(181, 180, "must not meet another domain controller")]
    [InlineData(20, 14, "must not meet another domain controller")]
    public void The_age_of_the_copy_is_held_against_passwords_and_tombstones(int days, int tombstone, string? because)
    {
        var now = new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
        var answer = SambaAdJudge.Age(now - TimeSpan.FromDays(days), now, TimeSpan.FromDays(30), TimeSpan.FromDays(tombstone));
        (answer?.Verdict).Should().Be(because is null ? (Verdict?)null : Verdict.Failed);
        if (because is not null) answer!.Detail.English.Should().Contain(because);
    }

    [Fact]
    public void A_copy_without_any_date_is_of_unknown_age() => SambaAdJudge.Age(null, DateTimeOffset.UnixEpoch, TimeSpan.FromDays(30), TimeSpan.FromDays(180))!.Verdict.Should().Be(Verdict.Inconclusive);

    [Theory]
    [InlineData("134398082262158460", 2026)]
    [InlineData("0", null)]
    [InlineData("9223372036854775807", null)]
    [InlineData("x", null)]
    public void Windows_times_are_read_and_never_is_no_time(string text, int? year) => (SambaAdJudge.FileTime(text)?.Year).Should().Be(year);

    [Theory]
    [InlineData("Checked 3636 objects (0 errors)\n", 0, null)]
    [InlineData("Checked 3636 objects (2 errors)\n", 1, Verdict.Failed)]
    [InlineData("Checked 3636 objects (2 errors)\n", 0, Verdict.Failed)]     // its exit code alone says all is well
    [InlineData("Checked 3636 objects (0 errors)\n", 1, Verdict.Failed)]
    [InlineData("Checked 0 objects (0 errors)\n", 0, Verdict.Failed)]
    [InlineData("", 0, Verdict.Failed)]                                      // it says nothing and ends well
    [InlineData("", 137, Verdict.Inconclusive)]
    public void The_database_check_is_believed_by_its_sum(string output, int code, Verdict? verdict) => (SambaAdJudge.Check(End(code, output), out _)?.Verdict).Should().Be(verdict);

    [Theory]
    [InlineData(0, "", null)]
    [InlineData(255, "ERROR(<class 'KeyError'>): uncaught exception - 'patient'", Verdict.Failed)]
    [InlineData(255, "ModuleNotFoundError: No module named 'samba'", Verdict.Inconclusive)]
    [InlineData(1, "OSError: [Errno 28] No space left on device", Verdict.Inconclusive)]
    [InlineData(134, "", Verdict.Inconclusive)]
    public void A_restore_that_the_machine_could_not_do_says_nothing_of_the_data(int code, string said, Verdict? verdict)
    {
        var answer = SambaAdJudge.Restore(End(code, "", said));
        (answer?.Verdict).Should().Be(verdict);
        if (verdict == Verdict.Failed) answer!.Detail.English.Should().Contain("KeyError").And.NotContain("patient");
    }

    [Fact]
    public void An_archive_of_something_else_is_no_domain()
    {
        const string Whole = "sysvol.tar.gz\n./private/sam.ldb\netc/smb.conf\n";
        SambaAdJudge.Listing(End(0), Whole).Should().BeNull();
        SambaAdJudge.Listing(End(0), Whole.Replace("sysvol", "x", StringComparison.Ordinal))!.Verdict.Should().Be(Verdict.Failed);
        SambaAdJudge.Listing(End(2), Whole)!.Verdict.Should().Be(Verdict.Failed);
        SambaAdJudge.Listing(End(0, timedOut: true), Whole)!.Verdict.Should().Be(Verdict.Inconclusive);
    }
}
