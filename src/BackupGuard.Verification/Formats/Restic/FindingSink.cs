using System.Collections.Concurrent;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Collects findings from all threads. A repository damaged a million times must not fill the memory: past a bound, kinds are only counted.</summary>
/// <param name="tooMany">The kind that says how many errors were only counted.</param>
/// <param name="tooManyNotes">The same for what is no error.</param>
internal sealed class FindingSink(FindingKind tooMany, FindingKind tooManyNotes)
{
    public FindingSink() : this(ResticFindings.TooManyFindings, ResticFindings.TooManyNotes)
    {
    }


    private const int MostOfOneKind = 1000;
    private readonly ConcurrentDictionary<FindingKind, int> counts = new();
    private readonly ConcurrentQueue<Finding> findings = new();
    private readonly ConcurrentQueue<string> unfinished = new();
    private int total;

    public int Count => Volatile.Read(ref total);

    public void Add(Finding finding)
    {
        Interlocked.Increment(ref total);
        if (counts.AddOrUpdate(finding.Kind, 1, (_, n) => n + 1) <= MostOfOneKind) findings.Enqueue(finding);
    }

    /// <summary>Says that something could not be looked at.</summary>
    public void LeaveUnfinished(string reason) => unfinished.Enqueue(reason);

    public string? Unfinished => unfinished.IsEmpty ? null : string.Join("; ", unfinished.Distinct(StringComparer.Ordinal).Take(5));

    /// <summary>In a stable order: gravest first, then by code and subject.</summary>
    public IReadOnlyList<Finding> ToList() =>
    [
        .. findings.Concat(counts.Where(c => c.Value > MostOfOneKind).Select(c => (c.Key.Severity == Severity.Error ? tooMany : tooManyNotes).At(c.Key.Code, ("count", c.Value - MostOfOneKind))))
            .OrderByDescending(f => f.Severity).ThenBy(f => f.Code, StringComparer.Ordinal).ThenBy(f => f.Subject, StringComparer.Ordinal),
    ];
}
