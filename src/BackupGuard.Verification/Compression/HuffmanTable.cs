using System.Numerics;

namespace BackupGuard.Verification.Compression;

/// <summary>The Huffman code of literals (RFC 8878, 4.2). Each of the 2^<see cref="Log"/> cells holds a symbol (high byte) and the length of its code (low byte).</summary>
internal sealed class HuffmanTable
{
    /// <summary>RFC 8878, 4.2.1: longest code.</summary>
    public const int LargestLog = 11;

    private const int LargestWeightsLog = 6;

    private readonly byte[] weights = new byte[256];
    private readonly ulong[] weightsTable = new ulong[1 << LargestWeightsLog];

    /// <summary>Pinned: decoding goes by address.</summary>
    public ushort[] Cells { get; } = GC.AllocateArray<ushort>(1 << LargestLog, pinned: true);

    /// <summary>0 while there is no table.</summary>
    public int Log { get; private set; }

    public void Forget() => Log = 0;

    /// <returns>The bytes used by the description, or -1 when it is not valid.</returns>
    public int Read(ReadOnlySpan<byte> source)
    {
        Log = 0;
        if (source.Length == 0) return -1;
        int used, count;
        if (source[0] >= 128)
        {
            count = source[0] - 127;
            used = 1 + ((count + 1) / 2);
            if (used > source.Length) return -1;
            for (var i = 0; i < count; i++)
            {
                var pair = source[1 + (i / 2)];
                weights[i] = (byte)(i % 2 == 0 ? pair >> 4 : pair & 15);
            }
        }
        else
        {
            used = 1 + source[0];
            if (used > source.Length) return -1;
            count = ReadCompressedWeights(source[1..used]);
            if (count < 0) return -1;
        }

        return Build(count) ? used : -1;
    }

    /// <summary>4.2.1.2: two states take turns until the bits are used up exactly.</summary>
    private int ReadCompressedWeights(ReadOnlySpan<byte> source)
    {
        Span<short> norm = stackalloc short[LargestLog + 2];
        var described = FseTable.ReadCounts(source, LargestWeightsLog, norm, out var log, out var symbols);
        if (described < 0 || described >= source.Length || source[^1] == 0) return -1;
        FseTable.Build(norm[..symbols], log, NoExtraBits, WeightValues, weightsTable);

        var bits = source[described..];
        var left = (bits.Length * 8) - (8 - BitOperations.Log2(bits[^1]));
        Span<int> states = stackalloc int[2];
        foreach (ref var state in states)
        {
            left -= log;
            if (left < 0) return -1;
            state = Take(bits, left, log);
        }

        for (var count = 0; count < 254; count++)
        {
            var cell = weightsTable[states[count & 1]];
            weights[count] = (byte)(cell >> 32);
            var needed = (int)(cell >> 16) & 0xFF;
            left -= needed;
            if (left < 0)
            {
                weights[count + 1] = (byte)(weightsTable[states[(count + 1) & 1]] >> 32);
                return count + 2;
            }

            states[count & 1] = (int)(cell & 0xFFFF) + Take(bits, left, needed);
        }

        return -1;
    }

    private bool Build(int count)
    {
        Span<int> ranks = stackalloc int[LargestLog + 2];
        ranks.Clear();
        var total = 0;
        foreach (var weight in weights.AsSpan(0, count))
        {
            if (weight > LargestLog) return false;
            ranks[weight]++;
            total += (1 << weight) >> 1;
        }

        if (total == 0) return false;
        var log = BitOperations.Log2((uint)total) + 1;
        var rest = (1 << log) - total;
        if (log > LargestLog || !BitOperations.IsPow2(rest)) return false;
        // 4.2.1.1: the last weight is not written, it completes the sum to a power of two.
        var last = BitOperations.Log2((uint)rest) + 1;
        weights[count] = (byte)last;
        ranks[last]++;
        if (ranks[1] < 2 || (ranks[1] & 1) != 0) return false;

        Span<int> start = stackalloc int[LargestLog + 2];
        var at = 0;
        for (var weight = 1; weight <= log; weight++)
        {
            start[weight] = at;
            at += ranks[weight] << (weight - 1);
        }

        for (var symbol = 0; symbol <= count; symbol++)
        {
            int weight = weights[symbol];
            if (weight == 0) continue;
            var cells = 1 << (weight - 1);
            Cells.AsSpan(start[weight], cells).Fill((ushort)((symbol << 8) | (log + 1 - weight)));
            start[weight] += cells;
        }

        Log = log;
        return true;
    }

    private static int Take(ReadOnlySpan<byte> bits, int at, int count)
    {
        int value = bits[at >> 3];
        if ((at >> 3) + 1 < bits.Length) value |= bits[(at >> 3) + 1] << 8;
        return (value >> (at & 7)) & ((1 << count) - 1);
    }

    private static ReadOnlySpan<byte> NoExtraBits => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static ReadOnlySpan<uint> WeightValues => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
}
