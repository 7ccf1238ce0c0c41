using System.Buffers.Binary;

namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>Tag, value representation and length in bytes of one element. Source: DICOM PS3.5 sections 6.2 and 7.1.</summary>
/// <param name="Representation">Its two letters, the first in the high byte; 0 in implicit VR and for items.</param>
internal readonly record struct ElementHeader(uint Tag, ushort Representation, uint LengthBytes)
{
    public const uint Undefined = 0xFFFFFFFF;
    public const uint Item = 0xFFFEE000, ItemEnd = 0xFFFEE00D, SequenceEnd = 0xFFFEE0DD;
    public const ushort SQ = ('S' << 8) | 'Q', UN = ('U' << 8) | 'N', OB = ('O' << 8) | 'B', OW = ('O' << 8) | 'W';

    private static readonly HashSet<ushort> Short = Codes("AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US");
    private static readonly HashSet<ushort> Long = Codes("OB OD OF OL OV OW SQ SV UC UN UR UT UV");

    public static ElementHeader Read(ByteSource source, bool isImplicit, bool isBigEndian)
    {
        Span<byte> bytes = stackalloc byte[4];
        var at = source.Position;
        source.ReadExactly(bytes);
        var tag = (uint)ShortOf(bytes, isBigEndian) << 16 | ShortOf(bytes[2..], isBigEndian);
        source.ReadExactly(bytes);
        if (isImplicit || tag >> 16 == 0xFFFE) return new(tag, 0, LengthOf(bytes, isBigEndian));
        var representation = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (Short.Contains(representation)) return new(tag, representation, ShortOf(bytes[2..], isBigEndian));
        if (!Long.Contains(representation)) throw ByteSource.At(at, new("an element has no value representation that DICOM defines", "un élément n’a pas de représentation de valeur définie par DICOM"));
        source.ReadExactly(bytes);
        return new(tag, representation, LengthOf(bytes, isBigEndian));
    }

    private static ushort ShortOf(ReadOnlySpan<byte> bytes, bool isBigEndian) => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint LengthOf(ReadOnlySpan<byte> bytes, bool isBigEndian) => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static HashSet<ushort> Codes(string names) => [.. names.Split(' ').Select(n => (ushort)((n[0] << 8) | n[1]))];
}
