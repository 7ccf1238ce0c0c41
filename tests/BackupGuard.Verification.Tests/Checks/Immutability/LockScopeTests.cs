using System.Runtime.CompilerServices;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks.Immutability;

public sealed class LockScopeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly BackupLayout Once = new(true, ["locks/"]);
    private readonly Listed store = new();

    private Task<LockScope> ReadAsync(BackupLayout? layout = null) => LockScope.ReadAsync(store, layout ?? Once, Now, CancellationToken.None);

    [Fact]
    public async Task The_newest_objects_are_looked_at_and_not_the_oldest()
    {
        for (var i = 0; i < 100; i++) store.Add($"data/{i}", daysOld: i, held: i < 30 ? new ObjectLock(LockMode.Compliance, Now.AddDays(1), false) : ObjectLock.None);
        (await ReadAsync()).Should().Match<LockScope>(s => s.Objects == 100 && s.Looked == 20 && s.Unlocked == 0 && s.IsKnown);
        store.Add("data/new", daysOld: -1, held: ObjectLock.None);
        (await ReadAsync()).Should().Match<LockScope>(s => s.Unlocked == 1 && s.Examples[0] == "data/new");
    }

    [Fact]
    public async Task A_date_that_is_over_and_a_hold_without_date_are_no_lock_and_what_is_not_seen_is_unknown()
    {
        store.Add("a", held: new ObjectLock(LockMode.Compliance, Now, false));
        store.Add("b", held: new ObjectLock(LockMode.None, null, true));
        store.Add("c", held: ObjectLock.Unknown);
        (await ReadAsync()).Should().Match<LockScope>(s => s.Unlocked == 2 && s.Unknown == 1 && !s.IsKnown);
    }

    [Fact]
    public async Task A_marker_hides_unless_it_lies_over_what_passes_over_a_canary_or_over_nothing()
    {
        foreach (var name in (string[])["data/a", "locks/l", ".backupguard/canary/run1/long"])
        {
            store.Add(name, current: false);
            store.Add(name, marker: true);
        }
        store.Add("data/never", marker: true);
        (await ReadAsync()).Should().Match<LockScope>(s => s.Hidden == 1 && s.Examples.Single() == "data/a" && s.Objects == 0);
        (await ReadAsync(Once with { IsMissed = v => v.Name != "data/a" })).Hidden.Should().Be(0, "a prune left it behind");
    }

    [Fact]
    public async Task A_newer_version_hides_only_where_objects_are_written_once_and_the_bytes_differ()
    {
        store.Add("data/a", current: false, tag: "1");
        store.Add("data/a", tag: "2");
        store.Add("data/b", current: false, tag: "1");
        store.Add("data/b", tag: "1");
        store.Add("data/c", current: false, tag: "");
        store.Add("data/c", tag: "");
        (await ReadAsync()).Should().Match<LockScope>(s => s.Hidden == 2 && s.Examples.Contains("data/a") && s.Examples.Contains("data/c"));
        (await ReadAsync(new BackupLayout(false, []))).Hidden.Should().Be(0);
    }

    [Fact]
    public async Task A_listing_that_fails_is_a_problem_and_not_an_empty_place()
    {
        store.Failure = new StoreException(StoreFailure.Denied, "", "this identity may not do it");
        (await ReadAsync()).Should().Match<LockScope>(s => s.Problem == "this identity may not do it" && !s.IsKnown);
    }

    private sealed class Listed : IBackupStore
    {
        private readonly List<(StoredVersion Version, ObjectLock Held)> all = [];

        public StoreException? Failure { get; set; }
        public string Location => "listed";

        public void Add(string name, int daysOld = 0, bool current = true, bool marker = false, string tag = "t", ObjectLock? held = null) =>
            all.Add((new StoredVersion(name, $"v{all.Count}", 1, Now.AddDays(-daysOld), current, marker) { Tag = tag }, held ?? new ObjectLock(LockMode.Compliance, Now.AddDays(1), false)));

        public async IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            if (Failure is { } failure) throw failure;
            foreach (var (v, _) in all) yield return v;
        }

        public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken) => ValueTask.FromResult(all.Single(a => a.Version.Name == name && a.Version.Version == version).Held);
        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
