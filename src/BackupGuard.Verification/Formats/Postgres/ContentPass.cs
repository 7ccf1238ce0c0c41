using System.Buffers;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Postgres;

internal enum ContentOutcome { Good, OtherSize, OtherContent }

/// <summary>Reads one listed file once: its length and checksum, its blocks' own checksums, and on to wherever it is restored.</summary>
internal static class ContentPass
{
    /// <summary>Whole blocks: a block is never split over two pieces, but at the end of the file. No more than stays in a near cache from copying to hashing.</summary>
    private const int BufferBytes = 8 * PageChecksum.PageBytes;

    /// <param name="pages">Looks at each block, or null.</param>
    /// <param name="keep">Gets the content too, or null.</param>
    /// <param name="sink">Gets the content while it is checked, or null.</param>
    /// <param name="found">Told of a secret that lies readable in it, or null.</param>
    /// <param name="tell">Told how many bytes passed.</param>
    public static async Task<ContentOutcome> ReadAsync(ManifestFile entry, Stream content, PageCheck? pages, Stream? keep, IRestoredFile? sink, Action<ReadableSecret>? found, Action<int> tell, CancellationToken cancellationToken)
    {
        using var hash = ContentHash.Of(entry.Algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long length = 0; ;)
            {
                var count = await content.ReadAtLeastAsync(buffer.AsMemory(0, BufferBytes), BufferBytes, throwOnEndOfStream: false, cancellationToken);
                if (count > entry.Size - length) return ContentOutcome.OtherSize;
                if (length == 0 && found is not null && SecretScan.Look(entry.Path, buffer.AsSpan(0, count)) is { } secret) found(secret);
                hash.Append(buffer.AsSpan(0, count));
                pages?.Append(buffer.AsSpan(0, count));
                keep?.Write(buffer, 0, count);
                sink?.Write(length, buffer.AsSpan(0, count));
                length += count;
                tell(count);
                if (count == BufferBytes) continue;
                if (length != entry.Size) return ContentOutcome.OtherSize;
                return hash.Finish().AsSpan().SequenceEqual(entry.Checksum) ? ContentOutcome.Good : ContentOutcome.OtherContent;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
