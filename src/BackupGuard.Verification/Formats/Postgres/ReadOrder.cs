namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Which objects are read, and in what order: the one place to decide it.</summary>
internal static class ReadOrder
{
    /// <summary>All, the longest first, so that no worker is left with one at the end; or a sample that is another one at every run.</summary>
    public static IReadOnlyList<BackupObject> Choose(IReadOnlyList<BackupObject> objects, ReadData readData, TimeProvider clock)
    {
        if (IsAll(readData)) return [.. objects.OrderByDescending(o => o.LengthBytes).ThenBy(o => o.Name, StringComparer.Ordinal)];
        if (readData.Share <= 0) return [];
        var order = objects.ToArray();
        new Random((int)(clock.GetUtcNow().Ticks % int.MaxValue)).Shuffle(order);
        var left = Math.Min(readData.Share * objects.Sum(o => (double)o.LengthBytes), readData.LimitBytes ?? double.MaxValue);
        return [.. order.TakeWhile(o => (left -= o.LengthBytes) >= 0)];
    }

    public static bool IsAll(ReadData readData) => readData is { Share: >= 1, LimitBytes: null };
}
