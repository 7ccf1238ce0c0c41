using BackupGuard.Verification.Checks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks;

/// <summary>A register that remembers for a copy that cannot.</summary>
public sealed class RegisterTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 16, 3, 0, 0, TimeSpan.Zero);
    private readonly CopyPolicy month = new() { Retention = TimeSpan.FromDays(30) };
    private DateTimeOffset now = Monday;
    private CopyRegister? register;

    private static SnapshotSummary Of(int day) => new($"{day:x8}", Monday.AddDays(day), 10, 100);

    private List<string> Look(IEnumerable<int> days, CopyPolicy? policy = null, string id = "repository", string[]? keys = null, bool history = true)
    {
        var snapshots = days.Select(Of).ToList();
        var inventory = new Inventory([.. snapshots.Select(s => s.Id)], [.. (keys ?? ["keyone"]).Select(k => new KeyHolder(k, ""))], Protection.Plain, history);
        (register, var findings) = RegisterCheck.Judge(register, id, inventory, snapshots, policy ?? month, now);
        return [.. findings.Select(f => f.Code)];
    }

    [Fact]
    public void The_first_look_remembers_and_says_so()
    {
        Look([0, 1]).Should().Equal("BG4010");
        Look([0, 1, 2]).Should().BeEmpty();
        register!.Snapshots.Should().HaveCount(3);
    }

    [Fact]
    public void A_snapshot_that_goes_before_its_retention_is_an_error_until_its_time_is_over()
    {
        Look([0, 1, 2]);
        now = Monday.AddDays(3);
        Look([0, 2]).Should().Equal("BG4011");
        now = Monday.AddDays(30).AddHours(23);
        Look([0, 2]).Should().Equal("BG4011");
        now = Monday.AddDays(31);
        Look([0, 2]).Should().BeEmpty("it would have been forgotten by now");
    }

    [Fact]
    public void A_snapshot_that_goes_after_its_retention_is_nobody_s_business()
    {
        Look([0, 1, 2]);
        now = Monday.AddDays(31);
        Look([1, 2]).Should().BeEmpty();
    }

    [Fact]
    public void The_newest_snapshot_never_goes_by_itself_and_time_does_not_heal_it()
    {
        Look([0, 1, 2]);
        now = Monday.AddDays(300);
        Look([0, 1]).Should().Equal((string[])["BG4012"], "an older copy was put back");
        now = now.AddDays(200);
        Look([0, 1, 400]).Should().Equal((string[])["BG4012"], "new backups on top of it hide nothing");
        var snapshots = new[] { Of(0), Of(1), Of(400) };
        register = RegisterCheck.Accept(register, "repository", new Inventory([.. snapshots.Select(s => s.Id)], [new KeyHolder("keyone", "")], Protection.Plain, true), snapshots, new Acceptance(now, "dupont", "volume restored on purpose"));
        Look([0, 1, 400]).Should().Equal("BG4018");
        now = now.AddDays(32);
        Look([0, 1, 400]).Should().BeEmpty();
    }

    [Fact]
    public void Without_a_retention_a_missing_snapshot_is_a_word_of_warning_for_some_days()
    {
        Look([0, 1, 2], new CopyPolicy());
        now = Monday.AddDays(3);
        Look([1, 2], new CopyPolicy()).Should().Equal("BG4013");
        now = now.AddDays(7);
        Look([1, 2], new CopyPolicy()).Should().Equal("BG4013");
        now = now.AddDays(2);
        Look([1, 2], new CopyPolicy()).Should().BeEmpty();
    }

    [Fact]
    public void A_snapshot_that_comes_back_is_there()
    {
        Look([0, 1, 2]);
        Look([0, 1]).Should().Equal("BG4012");
        Look([0, 1, 2]).Should().BeEmpty();
    }

    [Fact]
    public void Another_repository_in_the_same_place_is_an_error_and_never_taken_over()
    {
        Look([0, 1]);
        Look([5], id: "other").Should().Equal("BG4014");
        Look([5], id: "other").Should().Equal("BG4014");
        Look([0, 1]).Should().BeEmpty();
    }

    [Fact]
    public void A_snapshot_that_tells_another_time_than_before_is_an_error()
    {
        Look([0, 1]);
        var changed = Of(0) with { TakenAt = Monday.AddDays(-1) };
        var (_, findings) = RegisterCheck.Judge(register, "repository", new Inventory([changed.Id, Of(1).Id], [new KeyHolder("keyone", "")], Protection.Plain, true), [changed, Of(1)], month, now);
        findings.Select(f => f.Code).Should().Equal("BG4015");
    }

    [Fact]
    public void A_snapshot_that_nobody_can_read_any_more_is_not_called_vanished()
    {
        Look([0, 1]);
        var (_, findings) = RegisterCheck.Judge(register, "repository", new Inventory([Of(0).Id, Of(1).Id], [new KeyHolder("keyone", "")], Protection.Plain, true), [Of(0)], month, now);
        findings.Should().BeEmpty("that it is damaged is said by the format");
    }

    [Fact]
    public void A_key_that_nobody_announced_is_found_every_time_and_an_announced_one_is_welcome()
    {
        Look([0]);
        Look([0], keys: ["keyone", "keytwo99"]).Should().Equal("BG4016");
        Look([0], keys: ["keyone", "keytwo99"]).Should().Equal("BG4016");
        Look([0], month with { AnnouncedKeys = ["KEYTWO99"] }, keys: ["keyone", "keytwo99"]).Should().BeEmpty();
        Look([0], keys: ["keyone", "keytwo99"]).Should().BeEmpty("it is known from now on");
        Look([0], keys: ["keytwo99"]).Should().Equal("BG4017");
    }

    [Fact]
    public void A_base_backup_takes_the_place_of_the_one_before_but_an_older_one_does_not()
    {
        Look([0], id: "first", history: false);
        Look([7], id: "second", history: false).Should().BeEmpty();
        Look([3], id: "old", history: false).Should().Equal("BG4012");
        Look([8], id: "third", history: false).Should().BeEmpty("a newer one is in place again");
    }

    [Fact]
    public void Forgetting_by_retention_day_after_day_never_alarms()
    {
        for (var day = 0; day < 200; day++)
        {
            now = Monday.AddDays(day).AddHours(2);
            var codes = Look(Enumerable.Range(Math.Max(0, day - 30), Math.Min(day, 30) + 1));
            if (day > 0) codes.Should().BeEmpty($"day {day}");
        }
        register!.Snapshots.Should().HaveCountLessThan(40, "what was forgotten rightly is forgotten here too");
    }
}
