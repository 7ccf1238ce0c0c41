using System.Buffers.Binary;
using System.Globalization;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>One segment file: <c>data/N/S</c> with S in folder S / segments_per_dir.</summary>
internal readonly record struct Segment(uint Number, StoredObject File)
{
    /// <summary>Borg's own bound on a segment (constants of 1.x: offsets are 32 bits).</summary>
    public const long LongestBytes = uint.MaxValue;

    public static bool TryFrom(StoredObject file, int perFolder, out Segment segment)
    {
        segment = default;
        var parts = file.Name.Split('/');
        if (parts.Length != 3 || !TryNumber(parts[1], out var folder) || !TryNumber(parts[2], out var number) || number / (uint)perFolder != folder) return false;
        segment = new Segment(number, file);
        return true;
    }

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < int.MaxValue && (text.Length == 1 || text[0] != '0');
}

internal enum EntryTag : byte { Put = 0, Delete = 1, Commit = 2 }

/// <param name="Offset">Of the entry in its segment.</param>
/// <param name="Length">Header included.</param>
internal readonly record struct SegmentEntry(EntryTag Tag, BlobId Id, long Offset, int Length, uint Crc)
{
    /// <summary>Checksum, size, tag; and for PUT and DELETE the id (Borg internals, "Segments").</summary>
    public const int HeaderBytes = 9, WithIdBytes = 41;

    public const int MagicBytes = 8;
    public static ReadOnlySpan<byte> Magic => "BORG_SEG"u8;

    /// <summary>Borg's MAX_OBJECT_SIZE: 20 MiB, header included.</summary>
    public const int Longest = 20 << 20;

    /// <summary>Reads a header that lies at the beginning of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">41 bytes, or fewer where the segment ends.</param>
    /// <param name="left">Bytes from here to the end of the segment.</param>
    /// <param name="cut">Whether the segment ends inside the entry.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, long offset, long left, out SegmentEntry entry, out bool cut, out Words reason)
    {
        entry = default;
        cut = true;
        reason = new("it ends inside an entry", "il s’arrête au milieu d’une entrée");
        if (bytes.Length < HeaderBytes) return false;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var tag = bytes[8];
        cut = false;
        reason = tag == 3 ? new("an entry is of a kind that only Borg 2 writes", "une entrée est d’un genre que seul Borg 2 écrit") : new($"an entry is of the unknown kind {tag}", $"une entrée est du genre inconnu {tag}");
        if (tag > (byte)EntryTag.Commit) return false;
        reason = new($"an entry claims {size} bytes", $"une entrée annonce {size} octets");
        var withId = (EntryTag)tag != EntryTag.Commit;
        if (size > Longest || (EntryTag)tag switch { EntryTag.Put => size < WithIdBytes, EntryTag.Delete => size != WithIdBytes, EntryTag.Commit => size != HeaderBytes }) return false;
        cut = true;
        reason = new("it ends inside an entry", "il s’arrête au milieu d’une entrée");
        if (size > left || withId && bytes.Length < WithIdBytes) return false;
        cut = false;
        entry = new SegmentEntry((EntryTag)tag, withId ? BlobId.Of(bytes[HeaderBytes..WithIdBytes]) : default, offset, (int)size, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        if (entry.Tag == EntryTag.Put || entry.Matches(bytes[..(int)size])) return true;
        reason = new("an entry does not match its checksum", "une entrée ne correspond pas à sa somme de contrôle");
        return false;
    }

    /// <param name="whole">The whole entry.</param>
    public bool Matches(ReadOnlySpan<byte> whole) => Crc32.Of(whole[4..]) == Crc;
}
