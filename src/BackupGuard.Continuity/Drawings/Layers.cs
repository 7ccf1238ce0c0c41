namespace BackupGuard.Continuity.Drawings;

/// <summary>
/// Places of a graph without cycles: each node one layer after the last of those it needs, lines over several layers broken at
/// each of them, and the order inside a layer by the mean place of the neighbours, four times to and fro. The same graph always
/// gets the same places.
/// </summary>
internal sealed class Layers
{
    private const int Sweeps = 4;

    /// <summary>Nodes and, below 0, the bends of long lines.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Columns { get; }

    /// <summary>For each edge the nodes and bends it goes through, both ends with it.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Routes { get; }

    /// <param name="count">Nodes are 0 to count - 1.</param>
    /// <param name="edges">Without a cycle.</param>
    public Layers(int count, IReadOnlyList<(int From, int To)> edges)
    {
        var layer = Longest(count, edges);
        var columns = Enumerable.Range(0, count == 0 ? 0 : layer.Max() + 1).Select(_ => new List<int>()).ToList();
        for (var node = 0; node < count; node++) columns[layer[node]].Add(node);

        var bends = 0;
        var routes = new List<IReadOnlyList<int>>();
        foreach (var (from, to) in edges)
        {
            var route = new List<int> { from };
            for (var l = layer[from] + 1; l < layer[to]; l++)
            {
                route.Add(-++bends);
                columns[l].Add(-bends);
            }

            routes.Add([.. route, to]);
        }

        var links = routes.SelectMany(r => r.Zip(r.Skip(1))).ToList();
        var before = links.ToLookup(l => l.Second, l => l.First);
        var after = links.ToLookup(l => l.First, l => l.Second);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var c = 1; c < columns.Count; c++)
            {
                var (at, neighbours) = sweep % 2 == 0 ? (c, before) : (columns.Count - 1 - c, after);
                var place = columns[sweep % 2 == 0 ? at - 1 : at + 1].Index().ToDictionary(i => i.Item, i => i.Index);
                columns[at] = [.. columns[at].Index().OrderBy(i => neighbours[i.Item].Any() ? neighbours[i.Item].Average(n => place[n]) : i.Index).ThenBy(i => i.Index).Select(i => i.Item)];
            }
        }

        (Columns, Routes) = (columns, routes);
    }

    private static int[] Longest(int count, IReadOnlyList<(int From, int To)> edges)
    {
        var layer = new int[count];
        var waits = new int[count];
        var next = edges.ToLookup(e => e.From, e => e.To);
        foreach (var (_, to) in edges) waits[to]++;
        var open = new Queue<int>(Enumerable.Range(0, count).Where(n => waits[n] == 0));
        while (open.TryDequeue(out var node))
        {
            foreach (var to in next[node])
            {
                layer[to] = Math.Max(layer[to], layer[node] + 1);
                if (--waits[to] == 0) open.Enqueue(to);
            }
        }

        return layer;
    }
}
