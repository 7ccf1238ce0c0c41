using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BackupGuard.Verification.Compression;

/// <summary>Compressed blocks of one frame after the other (RFC 8878, 3.1.1.3), with the tables and offsets that pass from block to block.</summary>
/// <remarks>Goes by address where it is hot. What is read and written there is bounded by: the literals counted, the end of the block's room, the beginning of the
/// frame's content, and the bit stream's beginning; each is checked before the copy it bounds.</remarks>
internal sealed unsafe class ZstdBlockDecoder
{
    private const int Vector = 16;

    /// <summary>Whole vectors may be written this far past the end of a copy, when the buffer is that long.</summary>
    private const int WildMargin = 2 * Vector;

    private readonly LiteralsDecoder literals = new();
    private readonly SequenceCodes literalLengths = new(SequenceAlphabet.LiteralLengths);
    private readonly SequenceCodes offsets = new(SequenceAlphabet.Offsets);
    private readonly SequenceCodes matchLengths = new(SequenceAlphabet.MatchLengths);
    private uint offset1, offset2, offset3;

    public void BeginFrame()
    {
        literals.BeginFrame();
        literalLengths.Forget();
        offsets.Forget();
        matchLengths.Forget();
        (offset1, offset2, offset3) = (1, 4, 8);
    }

    /// <summary>Decodes one compressed block.</summary>
    /// <param name="buffer">The content of the frame so far begins at <paramref name="frameStart"/> and ends at <paramref name="position"/>, where this block's content goes.
    /// Bytes behind the block's content, within the buffer, may be overwritten.</param>
    /// <param name="limit">Most bytes this block may give; they are there in the buffer.</param>
    /// <returns>Ok, Corrupt, or TooLong when the block would give more than the limit.</returns>
    public ZstdResult Decode(ReadOnlySpan<byte> block, Span<byte> buffer, int frameStart, int position, int limit, out int written)
    {
        written = 0;
        var used = literals.Read(block);
        if (used < 0 || used >= block.Length) return ZstdResult.Corrupt;
        var section = block[used..];
        var head = ReadSequencesHeader(section, out var count);
        if (head < 0) return ZstdResult.Corrupt;

        var room = buffer.Slice(position, limit);
        if (count == 0)
        {
            if (head != section.Length) return ZstdResult.Corrupt;
            if (literals.Length > room.Length) return ZstdResult.TooLong;
            new ReadOnlySpan<byte>(literals.Start, literals.Length).CopyTo(room);
            written = literals.Length;
            return ZstdResult.Ok;
        }

        fixed (byte* bits = section[head..])
        fixed (byte* output = buffer)
        {
            return Run(bits, section.Length - head, count, output + frameStart, output + position, output + position + limit, output + buffer.Length, out written);
        }
    }

    /// <returns>The bytes used by the count and the three tables, or -1.</returns>
    private int ReadSequencesHeader(ReadOnlySpan<byte> section, out int count)
    {
        count = section[0];
        if (count == 0) return 1;
        var at = count switch { < 128 => 1, < 255 => 2, _ => 3 };
        if (section.Length <= at) return -1;
        if (at == 2) count = ((count - 128) << 8) + section[1];
        if (at == 3) count = section[1] + (section[2] << 8) + 0x7F00;
        var modes = section[at++];
        if ((modes & 3) != 0) return -1;
        if (count == 0) return -1;

        var read = Set(literalLengths, modes >> 6, section, ref at) && Set(offsets, (modes >> 4) & 3, section, ref at) && Set(matchLengths, (modes >> 2) & 3, section, ref at);
        return read ? at : -1;
    }

    private static bool Set(SequenceCodes codes, int mode, ReadOnlySpan<byte> section, ref int at)
    {
        var used = codes.Set(mode, section[at..]);
        if (used < 0) return false;
        at += used;
        return true;
    }

    /// <summary>Reads the sequences and does what they say: literals, then a match, again and again (3.1.1.3.2.1.2, 3.1.1.4, 3.1.1.5).</summary>
    /// <param name="lowest">The first byte that a match may come from.</param>
    /// <param name="op">Where the block's content goes.</param>
    /// <param name="roomEnd">The block must not give more than fits before this.</param>
    /// <param name="bufferEnd">The buffer itself ends here.</param>
    /// <remarks>One long method: the state of the bit stream has to stay in registers.</remarks>
    [SkipLocalsInit]
    private ZstdResult Run(byte* start, int length, int count, byte* lowest, byte* op, byte* roomEnd, byte* bufferEnd, out int written)
    {
        unchecked
        {
            written = 0;
            if (length == 0 || start[length - 1] == 0) return ZstdResult.Corrupt;
            var used = 8 - (ulong)BitOperations.Log2(start[length - 1]);
            var at = start;
            ulong bits = 0;
            if (length >= 8)
            {
                at = start + length - 8;
                bits = Unsafe.ReadUnaligned<ulong>(at);
            }
            else
            {
                for (var i = 0; i < length; i++) bits |= (ulong)start[i] << (8 * i);
                used += 8 * (8 - (ulong)length);
            }

            var literalTable = AddressOf(literalLengths.Table!);
            var offsetTable = AddressOf(offsets.Table!);
            var matchTable = AddressOf(matchLengths.Table!);
            var literalState = (uint)Take(bits, ref used, (ulong)literalLengths.Log);
            var offsetState = (uint)Take(bits, ref used, (ulong)offsets.Log);
            var matchState = (uint)Take(bits, ref used, (ulong)matchLengths.Log);
            uint recent1 = offset1, recent2 = offset2, recent3 = offset3;
            byte* literal = literals.Start, literalEnd = literal + literals.Length, blockStart = op;

            while (true)
            {
                // At least 57 bits are in the register after this, unless the stream is shorter: then its position at the end tells.
                Refill(start, ref at, ref bits, ref used);
                ulong literalCell = literalTable[literalState], matchCell = matchTable[matchState], offsetCell = offsetTable[offsetState];
                ulong offsetBits = (byte)(offsetCell >> 24), matchBits = (byte)(matchCell >> 24), literalBits = (byte)(literalCell >> 24);
                var offset = (uint)(offsetCell >> 32) + (uint)Take(bits, ref used, offsetBits);
                if (offsetBits > 1)
                {
                    offset -= 3;
                    recent3 = recent2;
                    recent2 = recent1;
                    recent1 = offset;
                }
                else
                {
                    // 3.1.1.5: 1 to 3 name a recent offset; without literals they are shifted by one, and the last means "the most recent, minus one".
                    var which = offset - ((literalCell >> 32) == 0 ? 0u : 1u);
                    if (which != 0)
                    {
                        offset = which switch { 1 => recent2, 2 => recent3, _ => recent1 - 1 };
                        if (offset == 0) return ZstdResult.Corrupt;
                        if (which != 1) recent3 = recent2;
                        recent2 = recent1;
                        recent1 = offset;
                    }
                    else
                    {
                        offset = recent1;
                    }
                }

                var matchLength = (uint)(matchCell >> 32) + (uint)Take(bits, ref used, matchBits);
                // 57 bits do for offset, match and literals (31 + 16 + 16 at most) only when they leave 26 for the next states.
                if (offsetBits + matchBits + literalBits > 30) Refill(start, ref at, ref bits, ref used);
                var literalLength = (uint)(literalCell >> 32) + (uint)Take(bits, ref used, literalBits);

                if (literalLength > literalEnd - literal) return ZstdResult.Corrupt;
                nint bothLengths = (nint)literalLength + (nint)matchLength;
                if (bothLengths > roomEnd - op) return ZstdResult.TooLong;
                if (offset > (op - lowest) + literalLength) return ZstdResult.Corrupt;
                if (bufferEnd - op >= bothLengths + WildMargin)
                {
                    CopyWild(literal, op, op + literalLength);
                    literal += literalLength;
                    op += literalLength;
                    if (offset >= Vector) CopyWild(op - offset, op, op + matchLength);
                    else Repeat(op, op + matchLength, (int)offset);
                    op += matchLength;
                }
                else
                {
                    for (var stop = op + literalLength; op < stop; op++) *op = *literal++;
                    for (var stop = op + matchLength; op < stop; op++) *op = *(op - offset);
                }

                if (--count == 0) break;
                literalState = (ushort)literalCell + (uint)Take(bits, ref used, (byte)(literalCell >> 16));
                matchState = (ushort)matchCell + (uint)Take(bits, ref used, (byte)(matchCell >> 16));
                offsetState = (ushort)offsetCell + (uint)Take(bits, ref used, (byte)(offsetCell >> 16));
            }

            if (((ulong)(at - start) * 8) + 64 != used) return ZstdResult.Corrupt;
            var rest = literalEnd - literal;
            if (rest > roomEnd - op) return ZstdResult.TooLong;
            new ReadOnlySpan<byte>(literal, (int)rest).CopyTo(new Span<byte>(op, (int)rest));
            (offset1, offset2, offset3) = (recent1, recent2, recent3);
            written = (int)(op + rest - blockStart);
            return ZstdResult.Ok;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* AddressOf(ulong[] pinned) => (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    /// <summary>The next bits of the register. Past its end they are arbitrary, but never more than asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Take(ulong bits, ref ulong used, ulong count)
    {
        unchecked
        {
            used += count;
            var value = bits >> -(int)used;
            return Bmi2.X64.IsSupported ? Bmi2.X64.ZeroHighBits(value, count) : value & ((1UL << (int)count) - 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(byte* start, ref byte* at, ref ulong bits, ref ulong used)
    {
        unchecked
        {
            var back = used >> 3;
            if ((ulong)(at - start) < back)
            {
                back = (ulong)(at - start);
                if (back == 0) return;
            }

            at -= back;
            used -= back * 8;
            bits = Unsafe.ReadUnaligned<ulong>(at);
        }
    }

    /// <summary>Copies whole vectors; may write up to one vector past the end, and read as far past the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyWild(byte* from, byte* to, byte* end)
    {
        do
        {
            Vector128.Store(Vector128.Load(from), to);
            from += Vector;
            to += Vector;
        }
        while (to < end);
    }

    /// <summary>A match that overlaps itself: the last <paramref name="offset"/> bytes, over and over. May write up to one vector past the end.</summary>
    private static void Repeat(byte* to, byte* end, int offset)
    {
        unchecked
        {
            var pattern = Vector128<byte>.Zero;
            for (var i = 0; i < Vector; i++) pattern = pattern.WithElement(i, *(to - offset + (i % offset)));
            var step = Vector - (Vector % offset);
            do
            {
                Vector128.Store(pattern, to);
                to += step;
            }
            while (to < end);
        }
    }
}
