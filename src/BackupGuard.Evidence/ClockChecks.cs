using System.Globalization;

namespace BackupGuard.Evidence;

/// <summary>Names the signers whose clock cannot have been right, once in each direction. The order of entries does not hang on it.</summary>
/// <remarks>An entry may be signed long before the server has it, never after: a machine without a connection keeps its entries.</remarks>
internal sealed class ClockChecks(List<EvidenceProblem> problems)
{
    /// <summary>What two honest clocks may differ by without being named.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromHours(24);

    private sealed record Latest(string Subject, string Origin, DateTimeOffset At);

    private readonly Dictionary<string, DateTimeOffset> registered = new(StringComparer.Ordinal);

    // The latest time of each key since the server's last entry: what that server's next entry is held against.
    private readonly Dictionary<string, Latest> waiting = new(StringComparer.Ordinal);
    private readonly HashSet<(string Key, bool Ahead)> named = [];

    public void Registered(string keyId, DateTimeOffset at) => registered.TryAdd(keyId, at);

    public void Take(string subject, EvidenceEntry entry)
    {
        if (entry.Origin == EvidenceEntry.ServerOrigin) Compare(entry.RecordedAt);
        else if (!waiting.TryGetValue(entry.KeyId, out var latest) || latest.At < entry.RecordedAt) waiting[entry.KeyId] = new Latest(subject, entry.Origin, entry.RecordedAt);
        if (registered.TryGetValue(entry.KeyId, out var since) && entry.RecordedAt < since - Tolerance) Name(entry.KeyId, new Latest(subject, entry.Origin, entry.RecordedAt), since, ahead: false);
    }

    public void Finish(DateTimeOffset now) => Compare(now);

    private void Compare(DateTimeOffset now)
    {
        foreach (var (key, latest) in waiting.OrderBy(w => w.Key, StringComparer.Ordinal))
            if (latest.At > now + Tolerance) Name(key, latest, now, ahead: true);
        waiting.Clear();
    }

    private void Name(string key, Latest entry, DateTimeOffset bound, bool ahead)
    {
        if (!named.Add((key, ahead))) return;
        problems.Add(EvidenceProblems.ClockOff.At(entry.Subject, ("origin", entry.Origin), ("at", entry.At.ToString("u", CultureInfo.InvariantCulture)),
            ("bound", bound.ToString("u", CultureInfo.InvariantCulture)), ("direction", ahead ? ">" : "<")));
    }
}
