using System.Security.Cryptography;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>Reads content once, for its length and SHA-256, and hands it on while it passes.</summary>
internal static class ContentReader
{
    private const int BufferBytes = 256 << 10;

    /// <param name="limitBytes">Reading stops once there is more than this; the length then says so.</param>
    /// <param name="pass">Gets each piece and its offset, never anything past the limit.</param>
    public static async Task<(long Length, byte[] Sha256)> ReadAsync(
        Stream content, long limitBytes, Action<long, ReadOnlyMemory<byte>> pass, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = 0;
            while (true)
            {
                var count = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken);
                if (count == 0) return (length, hash.GetHashAndReset());
                if (count > limitBytes - length) return (limitBytes + 1, []);
                hash.AppendData(buffer.AsSpan(0, count));
                pass(length, buffer.AsMemory(0, count));
                length += count;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
