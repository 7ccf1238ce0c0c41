using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Corpus;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>Until when archives of a Borg repository cannot be destroyed.</summary>
public sealed class BorgHorizonsTests
{
    private static readonly HorizonPolicy Policy = new(false, TimeSpan.FromDays(44));
    private static readonly DateTimeOffset Far = DateTimeOffset.UtcNow.AddDays(60), Soon = DateTimeOffset.UtcNow.AddDays(2);

    private static ObjectLock Until(DateTimeOffset until) => new(LockMode.Compliance, until, false);

    private static Task<HorizonReport> ReadAsync(MemoryStore store, Func<string, ObjectLock> locks)
    {
        store.Locks = locks;
        return BorgForge.Open(store).HorizonsAsync(Policy, CancellationToken.None);
    }

    /// <summary>Segment 0: the first archive and a chunk that the second shares; 1: what only the second needs, and the manifest; 2: the last commit.</summary>
    private static MemoryStore Two()
    {
        var forge = new BorgForge();
        var shared = forge.FileOf("a", "content of a");
        forge.Archive("first", [shared], time: "2024-01-01T00:00:00.000000");
        forge.BeginSegment(1);
        forge.Archive("second", [shared, forge.FileOf("b", "content of b")], time: "2024-01-02T00:00:00.000000");
        return BorgForge.Store(forge.Finish());
    }

    [Fact]
    public async Task Where_everything_is_held_each_archive_is_held_as_long()
    {
        var report = await ReadAsync(Two(), _ => Until(Far));
        report.Snapshots.Should().HaveCount(2).And.OnlyContain(s => s.Until == Far && s.UntilFull == Far && s.Unresolved == null && s.Plan.Objects == 0);
        report.Findings.Should().BeEmpty();
        (report.Unfinished?.En, report.Objects).Should().Be((null, 4));
    }

    [Fact]
    public async Task A_young_archive_is_held_no_longer_than_the_old_segment_that_it_shares()
    {
        var store = Two();
        var report = await ReadAsync(store, name => Until(name == "data/0/0" ? Soon : Far));
        report.Snapshots.Should().OnlyContain(s => s.Until == Soon && s.FirstExpiry == Soon && s.Plan.Objects == 1 && s.Plan.Bytes == store["data/0/0"].Length);
        report.Findings.Should().HaveCount(2).And.OnlyContain(f => f.Kind == ImmutabilityFindings.HorizonShort);
        (await ReadAsync(store, name => name == "data/0/0" ? ObjectLock.None : Until(Far))).Findings.Select(f => f.Kind).Should().BeEquivalentTo([ImmutabilityFindings.SnapshotUnprotected, ImmutabilityFindings.OlderUnprotected]);
    }

    [Fact]
    public async Task A_segment_that_only_another_archive_needs_says_nothing_about_this_one()
    {
        var forge = new BorgForge();
        forge.Archive("first", [forge.FileOf("a", "content of a")], time: "2024-01-01T00:00:00.000000");
        forge.BeginSegment(1);
        forge.Archive("second", [forge.FileOf("b", "content of b")], time: "2024-01-02T00:00:00.000000");
        forge.BeginSegment(2);
        forge.Archive("third", [forge.FileOf("c", "content of c")], time: "2024-01-03T00:00:00.000000");
        var report = await ReadAsync(BorgForge.Store(forge.Finish()), name => name == "data/0/1" ? ObjectLock.None : Until(Far));
        report.Snapshots.Select(s => (s.Until, s.Unlocked)).Should().Equal((Far, 0), (null, 1), (Far, 0));
    }

    [Theory]
    [InlineData("config")]
    [InlineData("data/0/1")]
    [InlineData("data/0/2")]
    public async Task The_config_the_manifest_and_the_last_commit_are_needed_by_every_archive(string name)
    {
        var report = await ReadAsync(Two(), n => n == name ? ObjectLock.None : Until(Far));
        report.Snapshots.Should().OnlyContain(s => s.Until == null && s.Unlocked == 1);
    }

    [Fact]
    public async Task What_is_missing_not_seen_or_without_a_date_is_never_held_until_one()
    {
        var unseen = await ReadAsync(Two(), name => name == "data/0/0" ? ObjectLock.Unknown : Until(Far));
        unseen.Snapshots.Should().OnlyContain(s => s.Until == null && s.Unknown == 1);
        unseen.Unfinished.Should().NotBeNull();

        var held = await ReadAsync(Two(), _ => new ObjectLock(LockMode.Attribute, null, false));
        held.Snapshots.Should().OnlyContain(s => s.Until == null && s.Unlocked == 0 && s.Unresolved!.Value.En.Contains("no date") && s.Unresolved.Value.Fr.Contains("pas de date"));
        held.Findings.Should().HaveCount(2).And.OnlyContain(f => f.Kind == ImmutabilityFindings.HorizonUnknown, "an attribute is no missing lock");

        var torn = Two();
        torn.Remove("data/0/0");
        var report = await ReadAsync(torn, _ => Until(Far));
        report.Snapshots.Should().NotContain(s => s.Until != null);
        report.Unfinished.Should().NotBeNull();
    }

    [Theory]
    [InlineData("small")]
    [InlineData("blake2")]
    public async Task Archives_of_borg_itself_have_horizons(string basis)
    {
        var report = await ReadAsync(MemoryStore.Of(Vector.BaseFolder(BorgRepository.Format, basis)), _ => Until(Far));
        report.Snapshots.Should().NotBeEmpty().And.OnlyContain(s => s.Until == Far && s.Objects >= 2);
    }
}
