using System.Buffers.Binary;

namespace BackupGuard.Verification.Formats.Archives;

/// <summary>Counts the central directory of a zip archive (APPNOTE.TXT 4.3.12 to 4.3.16) before a reader takes all of it into memory.</summary>
internal static class ZipDirectory
{
    private const int EndLength = 22, End64Length = 56, LocatorLength = 20;
    private const int LongestComment = ushort.MaxValue;

    private const int EntryLength = 46, LocalLength = 30;

    /// <summary>Throws unless the directory can be walked and has at most so many entries. A directory may not be larger than 1 KiB an entry on average.</summary>
    /// <returns>Of each entry, in order, where its local header lies and the name that the directory gives it.</returns>
    public static async Task<IReadOnlyList<(long Offset, byte[] Name)>> CheckAsync(Stream archive, int mostEntries, CancellationToken cancellationToken)
    {
        var (count, offset, end) = await FindAsync(archive, cancellationToken);
        if (count > mostEntries) throw new ArchiveLimitException($"it has {count} entries, {mostEntries} are allowed");
        if (count < 0 || offset < 0 || offset > end) throw new InvalidDataException("its directory lies outside the archive");
        // The room it really has: a reader goes on as long as it finds entries, whatever the count says.
        if (end - offset > 1024L * Math.Max(count, 64)) throw new ArchiveLimitException($"its directory of {count} entries has {end - offset} bytes");
        return await WalkAsync(archive, offset, end, cancellationToken);
    }

    /// <summary>Throws where the entry calls itself another name than the directory does: programs that read a zip from its front go by that one.</summary>
    public static async Task CheckLocalNameAsync(Stream archive, long offset, byte[] name, CancellationToken cancellationToken)
    {
        if (offset > archive.Length - LocalLength - name.Length) throw new InvalidDataException("an entry of it lies outside the archive");
        archive.Position = offset;
        var header = new byte[LocalLength + name.Length];
        await archive.ReadExactlyAsync(header, cancellationToken);
        if (!header.AsSpan().StartsWith("PK\x03\x04"u8)) throw new InvalidDataException("an entry of it is not where its directory says");
        if (BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26)) != name.Length || !header.AsSpan(LocalLength).SequenceEqual(name))
            throw new InvalidDataException("an entry of it has another name than its directory says");
    }

    private static async Task<List<(long Offset, byte[] Name)>> WalkAsync(Stream archive, long offset, long end, CancellationToken cancellationToken)
    {
        var entries = new List<(long, byte[])>();
        archive.Position = offset;
        // Room for a gigabyte of directory at the very most: CheckAsync bounds it by the number of entries.
        var directory = new byte[checked((int)(end - offset))];
        await archive.ReadExactlyAsync(directory, cancellationToken);
        for (var at = 0; at + EntryLength <= directory.Length && directory.AsSpan(at).StartsWith("PK\x01\x02"u8);)
        {
            var entry = directory.AsSpan(at);
            int name = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]), comment = BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
            if (EntryLength + name + extra + comment > entry.Length) throw new InvalidDataException("an entry of its directory is cut");
            entries.Add((LocalOffset(entry, entry.Slice(EntryLength + name, extra)), entry.Slice(EntryLength, name).ToArray()));
            at += EntryLength + name + extra + comment;
        }
        return entries;
    }

    /// <summary>The ZIP64 field (APPNOTE.TXT 4.5.3) holds only what does not fit into the entry itself, in a fixed order: sizes first, then the offset.</summary>
    private static long LocalOffset(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        if (offset != uint.MaxValue) return offset;
        for (; extra.Length >= 4; extra = extra[Math.Min(extra.Length, 4 + BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]))..])
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) != 1) continue;
            var before = (BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]) == uint.MaxValue ? 8 : 0) + (BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]) == uint.MaxValue ? 8 : 0);
            if (extra.Length >= 4 + before + 8 && BinaryPrimitives.ReadInt64LittleEndian(extra[(4 + before)..]) is >= 0 and var wide) return wide;
        }
        throw new InvalidDataException("an entry of its directory says no offset");
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
