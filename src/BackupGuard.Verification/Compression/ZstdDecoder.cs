using System.Buffers.Binary;

namespace BackupGuard.Verification.Compression;

/// <summary>A reusable decoder for whole frames in memory (RFC 8878): its tables and buffers are made once. For one thread at a time.</summary>
public sealed class ZstdDecoder
{
    /// <summary>A larger scratch buffer is not kept between two calls.</summary>
    private const int LargestKept = 16 << 20;

    private readonly ZstdBlockDecoder blocks = new();
    private readonly Xxh64 checksum = new();
    private byte[] scratch = [];

    /// <summary>Decodes one or several frames, skippable ones too, into a buffer of the caller.</summary>
    /// <param name="source">All of it must be frames: anything behind the last one is Corrupt.</param>
    /// <param name="destination">Never written past its end; content that does not fit is <see cref="ZstdResult.TooLong"/>. What lies in it behind <paramref name="written"/> is undefined.</param>
    /// <param name="written">Bytes of content, also when decoding ended badly: then they are not to be trusted.</param>
    public ZstdResult Decode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        var output = new Output { Buffer = destination };
        var result = DecodeFrames(source, ref output);
        written = output.Position;
        return result;
    }

    /// <summary>Decodes content of unknown length, up to <paramref name="limitBytes"/>. Memory grows with what is really there, not with what a header claims.</summary>
    /// <param name="plain">The content, or empty unless Ok.</param>
    public ZstdResult DecodeBounded(ReadOnlySpan<byte> source, int limitBytes, out byte[] plain)
    {
        var output = new Output { Buffer = scratch.AsSpan(0, Math.Min(scratch.Length, limitBytes)), Owned = scratch, Limit = limitBytes };
        var result = DecodeFrames(source, ref output);
        plain = result == ZstdResult.Ok ? output.Buffer[..output.Position].ToArray() : [];
        scratch = output.Owned.Length <= LargestKept ? output.Owned : [];
        return result;
    }

    private ZstdResult DecodeFrames(ReadOnlySpan<byte> source, ref Output output)
    {
        if (source.Length == 0) return ZstdResult.Truncated;
        while (source.Length > 0)
        {
            var result = ZstdFrameHeader.Parse(source, out var header);
            if (result != ZstdResult.Ok) return result;
            source = source[header.LengthBytes..];
            if (header.SkippableBytes is { } skipped)
            {
                if (skipped > (uint)source.Length) return ZstdResult.Truncated;
                source = source[(int)skipped..];
                continue;
            }

            result = DecodeFrame(header, ref source, ref output);
            if (result != ZstdResult.Ok) return result;
        }

        return ZstdResult.Ok;
    }

    private ZstdResult DecodeFrame(in ZstdFrameHeader header, ref ReadOnlySpan<byte> source, ref Output output)
    {
        if (header.ContentBytes > (ulong)output.Allowed) return ZstdResult.TooLong;
        if (header.WindowBytes > Zstd.LargestWindow) return ZstdResult.WindowTooLarge;
        blocks.BeginFrame();
        checksum.Reset();
        var frameStart = output.Position;
        bool last;
        do
        {
            if (source.Length < ZstdBlockHeader.Length) return ZstdResult.Truncated;
            var block = ZstdBlockHeader.Parse(source);
            if (!block.IsAllowed(header)) return ZstdResult.Corrupt;
            if (source.Length - ZstdBlockHeader.Length < block.StoredBytes) return ZstdResult.Truncated;
            var stored = source.Slice(ZstdBlockHeader.Length, block.StoredBytes);
            source = source[(ZstdBlockHeader.Length + block.StoredBytes)..];
            last = block.IsLast;

            var room = output.Reserve(header.LargestBlockHere);
            var result = block.Decode(blocks, stored, output.Buffer, frameStart, output.Position, room, out var written);
            if (result == ZstdResult.TooLong && room == header.LargestBlockHere) result = ZstdResult.Corrupt;
            if (result != ZstdResult.Ok) return result;
            if (header.HasChecksum) checksum.Append(output.Buffer.Slice(output.Position, written));
            output.Position += written;
        }
        while (!last);

        if (header.ContentBytes is { } content && content != (ulong)(output.Position - frameStart)) return ZstdResult.ContentSizeMismatch;
        return header.HasChecksum ? CheckChecksum(ref source) : ZstdResult.Ok;
    }

    private ZstdResult CheckChecksum(ref ReadOnlySpan<byte> source)
    {
        if (source.Length < 4) return ZstdResult.Truncated;
        var matches = BinaryPrimitives.ReadUInt32LittleEndian(source) == (uint)(checksum.Digest() & uint.MaxValue);
        source = source[4..];
        return matches ? ZstdResult.Ok : ZstdResult.ChecksumMismatch;
    }

    /// <summary>Where content goes: a caller's buffer of fixed size (no limit given), or one that grows up to a limit.</summary>
    private ref struct Output
    {
        public Span<byte> Buffer;
        public byte[] Owned;
        public int? Limit;
        public int Position;

        public readonly int Allowed => (Limit ?? Buffer.Length) - Position;

        /// <returns>How much of the wished room there is, which is less only where the limit says so.</returns>
        public int Reserve(int wished)
        {
            wished = Math.Min(wished, Allowed);
            if (Buffer.Length - Position >= wished) return wished;
            var length = (int)Math.Min(Math.Max(2L * Buffer.Length, Position + (long)wished), Limit!.Value);    // only a limited one can be too short here
            var larger = GC.AllocateUninitializedArray<byte>(length);
            Buffer[..Position].CopyTo(larger);
            Buffer = Owned = larger;
            return wished;
        }
    }
}
