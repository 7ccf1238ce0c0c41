namespace BackupGuard.Verification.Formats;

/// <summary>Findings from several threads, bounded a kind: a million vanished files are one fact, not a million sentences.</summary>
/// <param name="moreOfThem">Says of a kind (the subject) that {count} more were found than are listed.</param>
/// <param name="found">Told of each that is listed.</param>
internal sealed class FindingList(FindingKind moreOfThem, Action<Finding>? found = null)
{
    private const int MostOfOneKind = 500;

    private readonly Lock gate = new();
    private readonly Dictionary<FindingKind, int> counts = [];
    private readonly List<Finding> listed = [];

    /// <summary>Why the look could not be finished: the first reason given.</summary>
    public string? Unfinished { get; private set; }

    public int Count
    {
        get { lock (gate) return listed.Count; }
    }

    /// <summary>How many findings say that the backup is not what it must be.</summary>
    public int Errors
    {
        get { lock (gate) return counts.Where(c => c.Key.Severity == Severity.Error).Sum(c => c.Value); }
    }

    public void Add(Finding finding)
    {
        lock (gate)
        {
            var count = counts[finding.Kind] = counts.GetValueOrDefault(finding.Kind) + 1;
            if (count > MostOfOneKind) return;
            listed.Add(finding);
        }
        found?.Invoke(finding);
    }

    public void LeaveUnfinished(string reason)
    {
        lock (gate) Unfinished ??= reason;
    }

    /// <summary>In the order of code and subject, the same at every run.</summary>
    public IReadOnlyList<Finding> ToList()
    {
        lock (gate)
        {
            return
            [
                .. listed.OrderBy(f => f.Code, StringComparer.Ordinal).ThenBy(f => f.Subject, StringComparer.Ordinal),
                .. counts.Where(c => c.Value > MostOfOneKind).OrderBy(c => c.Key.Code, StringComparer.Ordinal)
                    .Select(c => moreOfThem.At(c.Key.Code, ("count", c.Value - MostOfOneKind))),
            ];
        }
    }
}
