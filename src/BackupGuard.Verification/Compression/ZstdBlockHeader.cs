namespace BackupGuard.Verification.Compression;

internal enum ZstdBlockKind { Raw, Repeated, Compressed, Reserved }

/// <summary>RFC 8878, 3.1.1.2.</summary>
/// <param name="SizeBytes">Stored size, or how often the byte of a repeated block comes.</param>
internal readonly record struct ZstdBlockHeader(bool IsLast, ZstdBlockKind Kind, int SizeBytes)
{
    public const int Length = 3;

    public int StoredBytes => Kind == ZstdBlockKind.Repeated ? 1 : SizeBytes;

    public static ZstdBlockHeader Parse(ReadOnlySpan<byte> source)
    {
        var value = source[0] | (source[1] << 8) | (source[2] << 16);
        return new ZstdBlockHeader((value & 1) != 0, (ZstdBlockKind)((value >> 1) & 3), value >> 3);
    }

    public bool IsAllowed(in ZstdFrameHeader frame) => Kind switch
    {
        ZstdBlockKind.Raw or ZstdBlockKind.Repeated => SizeBytes <= frame.LargestBlockHere,
        ZstdBlockKind.Compressed => SizeBytes <= ZstdFrameHeader.LargestBlock,
        ZstdBlockKind.Reserved => false,
    };

    /// <inheritdoc cref="ZstdBlockDecoder.Decode"/>
    public ZstdResult Decode(ZstdBlockDecoder decoder, ReadOnlySpan<byte> stored, Span<byte> buffer, int frameStart, int position, int limit, out int written)
    {
        if (Kind == ZstdBlockKind.Compressed) return decoder.Decode(stored, buffer, frameStart, position, limit, out written);
        written = 0;
        if (SizeBytes > limit) return ZstdResult.TooLong;
        var content = buffer.Slice(position, SizeBytes);
        if (Kind == ZstdBlockKind.Raw) stored.CopyTo(content);
        else content.Fill(stored[0]);
        written = SizeBytes;
        return ZstdResult.Ok;
    }
}
