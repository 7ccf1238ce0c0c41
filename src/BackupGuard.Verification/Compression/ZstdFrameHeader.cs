using System.Buffers.Binary;

namespace BackupGuard.Verification.Compression;

/// <summary>The beginning of a frame (RFC 8878, 3.1.1.1), or of a skippable frame (3.1.2).</summary>
/// <param name="LengthBytes">Of the header itself, magic number included.</param>
/// <param name="SkippableBytes">Length of what a skippable frame holds; null for a frame with data.</param>
/// <param name="ContentBytes">What the header says about the length of the content, or null.</param>
internal readonly record struct ZstdFrameHeader(int LengthBytes, uint? SkippableBytes, long WindowBytes, ulong? ContentBytes, bool HasChecksum)
{
    /// <summary>Magic, descriptor, window, dictionary id, content size.</summary>
    public const int Longest = 4 + 1 + 1 + 4 + 8;

    /// <summary>RFC 8878, 3.1.1.2.4.</summary>
    public const int LargestBlock = 128 << 10;

    private const uint Magic = 0xFD2FB528;
    private const uint SkippableMagic = 0x184D2A50;

    public int LargestBlockHere => (int)Math.Min(WindowBytes, LargestBlock);

    /// <returns>Ok, or Truncated when more bytes could still make a header, or why the frame is refused.</returns>
    public static ZstdResult Parse(ReadOnlySpan<byte> source, out ZstdFrameHeader header)
    {
        header = default;
        if (source.Length < 4) return ZstdResult.Truncated;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if ((magic & 0xFFFFFFF0) == SkippableMagic)
        {
            if (source.Length < 8) return ZstdResult.Truncated;
            header = new ZstdFrameHeader(8, BinaryPrimitives.ReadUInt32LittleEndian(source[4..]), 0, null, false);
            return ZstdResult.Ok;
        }

        if (magic != Magic) return ZstdResult.Corrupt;
        if (source.Length < 5) return ZstdResult.Truncated;
        var descriptor = source[4];
        return (descriptor & 0x08) != 0 ? ZstdResult.Corrupt : ParseFields(source, descriptor, out header);
    }

    private static ZstdResult ParseFields(ReadOnlySpan<byte> source, byte descriptor, out ZstdFrameHeader header)
    {
        header = default;
        var singleSegment = (descriptor & 0x20) != 0;
        var dictionaryIdBytes = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        var contentSizeBytes = (descriptor >> 6) switch { 0 => singleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        var length = 5 + (singleSegment ? 0 : 1) + dictionaryIdBytes + contentSizeBytes;
        if (source.Length < length) return ZstdResult.Truncated;

        var at = 5;
        long window = 0;
        if (!singleSegment)
        {
            var (exponent, mantissa) = (source[at] >> 3, source[at] & 7);
            window = (1L << (10 + exponent)) + ((1L << (10 + exponent)) / 8 * mantissa);
            at++;
        }

        // An id of 0 means the same as no id.
        if (source.Slice(at, dictionaryIdBytes).ContainsAnyExcept((byte)0)) return ZstdResult.DictionaryRefused;
        at += dictionaryIdBytes;
        ulong? content = contentSizeBytes switch
        {
            0 => null,
            1 => source[at],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(source[at..]) + 256UL,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(source[at..]),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(source[at..]),
        };
        if (singleSegment) window = (long)Math.Min(content.GetValueOrDefault(), long.MaxValue);
        header = new ZstdFrameHeader(length, null, window, content, (descriptor & 0x04) != 0);
        return ZstdResult.Ok;
    }
}
