using System.Buffers.Binary;

namespace BackupGuard.Verification.Compression;

/// <summary>Reads the content of zstd data of any length as a stream (RFC 8878): one frame after the other, skippable ones left out.</summary>
/// <remarks>Holds one window, at most <see cref="Zstd.LargestWindow"/> and a quarter, which grows with what is really there. Data that are not good end in
/// <see cref="InvalidDataException"/>; bytes served before that were decoded, but the checksum of their frame was not yet seen.</remarks>
public sealed class ZstdStream(Stream inner, bool leaveOpen = false) : Stream
{
    private const int Slack = 512 << 10;

    private readonly ZstdBlockDecoder blocks = new();
    private readonly Xxh64 checksum = new();
    private readonly byte[] input = new byte[ZstdFrameHeader.LargestBlock + ZstdFrameHeader.Longest];
    private int inputStart, inputEnd;

    private byte[] window = [];
    private int frameStart, position, served;
    private ulong frameBytes;
    private ZstdFrameHeader frame;
    private bool inFrame, seenFrame, atEnd;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0) return 0;
        // With sync set, nothing in there ever waits.
        return AdvanceAsync(sync: true, CancellationToken.None).GetAwaiter().GetResult() ? Serve(buffer) : 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        return await AdvanceAsync(sync: false, cancellationToken) ? Serve(buffer.Span) : 0;
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Serve(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, position - served);
        window.AsSpan(served, count).CopyTo(buffer);
        served += count;
        return count;
    }

    /// <summary>Decodes until there is something to serve; false at the end of the data.</summary>
    private async Task<bool> AdvanceAsync(bool sync, CancellationToken cancellationToken)
    {
        while (served == position)
        {
            if (atEnd) return false;
            if (inFrame) await ReadBlockAsync(sync, cancellationToken);
            else await BeginFrameAsync(sync, cancellationToken);
        }

        return true;
    }

    private async ValueTask BeginFrameAsync(bool sync, CancellationToken cancellationToken)
    {
        await FillAsync(ZstdFrameHeader.Longest, sync, cancellationToken);
        if (inputStart == inputEnd && seenFrame)
        {
            atEnd = true;
            return;
        }

        Require(ZstdFrameHeader.Parse(input.AsSpan(inputStart, inputEnd - inputStart), out frame));
        inputStart += frame.LengthBytes;
        seenFrame = true;
        if (frame.SkippableBytes is { } skipped)
        {
            await SkipAsync(skipped, sync, cancellationToken);
            return;
        }

        if (frame.WindowBytes > Zstd.LargestWindow) Require(ZstdResult.WindowTooLarge);
        blocks.BeginFrame();
        checksum.Reset();
        (frameStart, position, served, frameBytes, inFrame) = (0, 0, 0, 0, true);
    }

    private async ValueTask ReadBlockAsync(bool sync, CancellationToken cancellationToken)
    {
        await NeedAsync(ZstdBlockHeader.Length, sync, cancellationToken);
        var block = ZstdBlockHeader.Parse(input.AsSpan(inputStart));
        if (!block.IsAllowed(frame)) Require(ZstdResult.Corrupt);
        inputStart += ZstdBlockHeader.Length;
        await NeedAsync(block.StoredBytes, sync, cancellationToken);

        MakeRoom();
        var result = block.Decode(blocks, input.AsSpan(inputStart, block.StoredBytes), window, frameStart, position, frame.LargestBlockHere, out var written);
        Require(result == ZstdResult.TooLong ? ZstdResult.Corrupt : result);
        inputStart += block.StoredBytes;
        if (frame.HasChecksum) checksum.Append(window.AsSpan(position, written));
        frameBytes += (ulong)written;
        if (frameBytes > frame.ContentBytes) Require(ZstdResult.ContentSizeMismatch);
        position += written;
        if (block.IsLast) await EndFrameAsync(sync, cancellationToken);
    }

    private async ValueTask EndFrameAsync(bool sync, CancellationToken cancellationToken)
    {
        inFrame = false;
        if (frame.ContentBytes is { } content && content != frameBytes) Require(ZstdResult.ContentSizeMismatch);
        if (!frame.HasChecksum) return;
        await NeedAsync(4, sync, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(inputStart)) != (uint)(checksum.Digest() & uint.MaxValue)) Require(ZstdResult.ChecksumMismatch);
        inputStart += 4;
    }

    /// <summary>Room for one block behind what matches may still refer to. Everything decoded was served when this is called.</summary>
    private void MakeRoom()
    {
        var wished = frame.LargestBlockHere;
        if (window.Length - position >= wished) return;
        var largest = (int)(frame.WindowBytes + Math.Max(Slack, frame.WindowBytes / 4));
        if (window.Length < largest)
        {
            Array.Resize(ref window, (int)Math.Min(largest, Math.Max(2L * window.Length, position + (long)wished)));
            if (window.Length - position >= wished) return;
        }

        var kept = (int)Math.Min(position - frameStart, frame.WindowBytes);
        window.AsSpan(position - kept, kept).CopyTo(window);
        (frameStart, position, served) = (0, kept, kept);
    }

    private async ValueTask SkipAsync(uint bytes, bool sync, CancellationToken cancellationToken)
    {
        for (long left = bytes; left > 0;)
        {
            var now = (int)Math.Min(left, ZstdFrameHeader.LargestBlock);
            await NeedAsync(now, sync, cancellationToken);
            inputStart += now;
            left -= now;
        }
    }

    private async ValueTask NeedAsync(int bytes, bool sync, CancellationToken cancellationToken)
    {
        await FillAsync(bytes, sync, cancellationToken);
        if (inputEnd - inputStart < bytes) Require(ZstdResult.Truncated);
    }

    /// <summary>Reads until so many bytes are there or the data end.</summary>
    private async ValueTask FillAsync(int bytes, bool sync, CancellationToken cancellationToken)
    {
        if (inputEnd - inputStart >= bytes) return;
        input.AsSpan(inputStart, inputEnd - inputStart).CopyTo(input);
        (inputStart, inputEnd) = (0, inputEnd - inputStart);
        while (inputEnd < bytes)
        {
            var free = input.AsMemory(inputEnd);
            var count = sync ? inner.Read(free.Span) : await inner.ReadAsync(free, cancellationToken);
            if (count == 0) return;
            inputEnd += count;
        }
    }

    private static void Require(ZstdResult result)
    {
        if (result != ZstdResult.Ok) throw new InvalidDataException($"the zstd data are not good: {Sentence(result)}");
    }

    private static string Sentence(ZstdResult result) => result switch
    {
        ZstdResult.Ok => "nothing is wrong",
        ZstdResult.Truncated => "they end in the middle of a frame",
        ZstdResult.Corrupt => "they are damaged or no zstd data",
        ZstdResult.TooLong => "they hold more than is allowed",
        ZstdResult.DictionaryRefused => "they ask for a dictionary, and none is accepted",
        ZstdResult.WindowTooLarge => $"they ask for a window of more than {Zstd.LargestWindow >> 20} MiB",
        ZstdResult.ChecksumMismatch => "the content does not match its checksum",
        ZstdResult.ContentSizeMismatch => "the content is not as long as announced",
    };
}
