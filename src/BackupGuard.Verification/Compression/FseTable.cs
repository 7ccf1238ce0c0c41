using System.Numerics;

namespace BackupGuard.Verification.Compression;

/// <summary>Finite-state-entropy tables (RFC 8878, 4.1).</summary>
/// <remarks>A cell packs what one step of a decoder needs: bits 0-15 base of the next state, 16-23 bits to read for it, 24-31 extra bits of the value, 32-63 base of the value.
/// By construction base + any value of the bits to read is below the table's size, so that a state is always a valid index.</remarks>
internal static class FseTable
{
    /// <summary>Symbols of the largest alphabet that is coded so (match lengths have 53).</summary>
    public const int MostSymbols = 53;

    /// <summary>Reads a table description (4.1.1).</summary>
    /// <param name="norm">As long as the alphabet; gets a count a symbol, -1 for "less than one".</param>
    /// <returns>The bytes used, or -1 when the description is not valid.</returns>
    public static int ReadCounts(ReadOnlySpan<byte> source, int largestLog, Span<short> norm, out int log, out int symbols)
    {
        symbols = 0;
        log = (Peek(source, 0) & 15) + 5;
        if (log > largestLog || source.Length == 0) return -1;
        var bit = 4;
        var remaining = (1 << log) + 1;
        var threshold = 1 << log;
        var width = log + 1;
        while (remaining > 1)
        {
            if (symbols >= norm.Length || bit > source.Length * 8) return -1;
            var bits = Peek(source, bit);
            var shortCodes = (2 * threshold) - 1 - remaining;
            var value = bits & (threshold - 1);
            if (value < shortCodes)
            {
                bit += width - 1;
            }
            else
            {
                value = bits & ((2 * threshold) - 1);
                if (value >= threshold) value -= shortCodes;
                bit += width;
            }

            var count = value - 1;
            remaining -= Math.Abs(count);
            norm[symbols++] = (short)count;
            if (count == 0 && !SkipZeros(source, norm, ref bit, ref symbols)) return -1;
            for (; remaining < threshold && threshold > 1; threshold >>= 1) width--;
        }

        var used = (bit + 7) / 8;
        return remaining == 1 && used <= source.Length ? used : -1;
    }

    /// <summary>Fills the table for these counts (4.1.1, "from normalized distribution to decoding tables").</summary>
    /// <param name="extraBits">Of each symbol's value.</param>
    /// <param name="bases">Of each symbol's value.</param>
    public static void Build(ReadOnlySpan<short> norm, int log, ReadOnlySpan<byte> extraBits, ReadOnlySpan<uint> bases, Span<ulong> table)
    {
        var size = 1 << log;
        Span<ushort> next = stackalloc ushort[MostSymbols];
        Span<byte> symbolAt = stackalloc byte[size];
        var high = size - 1;
        for (var s = 0; s < norm.Length; s++)
        {
            next[s] = (ushort)Math.Abs(norm[s]);
            if (norm[s] == -1) symbolAt[high--] = (byte)s;
        }

        var step = (size >> 1) + (size >> 3) + 3;
        var position = 0;
        for (var s = 0; s < norm.Length; s++)
        {
            for (var i = 0; i < norm[s]; i++)
            {
                symbolAt[position] = (byte)s;
                do position = (position + step) & (size - 1);
                while (position > high);
            }
        }

        unchecked
        {
            for (var i = 0; i < size; i++)
            {
                var symbol = symbolAt[i];
                int state = next[symbol]++;
                var bits = log - BitOperations.Log2((uint)state);
                table[i] = Cell((state << bits) - size, bits, extraBits[symbol], bases[symbol]);
            }
        }
    }

    /// <summary>A table of one cell: every value has this symbol, no bits are read for it.</summary>
    public static ulong Cell(int nextBase, int nextBits, byte extraBits, uint value) =>
        (uint)nextBase | ((ulong)nextBits << 16) | ((ulong)extraBits << 24) | ((ulong)value << 32);

    private static bool SkipZeros(ReadOnlySpan<byte> source, Span<short> norm, ref int bit, ref int symbols)
    {
        int repeat;
        do
        {
            repeat = Peek(source, bit) & 3;
            bit += 2;
            if (repeat > norm.Length - symbols || bit > (source.Length * 8) + 2) return false;
            norm.Slice(symbols, repeat).Clear();
            symbols += repeat;
        }
        while (repeat == 3);
        return true;
    }

    /// <summary>16 bits from there on; past the end they are 0, which the caller notices by the position.</summary>
    private static int Peek(ReadOnlySpan<byte> source, int bit)
    {
        var at = bit >> 3;
        var value = 0;
        for (var i = 0; i < 3 && at + i < source.Length; i++) value |= source[at + i] << (8 * i);
        return (value >> (bit & 7)) & 0xFFFF;
    }
}
