using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BackupGuard.Verification.Compression;

/// <summary>The literals section of a block (RFC 8878, 3.1.1.3.1) into a buffer of its own.</summary>
internal sealed unsafe class LiteralsDecoder
{
    /// <summary>What may be read past the literals by copies of whole vectors.</summary>
    public const int Margin = 64;

    private readonly HuffmanTable huffman = new();
    private readonly byte[] buffer = GC.AllocateArray<byte>(ZstdFrameHeader.LargestBlock + Margin, pinned: true);

    public byte* Start => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer));
    public int Length { get; private set; }

    public void BeginFrame() => huffman.Forget();

    /// <returns>The bytes of the block used, or -1 when they are not valid.</returns>
    public int Read(ReadOnlySpan<byte> block)
    {
        Length = 0;
        if (block.Length == 0) return -1;
        return (block[0] & 3) < 2 ? ReadStored(block) : ReadCompressed(block);
    }

    private int ReadStored(ReadOnlySpan<byte> block)
    {
        var header = ((block[0] >> 2) & 3) switch { 1 => 2, 3 => 3, _ => 1 };
        if (block.Length < header) return -1;
        var size = header switch
        {
            1 => block[0] >> 3,
            2 => BinaryPrimitives.ReadUInt16LittleEndian(block) >> 4,
            _ => (BinaryPrimitives.ReadUInt16LittleEndian(block) | (block[2] << 16)) >> 4,
        };
        var repeated = (block[0] & 3) == 1;
        var used = header + (repeated ? 1 : size);
        if (size > ZstdFrameHeader.LargestBlock || used > block.Length) return -1;
        if (repeated) buffer.AsSpan(0, size).Fill(block[header]);
        else block.Slice(header, size).CopyTo(buffer);
        Length = size;
        return used;
    }

    private int ReadCompressed(ReadOnlySpan<byte> block)
    {
        var format = (block[0] >> 2) & 3;
        var header = format switch { 2 => 4, 3 => 5, _ => 3 };
        if (block.Length < header) return -1;
        ulong bits = 0;
        for (var i = 0; i < header; i++) bits |= (ulong)block[i] << (8 * i);
        var width = format switch { 2 => 14, 3 => 18, _ => 10 };
        var mask = (1UL << width) - 1;
        var size = (int)((bits >> 4) & mask);
        var stored = (int)((bits >> (4 + width)) & mask);
        if (size == 0 || size > ZstdFrameHeader.LargestBlock || stored > block.Length - header) return -1;

        var streams = block.Slice(header, stored);
        if ((block[0] & 3) == 2)
        {
            var described = huffman.Read(streams);
            if (described < 0) return -1;
            streams = streams[described..];
        }

        if (huffman.Log == 0) return -1;
        fixed (byte* source = streams)
        {
            if (!(format == 0 ? One(source, streams.Length, size) : Four(source, streams.Length, size))) return -1;
        }

        Length = size;
        return header + stored;
    }

    private bool One(byte* source, int length, int size)
    {
        var stream = new HuffmanStream();
        return stream.Open(source, length) && stream.Finish(huffman, Start, Start + size);
    }

    /// <summary>4.2.2: three lengths, then four streams, each a quarter of the literals.</summary>
    private bool Four(byte* source, int length, int size)
    {
        if (length < 10 || size < 6) return false;
        var quarter = (size + 3) / 4;
        int first = Unsafe.ReadUnaligned<ushort>(source), second = Unsafe.ReadUnaligned<ushort>(source + 2), third = Unsafe.ReadUnaligned<ushort>(source + 4);
        var fourth = length - 6 - first - second - third;
        if (fourth < 1 || size < 3 * quarter) return false;

        HuffmanStream a = default, b = default, c = default, d = default;
        source += 6;
        if (!a.Open(source, first) || !b.Open(source + first, second) || !c.Open(source + first + second, third) || !d.Open(source + first + second + third, fourth)) return false;
        var done = first >= 8 && second >= 8 && third >= 8 && fourth >= 8 ? Together(ref a, ref b, ref c, ref d, quarter, size - (3 * quarter)) : 0;
        var o = Start;
        return a.Finish(huffman, o + done, o + quarter)
            && b.Finish(huffman, o + quarter + done, o + (2 * quarter))
            && c.Finish(huffman, o + (2 * quarter) + done, o + (3 * quarter))
            && d.Finish(huffman, o + (3 * quarter) + done, o + size);
    }

    /// <summary>Decodes the four streams side by side, five symbols each between two refills (5 * 11 bits fit in what a refill leaves), as long as none can run out.</summary>
    /// <remarks>The bits of a stream lie left-aligned in a register behind a lowest bit of one: the zeros below that bit count what was used.
    /// Long, because every line of it is the hot loop.</remarks>
    /// <returns>Symbols written of each stream.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Together(ref HuffmanStream a, ref HuffmanStream b, ref HuffmanStream c, ref HuffmanStream d, int quarter, int lastQuarter)
    {
        unchecked
        {
            const int symbols = 5, mostBytes = 7;
            var cells = (ushort*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(huffman.Cells));
            var shift = 64 - huffman.Log;
            byte* pa = a.At, pb = b.At, pc = c.At, pd = d.At;
            ulong ba = (a.Bits | 1) << a.Used, bb = (b.Bits | 1) << b.Used, bc = (c.Bits | 1) << c.Used, bd = (d.Bits | 1) << d.Used;
            var oa = Start;
            byte* ob = oa + quarter, oc = ob + quarter, od = oc + quarter, end = od + lastQuarter;
            while (true)
            {
                var rounds = Math.Min(
                    Math.Min(Math.Min(pa - a.Start, pb - b.Start), Math.Min(pc - c.Start, pd - d.Start)) / mostBytes,
                    (end - od) / symbols);
                if (rounds <= 0) break;
                var stop = od + (rounds * symbols);
                do
                {
                    for (var i = 0; i < symbols; i++)
                    {
                        uint ea = cells[ba >> shift], eb = cells[bb >> shift], ec = cells[bc >> shift], ed = cells[bd >> shift];
                        ba <<= (int)ea;
                        bb <<= (int)eb;
                        bc <<= (int)ec;
                        bd <<= (int)ed;
                        oa[i] = (byte)(ea >> 8);
                        ob[i] = (byte)(eb >> 8);
                        oc[i] = (byte)(ec >> 8);
                        od[i] = (byte)(ed >> 8);
                    }

                    oa += symbols;
                    ob += symbols;
                    oc += symbols;
                    od += symbols;
                    Refill(ref pa, ref ba);
                    Refill(ref pb, ref bb);
                    Refill(ref pc, ref bc);
                    Refill(ref pd, ref bd);
                }
                while (od < stop);
            }

            a.Resume(pa, BitOperations.TrailingZeroCount(ba));
            b.Resume(pb, BitOperations.TrailingZeroCount(bb));
            c.Resume(pc, BitOperations.TrailingZeroCount(bc));
            d.Resume(pd, BitOperations.TrailingZeroCount(bd));
            return (int)(oa - Start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ref byte* at, ref ulong bits)
    {
        var used = BitOperations.TrailingZeroCount(bits);
        at -= used >> 3;
        bits = (Unsafe.ReadUnaligned<ulong>(at) | 1) << (used & 7);
    }
}
