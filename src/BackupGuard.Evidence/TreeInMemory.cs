namespace BackupGuard.Evidence;

/// <summary>A tree that is built from leaves as they come and keeps all its hashes: 64 bytes an entry.</summary>
public sealed class TreeInMemory : ITreeReader
{
    private readonly List<List<Hash256>> levels = [];
    private readonly MerkleFrontier edge = new();

    public long Size => edge.Size;

    public void Append(Hash256 leaf)
    {
        foreach (var node in edge.Append(leaf))
        {
            if (node.Level == levels.Count) levels.Add([]);
            levels[node.Level].Add(node.Hash);
        }
    }

    public Hash256 Read(int level, long index) => levels[level][checked((int)index)];

    public Hash256 Root() => edge.Root();
}
