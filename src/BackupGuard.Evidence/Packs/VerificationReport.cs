using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence.Packs;

/// <summary>What is looked at, in this order.</summary>
public enum CheckKind
{
    /// <summary>Files, names and sizes.</summary>
    Archive,

    /// <summary>The head: signed by the log.</summary>
    Checkpoint,

    /// <summary>The list of what belongs to the pack: signed, and of this log.</summary>
    Manifest,

    /// <summary>Every file is the one that the manifest names.</summary>
    Files,

    /// <summary>Earlier checkpoints are beginnings of the head.</summary>
    History,

    /// <summary>Every entry stands in the tree, where it says.</summary>
    Inclusion,

    /// <summary>Signatures, keys, counters, intents.</summary>
    Entries,

    /// <summary>What the manifest says of scope, gaps and open intents.</summary>
    Statements,

    /// <summary>The stored hashes are those of the entries.</summary>
    Tiles,

    /// <summary>Checkpoints that whoever verifies had kept are beginnings of this log; only where any were brought along.</summary>
    Kept,

    /// <summary>Time stamps by authorities that the policy names; not done where there is none to judge.</summary>
    TimeStamps,

    /// <summary>Enough witnesses and authorities.</summary>
    Policy,
}

public enum CheckOutcome { Passed, Failed, NotDone }

/// <param name="Count">How many of its things were looked at.</param>
/// <param name="Problems">Warnings leave a check passed.</param>
public sealed record CheckResult(CheckKind Kind, CheckOutcome Outcome, long Count, IReadOnlyList<EvidenceProblem> Problems);

public enum EvidenceVerdict
{
    /// <summary>Everything that can be checked was, and is right.</summary>
    Sound,

    /// <summary>Something contradicts something else.</summary>
    Broken,

    /// <summary>Something is missing, and nothing contradicts.</summary>
    Incomplete,

    /// <summary>Right, but not seen by the witnesses that the policy asks for.</summary>
    PolicyNotMet,
}

/// <summary>What a pack, or a folder of tiles, turned out to be.</summary>
public sealed record VerificationReport(IReadOnlyList<CheckResult> Checks)
{
    public EvidenceVerdict Verdict { get; } = VerdictOf([.. Checks.SelectMany(c => c.Problems).Where(p => p.Severity == ProblemSeverity.Error)]);

    public IEnumerable<EvidenceProblem> Problems => Checks.SelectMany(c => c.Problems);

    /// <summary>Null until the head was found signed.</summary>
    public Checkpoint? Head { get; init; }

    /// <summary>Null until found signed and well formed, and for tiles.</summary>
    public PackManifest? Manifest { get; init; }

    /// <summary>By origin: entries that the log must hold between those looked at, and that are not here.</summary>
    public IReadOnlyDictionary<string, long> Absent { get; init; } = new Dictionary<string, long>();

    /// <summary>Each checkpoint here with the earliest time at which it is proved to have existed, the smallest first.</summary>
    public IReadOnlyList<ProvenTime> Proven { get; init; } = [];

    private static EvidenceVerdict VerdictOf(IReadOnlyList<EvidenceProblem> errors)
    {
        if (errors.Count == 0) return EvidenceVerdict.Sound;
        if (errors.Any(p => p.Kind != EvidenceProblems.FileMissing && p.Kind != EvidenceProblems.PackEmpty && p.Kind != EvidenceProblems.PolicyNotMet)) return EvidenceVerdict.Broken;
        return errors.Any(p => p.Kind != EvidenceProblems.PolicyNotMet) ? EvidenceVerdict.Incomplete : EvidenceVerdict.PolicyNotMet;
    }
}

/// <summary>Runs checks in order and writes down what each found.</summary>
internal sealed class CheckList
{
    private readonly List<CheckResult> done = [];

    public IReadOnlyList<CheckResult> Results => done;

    /// <param name="check">Adds what is wrong and returns how many things it looked at. An <see cref="EvidenceException"/> is one more problem.</param>
    /// <returns>True when there was no error.</returns>
    public bool Run(CheckKind kind, Func<List<EvidenceProblem>, long> check) => RunIf(kind, () => true, check);

    /// <param name="looked">Asked afterwards: false leaves a check that found no error not done, since it judged nothing.</param>
    public bool RunIf(CheckKind kind, Func<bool> looked, Func<List<EvidenceProblem>, long> check)
    {
        var problems = new List<EvidenceProblem>();
        long count = 0;
        try
        {
            count = check(problems);
        }
        catch (EvidenceException e)
        {
            problems.Add(e.Problem);
        }
        var passed = problems.All(p => p.Severity != ProblemSeverity.Error);
        done.Add(new CheckResult(kind, !passed ? CheckOutcome.Failed : looked() ? CheckOutcome.Passed : CheckOutcome.NotDone, count, problems));
        return passed;
    }

    /// <param name="kept">What whoever verifies had kept (<see cref="KeptCheckpoint"/>).</param>
    /// <param name="rootAt">Root of the tree of a size, or null where the evidence does not show it.</param>
    public void RunKept(IReadOnlyList<ReadOnlyMemory<byte>> kept, HeadOfLog head, Func<long, Hash256?> rootAt)
    {
        if (kept.Count == 0) return;
        Run(CheckKind.Kept, problems =>
        {
            foreach (var bytes in kept)
            {
                try
                {
                    if (Compare(Checkpoint.Verify(KeptCheckpoint.Read(bytes.Span), head.Key), head.Checkpoint, rootAt) is { } problem) problems.Add(problem);
                }
                catch (EvidenceException e)
                {
                    problems.Add(e.Problem);
                }
            }
            return kept.Count;
        });
    }

    private static EvidenceProblem? Compare(Checkpoint kept, Checkpoint head, Func<long, Hash256?> rootAt)
    {
        var subject = $"The checkpoint of {kept.Size} entries that you kept";
        if (kept.Size > head.Size) return EvidenceProblems.LogShorter.At(subject, ("size", kept.Size), ("found", head.Size));
        if (rootAt(kept.Size) is not { } root) return EvidenceProblems.FileMissing.At($"The proof that the checkpoint of {kept.Size} entries, which you kept, is a beginning of this log (the log as static files holds it)");
        return root == kept.Root ? null : EvidenceProblems.RootDiffers.At(subject, ("size", kept.Size), ("signed", kept.Root), ("computed", root));
    }

    public void NotDone(params ReadOnlySpan<CheckKind> kinds)
    {
        foreach (var kind in kinds) done.Add(new CheckResult(kind, CheckOutcome.NotDone, 0, []));
    }
}
