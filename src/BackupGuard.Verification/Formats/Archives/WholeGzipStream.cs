using System.IO.Compression;

namespace BackupGuard.Verification.Formats.Archives;

/// <summary>Unpacks gzip data of one or several members (RFC 1952) and insists that they are all there.</summary>
/// <remarks>The framework's reader takes data that end before their trailer, and stops silently at anything that follows a member. So a member of our own is put
/// behind the data: only if all before it was complete does its content come out at the end.</remarks>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private static readonly byte[] Mark = "end of the data."u8.ToArray();
    private static readonly byte[] MarkMember = Pack(Mark);

    private readonly GZipStream unpacked;
    private readonly byte[] held = new byte[Mark.Length];
    private int heldBytes;

    public WholeGzipStream(Stream packed) => unpacked = new GZipStream(new WithMark(packed), CompressionMode.Decompress);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        // The last bytes seen are held back until others follow them.
        var block = new byte[held.Length + Math.Max(buffer.Length, held.Length)];
        while (true)
        {
            held.AsSpan(0, heldBytes).CopyTo(block);
            var count = await unpacked.ReadAsync(block.AsMemory(heldBytes, buffer.Length), cancellationToken);
            if (count == 0)
                return heldBytes == Mark.Length && held.AsSpan().SequenceEqual(Mark) ? 0 : throw new InvalidDataException("its gzip data are cut, or something follows them");
            var total = heldBytes + count;
            var given = Math.Max(0, total - held.Length);
            heldBytes = total - given;
            block.AsSpan(given, heldBytes).CopyTo(held);
            if (given == 0) continue;
            block.AsSpan(0, given).CopyTo(buffer.Span);
            return given;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) unpacked.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Pack(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>The data, and the mark directly behind them: always with the last bytes of the data in one piece, so that a member's beginning is seen whole.</summary>
    private sealed class WithMark(Stream data) : ReadOnlyStream
    {
        private int markAt = -1;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = markAt >= 0 ? 0 : await data.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            if (count == buffer.Length) return count;
            markAt = Math.Max(markAt, 0);
            var marked = Math.Min(buffer.Length - count, MarkMember.Length - markAt);
            MarkMember.AsMemory(markAt, marked).CopyTo(buffer[count..]);
            markAt += marked;
            return count + marked;
        }
    }
}
