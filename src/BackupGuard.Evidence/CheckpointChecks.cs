namespace BackupGuard.Evidence;

/// <summary>Compares the growing tree with every checkpoint that was ever signed.</summary>
internal sealed class CheckpointChecks
{
    private readonly Queue<Checkpoint> waiting;
    private readonly List<EvidenceProblem> problems;

    public CheckpointChecks(IEnumerable<ReadOnlyMemory<byte>> notes, NoteKey logKey, List<EvidenceProblem> problems)
    {
        this.problems = problems;
        waiting = new Queue<Checkpoint>(Read(notes, logKey).Distinct().OrderBy(c => c.Size));
        foreach (var forked in waiting.GroupBy(c => c.Size).Where(g => g.Count() > 1))
            problems.Add(EvidenceProblems.Fork.At($"The checkpoint at {forked.Key} entries"));
    }

    public long LargestRight { get; private set; }

    public void Compare(MerkleFrontier tree)
    {
        while (waiting.TryPeek(out var checkpoint) && checkpoint.Size == tree.Size)
        {
            waiting.Dequeue();
            var root = tree.Root();
            if (checkpoint.Root == root) LargestRight = tree.Size;
            else problems.Add(EvidenceProblems.RootDiffers.At($"The checkpoint at {checkpoint.Size} entries", ("size", checkpoint.Size), ("signed", checkpoint.Root), ("computed", root)));
        }
    }

    /// <summary>What still waits covers entries that the log does not have.</summary>
    public void Finish(long size)
    {
        foreach (var checkpoint in waiting)
            problems.Add(EvidenceProblems.LogShorter.At($"The checkpoint at {checkpoint.Size} entries", ("size", checkpoint.Size), ("found", size)));
        waiting.Clear();
    }

    private List<Checkpoint> Read(IEnumerable<ReadOnlyMemory<byte>> notes, NoteKey logKey)
    {
        var read = notes.AsParallel().AsOrdered().Select(note => Read(note, logKey)).ToList();
        problems.AddRange(read.Select(r => r.Problem).OfType<EvidenceProblem>());
        return [.. read.Select(r => r.Checkpoint).OfType<Checkpoint>()];
    }

    private static (Checkpoint? Checkpoint, EvidenceProblem? Problem) Read(ReadOnlyMemory<byte> note, NoteKey logKey)
    {
        try
        {
            return (Checkpoint.Verify(note.Span, logKey), null);
        }
        catch (EvidenceException e)
        {
            return (null, e.Problem);
        }
    }
}
