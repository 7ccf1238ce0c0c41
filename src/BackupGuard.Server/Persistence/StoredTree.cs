using System.Data.Common;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>The stored hashes of the tree.</summary>
internal sealed class StoredTree(DbConnection connection) : ITreeReader
{
    public Hash256 Read(int level, long index) => TryRead(level, index) ?? throw new LogDamagedException($"the hash at level {level}, index {index} is missing.");

    public Hash256? TryRead(int level, long index) =>
        connection.Scalar("SELECT hash FROM nodes WHERE level = @level AND idx = @index", ("@level", level), ("@index", index)) is byte[] { Length: Hash256.Length } hash
            ? new Hash256(hash)
            : null;
}
