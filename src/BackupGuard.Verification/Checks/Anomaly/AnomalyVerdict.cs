namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What may be said about the contents of a snapshot.</summary>
public enum AnomalyVerdict
{
    /// <summary>Nothing could be compared: the first snapshot, or one that could not be read.</summary>
    NotJudged,

    /// <summary>Nothing was seen that speaks of encryption or destruction. Not the same as clean.</summary>
    NoSignSeen,

    /// <summary>No sign, and the canaries are in place or a drill proved this snapshot.</summary>
    Clean,

    /// <summary>A person must look before retention deletes anything.</summary>
    Suspicious,

    /// <summary>The contents were encrypted or destroyed on purpose, as far as can be told from here.</summary>
    Infected,
}

/// <summary>Cheap to dear; a later stage looks closer.</summary>
public enum AnomalyStage { Canary, Metadata, Baseline, Content, Application }

public enum StageState { Ran, NotRun }

/// <param name="Why">Why it could not run, or what it could not see; null when there is nothing to say.</param>
public sealed record StageOutcome(AnomalyStage Stage, StageState State, Words? Why);

/// <summary>How much of what could have been looked at was looked at.</summary>
public enum Confidence { Low, Medium, High }

public enum VoteWeight
{
    /// <summary>Two of these make a snapshot suspicious.</summary>
    Weak,

    /// <summary>One makes it suspicious, two independent ones infected.</summary>
    Strong,

    /// <summary>One is enough.</summary>
    Proof,
}

/// <summary>What was seen. Votes of one signal are one vote: independence is counted by signal.</summary>
public enum Signal
{
    Canary,
    SourceNearlyEmpty, MassDeletion, StoredAgain, RenamedToNovel, NovelExtension, RansomNotes, ArchiveChanged, TimeOrder,
    Changed, Deleted, Rewritten, CompressionRatio, Burst, ExtensionShift, ColdFiles, SameNewName, DeletedOfOneKind, MassRename, Drift,
    TypeLostToRandom, WindowsTurnedRandom, StructureLost, DumpBroken, DumpShrunk,
}

/// <summary>One reason to doubt a snapshot.</summary>
/// <param name="Reason">Holds no name of a file: it goes into evidence.</param>
public sealed record Vote(Signal Signal, AnomalyStage Stage, VoteWeight Weight, Words Reason)
{
    /// <summary>Some of the paths concerned, for people at the machine.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];
}

/// <summary>The only place where votes become a verdict.</summary>
public static class VerdictRules
{
    /// <param name="stages">What ran. Without the comparison of metadata, silence means nothing.</param>
    /// <param name="provedOtherwise">Whether a drill restored this very snapshot and its probes passed.</param>
    public static AnomalyVerdict Judge(IReadOnlyCollection<Vote> votes, IReadOnlyCollection<StageOutcome> stages, bool provedOtherwise)
    {
        var suspicion = Suspicion(votes);
        if (suspicion != AnomalyVerdict.NoSignSeen) return suspicion;
        if (!HasRun(stages, AnomalyStage.Metadata)) return AnomalyVerdict.NotJudged;
        return HasRun(stages, AnomalyStage.Canary) || provedOtherwise ? AnomalyVerdict.Clean : AnomalyVerdict.NoSignSeen;
    }

    /// <summary>What these votes alone amount to: NoSignSeen, Suspicious or Infected.</summary>
    public static AnomalyVerdict Suspicion(IReadOnlyCollection<Vote> votes)
    {
        if (votes.Any(v => v.Weight == VoteWeight.Proof)) return AnomalyVerdict.Infected;
        var strong = votes.Where(v => v.Weight == VoteWeight.Strong).Select(v => v.Signal).Distinct().Count();
        var weak = votes.Where(v => v.Weight == VoteWeight.Weak).Select(v => v.Signal).Distinct().Count();
        if (strong >= 2) return AnomalyVerdict.Infected;
        return strong == 1 || weak >= 2 ? AnomalyVerdict.Suspicious : AnomalyVerdict.NoSignSeen;
    }

    public static Confidence ConfidenceOf(IReadOnlyCollection<StageOutcome> stages)
    {
        if (!HasRun(stages, AnomalyStage.Metadata)) return Confidence.Low;
        if (!HasRun(stages, AnomalyStage.Content)) return Confidence.Low;
        return HasRun(stages, AnomalyStage.Canary) && HasRun(stages, AnomalyStage.Baseline) ? Confidence.High : Confidence.Medium;
    }

    private static bool HasRun(IReadOnlyCollection<StageOutcome> stages, AnomalyStage stage) => stages.Any(s => s.Stage == stage && s.State == StageState.Ran);
}
