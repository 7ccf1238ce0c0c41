using System.Buffers.Binary;

namespace BackupGuard.Verification.Formats.Borg;

internal enum MsgPackEnd { Whole, Truncated, Malformed }

/// <summary>Reads MessagePack as Borg 1 writes it (msgpack specification; texts and byte strings are the same there). No recursion, nothing allocated, no exception:
/// a reading that does not find what it looks for gives false, and then the whole is malformed.</summary>
internal ref struct MsgPackReader(ReadOnlySpan<byte> data)
{
    /// <summary>Borg nests four deep; unknown members may go deeper.</summary>
    private const int Deepest = 32;

    private readonly ReadOnlySpan<byte> data = data;

    public int Position { get; private set; }
    public readonly bool AtEnd => Position == data.Length;

    public bool TryMap(out int count) => TryContainer(0x80, 0xDE, out count) && count <= (data.Length - Position) / 2;

    /// <summary>An announced count that the rest of the bytes cannot hold is refused before anything is made of it.</summary>
    public bool TryArray(out int count) => TryContainer(0x90, 0xDC, out count) && count <= data.Length - Position;

    private bool TryContainer(byte small, byte wide, out int count)
    {
        count = 0;
        if (AtEnd) return false;
        var tag = data[Position];
        if ((tag & 0xF0) == small)
        {
            count = tag & 0x0F;
            Position++;
            return true;
        }
        if (tag != wide && tag != wide + 1 || !TryUnsigned(Position + 1, tag == wide ? 2 : 4, out var value) || value > int.MaxValue) return false;
        count = (int)value;
        Position += tag == wide ? 3 : 5;
        return true;
    }

    public bool TryBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (AtEnd) return false;
        var tag = data[Position];
        long length;
        int header;
        if ((tag & 0xE0) == 0xA0) (length, header) = (tag & 0x1F, 1);
        else
        {
            var width = tag switch { 0xC4 or 0xD9 => 1, 0xC5 or 0xDA => 2, 0xC6 or 0xDB => 4, _ => 0 };
            if (width == 0 || !TryUnsigned(Position + 1, width, out var value)) return false;
            (length, header) = ((long)value, 1 + width);
        }
        if (length > data.Length - Position - header) return false;
        bytes = data.Slice(Position + header, (int)length);
        Position += header + (int)length;
        return true;
    }

    public bool TryInteger(out long value)
    {
        value = 0;
        if (AtEnd) return false;
        var tag = data[Position];
        if (tag is < 0x80 or >= 0xE0)
        {
            value = unchecked((sbyte)tag);
            Position++;
            return true;
        }
        if (tag is < 0xCC or > 0xD3) return false;
        var width = 1 << (tag & 3);
        if (!TryUnsigned(Position + 1, width, out var raw)) return false;
        if (tag <= 0xCF)
        {
            if (raw > long.MaxValue) return false;
            value = (long)raw;
        }
        else value = width switch { 1 => unchecked((sbyte)raw), 2 => unchecked((short)raw), 4 => unchecked((int)raw), _ => unchecked((long)raw) };
        Position += 1 + width;
        return true;
    }

    public bool TryBoolean(out bool value)
    {
        value = false;
        if (AtEnd || data[Position] is not (0xC2 or 0xC3)) return false;
        value = data[Position++] == 0xC3;
        return true;
    }

    public bool TryNil()
    {
        if (AtEnd || data[Position] != 0xC0) return false;
        Position++;
        return true;
    }

    /// <summary>Goes past one whole value, whatever it is. At the end of the data it stays where it is, so that more can be fetched.</summary>
    public MsgPackEnd Skip()
    {
        Span<long> left = stackalloc long[Deepest];
        var depth = 0;
        left[0] = 1;
        var at = Position;
        while (depth >= 0)
        {
            if (left[depth] == 0) { depth--; continue; }
            left[depth]--;
            if (at >= data.Length) return MsgPackEnd.Truncated;
            var tag = data[at++];
            var (width, fixedBytes) = Shape(tag);
            if (width < 0) return MsgPackEnd.Malformed;
            long count = fixedBytes;
            if (width > 0)
            {
                if (width > data.Length - at) return MsgPackEnd.Truncated;
                TryUnsigned(at, width, out var value);
                at += width;
                count = (long)value;
            }
            var members = (tag & 0xF0) == 0x80 || tag is 0xDE or 0xDF ? 2 * count : (tag & 0xF0) == 0x90 || tag is 0xDC or 0xDD ? count : 0;
            if (members > 0)
            {
                if (++depth == Deepest) return MsgPackEnd.Malformed;
                left[depth] = members;
            }
            else if ((tag & 0xF0) is not (0x80 or 0x90) && tag is not (>= 0xDC and <= 0xDF))
            {
                if (count > data.Length - at) return MsgPackEnd.Truncated;
                at += (int)count;
            }
        }
        Position = at;
        return MsgPackEnd.Whole;
    }

    /// <returns>Width of the length that follows the tag, and else how many bytes or members belong to it; -1 for what Borg never writes (reserved, extensions).</returns>
    private static (int Width, int Fixed) Shape(byte tag) => tag switch
    {
        < 0x80 or >= 0xE0 => (0, 0),
        < 0xA0 => (0, tag & 0x0F),
        < 0xC0 => (0, tag & 0x1F),
        0xC0 or 0xC2 or 0xC3 => (0, 0),
        0xC4 or 0xD9 => (1, 0),
        0xC5 or 0xDA or 0xDC or 0xDE => (2, 0),
        0xC6 or 0xDB or 0xDD or 0xDF => (4, 0),
        0xCA => (0, 4),
        0xCB => (0, 8),
        >= 0xCC and <= 0xD3 => (0, 1 << (tag & 3)),
        _ => (-1, 0),
    };

    private readonly bool TryUnsigned(int at, int width, out ulong value)
    {
        value = 0;
        if (width > data.Length - at) return false;
        var bytes = data[at..];
        value = width switch { 1 => bytes[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(bytes), 4 => BinaryPrimitives.ReadUInt32BigEndian(bytes), _ => BinaryPrimitives.ReadUInt64BigEndian(bytes) };
        return true;
    }
}
