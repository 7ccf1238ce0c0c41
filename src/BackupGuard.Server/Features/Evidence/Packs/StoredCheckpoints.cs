using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>Signed checkpoints that were kept.</summary>
internal sealed class StoredCheckpoints(DatabaseEngine database)
{
    /// <summary>The newest that were mailed: whoever kept such a mail can compare it with a pack.</summary>
    /// <param name="size">Entries of the log as it is looked at.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> Mailed(long size)
    {
        const int most = 32;
        using var connection = database.Open();
        using var command = connection.Command("SELECT c.note FROM mailed_checkpoints m JOIN checkpoints c ON c.size = m.size WHERE m.size <= @size ORDER BY m.size DESC LIMIT @most", ("@size", size), ("@most", most));
        using var row = command.ExecuteReader();
        var notes = new List<ReadOnlyMemory<byte>>();
        while (row.Read()) notes.Add(row.Blob(0));
        return notes;
    }

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
