using System.Buffers.Binary;
using System.IO.Compression;
using BackupGuard.Verification.Compression;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Undoes the compression of one object: its first two bytes say which (Borg internals, "Compression"). For one thread; its buffer is used again.</summary>
internal sealed class Decompressor
{
    /// <summary>Borg stores up to 20 MiB an object and cuts files at 8 MiB by default; a manifest of very many archives may be larger.</summary>
    public const int LargestPlain = 128 << 20;

    private readonly ZstdDecoder zstd = new();
    private readonly Xz xz = new();
    private byte[] buffer = new byte[1 << 20];

    /// <param name="stored">An array segment, since the framework's zlib reads streams only.</param>
    /// <param name="plain">Lies in <paramref name="stored"/> or in this object's buffer: gone with the next call.</param>
    public bool TryDecompress(ArraySegment<byte> stored, out ReadOnlySpan<byte> plain, out Words reason)
    {
        plain = default;
        reason = new("its data are too short", "ses données sont trop courtes");
        if (stored.Count < 2) return false;
        var id = stored[0] | (stored[1] << 8);
        if (id == 4)
        {
            // --compression obfuscate: the length of the real data, the data, filling.
            if (stored.Count < 8) return false;
            var length = BinaryPrimitives.ReadUInt32BigEndian(stored[2..6]);
            if (length > stored.Count - 6 || length < 2) return false;
            stored = stored.Slice(6, (int)length);
            id = stored[0] | (stored[1] << 8);
        }
        bool good;
        int written;
        switch (id)
        {
            case 0:
                plain = stored[2..];
                return true;
            case 1:
                good = Lz4.TryDecode(stored[2..], ref buffer, LargestPlain, out written);
                break;
            case 2:
                good = xz.TryDecode(stored[2..], ref buffer, LargestPlain, out written);
                break;
            case 3:
                good = TryZstd(stored[2..], out written);
                break;
            // The two bytes of RFC 1950 itself.
            case var _ when (id & 0x0F) == 8 && ((stored[0] << 8) + stored[1]) % 31 == 0:
                good = TryZlib(stored, out written);
                break;
            default:
                reason = new($"it names the unknown compression {stored[0]:x2}{stored[1]:x2}", $"il nomme la compression inconnue {stored[0]:x2}{stored[1]:x2}");
                return false;
        }
        reason = new("its data do not decompress, or to more than 128 MiB", "ses données ne se décompressent pas, ou en plus de 128 Mio");
        if (good) plain = buffer.AsSpan(0, written);
        return good;
    }

    private bool TryZstd(ReadOnlySpan<byte> stored, out int written)
    {
        while (true)
        {
            var result = zstd.Decode(stored, buffer, out written);
            if (result != ZstdResult.TooLong || buffer.Length >= LargestPlain) return result == ZstdResult.Ok;
            buffer = GC.AllocateUninitializedArray<byte>(Math.Min(LargestPlain, 2 * buffer.Length));
        }
    }

    private bool TryZlib(ArraySegment<byte> stored, out int written)
    {
        written = 0;
        try
        {
            using var source = new MemoryStream(stored.Array!, stored.Offset, stored.Count);    // a segment of a real array
            using var inflating = new ZLibStream(source, CompressionMode.Decompress);
            while (true)
            {
                if (written == buffer.Length)
                {
                    if (buffer.Length >= LargestPlain) return inflating.ReadByte() < 0;
                    Array.Resize(ref buffer, Math.Min(LargestPlain, 2 * buffer.Length));
                }
                var read = inflating.Read(buffer, written, buffer.Length - written);
                if (read == 0) return true;
                written += read;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
