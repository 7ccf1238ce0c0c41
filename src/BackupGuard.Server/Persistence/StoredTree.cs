using System.Data.Common;
using System.Globalization;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>The stored hashes of the tree.</summary>
internal sealed class StoredTree(DbConnection connection) : ITreeReader
{
    public Hash256 Read(int level, long index) => Read(tree => tree.Read(level, index));

    /// <summary>Reads all that <paramref name="act"/> asks for with one statement. It is called twice, and which hashes it reads MUST NOT depend on hashes.</summary>
    /// <exception cref="LogDamagedException">A hash is missing.</exception>
    public T Read<T>(Func<ITreeReader, T> act)
    {
        var asked = new Asked();
        act(asked);
        return act(new Fetched(Fetch(asked.Nodes)));
    }

    private Dictionary<(int, long), Hash256> Fetch(HashSet<(int Level, long Index)> nodes)
    {
        var hashes = new Dictionary<(int, long), Hash256>();
        if (nodes.Count > 0)
        {
            using var command = connection.Command(
                $"SELECT level, idx, hash FROM nodes WHERE {string.Join(" OR ", nodes.Select(n => string.Create(CultureInfo.InvariantCulture, $"(level = {n.Level} AND idx = {n.Index})")))}");
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                if (row.Blob(2) is { Length: Hash256.Length } hash)
                {
                    hashes[(row.GetInt32(0), row.GetInt64(1))] = new Hash256(hash);
                }
            }
        }
        return hashes;
    }

    /// <summary>Notes what is asked for, and answers anything.</summary>
    private sealed class Asked : ITreeReader
    {
        public HashSet<(int, long)> Nodes { get; } = [];

        public Hash256 Read(int level, long index)
        {
            Nodes.Add((level, index));
            return MerkleTree.EmptyRoot;
        }
    }

    private sealed class Fetched(Dictionary<(int, long), Hash256> hashes) : ITreeReader
    {
        public Hash256 Read(int level, long index) =>
            hashes.TryGetValue((level, index), out var hash) ? hash : throw new LogDamagedException($"the hash at level {level}, index {index} is missing.");
    }
}
