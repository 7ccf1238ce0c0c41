using System.Runtime.InteropServices;
namespace BackupGuard.Verification.Compression;
public enum ZstdResult { Ok, Truncated, Corrupt, TooLong, DictionaryRefused, WindowTooLarge, ChecksumMismatch }
public static unsafe partial class Zstd
{
    [LibraryImport("libzstd.so.1")] private static partial nuint ZSTD_decompress(byte* d, nuint dl, byte* s, nuint sl);
    [LibraryImport("libzstd.so.1")] private static partial uint ZSTD_isError(nuint c);
    public static ZstdResult Decode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        fixed (byte* d = destination, s = source)
        {
            var n = ZSTD_decompress(d, (nuint)destination.Length, s, (nuint)source.Length);
            written = 0;
            if (ZSTD_isError(n) != 0) return ZstdResult.Corrupt;
            written = (int)n; return ZstdResult.Ok;
        }
    }
    public static ZstdResult DecodeBounded(ReadOnlySpan<byte> source, int limitBytes, out byte[] plain)
    {
        var buffer = new byte[Math.Min(limitBytes, 64 << 20)];
        var r = Decode(source, buffer, out var n); plain = buffer[..n]; return r;
    }
}
