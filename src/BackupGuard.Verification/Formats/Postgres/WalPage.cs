using System.Buffers.Binary;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>The header of one WAL page (src/include/access/xlog_internal.h, XLogPageHeaderData and XLogLongPageHeaderData), little-endian.</summary>
internal readonly record struct WalPage(ushort Magic, ushort Info, uint Timeline, ulong Address, uint Continued)
{
    public const int ShortBytes = 24, LongBytes = 40;

    private const ushort FirstIsContinued = 1, LongHeader = 2, AllFlags = 15, FirstIsOverwritten = 8;

    /// <summary>The WAL's version by release of PostgreSQL.</summary>
    private static readonly (ushort Magic, int Major)[] Versions = [(0xD106, 13), (0xD10D, 14), (0xD110, 15), (0xD113, 16), (0xD116, 17), (0xD118, 18)];

    public bool IsLong => (Info & LongHeader) != 0;
    public bool BeginsInsideRecord => (Info & FirstIsContinued) != 0;

    /// <summary>The record that would go on here was given up: its writer crashed (XLP_FIRST_IS_OVERWRITE_CONTRECORD).</summary>
    public bool GivesUpRecord => (Info & FirstIsOverwritten) != 0;
    public bool HasUnknownFlags => (Info & ~AllFlags) != 0;
    public int HeaderBytes => IsLong ? LongBytes : ShortBytes;

    /// <summary>The release that writes this magic, or null.</summary>
    public int? Major
    {
        get
        {
            foreach (var (magic, major) in Versions)
                if (magic == Magic) return major;
            return null;
        }
    }

    /// <summary>Whether a release that we do not know yet may have written this.</summary>
    public bool IsNewer => Magic > Versions[^1].Magic && Magic < 0xD200;

    public static bool IsKnown(int major) => Versions.Any(v => v.Major == major);

    public static WalPage Read(ReadOnlySpan<byte> page) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(page), BinaryPrimitives.ReadUInt16LittleEndian(page[2..]), BinaryPrimitives.ReadUInt32LittleEndian(page[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(page[8..]), BinaryPrimitives.ReadUInt32LittleEndian(page[16..]));
}

/// <summary>What the long header at the beginning of a segment says beside.</summary>
internal readonly record struct WalSegmentHeader(ulong SystemIdentifier, uint SegmentBytes, uint PageBytes)
{
    public static WalSegmentHeader Read(ReadOnlySpan<byte> page) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(page[24..]), BinaryPrimitives.ReadUInt32LittleEndian(page[32..]), BinaryPrimitives.ReadUInt32LittleEndian(page[36..]));
}
