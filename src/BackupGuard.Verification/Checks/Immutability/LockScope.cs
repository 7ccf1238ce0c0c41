using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>How a format lays its objects out, as far as locks care.</summary>
/// <param name="WritesOnce">Whether an object, once written, is never written again: then a newer version is somebody else's.</param>
/// <param name="Passing">Beginnings of names that come and go by design, such as a lock of restic.</param>
public sealed record BackupLayout(bool WritesOnce, IReadOnlyList<string> Passing)
{
    /// <summary>Whether an object that is hidden now would be missed, when the format can tell (what a prune left behind would not); null to miss them all.</summary>
    public Func<StoredVersion, bool>? IsMissed { get; init; }

    /// <summary>Whether the account under test may change or delete an object as far as permissions go, found by asking, never by trying; null where the store does not tell.</summary>
    public Func<string, bool>? MayChange { get; init; }

    internal bool Concerns(string name) => !name.StartsWith(".backupguard/", StringComparison.Ordinal) && !Passing.Any(p => name.StartsWith(p, StringComparison.Ordinal));
}

/// <summary>The real backup objects: the locks of the newest ones, and what lies hidden under markers and newer versions. Read only.</summary>
/// <param name="Objects">Current objects.</param>
/// <param name="Unlocked">Of the newest ones, those that the store says are not held now.</param>
/// <param name="Unknown">Of the newest ones, those whose lock could not be seen.</param>
/// <param name="Modes">Of the newest ones.</param>
/// <param name="Problem">Why it is not known, or null.</param>
public sealed record LockScope(long Objects, int Looked, int Unlocked, int Unknown, IReadOnlyList<LockMode> Modes, long Hidden, IReadOnlyList<string> Examples, string? Problem)
{
    /// <summary>Of the newest ones, those that nothing holds and that the account under test could change by its permissions alone; only a folder can tell.</summary>
    public int Open { get; init; }

    public static readonly LockScope Empty = new(0, 0, 0, 0, [], 0, [], null);

    /// <summary>The newest backup and a little more: a rule that was taken away shows on them first.</summary>
    private const int Newest = 20;
    private const int MostExamples = 5;

    /// <summary>Every lock that was looked at was seen, and there was one: an empty place is not a protected one.</summary>
    public bool IsKnown => Problem is null && Looked > 0 && Unknown == 0;

    public static async Task<LockScope> ReadAsync(IBackupStore store, BackupLayout layout, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var newest = new PriorityQueue<StoredVersion, long>();
            var older = new Dictionary<string, StoredVersion>(StringComparer.Ordinal);
            var covered = new HashSet<string>(StringComparer.Ordinal);
            long objects = 0;
            await foreach (var v in store.ListVersionsAsync("", cancellationToken))
            {
                if (!layout.Concerns(v.Name)) continue;
                if (v is { IsCurrent: true, IsDeleteMarker: true }) covered.Add(v.Name);
                else if (v.IsCurrent)
                {
                    objects++;
                    newest.Enqueue(v, v.ModifiedAt.UtcTicks);
                    if (newest.Count > Newest) newest.Dequeue();
                }
                else if (!v.IsDeleteMarker && (!older.TryGetValue(v.Name, out var known) || known.ModifiedAt < v.ModifiedAt)) older[v.Name] = v;
            }
            if (layout.WritesOnce) await CoverRewrittenAsync(store, older, covered, cancellationToken);
            var hidden = older.Values.Where(v => covered.Contains(v.Name) && layout.IsMissed?.Invoke(v) != false).OrderBy(v => v.Name, StringComparer.Ordinal).ToList();
            return await WithLocksAsync(store, [.. newest.UnorderedItems.Select(i => i.Element)], new LockScope(objects, 0, 0, 0, [], hidden.Count, [.. hidden.Take(MostExamples).Select(v => v.Name)], null), now, layout.MayChange, cancellationToken);
        }
        catch (StoreException e)
        {
            return Empty with { Problem = e.Message };
        }
    }

    /// <summary>A second listing, for the rare names that have older versions: a retried upload leaves the same bytes twice, which hides nothing.</summary>
    private static async Task CoverRewrittenAsync(IBackupStore store, Dictionary<string, StoredVersion> older, HashSet<string> covered, CancellationToken cancellationToken)
    {
        if (older.Keys.All(covered.Contains)) return;
        await foreach (var v in store.ListVersionsAsync("", cancellationToken))
            if (v is { IsCurrent: true, IsDeleteMarker: false } && older.TryGetValue(v.Name, out var before) && !IsSameContent(v, before)) covered.Add(v.Name);
    }

    private static bool IsSameContent(StoredVersion a, StoredVersion b) => a.Tag.Length > 0 && a.Tag == b.Tag && a.LengthBytes == b.LengthBytes;

    private static async Task<LockScope> WithLocksAsync(IBackupStore store, List<StoredVersion> newest, LockScope scope, DateTimeOffset now, Func<string, bool>? mayChange, CancellationToken cancellationToken)
    {
        var (modes, unlocked, unknown, open) = (new HashSet<LockMode>(), new List<string>(), 0, 0);
        foreach (var v in newest.OrderByDescending(v => v.ModifiedAt))
        {
            var held = await store.LockAsync(v.Name, v.Version, cancellationToken);
            if (held.Mode == LockMode.Unknown) unknown++;
            // A date that is over holds nothing any more.
            else if (held.Mode != LockMode.Attribute && (held.Mode == LockMode.None || held.RetainUntil is not { } until || until <= now)) unlocked.Add(v.Name);
            else modes.Add(held.Mode);
            if (held.Mode != LockMode.Attribute && mayChange?.Invoke(v.Name) == true) open++;
        }
        return scope with { Looked = newest.Count, Unlocked = unlocked.Count, Unknown = unknown, Open = open, Modes = [.. modes], Examples = [.. unlocked.Take(MostExamples).Concat(scope.Examples)] };
    }
}
