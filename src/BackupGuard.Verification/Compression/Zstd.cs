namespace BackupGuard.Verification.Compression;

/// <summary>One-shot zstd decoding (RFC 8878) with one decoder a thread: nothing is allocated once a thread has decoded its first frame.</summary>
public static class Zstd
{
    /// <summary>Frames that ask for a larger window are refused: the bound on the memory of <see cref="ZstdStream"/>.</summary>
    public const int LargestWindow = 128 << 20;

    [ThreadStatic]
    private static ZstdDecoder? decoderOfThisThread;

    private static ZstdDecoder Decoder => decoderOfThisThread ??= new ZstdDecoder();

    /// <inheritdoc cref="ZstdDecoder.Decode"/>
    public static ZstdResult Decode(ReadOnlySpan<byte> source, Span<byte> destination, out int written) =>
        Decoder.Decode(source, destination, out written);

    /// <inheritdoc cref="ZstdDecoder.DecodeBounded"/>
    public static ZstdResult DecodeBounded(ReadOnlySpan<byte> source, int limitBytes, out byte[] plain) =>
        Decoder.DecodeBounded(source, limitBytes, out plain);
}
