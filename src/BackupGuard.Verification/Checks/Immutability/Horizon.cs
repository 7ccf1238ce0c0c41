using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>An object of a backup and what holds it.</summary>
public sealed record HeldObject(string Name, long LengthBytes, LockMode Mode, DateTimeOffset? RetainUntil);

/// <summary>What a snapshot depends on, as positions in a list of <see cref="HeldObject"/>s.</summary>
/// <param name="Needed">Without one of them the snapshot, or a part of it, is lost.</param>
/// <param name="ForReading">What can be made again from the rest, such as an index.</param>
/// <param name="Unresolved">Why it is not known what it depends on, or null.</param>
public sealed record SnapshotNeeds(string Id, DateTimeOffset TakenAt, IReadOnlyList<int> Needed, IReadOnlyList<int> ForReading, Words? Unresolved);

/// <param name="GovernanceCounts">Whether locks that a permission can bypass count: for the identity that was proved not to have it.</param>
/// <param name="Wanted">How long from now a snapshot should be held.</param>
public sealed record HorizonPolicy(bool GovernanceCounts, TimeSpan Wanted)
{
    /// <summary>30 days in which an attacker may lie low, and two weeks to notice and to decide.</summary>
    public static readonly TimeSpan DefaultWanted = TimeSpan.FromDays(44);
}

/// <summary>What to extend so that the snapshot is held as long as wanted.</summary>
/// <param name="Deadline">The first of their dates; now where one has none. Null when there is nothing to extend.</param>
public sealed record ExtensionPlan(int Objects, long Bytes, DateTimeOffset? Deadline);

/// <summary>Until when a snapshot cannot be destroyed.</summary>
/// <param name="Until">Recoverable until; null when something that it needs is not held now, or not known to be.</param>
/// <param name="UntilFull">Readable as it is until; never later than <paramref name="Until"/>.</param>
/// <param name="Unlocked">Objects that it needs and that nothing holds now.</param>
/// <param name="Unknown">Objects that it needs and whose lock could not be seen.</param>
/// <param name="FirstExpiry">The first date among those that are held; tells what to look at first.</param>
public sealed record SnapshotHorizon(string Id, DateTimeOffset TakenAt, DateTimeOffset? Until, DateTimeOffset? UntilFull, int Objects, long Bytes, int Unlocked, long UnlockedBytes, int Unknown,
    DateTimeOffset? FirstExpiry, ExtensionPlan Plan, Words? Unresolved);

/// <summary>The horizon of snapshots that share objects: a young snapshot is held no longer than the oldest object that it needs. All but the reading of locks is pure.</summary>
public static class Horizon
{
    /// <summary>Questions about locks under way at once.</summary>
    private const int MostAtOnce = 16;

    /// <param name="failed">A lock that could not be asked for; the object then counts as not known.</param>
    internal static async Task<HeldObject[]> ReadLocksAsync(IBackupStore store, IReadOnlyList<StoredObject> files, Action<StoreException> failed, CancellationToken cancellationToken)
    {
        var held = new HeldObject[files.Count];
        await Parallel.ForAsync(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var found = ObjectLock.Unknown;
            try
            {
                found = await store.LockAsync(files[i].Name, "", token);
            }
            catch (StoreException e)
            {
                failed(e);
            }
            held[i] = new HeldObject(files[i].Name, files[i].LengthBytes, found.Mode, found.RetainUntil);
        });
        return held;
    }

    public static SnapshotHorizon Of(SnapshotNeeds needs, IReadOnlyList<HeldObject> objects, HorizonPolicy policy, DateTimeOffset now)
    {
        var (unlocked, unknown, undated, extend) = (0, 0, 0, 0);
        long bytes = 0, unlockedBytes = 0, extendBytes = 0;
        DateTimeOffset? first = null, deadline = null;
        var wanted = now + policy.Wanted;
        foreach (var at in needs.Needed)
        {
            var o = objects[at];
            var until = UntilOf(o, policy, now);
            unchecked { bytes += o.LengthBytes; }
            // Held, but not until a date that anything could be compared with.
            if (o.Mode == LockMode.Attribute) undated++;
            else if (until is null && o.Mode == LockMode.Unknown) unknown++;
            else if (until is null)
            {
                unlocked++;
                unchecked { unlockedBytes += o.LengthBytes; }
            }
            if (until is { } held && (first is null || held < first)) first = held;
            if (until is { } enough && enough >= wanted) continue;
            extend++;
            unchecked { extendBytes += o.LengthBytes; }
            if (deadline is null || (until ?? now) < deadline) deadline = until ?? now;
        }
        var whole = needs is { Unresolved: null, Needed.Count: > 0 } && unlocked + unknown + undated == 0;
        var recoverable = whole ? first : null;
        var full = recoverable;
        foreach (var at in needs.ForReading)
            if (full is { } known) full = UntilOf(objects[at], policy, now) is { } u ? (u < known ? u : known) : null;
        return new SnapshotHorizon(needs.Id, needs.TakenAt, recoverable, full, needs.Needed.Count, bytes, unlocked, unlockedBytes, unknown, first, new ExtensionPlan(extend, extendBytes, deadline), needs.Unresolved ?? (undated > 0 ? new Words($"{undated} objects are held by the immutable attribute, which has no date", $"{undated} objets sont tenus par l’attribut immuable, qui n’a pas de date") : null));
    }

    /// <returns>Null where nothing with a date holds it now. A mode without date, a date that is over and a header that is not there are no lock.</returns>
    public static DateTimeOffset? UntilOf(HeldObject o, HorizonPolicy policy, DateTimeOffset now) => o.Mode switch
    {
        LockMode.Compliance or LockMode.Locked => o.RetainUntil > now ? o.RetainUntil : null,
        LockMode.Governance or LockMode.Unlocked => policy.GovernanceCounts && o.RetainUntil > now ? o.RetainUntil : null,
        LockMode.Unknown or LockMode.None or LockMode.Attribute => null,
    };

    /// <param name="snapshots">Oldest first.</param>
    public static IEnumerable<Finding> Judge(IReadOnlyList<SnapshotHorizon> snapshots, HorizonPolicy policy, DateTimeOffset now)
    {
        foreach (var (s, isNewest) in snapshots.Select((s, i) => (s, i == snapshots.Count - 1)))
        {
            var taken = ImmutabilityProbe.Time(s.TakenAt);
            if (s.Unlocked > 0) yield return (isNewest ? ImmutabilityFindings.SnapshotUnprotected : ImmutabilityFindings.OlderUnprotected).At(s.Id, ("taken", taken), ("objects", s.Unlocked), ("bytes", s.UnlockedBytes));
            else if (s.Until is not { } until)
                yield return ImmutabilityFindings.HorizonUnknown.At(s.Id, ("taken", taken), ("reason", s.Unresolved ?? new Words($"{s.Unknown} locks could not be seen", $"{s.Unknown} verrous n’ont pas pu être vus")));
            else if (until < now + policy.Wanted)
                yield return ImmutabilityFindings.HorizonShort.At(s.Id, ("taken", taken), ("until", ImmutabilityProbe.Time(until)), ("wanted", ImmutabilityProbe.Time(now + policy.Wanted)), ("objects", s.Plan.Objects), ("bytes", s.Plan.Bytes));
        }
    }
}

/// <summary>A format that knows which objects each snapshot depends on.</summary>
public interface ILockHorizons
{
    /// <summary>Reads the lock of every object and the structure of every snapshot; no data.</summary>
    Task<HorizonReport> HorizonsAsync(HorizonPolicy policy, CancellationToken cancellationToken);
}

public sealed record HorizonReport
{
    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<SnapshotHorizon> Snapshots { get; init; }
    public required IReadOnlyList<Finding> Findings { get; init; }
    public Words? Unfinished { get; init; }

    /// <summary>Objects whose lock was asked for.</summary>
    public int Objects { get; init; }

    /// <summary>Objects that snapshots name and that are not there.</summary>
    public IReadOnlySet<string> Missing { get; init; } = new HashSet<string>();
}
