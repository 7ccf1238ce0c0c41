using System.Buffers.Binary;

namespace BackupGuard.Verification.Formats.Archives;

/// <summary>Counts the central directory of a zip archive (APPNOTE.TXT 4.3.12 to 4.3.16) before a reader takes all of it into memory.</summary>
internal static class ZipDirectory
{
    private const int EndLength = 22, End64Length = 56, LocatorLength = 20;
    private const int LongestComment = ushort.MaxValue;

    /// <summary>Throws unless the directory can be walked and has at most so many entries. A directory may not be larger than 1 KiB an entry on average.</summary>
    public static async Task CheckAsync(Stream archive, int mostEntries, CancellationToken cancellationToken)
    {
        var (count, offset, end) = await FindAsync(archive, cancellationToken);
        if (count > mostEntries) throw new ArchiveLimitException($"it has {count} entries, {mostEntries} are allowed");
        if (count < 0 || offset < 0 || offset > end) throw new InvalidDataException("its directory lies outside the archive");
        // The room it really has: a reader goes on as long as it finds entries, whatever the count says.
        if (end - offset > 1024L * Math.Max(count, 64)) throw new ArchiveLimitException($"its directory of {count} entries has {end - offset} bytes");
    }

    private static async Task<(long Count, long Offset, long End)> FindAsync(Stream archive, CancellationToken cancellationToken)
    {
        var tail = new byte[Math.Min(archive.Length, EndLength + LongestComment + LocatorLength)];
        archive.Position = archive.Length - tail.Length;
        await archive.ReadExactlyAsync(tail, cancellationToken);
        var at = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        if (at < 0 || at > tail.Length - EndLength) throw new InvalidDataException("it has no directory of a zip archive, or was cut");

        var endAt = archive.Length - tail.Length + at;
        var end = tail.AsMemory(at);
        var locator = at >= LocatorLength ? tail.AsMemory(at - LocatorLength, LocatorLength) : default;
        if (locator.Length == 0 || !locator.Span.StartsWith("PK\x06\x07"u8))
            return (BinaryPrimitives.ReadUInt16LittleEndian(end.Span[10..]), BinaryPrimitives.ReadUInt32LittleEndian(end.Span[16..]), endAt);

        var end64 = new byte[End64Length];
        archive.Position = Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(locator.Span[8..]), 0, archive.Length);
        await archive.ReadExactlyAsync(end64, cancellationToken);
        return (BinaryPrimitives.ReadInt64LittleEndian(end64.AsSpan(32)), BinaryPrimitives.ReadInt64LittleEndian(end64.AsSpan(48)), endAt);
    }
}
