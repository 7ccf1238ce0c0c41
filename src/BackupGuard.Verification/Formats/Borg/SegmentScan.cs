using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>How the entries of a segment ended.</summary>
/// <param name="Entries">That could be read.</param>
/// <param name="EndsWithCommit">The last entry is a commit, and the only one: what makes a segment the end of a transaction.</param>
/// <param name="BadAt">Where it goes wrong, or -1.</param>
/// <param name="Cut">It goes wrong because the file ends.</param>
internal readonly record struct SegmentScan(long Entries, bool EndsWithCommit, long BadAt, bool Cut, Words Reason)
{
    private const int SmallRead = 4 << 10, LargeRead = 256 << 10;

    /// <summary>Goes through the headers of a segment and reads no data: with objects of some MiB, a thousandth of the file.</summary>
    public static async ValueTask<SegmentScan> RunAsync(IBackupStore store, Segment segment, byte[] buffer, Action<SegmentEntry>? found, CancellationToken cancellationToken)
    {
        await using var reader = await store.OpenAsync(segment.File.Name, cancellationToken);
        var length = reader.LengthBytes;
        if (length > Segment.LongestBytes) return new(0, false, 0, false, new("it is longer than a segment can be", "il est plus long qu’un segment ne peut l’être"));
        long windowAt = 0, entries = 0, commits = 0;
        int filled = 0, wish = SmallRead;
        var lastIsCommit = false;
        for (long at = 0; at < length;)
        {
            var needed = (int)Math.Min(SegmentEntry.WithIdBytes, length - at);
            if (at < windowAt || at + needed > windowAt + filled)
            {
                // Small objects lie close together: then more at once; large ones are jumped over.
                wish = at < windowAt + filled + SmallRead ? Math.Min(LargeRead, wish * 2) : SmallRead;
                filled = await reader.ReadAsync(at, buffer.AsMemory(0, (int)Math.Min(wish, length - at)), cancellationToken);
                windowAt = at;
                needed = Math.Min(needed, filled);
            }
            var bytes = buffer.AsMemory((int)(at - windowAt), needed);
            if (at == 0)
            {
                if (!bytes.Span.StartsWith(SegmentEntry.Magic)) return new(0, false, 0, length < SegmentEntry.MagicBytes, new("it does not begin as a segment does", "il ne commence pas comme un segment"));
                at = SegmentEntry.MagicBytes;
                continue;
            }
            if (!SegmentEntry.TryParse(bytes.Span, at, length - at, out var entry, out var cut, out var reason)) return new(entries, false, at, cut, reason);
            found?.Invoke(entry);
            entries++;
            lastIsCommit = entry.Tag == EntryTag.Commit;
            if (lastIsCommit) commits++;
            at += entry.Length;
        }
        return length == 0 ? new(0, false, 0, true, new("it is empty", "il est vide")) : new(entries, lastIsCommit && commits == 1, -1, false, default);
    }

    public static byte[] NewBuffer() => new byte[LargeRead];
}
