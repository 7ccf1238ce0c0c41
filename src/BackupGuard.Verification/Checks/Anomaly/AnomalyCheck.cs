using System.Globalization;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What was said about one snapshot, and from what.</summary>
public sealed record SnapshotJudgement
{
    public required SnapshotSummary Snapshot { get; init; }

    /// <summary>The snapshot it was compared with: the newest earlier one that nobody doubts; null when there was none.</summary>
    public string? ComparedWith { get; init; }
    public required AnomalyVerdict Verdict { get; init; }
    public required IReadOnlyList<Vote> Votes { get; init; }
    public required IReadOnlyList<StageOutcome> Stages { get; init; }
    public Confidence Confidence => VerdictRules.ConfidenceOf(Stages);
    public MetadataSignals? Metadata { get; init; }
    public RunNumbers? Numbers { get; init; }
    public ContentSignals? Content { get; init; }
    public IReadOnlyList<Finding> CanaryFindings { get; init; } = [];

    /// <summary>Why it could not be read to the end; null when it was.</summary>
    public Words? Unfinished { get; init; }
}

public sealed record AnomalyReport
{
    public required IReadOnlyList<Finding> Findings { get; init; }
    public Words? Unfinished { get; init; }

    /// <summary>Oldest first; the newest of each series is always among them.</summary>
    public required IReadOnlyList<SnapshotJudgement> Judgements { get; init; }

    /// <summary>To be kept until the next run, by their keys.</summary>
    public required IReadOnlyList<AnomalyMemory> Memories { get; init; }
}

/// <summary>Is it still our data? Judges every snapshot not yet judged, and the newest of each series.</summary>
public sealed class AnomalyCheck(ISnapshotHistory history, AnomalySettings settings)
{
    /// <summary>Series of one repository: hosts and sets of paths. Beyond, the look is unfinished.</summary>
    private const int MostSeries = 1000;

    /// <param name="recall">The memory of a key, or null.</param>
    public async Task<AnomalyReport> RunAsync(Func<string, AnomalyMemory?> recall, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var judgements = new List<SnapshotJudgement>();
        var memories = new List<AnomalyMemory>();
        var unfinished = new List<Words>();
        var series = history.Snapshots.GroupBy(s => AnomalyMemory.KeyOf(history.RepositoryId, s), StringComparer.Ordinal).ToList();
        if (series.Count > MostSeries) unfinished.Add(new($"only {MostSeries} of {series.Count} series of snapshots were judged", $"seules {MostSeries} séries d’instantanés sur {series.Count} ont été jugées"));
        foreach (var one in series.Take(MostSeries))
        {
            var run = new SeriesRun(history, settings, one.OrderBy(s => s.TakenAt).ThenBy(s => s.Id, StringComparer.Ordinal).ToList(), recall(one.Key) ?? new AnomalyMemory(one.Key));
            await run.RunAsync(snapshot => progress?.Report(new WorkProgress("signals " + CanaryStage.Short(snapshot), 0, 0, judgements.Count + run.Judgements.Count, 0, findings.Count)), cancellationToken);
            judgements.AddRange(run.Judgements);
            memories.Add(run.Memory);
            findings.AddRange(run.Findings());
            unfinished.AddRange(run.Judgements.Select(j => j.Unfinished).OfType<Words>());
        }
        return new AnomalyReport
        {
            Findings = findings, Judgements = judgements, Memories = memories,
            Unfinished = Words.Joined(unfinished),
        };
    }
}

/// <summary>One series: the backups of one host and one set of paths.</summary>
internal sealed class SeriesRun(ISnapshotHistory history, AnomalySettings settings, IReadOnlyList<SnapshotSummary> snapshots, AnomalyMemory memory)
{
    private const int MostReasons = 3;
    private readonly List<SnapshotJudgement> judgements = [];

    public AnomalyMemory Memory { get; private set; } = memory;
    public IReadOnlyList<SnapshotJudgement> Judgements => judgements;

    public async Task RunAsync(Action<SnapshotSummary> begin, CancellationToken cancellationToken)
    {
        var newestKnown = Memory.Records is [.., var last] ? last.TakenAt : (DateTimeOffset?)null;
        foreach (var snapshot in Targets())
        {
            begin(snapshot);
            var isLate = newestKnown is { } known && snapshot.TakenAt < known && Memory.Find(snapshot.Id) is null;
            var judgement = await JudgeAsync(snapshot, isLate, cancellationToken);
            judgements.Add(judgement);
            if (judgement.Unfinished is not null) continue;
            Memory = Memory.With(new RunRecord(snapshot.Id, snapshot.TakenAt, judgement.Verdict, judgement.Metadata?.Files ?? 0, judgement.Metadata?.Bytes ?? 0, judgement.ComparedWith is null ? null : judgement.Numbers)
            {
                Reasons = Printable.Of(Reasons(judgement).En),
            }, judgement.Metadata?.Extensions ?? []);
        }
    }

    /// <summary>What was never judged, and the newest in any case. A first run goes back a bounded way; what is older than its first record stays unjudged for good.</summary>
    private IEnumerable<SnapshotSummary> Targets()
    {
        if (Memory.Records.Count == 0) return snapshots.TakeLast(settings.Backlog);
        var oldest = Memory.Records[0].TakenAt;
        return snapshots.Where((s, i) => i == snapshots.Count - 1 || s.TakenAt >= oldest && Memory.Find(s.Id) is null).TakeLast(AnomalyMemory.MostRecords);
    }

    private SnapshotSummary? ReferenceFor(SnapshotSummary snapshot)
    {
        var earlier = snapshots.Where(s => s.Id != snapshot.Id && s.TakenAt <= snapshot.TakenAt).ToList();
        var doubted = Memory.Records.Where(r => r.IsDoubted).Select(r => r.Snapshot).ToHashSet(StringComparer.Ordinal);
        // After an attack the next snapshot differs from the encrypted one by nothing: it is compared with the last that nobody doubts.
        return earlier.FindLast(s => !doubted.Contains(s.Id)) ?? earlier.LastOrDefault();
    }

    private async Task<SnapshotJudgement> JudgeAsync(SnapshotSummary snapshot, bool isLate, CancellationToken cancellationToken)
    {
        var reference = ReferenceFor(snapshot);
        var isNewest = snapshot.Id == snapshots[^1].Id;
        var judgement = new SnapshotJudgement { Snapshot = snapshot, ComparedWith = reference?.Id, Verdict = AnomalyVerdict.NotJudged, Votes = [], Stages = [] };
        var votes = new List<Vote>();
        var stages = new List<StageOutcome>();
        try
        {
            var canaries = await CanaryStage.RunAsync(history, snapshot, settings.Canaries, cancellationToken);
            stages.Add(canaries.Outcome);
            if (canaries.Vote is { } hurt) votes.Add(hurt);
            judgement = judgement with { CanaryFindings = canaries.Findings };

            var sampler = new FileSampler(FileSampler.SeedOf(snapshot.Id));
            var known = Memory.Extensions.ToHashSet(StringComparer.Ordinal);
            var walk = new MetadataWalk(history, reference, new PathPolicies(settings, snapshot.TakenAt), known, sampler);
            var metadata = await walk.RunAsync(reference is null ? null : await history.OpenAsync(reference, cancellationToken), await history.OpenAsync(snapshot, cancellationToken), cancellationToken);
            judgement = judgement with { Metadata = metadata, Numbers = RunNumbers.Of(metadata) };
            if (reference is null) stages.Add(NotRun(AnomalyStage.Metadata, "it is the first snapshot, there is nothing to compare it with", "c’est le premier instantané, il n’y a rien à quoi le comparer"));
            else
            {
                JudgeMetadata(snapshot, judgement, isLate, votes, stages);
                await LookInsideAsync(snapshot, reference, sampler, isNewest || votes.Count > 0, votes, stages, judgement, j => judgement = j, cancellationToken);
            }
        }
        catch (StoreException e)
        {
            var subject = e.ObjectName.Length > 0 ? e.ObjectName : CanaryStage.Short(snapshot);
            judgement = judgement with { Unfinished = new Words($"the contents of snapshot {CanaryStage.Short(snapshot)} could not be judged: {subject}: {e.Message}", $"le contenu de l’instantané {CanaryStage.Short(snapshot)} n’a pas pu être jugé : {subject} : {e.Message}") };
        }
        var drilled = Memory.Find(snapshot.Id)?.Drilled == true;
        stages.Add(drilled ? new StageOutcome(AnomalyStage.Application, StageState.Ran, null)
            : NotRun(AnomalyStage.Application, "no drill has proved this snapshot", "aucun test de restauration n’a prouvé cet instantané"));
        var verdict = VerdictRules.Judge(votes, stages, drilled);
        // What was not read to the end may be doubted, never cleared.
        if (judgement.Unfinished is not null && verdict is AnomalyVerdict.Clean or AnomalyVerdict.NoSignSeen) verdict = AnomalyVerdict.NotJudged;
        return judgement with { Verdict = verdict, Votes = votes, Stages = stages };
    }

    private void JudgeMetadata(SnapshotSummary snapshot, SnapshotJudgement judgement, bool isLate, List<Vote> votes, List<StageOutcome> stages)
    {
        var (metadata, numbers) = (judgement.Metadata!, judgement.Numbers!);    // the caller has just set both
        var baseline = new Baseline(Memory.Teaching.Where(r => r.Snapshot != snapshot.Id), snapshot.TakenAt);
        votes.AddRange(HardRules.OfMetadata(metadata, baseline.IsReady));
        if (isLate) votes.Add(new Vote(Signal.TimeOrder, AnomalyStage.Metadata, VoteWeight.Weak, new("it appeared after newer ones and bears an older time", "il est apparu après des instantanés plus récents avec une date plus ancienne")));
        Words? note = metadata.MovesIncomplete ? new("more files moved than could be matched: some count as deleted", "plus de déplacements que l’on n’en peut rapprocher : certains comptent comme suppressions")
            : metadata.Rewritten is { CanTellRatio: false } or null ? new("the compression ratio is not available", "le taux de compression n’est pas disponible") : null;
        stages.Add(new StageOutcome(AnomalyStage.Metadata, StageState.Ran, note));
        votes.AddRange(baseline.Judge(numbers, metadata));
        stages.Add(baseline.IsReady ? new StageOutcome(AnomalyStage.Baseline, StageState.Ran, null)
            : NotRun(AnomalyStage.Baseline, $"{baseline.Runs} of the {Baseline.FewestRuns} runs needed are known", $"{baseline.Runs} exécutions connues sur les {Baseline.FewestRuns} nécessaires"));
    }

    private async Task LookInsideAsync(SnapshotSummary snapshot, SnapshotSummary reference, FileSampler sampler, bool isDue, List<Vote> votes, List<StageOutcome> stages, SnapshotJudgement judgement,
        Action<SnapshotJudgement> keep, CancellationToken cancellationToken)
    {
        if (!isDue) { stages.Add(NotRun(AnomalyStage.Content, "an older snapshot whose lists show nothing", "un instantané plus ancien dont les listes ne montrent rien")); return; }
        if (!history.HasContents(snapshot)) { stages.Add(NotRun(AnomalyStage.Content, "its contents are no longer there", "son contenu n’est plus disponible")); return; }
        var content = await new ContentStage(history, reference, snapshot, settings).RunAsync(sampler.Choose(settings.SampleFiles), cancellationToken);
        keep(judgement with { Content = content });
        votes.AddRange(HardRules.OfContent(content));
        Words? note = content.IsCutShort ? new($"the budget ended after {content.Judged} of {content.Chosen} files", $"le budget s’est épuisé après {content.Judged} fichiers sur {content.Chosen}")
            : !content.HasBefore ? new("the versions before could not be read", "les versions précédentes n’ont pas pu être lues") : null;
        stages.Add(new StageOutcome(AnomalyStage.Content, StageState.Ran, note));
    }

    private static StageOutcome NotRun(AnomalyStage stage, string en, string fr) => new(stage, StageState.NotRun, new(en, fr));

    private static Words Reasons(SnapshotJudgement judgement)
    {
        // The gravest: a value of a finding is cut at 300 characters, and a sentence of eleven reasons is read by nobody.
        var ordered = judgement.Votes.OrderByDescending(v => v.Weight).ToList();
        var more = ordered.Count - MostReasons;
        return new(
            string.Join("; ", [.. ordered.Take(MostReasons).Select(v => v.Reason.En), .. more > 0 ? (string[])[$"{more} more signs"] : []]),
            string.Join(" ; ", [.. ordered.Take(MostReasons).Select(v => v.Reason.Fr), .. more > 0 ? (string[])[$"{more} autres signes"] : []]));
    }

    public IEnumerable<Finding> Findings()
    {
        foreach (var judgement in judgements)
        {
            var isNewest = judgement.Snapshot.Id == snapshots[^1].Id;
            var isDoubted = judgement.Verdict is AnomalyVerdict.Suspicious or AnomalyVerdict.Infected;
            foreach (var finding in isDoubted && Memory.Find(judgement.Snapshot.Id)?.Accepted is not null ? [] : judgement.CanaryFindings) yield return finding;
            if (isNewest || isDoubted) yield return Describe(judgement);
            if (!isNewest) continue;
            foreach (var stage in judgement.Stages.Where(s => s.State == StageState.NotRun || s.Why is not null))
                yield return AnomalyFindings.StageNotRun.At(CanaryStage.Short(judgement.Snapshot), ("stage", NameOf(stage.Stage)), ("reason", stage.Why ?? default));
            foreach (var (reason, count) in judgement.Metadata?.Announced ?? new Dictionary<string, long>())
                yield return AnomalyFindings.Announced.At(CanaryStage.Short(judgement.Snapshot), ("count", count), ("reason", reason));
        }
        var reported = judgements.Select(j => j.Snapshot.Id).ToHashSet(StringComparer.Ordinal);
        if (Memory.StandingDoubt is { } doubt && !reported.Contains(doubt.Snapshot))
            yield return AnomalyFindings.DoubtStands.At(doubt.Snapshot[..Math.Min(8, doubt.Snapshot.Length)], ("time", doubt.TakenAt.ToString("u", CultureInfo.InvariantCulture)), ("verdict", NameOf(doubt.Verdict)),
                ("reasons", doubt.Reasons), ("clean", CleanPoint()));
    }

    private Finding Describe(SnapshotJudgement judgement)
    {
        var subject = CanaryStage.Short(judgement.Snapshot);
        var paths = judgement.Votes.SelectMany(v => v.Paths).Distinct(StringComparer.Ordinal).Take(20).Select(Printable.Of).ToList();
        var confidence = NameOf(judgement.Confidence);
        if (judgement.Verdict is AnomalyVerdict.Suspicious or AnomalyVerdict.Infected && Memory.Find(judgement.Snapshot.Id)?.Accepted is { } accepted)
            return AnomalyFindings.Accepted.At(subject, ("reasons", Reasons(judgement)), ("by", accepted.By), ("reason", accepted.Reason.TrimEnd('.')));
        return judgement.Verdict switch
        {
            AnomalyVerdict.Infected => AnomalyFindings.Infected.At(subject, ("reasons", Reasons(judgement)), ("confidence", confidence), ("clean", CleanPoint())) with { Paths = paths },
            AnomalyVerdict.Suspicious => AnomalyFindings.Suspicious.At(subject, ("reasons", Reasons(judgement)), ("confidence", confidence), ("clean", CleanPoint())) with { Paths = paths },
            AnomalyVerdict.Clean => AnomalyFindings.Clean.At(subject, ("reason", WhyClean(judgement)), ("confidence", confidence)),
            AnomalyVerdict.NoSignSeen => AnomalyFindings.NoSignSeen.At(subject, ("reason", new Words("there are no canaries in it and no drill has proved it", "il ne contient pas de fichiers témoins et aucun test de restauration ne l’a prouvé")), ("confidence", confidence)),
            AnomalyVerdict.NotJudged => AnomalyFindings.NotJudged.At(subject, ("reason", judgement.Unfinished ?? judgement.Stages.FirstOrDefault(s => s.Stage == AnomalyStage.Metadata)?.Why ?? default)),
        };
    }

    private static Words WhyClean(SnapshotJudgement judgement) => judgement.Stages.Any(s => s.Stage == AnomalyStage.Application && s.State == StageState.Ran)
        ? new("a drill has proved it and no sign was seen", "un test de restauration l’a prouvé et aucun signe n’a été vu")
        : new("its canaries are in place and no sign was seen", "ses fichiers témoins sont en place et aucun signe n’a été vu");

    /// <summary>Where to start from: named in every alarm.</summary>
    private Words CleanPoint()
    {
        if (Memory.LastKnownClean is not { } last) return new("No earlier snapshot is known to be clean.", "Aucun instantané antérieur n’est connu comme sain.");
        var (id, time) = (last.Snapshot[..Math.Min(8, last.Snapshot.Length)], last.TakenAt.ToString("u", CultureInfo.InvariantCulture));
        return last.Verdict == AnomalyVerdict.Clean || last.Drilled
            ? new($"The last clean snapshot is {id} of {time}.", $"Le dernier instantané sain est {id} du {time}.")
            : new($"The last snapshot without a sign is {id} of {time}; it was never proved clean.", $"Le dernier instantané sans signe est {id} du {time} ; il n’a jamais été prouvé sain.");
    }

    private static Words NameOf(AnomalyStage stage) => stage switch
    {
        AnomalyStage.Canary => new("canaries", "fichiers témoins"),
        AnomalyStage.Metadata => new("lists", "listes"),
        AnomalyStage.Baseline => new("baseline", "référence"),
        AnomalyStage.Content => new("contents", "contenus"),
        AnomalyStage.Application => new("drill", "test de restauration"),
    };

    private static Words NameOf(Confidence confidence) => confidence switch { Confidence.Low => new("low", "faible"), Confidence.Medium => new("medium", "moyenne"), Confidence.High => new("high", "élevée") };

    private static Words NameOf(AnomalyVerdict verdict) => verdict == AnomalyVerdict.Infected ? new("infected", "infecté") : new("suspicious", "suspect");
}
