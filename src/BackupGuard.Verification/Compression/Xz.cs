using System.Buffers.Binary;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Compression;

/// <summary>Decodes one .xz stream in memory ("The .xz File Format", tukaani.org): LZMA2 only, every header, the index and the footer checked.</summary>
/// <remarks>One instance serves one thread and keeps its tables between calls.</remarks>
public sealed class Xz
{
    private const int HeaderBytes = 12, CheckNone = 0, CheckCrc32 = 1, CheckCrc64 = 4, CheckSha256 = 10;
    private static readonly ulong[] Crc64Table = MakeCrc64();

    private readonly Lzma2Decoder lzma = new();

    /// <summary>Decodes into <paramref name="buffer"/>, which grows with what is really there, up to <paramref name="limitBytes"/>.</summary>
    /// <returns>False when anything is not as the format has it, a check fails, something follows the stream, or the content is longer than the limit.</returns>
    public bool TryDecode(ReadOnlySpan<byte> source, ref byte[] buffer, int limitBytes, out int written)
    {
        written = 0;
        if (source.Length < 2 * HeaderBytes || !IsMagic(source)) return false;
        var flags = source.Slice(6, 2);
        if (flags[0] != 0 || Crc32.Of(flags) != BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) || CheckBytes(flags[1]) is not { } checkBytes) return false;

        var at = HeaderBytes;
        var to = 0;
        var records = new List<(long Unpadded, long Plain)>();
        while (at < source.Length && source[at] != 0)
        {
            var start = at;
            var plainStart = to;
            if (!TryBlockHeader(source, ref at, out var dictionary, out var packedWanted, out var plainWanted)) return false;
            if (!lzma.TryDecode(source[at..], ref buffer, ref to, limitBytes, dictionary, out var packed)) return false;
            if (packedWanted is { } p && p != packed || plainWanted is { } u && u != to - plainStart) return false;
            at += packed;
            var unpadded = at - start + checkBytes;
            if (!TryZeros(source, ref at, -packed & 3) || source.Length - at < checkBytes || !CheckHolds(flags[1], buffer.AsSpan(plainStart, to - plainStart), source.Slice(at, checkBytes))) return false;
            at += checkBytes;
            records.Add((unpadded, to - plainStart));
        }
        if (!TryIndexAndFooter(source[at..], flags, records)) return false;
        written = to;
        return true;
    }

    private static bool IsMagic(ReadOnlySpan<byte> source) => source[..6].SequenceEqual((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]);

    private static int? CheckBytes(byte check) => check switch { CheckNone => 0, CheckCrc32 => 4, CheckCrc64 => 8, CheckSha256 => 32, _ => null };

    private static bool CheckHolds(byte check, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> stored) => check switch
    {
        CheckCrc32 => Crc32.Of(plain) == BinaryPrimitives.ReadUInt32LittleEndian(stored),
        CheckCrc64 => Crc64(plain) == BinaryPrimitives.ReadUInt64LittleEndian(stored),
        CheckSha256 => SHA256.HashData(plain).AsSpan().SequenceEqual(stored),
        _ => true,
    };

    /// <summary>Section 3.1 of the format.</summary>
    private static bool TryBlockHeader(ReadOnlySpan<byte> source, ref int at, out long dictionary, out long? packed, out long? plain)
    {
        (dictionary, packed, plain) = (0, null, null);
        var length = (source[at] + 1) * 4;
        if (length > source.Length - at) return false;
        var header = source.Slice(at, length - 4);
        if (Crc32.Of(header) != BinaryPrimitives.ReadUInt32LittleEndian(source[(at + length - 4)..])) return false;
        at += length;
        // One filter, no reserved bit.
        var flags = header[1];
        if ((flags & 0x3F) != 0) return false;
        var p = 2;
        if ((flags & 0x40) != 0)
        {
            if (!TryNumber(header, ref p, out var value) || value == 0) return false;
            packed = value;
        }
        if ((flags & 0x80) != 0)
        {
            if (!TryNumber(header, ref p, out var value)) return false;
            plain = value;
        }
        if (!TryNumber(header, ref p, out var filter) || filter != 0x21 || !TryNumber(header, ref p, out var properties) || properties != 1 || p >= header.Length) return false;
        var bits = header[p++];
        if (bits > 40) return false;
        dictionary = bits == 40 ? uint.MaxValue : (2L | (bits & 1)) << (bits / 2 + 11);
        return !header[p..].ContainsAnyExcept((byte)0);
    }

    /// <summary>Sections 4 and 2.1.2.</summary>
    private static bool TryIndexAndFooter(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> flags, List<(long Unpadded, long Plain)> records)
    {
        if (rest.Length < 8 + HeaderBytes) return false;
        var index = rest[..^HeaderBytes];
        var at = 1;
        if (!TryNumber(index, ref at, out var count) || count != records.Count) return false;
        foreach (var (unpadded, plain) in records)
            if (!TryNumber(index, ref at, out var u) || u != unpadded || !TryNumber(index, ref at, out var p) || p != plain) return false;
        if (!TryZeros(index, ref at, -at & 3) || index.Length - at != 4 || Crc32.Of(index[..at]) != BinaryPrimitives.ReadUInt32LittleEndian(index[at..])) return false;
        var footer = rest[^HeaderBytes..];
        return footer[10] == 'Y' && footer[11] == 'Z' && footer.Slice(8, 2).SequenceEqual(flags)
            && Crc32.Of(footer.Slice(4, 6)) == BinaryPrimitives.ReadUInt32LittleEndian(footer)
            && (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4 == index.Length;
    }

    /// <summary>Section 1.2: seven bits a byte, least significant first, shortest form only.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> source, ref int at, out long value)
    {
        value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            if (at >= source.Length) return false;
            var b = source[at++];
            value |= (long)(b & 0x7F) << shift;
            if ((b & 0x80) == 0) return b != 0 || shift == 0;
        }
        return false;
    }

    private static bool TryZeros(ReadOnlySpan<byte> source, ref int at, int count)
    {
        if (count > source.Length - at || source.Slice(at, count).ContainsAnyExcept((byte)0)) return false;
        at += count;
        return true;
    }

    /// <summary>CRC-64 of ECMA-182, reflected, as section 6 has it.</summary>
    private static ulong Crc64(ReadOnlySpan<byte> data)
    {
        var state = ulong.MaxValue;
        foreach (var b in data) state = Crc64Table[(int)((state ^ b) & 255)] ^ (state >> 8);
        return ~state;
    }

    private static ulong[] MakeCrc64()
    {
        var table = new ulong[256];
        for (var i = 0; i < 256; i++)
        {
            var value = (ulong)i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xC96C5795D7870F42 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
