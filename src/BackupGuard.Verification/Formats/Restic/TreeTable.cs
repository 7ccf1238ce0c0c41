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

    /// <summary>What hangs below each tree, subtrees included as often as they occur. Trees cannot form a cycle: each is named by the hash of its content.</summary>
    public Dictionary<int, TreeTotal> Totals()
    {
        var totals = new Dictionary<int, TreeTotal>(rows.Count);
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
                var total = new TreeTotal(own.Files, own.Bytes, own.NewestSeconds, 0, 0);
                foreach (var below in Subtrees(top.Entry)) total = total.With(totals.GetValueOrDefault(below));
                totals[top.Entry] = total;
            }
        }
        return totals;
    }
}

/// <summary>What hangs below a tree. Sums end at the largest number there is.</summary>
/// <param name="NewestSeconds">The newest change, since 1970; 0 for none.</param>
/// <param name="Levels">Of folders, one below the other.</param>
internal readonly record struct TreeTotal(long Files, long Bytes, long NewestSeconds, long Folders, int Levels)
{
    /// <summary>A folder list of a kilobyte that names another twice, and that one another, forty times over, is more files than there are disks for. Nobody backs up a thousand million.</summary>
    public const long MostEntries = 1_000_000_000;

    /// <summary>Why it cannot be restored, or null.</summary>
    public Words? Refusal => Add(Files, Folders) > MostEntries ? new($"it unfolds to more than {MostEntries} files and folders", $"il se déplie en plus de {MostEntries} fichiers et dossiers")
        : Levels > Restoring.RestorePath.DeepestPath ? new($"its folders are more than {Restoring.RestorePath.DeepestPath} levels deep", $"ses dossiers ont plus de {Restoring.RestorePath.DeepestPath} niveaux de profondeur") : null;

    public TreeTotal With(TreeTotal below) =>
        new(Add(Files, below.Files), Add(Bytes, below.Bytes), Math.Max(NewestSeconds, below.NewestSeconds), Add(Folders, Add(below.Folders, 1)), Math.Max(Levels, below.Levels + 1));

    private static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}
