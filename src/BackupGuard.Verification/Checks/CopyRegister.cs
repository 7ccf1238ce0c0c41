namespace BackupGuard.Verification.Checks;

/// <summary>What was ever seen of a copy, kept outside it: a copy cannot tell that it was put back to an earlier state. Only somebody who remembers can.</summary>
public sealed record CopyRegister
{
    public required string RepositoryId { get; init; }
    public IReadOnlyList<SeenSnapshot> Snapshots { get; init; } = [];
    public IReadOnlyList<SeenKey> Keys { get; init; } = [];
    public IReadOnlyList<Acceptance> Acceptances { get; init; } = [];
}

/// <param name="TakenAt">By the backup's own word; null while nobody could read it.</param>
/// <param name="GoneAt">When it was first missed; null while it is there.</param>
/// <param name="WasNewest">Whether it was the newest of all when it went: no retention takes the newest.</param>
public sealed record SeenSnapshot(string Id, DateTimeOffset? TakenAt, DateTimeOffset FirstSeenAt, DateTimeOffset? GoneAt, bool WasNewest);

public sealed record SeenKey(string Id, string Description, DateTimeOffset FirstSeenAt);

/// <summary>A person said that the state of the copy is as it should be.</summary>
public sealed record Acceptance(DateTimeOffset At, string By, string Reason);

/// <summary>Compares a copy with the register of it. Pure.</summary>
public static class RegisterCheck
{
    /// <summary>A snapshot that nobody promised to keep is mentioned this long after it went.</summary>
    private static readonly TimeSpan MentionedFor = TimeSpan.FromDays(8);
    private static readonly TimeSpan AcceptanceShownFor = TimeSpan.FromDays(31);

    /// <param name="known">Null at the first look.</param>
    /// <returns>The register to keep. What a person has not accepted is not taken over: it is found again next time.</returns>
    public static (CopyRegister Register, IReadOnlyList<Finding> Findings) Judge(CopyRegister? known, string repositoryId, Inventory inventory, IReadOnlyList<SnapshotSummary> snapshots, CopyPolicy policy, DateTimeOffset now)
    {
        if (known is null) return (FirstLook(repositoryId, inventory, snapshots, now), [RegisterFindings.FirstLook.At(repositoryId, ("snapshots", inventory.SnapshotIds.Count), ("keys", inventory.Keys.Count))]);
        if (inventory.IsHistory && known.RepositoryId != repositoryId) return (known, [RegisterFindings.Replaced.At(repositoryId, ("known", known.RepositoryId))]);

        var findings = new List<Finding>();
        foreach (var accepted in known.Acceptances.Where(a => now - a.At < AcceptanceShownFor))
            findings.Add(RegisterFindings.Accepted.At(repositoryId, ("by", accepted.By), ("time", Day(accepted.At)), ("reason", accepted.Reason)));
        var register = known with
        {
            RepositoryId = repositoryId,
            Snapshots = JudgeSnapshots(known, inventory, snapshots, policy, now, findings),
            Keys = JudgeKeys(known, inventory, policy, now, findings),
        };
        return (register, findings);
    }

    /// <summary>Everything as it is now counts as right.</summary>
    public static CopyRegister Accept(CopyRegister? known, string repositoryId, Inventory inventory, IReadOnlyList<SnapshotSummary> snapshots, Acceptance acceptance) =>
        FirstLook(repositoryId, inventory, snapshots, acceptance.At) with { Acceptances = [.. known?.Acceptances ?? [], acceptance] };

    private static CopyRegister FirstLook(string repositoryId, Inventory inventory, IReadOnlyList<SnapshotSummary> snapshots, DateTimeOffset now)
    {
        var taken = Taken(snapshots);
        return new CopyRegister
        {
            RepositoryId = repositoryId,
            Snapshots = [.. inventory.SnapshotIds.Select(id => new SeenSnapshot(id, taken.TryGetValue(id, out var at) ? at : null, now, null, false))],
            Keys = [.. inventory.Keys.Select(k => new SeenKey(k.Id, k.Description, now))],
        };
    }

    private static List<SeenSnapshot> JudgeSnapshots(CopyRegister known, Inventory inventory, IReadOnlyList<SnapshotSummary> snapshots, CopyPolicy policy, DateTimeOffset now, List<Finding> findings)
    {
        var taken = Taken(snapshots);
        var present = inventory.SnapshotIds.ToHashSet(StringComparer.Ordinal);
        var newestKnown = known.Snapshots.Where(s => s.GoneAt is null).MaxBy(s => s.TakenAt)?.Id;
        var newestPresent = taken.Values.DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        var kept = new List<SeenSnapshot>();
        foreach (var seen in known.Snapshots)
        {
            if (present.Contains(seen.Id))
            {
                var at = taken.TryGetValue(seen.Id, out var told) ? told : seen.TakenAt;
                if (seen.TakenAt is { } before && at != before) findings.Add(RegisterFindings.Changed.At(seen.Id, ("before", Day(before)), ("now", Day(at))));
                kept.Add(seen with { TakenAt = seen.TakenAt ?? at, GoneAt = null, WasNewest = false });
                continue;
            }
            // Where each backup takes the place of the one before, only an older one in its place is strange.
            if (!inventory.IsHistory && newestPresent >= (seen.TakenAt ?? DateTimeOffset.MinValue)) continue;
            var gone = seen.GoneAt is null ? seen with { GoneAt = now, WasNewest = seen.Id == newestKnown } : seen;
            if (Missed(gone, policy, now) is not { } finding) continue;
            findings.Add(finding);
            kept.Add(gone);
        }
        var all = kept.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        kept.AddRange(inventory.SnapshotIds.Where(id => !all.Contains(id)).Select(id => new SeenSnapshot(id, taken.TryGetValue(id, out var at) ? at : null, now, null, false)));
        return kept;
    }

    /// <returns>Null when its going is nobody's business any more.</returns>
    private static Finding? Missed(SeenSnapshot gone, CopyPolicy policy, DateTimeOffset now)
    {
        (string, object)[] data = [("taken", Day(gone.TakenAt)), ("seen", Day(gone.FirstSeenAt)), ("gone", Day(gone.GoneAt))];
        if (gone.WasNewest) return RegisterFindings.WentBack.At(gone.Id, data);
        if (policy.Retention is not { } retention) return now - gone.GoneAt < MentionedFor ? RegisterFindings.Vanished.At(gone.Id, data) : null;
        var promised = (gone.TakenAt ?? gone.FirstSeenAt) + retention;
        return gone.GoneAt < promised && now < promised ? RegisterFindings.VanishedEarly.At(gone.Id, [.. data, ("promised", Day(promised))]) : null;
    }

    private static List<SeenKey> JudgeKeys(CopyRegister known, Inventory inventory, CopyPolicy policy, DateTimeOffset now, List<Finding> findings)
    {
        var keys = known.Keys.ToList();
        foreach (var key in inventory.Keys.Where(k => known.Keys.All(s => s.Id != k.Id)))
        {
            var announced = policy.AnnouncedKeys.Any(a => key.Id.StartsWith(a, StringComparison.OrdinalIgnoreCase));
            if (announced) keys.Add(new SeenKey(key.Id, key.Description, now));
            else findings.Add(RegisterFindings.KeyAppeared.At(key.Id, ("description", key.Description)));
        }
        foreach (var key in known.Keys.Where(s => inventory.Keys.All(k => k.Id != s.Id)))
            findings.Add(RegisterFindings.KeyVanished.At(key.Id, ("description", key.Description), ("seen", Day(key.FirstSeenAt))));
        return keys;
    }

    private static Dictionary<string, DateTimeOffset> Taken(IReadOnlyList<SnapshotSummary> snapshots)
    {
        var taken = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var s in snapshots) taken[s.Id] = s.TakenAt;
        return taken;
    }

    internal static string Day(DateTimeOffset? at) => at?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture) ?? "?";
}
