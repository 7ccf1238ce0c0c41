using System.Numerics;
using System.Runtime.CompilerServices;

namespace BackupGuard.Verification.Compression;

/// <summary>One backward bit stream of Huffman codes (RFC 8878, 4.2.2), read with care: slow, and exact at its end.</summary>
internal unsafe struct HuffmanStream
{
    public byte* Start { get; private set; }

    /// <summary>Where the 8 bytes of <see cref="Bits"/> were read; for a shorter stream they were put together from what there is.</summary>
    public byte* At { get; private set; }
    public ulong Bits { get; private set; }

    /// <summary>Of the 64 bits, from the top.</summary>
    public int Used { get; private set; }

    public bool Open(byte* start, int length)
    {
        if (length == 0 || start[length - 1] == 0) return false;
        Start = start;
        At = start + Math.Max(length - 8, 0);
        Used = 8 - BitOperations.Log2(start[length - 1]);
        if (length >= 8)
        {
            Bits = Unsafe.ReadUnaligned<ulong>(At);
            return true;
        }

        for (var i = 0; i < length; i++) Bits |= (ulong)start[i] << (8 * i);
        Used += 8 * (8 - length);
        return true;
    }

    public void Resume(byte* at, int used)
    {
        At = at;
        Bits = Unsafe.ReadUnaligned<ulong>(at);
        Used = used;
    }

    /// <summary>Decodes the rest; false unless the last symbol ends with the first bit of the stream.</summary>
    public bool Finish(HuffmanTable table, byte* output, byte* end)
    {
        unchecked
        {
            var cells = table.Cells;
            var shift = 64 - table.Log;
            var at = At;
            var (bits, used) = (Bits, Used);
            while (output < end)
            {
                var back = (int)Math.Min(used >> 3, at - Start);
                if (back > 0)
                {
                    at -= back;
                    used -= back * 8;
                    bits = Unsafe.ReadUnaligned<ulong>(at);
                }

                if (used > 64) return false;
                // 4 * 11 bits are there, or the check above and the one at the end see that they were not.
                for (var stop = end - output > 4 ? output + 4 : end; output < stop; output++)
                {
                    var cell = cells[(int)((bits << used) >> shift)];
                    used += (byte)cell;
                    *output = (byte)(cell >> 8);
                }
            }

            return ((at - Start) * 8) + 64 == used;
        }
    }
}
