using BackupGuard.Evidence;
using Microsoft.Data.Sqlite;

namespace BackupGuard.Server.Persistence;

/// <summary>The stored hashes of the tree.</summary>
internal sealed class StoredTree(SqliteConnection connection) : ITreeReader
{
    public Hash256 Read(int level, long index) => TryRead(level, index) ?? throw new LogDamagedException($"the hash at level {level}, index {index} is missing.");

    public Hash256? TryRead(int level, long index) =>
        connection.Scalar("SELECT hash FROM nodes WHERE level = $level AND idx = $index", ("$level", level), ("$index", index)) is byte[] { Length: Hash256.Length } hash
            ? new Hash256(hash)
            : null;

    public void Write(TreeNode node) => connection.Execute(
        "INSERT INTO nodes (level, idx, hash) VALUES ($level, $index, $hash)", ("$level", node.Level), ("$index", node.Index), ("$hash", node.Hash.ToArray()));
}
