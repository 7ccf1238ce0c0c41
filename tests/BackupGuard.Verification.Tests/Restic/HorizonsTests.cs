using System.Text;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>Until when snapshots of a repository of the restic binary cannot be destroyed.</summary>
public sealed class HorizonsTests(ResticFixture fixture) : IClassFixture<ResticFixture>
{
    private static readonly HorizonPolicy Policy = new(false, TimeSpan.FromDays(44));
    private static readonly DateTimeOffset Far = DateTimeOffset.UtcNow.AddDays(60);

    private static Task<HorizonReport> ReadAsync(RepositoryCopy copy, Func<string, ObjectLock> locks) =>
        new ResticRepository(new Locked(copy, locks), Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System).HorizonsAsync(Policy, CancellationToken.None);

    private static ObjectLock Until(DateTimeOffset until) => new(LockMode.Compliance, until, false);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Where_everything_is_held_each_snapshot_is_held_as_long(int version)
    {
        var report = await ReadAsync(fixture.Of(version), _ => Until(Far));
        report.Snapshots.Should().HaveCount(2).And.OnlyContain(s => s.Until == Far && s.UntilFull == Far && s.Unresolved == null && s.Plan.Objects == 0 && s.Objects >= 4);
        report.Findings.Should().BeEmpty();
        report.Unfinished.Should().BeNull();
        report.Objects.Should().Be(fixture.Of(version).Files.Keys.Count(k => !k.StartsWith("locks/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_young_snapshot_is_held_no_longer_than_the_old_pack_that_it_shares()
    {
        var copy = fixture.Of(2);
        var soon = DateTimeOffset.UtcNow.AddDays(2);
        // The pack of the two large files was written for the first snapshot and is needed by both.
        var large = copy.Files.Where(f => f.Key.StartsWith("data/", StringComparison.Ordinal)).MaxBy(f => f.Value.Length).Key;
        var report = await ReadAsync(copy, name => Until(name == large ? soon : Far));
        report.Snapshots.Should().OnlyContain(s => s.Until == soon && s.FirstExpiry == soon && s.Plan.Objects == 1 && s.Plan.Deadline == soon);
        report.Findings.Should().HaveCount(2).And.OnlyContain(f => f.Kind == ImmutabilityFindings.HorizonShort);

        (await ReadAsync(copy, name => name == large ? ObjectLock.None : Until(Far))).Findings.Select(f => f.Kind).Should().BeEquivalentTo([ImmutabilityFindings.SnapshotUnprotected, ImmutabilityFindings.OlderUnprotected]);
    }

    [Fact]
    public async Task What_only_the_newer_snapshot_needs_says_nothing_about_the_older_one()
    {
        var copy = fixture.Of(2);
        var reports = new List<HorizonReport>();
        foreach (var pack in copy.Files.Keys.Where(k => k.StartsWith("data/", StringComparison.Ordinal)))
            reports.Add(await ReadAsync(copy, name => name == pack ? ObjectLock.None : Until(Far)));
        reports.Should().Contain(r => r.Snapshots[0].Until == Far && r.Snapshots[1].Until == null, "the second backup wrote packs of its own");
    }

    [Fact]
    public async Task The_config_the_key_and_the_snapshot_file_are_needed_and_an_index_can_be_made_again()
    {
        var copy = fixture.Of(2);
        foreach (var needed in (string[])["config", copy.One("keys/")])
            (await ReadAsync(copy, name => name == needed ? ObjectLock.None : Until(Far))).Snapshots.Should().OnlyContain(s => s.Until == null && s.Unlocked == 1, needed);
        var one = copy.One("snapshots/");
        (await ReadAsync(copy, name => name == one ? ObjectLock.None : Until(Far))).Snapshots.Should().ContainSingle(s => s.Until == null).Which.Id.Should().Be(one["snapshots/".Length..]);
        (await ReadAsync(copy, name => name.StartsWith("index/", StringComparison.Ordinal) ? ObjectLock.None : Until(Far))).Snapshots.Should().OnlyContain(s => s.Until == Far && s.UntilFull == null);
    }

    [Fact]
    public async Task What_is_missing_or_not_seen_is_never_held()
    {
        var copy = fixture.Of(2).Clone();
        var unseen = await ReadAsync(copy, name => name.StartsWith("data/", StringComparison.Ordinal) ? ObjectLock.Unknown : Until(Far));
        unseen.Snapshots.Should().OnlyContain(s => s.Until == null && s.Unknown > 0 && s.Unlocked == 0);
        unseen.Unfinished.Should().NotBeNull();
        unseen.Findings.Should().HaveCount(2).And.OnlyContain(f => f.Kind == ImmutabilityFindings.HorizonUnknown);
        var large = copy.Files.Where(f => f.Key.StartsWith("data/", StringComparison.Ordinal)).MaxBy(f => f.Value.Length).Key;
        copy.Files.Remove(large);
        var torn = await ReadAsync(copy, _ => Until(Far));
        torn.Snapshots.Should().OnlyContain(s => s.Until == null && s.Unresolved != null);
        torn.Missing.Should().BeEquivalentTo([large[(large.LastIndexOf('/') + 1)..]]);
    }

    private sealed class Locked(RepositoryCopy copy, Func<string, ObjectLock> locks) : IBackupStore
    {
        public string Location => copy.Location;
        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => copy.ListAsync(prefix, cancellationToken);
        public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken) => copy.OpenAsync(name, cancellationToken);
        public IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken) => ValueTask.FromResult(locks(name));
    }
}
