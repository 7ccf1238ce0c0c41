using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>Signed checkpoints that were kept.</summary>
internal sealed class StoredCheckpoints(DatabaseEngine database)
{
    /// <summary>For each index the first checkpoint that covers it, each once, the smallest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Covering(IEnumerable<long> indexes)
    {
        using var connection = database.Open();
        var notes = new SortedDictionary<long, ReadOnlyMemory<byte>>();
        foreach (var index in indexes)
        {
            using var command = connection.Command("SELECT size, note FROM checkpoints WHERE size > @index ORDER BY size LIMIT 1", ("@index", index));
            using var row = command.ExecuteReader();
            if (row.Read()) notes[row.GetInt64(0)] = row.Blob(1);
        }
        return [.. notes.Values];
    }
}
