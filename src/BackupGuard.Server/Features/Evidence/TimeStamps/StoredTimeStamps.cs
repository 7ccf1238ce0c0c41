using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.TimeStamps;

/// <summary>Tokens of time-stamp authorities, each beside the checkpoint that it is of.</summary>
internal sealed class StoredTimeStamps(DatabaseEngine database)
{
    /// <param name="at">What the authority said.</param>
    public void Add(long size, string authority, byte[] request, byte[] token, DateTimeOffset at)
    {
        using var connection = database.Open();
        // Two servers may have asked at once: either token will do.
        connection.Execute("INSERT INTO time_stamps (size, authority, request, token, at) VALUES (@size, @authority, @request, @token, @at) ON CONFLICT DO NOTHING",
            ("@size", size), ("@authority", authority), ("@request", request), ("@token", token), ("@at", at.ToUnixTimeMilliseconds()));
    }

    /// <returns>Size of the largest checkpoint that it has stamped, and when; null: none.</returns>
    public (long Size, DateTimeOffset At)? Newest(string authority)
    {
        using var connection = database.Open();
        using var command = connection.Command("SELECT size, at FROM time_stamps WHERE authority = @authority ORDER BY size DESC LIMIT 1", ("@authority", authority));
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))) : null;
    }

    /// <summary>For each index and authority the first stamped checkpoint that covers it, each once, the smallest first.</summary>
    /// <param name="size">Entries of the log as it is looked at; what was stamped since is left out.</param>
    public IReadOnlyList<StampedCheckpoint> Covering(IEnumerable<long> indexes, long size)
    {
        using var connection = database.Open();
        var found = new SortedDictionary<(long, string), StampedCheckpoint>();
        foreach (var index in indexes)
            foreach (var (at, stamp) in Read(connection, "WHERE (t.authority, t.size) IN (SELECT authority, min(size) FROM time_stamps WHERE size > @index AND size <= @size GROUP BY authority)", ("@index", index), ("@size", size)))
                found[(at, stamp.Authority)] = stamp;
        return [.. found.Values];
    }

    /// <summary>All of checkpoints up to that size.</summary>
    public IReadOnlyList<StampedCheckpoint> UpTo(long size)
    {
        using var connection = database.Open();
        return [.. Read(connection, "WHERE t.size <= @size ORDER BY t.size, t.authority", ("@size", size)).Select(s => s.Stamp)];
    }

    private static List<(long Size, StampedCheckpoint Stamp)> Read(System.Data.Common.DbConnection connection, string which, params ReadOnlySpan<(string, object?)> parameters)
    {
        using var command = connection.Command($"SELECT t.size, c.note, t.authority, t.request, t.token FROM time_stamps t JOIN checkpoints c ON c.size = t.size {which}", parameters);
        using var row = command.ExecuteReader();
        var stamps = new List<(long, StampedCheckpoint)>();
        while (row.Read()) stamps.Add((row.GetInt64(0), new StampedCheckpoint(row.Blob(1), row.GetString(2), row.Blob(3), row.Blob(4))));
        return stamps;
    }
}
