using System.Buffers.Binary;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>global/pg_control, as far as it is needed here: little-endian, versions 13 to 18 (src/include/catalog/pg_control.h of those releases).</summary>
internal sealed record ControlFile(ulong SystemIdentifier, uint Version, uint CatalogVersion, DateTimeOffset? CheckpointAt, uint Timeline, long BlockBytes, long RelationSegmentBlocks, long SegmentBytes, bool HasPageChecksums)
{
    public const string FileName = "global/pg_control";

    /// <summary>The fields that are read here lie at the same place in all these releases; only the checksum moved, by a field before it.</summary>
    private static readonly uint[] KnownVersions = [1300, 1700, 1800];
    private static readonly int[] ChecksumOffsets = [288, 292];
    private const int ShortestFile = 512;

    public enum Fault { None, Damaged, Unknown }

    public static ControlFile? Parse(ReadOnlySpan<byte> bytes, out Fault fault, out Words reason)
    {
        (fault, reason) = (Fault.Damaged, new Words($"it has {bytes.Length} bytes", $"il compte {bytes.Length} octets"));
        if (bytes.Length < ShortestFile) return null;
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (!KnownVersions.Contains(version))
        {
            fault = Fault.Unknown;
            reason = KnownVersions.Contains(BinaryPrimitives.ReverseEndianness(version))
                ? new Words("it was written by a big-endian machine", "il a été écrit par une machine gros-boutiste") : new Words($"version {version}", $"version {version}");
            return null;
        }

        reason = new Words("its checksum is wrong", "sa somme de contrôle est fausse");
        if (!IsSealed(bytes)) return null;
        (fault, reason) = (Fault.None, default);
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(bytes[104..]);
        return new ControlFile(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes), version, BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            seconds is > 0 and < 200_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[216..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[220..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[228..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[252..]) != 0);
    }

    private static bool IsSealed(ReadOnlySpan<byte> bytes)
    {
        foreach (var offset in ChecksumOffsets)
            if (Crc32C.Of(bytes[..offset]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..])) return true;
        return false;
    }
}
