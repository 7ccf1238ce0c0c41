namespace BackupGuard.Verification.Formats.Restic;

/// <summary>What walking the trees found out: for each, its own files and the trees below it. 36 bytes a tree, 4 bytes an edge, 4 bytes a blob.</summary>
internal sealed class TreeTable(int blobs)
{
    private readonly record struct Row(int Entry, int FirstEdge, int Edges, long Files, long Bytes, long NewestSeconds);

    private readonly Lock gate = new();
    private readonly int[] rowOf = new int[blobs];
    private readonly List<Row> rows = [];
    private readonly List<int> edges = [];

    /// <summary>True for the first who comes with this tree.</summary>
    public bool TryDiscover(int entry)
    {
        lock (gate)
        {
            if (rowOf[entry] != 0) return false;
            rows.Add(new Row(entry, 0, 0, 0, 0, 0));
            rowOf[entry] = rows.Count;
            return true;
        }
    }

    public void Complete(int entry, long files, long bytes, long newestSeconds, IReadOnlyCollection<int> subtrees)
    {
        lock (gate)
        {
            rows[rowOf[entry] - 1] = new Row(entry, edges.Count, subtrees.Count, files, bytes, newestSeconds);
            edges.AddRange(subtrees);
        }
    }

    public int Count => rows.Count;
    public IEnumerable<int> Trees => rows.Select(r => r.Entry);
    public ReadOnlySpan<int> Subtrees(int entry) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(edges).Slice(rows[rowOf[entry] - 1].FirstEdge, rows[rowOf[entry] - 1].Edges);
    public bool Contains(int entry) => rowOf[entry] != 0;

    /// <summary>Files, bytes and the newest change (seconds since 1970, 0 for none) below each tree, subtrees included as often as they occur. Trees cannot form a cycle: each is named by the hash of its content.</summary>
    public Dictionary<int, (long Files, long Bytes, long NewestSeconds)> Totals()
    {
        var totals = new Dictionary<int, (long, long, long)>(rows.Count);
        var stack = new Stack<(int Entry, bool Expanded)>();
        foreach (var row in rows)
        {
            stack.Push((row.Entry, false));
            while (stack.TryPop(out var top))
            {
                if (totals.ContainsKey(top.Entry)) continue;
                if (!top.Expanded)
                {
                    stack.Push((top.Entry, true));
                    foreach (var below in Subtrees(top.Entry)) if (!totals.ContainsKey(below)) stack.Push((below, false));
                    continue;
                }
                var own = rows[rowOf[top.Entry] - 1];
                var (files, bytes, newest) = (own.Files, own.Bytes, own.NewestSeconds);
                foreach (var below in Subtrees(top.Entry))
                {
                    var sub = totals.GetValueOrDefault(below);
                    unchecked { (files, bytes, newest) = (files + sub.Item1, bytes + sub.Item2, Math.Max(newest, sub.Item3)); }
                }
                totals[top.Entry] = (files, bytes, newest);
            }
        }
        return totals;
    }
}
