namespace BackupGuard.Continuity.Definitions;

internal static class Cycles
{
    /// <summary>One cycle, first node repeated at the end, or empty. Iterative: a chain of 10,000 must not end the process.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<string> nodes, Func<string, IEnumerable<string>> next)
    {
        var finished = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in nodes)
        {
            var path = new List<string>();
            var onPath = new HashSet<string>(StringComparer.Ordinal);
            var branches = new Stack<IEnumerator<string>>();
            Enter(start);
            while (branches.Count > 0)
            {
                if (!branches.Peek().MoveNext())
                {
                    branches.Pop().Dispose();
                    finished.Add(path[^1]);
                    onPath.Remove(path[^1]);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                var node = branches.Peek().Current;
                if (onPath.Contains(node))
                {
                    return [.. path.SkipWhile(n => n != node), node];
                }

                if (!finished.Contains(node))
                {
                    Enter(node);
                }
            }

            void Enter(string node)
            {
                if (finished.Contains(node))
                {
                    return;
                }

                path.Add(node);
                onPath.Add(node);
                branches.Push(next(node).GetEnumerator());
            }
        }

        return [];
    }
}
