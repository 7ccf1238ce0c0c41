using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Anomaly;

namespace BackupGuard.Agent.Memory;

/// <summary>The memories of the anomaly check of one repository: a durable file of JSON for each series of snapshots, and what a format keeps of its last state.</summary>
internal sealed class AnomalyFiles(string folder)
{
    private const string Prefix = "signals-";

    /// <summary>A sealed set's manifest is the largest.</summary>
    private const int LargestBefore = 128 << 20;

    private string Before => Path.Combine(folder, "signals.before");

    private string FileOf(string key) => Path.Combine(folder, $"{Prefix}{key}.json");

    /// <param name="lost">Why there is one that cannot be used; it is put aside. Null otherwise.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public AnomalyMemory? Recall(string key, out string? lost)
    {
        lost = null;
        var file = FileOf(key);
        if (!File.Exists(file)) return null;
        var refusal = $"it is larger than {AnomalyMemory.LargestBytes} bytes";
        if (new FileInfo(file).Length <= AnomalyMemory.LargestBytes && AnomalyMemory.Parse(File.ReadAllBytes(file), out refusal) is { } memory)
        {
            if (memory.Key == key) return memory;
            refusal = "it belongs to another series";
        }
        File.Move(file, file + ".unreadable", overwrite: true);
        lost = refusal;
        return null;
    }

    /// <exception cref="IOException">The disk refuses.</exception>
    public void Keep(AnomalyMemory memory) => DurableFile.Replace(FileOf(memory.Key), memory.ToBytes());

    public ReadOnlyMemory<byte>? RecallBefore() => File.Exists(Before) && new FileInfo(Before).Length <= LargestBefore ? File.ReadAllBytes(Before) : null;

    public void KeepBefore(ReadOnlySpan<byte> state) => DurableFile.Replace(Before, state);

    /// <summary>Every series that can be read.</summary>
    public IEnumerable<AnomalyMemory> All()
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(folder, Prefix + "*.json").Order(StringComparer.Ordinal))
            if (new FileInfo(file).Length <= AnomalyMemory.LargestBytes && AnomalyMemory.Parse(File.ReadAllBytes(file), out _) is { } memory && FileOf(memory.Key) == file) yield return memory;
    }

    /// <summary>A drill restored this snapshot and its probes passed: that is what makes a snapshot without canaries clean.</summary>
    public void MarkDrilled(string snapshot)
    {
        foreach (var memory in All().Where(m => m.Find(snapshot) is not null)) Keep(memory.WithDrill(snapshot));
    }
}

/// <summary>Runs the anomaly check after a verification and puts what it says into the report.</summary>
internal sealed class SignalsRun(AnomalyFiles? files, SignalsSettings settings, string subject)
{
    public async Task<VerifyReport> AddToAsync(VerifyReport report, IBackupRepository repository, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var unfinished = new List<string>();
        IReadOnlyList<SeriesSignals> series = [];
        try
        {
            series = await RunAsync(repository, findings, unfinished, progress, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(AnomalyFindings.MemoryLost.At(subject, ("reason", e.Message)));
            unfinished.Add($"what the anomaly check remembers could not be read or kept: {e.Message}");
        }
        return report with { Findings = [.. report.Findings, .. findings], Signals = series, Unfinished = report.Unfinished is null && unfinished.Count == 0 ? null : string.Join("; ", ((string?[])[report.Unfinished, .. unfinished]).OfType<string>()) };
    }

    private async Task<IReadOnlyList<SeriesSignals>> RunAsync(IBackupRepository repository, List<Finding> findings, List<string> unfinished, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        if (repository is not IHistoryRepository histories)
        {
            findings.Add(AnomalyFindings.NotJudged.At(subject, ("reason", new Words("this format does not show the files of its snapshots", "ce format ne montre pas les fichiers de ses instantanés"))));
            return [];
        }
        var known = settings.Load(out var refusal);
        if (refusal is not null)
        {
            findings.Add(AnomalyFindings.CanariesUnreadable.At(settings.CanaryRegister ?? "", ("reason", refusal)));
            unfinished.Add("the register of canaries could not be used");
        }
        await using var history = await histories.OpenHistoryAsync(files?.RecallBefore(), cancellationToken);
        if (history is null)
        {
            // The verification has said why it does not open.
            findings.Add(AnomalyFindings.NotJudged.At(subject, ("reason", new Words("it could not be opened", "il n’a pas pu être ouvert"))));
            unfinished.Add("the contents of the snapshots could not be judged");
            return [];
        }
        var result = await new AnomalyCheck(history, known).RunAsync(Recall, progress, cancellationToken);
        findings.AddRange(result.Findings);
        if (result.Unfinished is { } why) unfinished.Add(why);
        foreach (var memory in result.Memories) files?.Keep(memory);
        // What is doubted does not become what the next state is compared with.
        if (history.ToRemember is { } state && result.Unfinished is null && !result.Memories.Any(m => m.StandingDoubt is not null)) files?.KeepBefore(state.Span);
        return [.. result.Memories.Select(SeriesSignals.Of)];

        AnomalyMemory? Recall(string key)
        {
            if (files is null) return null;
            var memory = files.Recall(key, out var lost);
            if (lost is not null) findings.Add(AnomalyFindings.MemoryLost.At(subject, ("reason", lost)));
            return memory;
        }
    }
}
