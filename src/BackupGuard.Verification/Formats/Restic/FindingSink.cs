using System.Collections.Concurrent;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Collects findings from all threads. A repository damaged a million times must not fill the memory: past a bound, kinds are only counted.</summary>
/// <param name="tooMany">The kind that says how many errors were only counted.</param>
/// <param name="tooManyNotes">The same for what is no error.</param>
/// <param name="found">Told of each that is listed.</param>
internal sealed class FindingSink(FindingKind tooMany, FindingKind tooManyNotes, Action<Finding>? found = null)
{
    public FindingSink(Action<Finding>? found = null) : this(ResticFindings.TooManyFindings, ResticFindings.TooManyNotes, found)
    {
    }

    private const int MostOfOneKind = 1000;
    private readonly ConcurrentDictionary<FindingKind, int> counts = new();
    private readonly ConcurrentQueue<Finding> findings = new();
    private readonly ConcurrentQueue<string> unfinished = new();
    private readonly ConcurrentDictionary<(FindingKind, string), byte> foretold = new();
    private int total;

    public int Count => Volatile.Read(ref total);

    public void Add(Finding finding)
    {
        Interlocked.Increment(ref total);
        if (counts.AddOrUpdate(finding.Kind, 1, (_, n) => n + 1) > MostOfOneKind) return;
        findings.Enqueue(finding);
        // What was foretold without its consequences is not told twice.
        if (!foretold.ContainsKey((finding.Kind, finding.Subject))) found?.Invoke(finding);
    }

    /// <summary>Tells of something that is added at the end, once it is known whom it hurts.</summary>
    public void Foretell(Finding finding)
    {
        if (found is not null && foretold.Count < MostOfOneKind && foretold.TryAdd((finding.Kind, finding.Subject), 0)) found(finding);
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
