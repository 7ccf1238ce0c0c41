using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace BackupGuard.Verification.Compression;

/// <summary>Decodes LZMA2 chunks (the filter 0x21 of the .xz file format) of one block into memory. The output is its own dictionary. For one thread.</summary>
/// <remarks>Nothing of the input is believed before it is checked: distances reach back to what was written since the dictionary began, no further than the
/// block's dictionary size; a match ends inside its chunk; a range coder ends exactly where its chunk does, with an empty code.</remarks>
internal sealed class Lzma2Decoder
{
    private const int States = 12, PosStatesMax = 16, LengthCoders = 2 + PosStatesMax * 8 * 2 + 256;
    private const int IsMatch = 0, IsRep = IsMatch + States * PosStatesMax, IsRepG0 = IsRep + States, IsRepG1 = IsRepG0 + States, IsRepG2 = IsRepG1 + States, IsRep0Long = IsRepG2 + States,
        PosSlot = IsRep0Long + States * PosStatesMax, PosSpecial = PosSlot + 4 * 64, PosAlign = PosSpecial + 115, MatchLength = PosAlign + 16, RepLength = MatchLength + LengthCoders,
        Literal = RepLength + LengthCoders, Probabilities = Literal + (0x300 << 4);
    private const ushort Half = 1024;

    private readonly ushort[] probs = new ushort[Probabilities];
    private int lc, lp, pb, state;
    private uint rep0, rep1, rep2, rep3;
    private uint range, code;

    /// <param name="source">Begins with the first chunk.</param>
    /// <param name="output">Grows up to <paramref name="limit"/>.</param>
    /// <param name="to">Where to write; moved on.</param>
    /// <param name="used">Bytes of the source that the chunks had, the end mark included.</param>
    public bool TryDecode(ReadOnlySpan<byte> source, ref byte[] output, ref int to, int limit, long dictionaryBytes, out int used)
    {
        used = 0;
        var dictionaryStart = to;
        bool needDictionary = true, needState = true, needProperties = true;
        while (used < source.Length)
        {
            var control = source[used++];
            if (control == 0) return true;
            if (control >= 0xE0 || control == 1) (dictionaryStart, needDictionary, needProperties) = (to, false, true);
            if (needDictionary) return false;
            if (control < 0x80)
            {
                if (control > 2 || source.Length - used < 2) return false;
                var length = BinaryPrimitives.ReadUInt16BigEndian(source[used..]) + 1;
                used += 2;
                if (length > source.Length - used || !TryReserve(ref output, to, length, limit)) return false;
                source.Slice(used, length).CopyTo(output.AsSpan(to));
                used += length;
                to += length;
                continue;
            }
            if (source.Length - used < 5) return false;
            var plain = ((control & 0x1F) << 16) + BinaryPrimitives.ReadUInt16BigEndian(source[used..]) + 1;
            var packed = BinaryPrimitives.ReadUInt16BigEndian(source[(used + 2)..]) + 1;
            used += 4;
            if (control >= 0xC0)
            {
                if (!TryProperties(source[used++])) return false;
                needProperties = false;
            }
            if (needProperties) return false;
            if (control >= 0xA0)
            {
                ResetState();
                needState = false;
            }
            if (needState) return false;
            if (packed > source.Length - used || !TryReserve(ref output, to, plain, limit)) return false;
            if (!TryChunk(source.Slice(used, packed), output, ref to, plain, dictionaryStart, dictionaryBytes)) return false;
            used += packed;
        }
        return false;
    }

    private bool TryProperties(byte properties)
    {
        if (properties > (4 * 5 + 4) * 9 + 8) return false;
        pb = properties / 45;
        lp = properties % 45 / 9;
        lc = properties % 9;
        return lc + lp <= 4;
    }

    private void ResetState()
    {
        state = 0;
        (rep0, rep1, rep2, rep3) = (0, 0, 0, 0);
        probs.AsSpan().Fill(Half);
    }

    private static bool TryReserve(ref byte[] output, int used, int wanted, int limit)
    {
        if (wanted > limit - used) return false;
        if (wanted > output.Length - used) Array.Resize(ref output, (int)Math.Min(Math.Max(2L * output.Length, used + (long)wanted), limit));
        return true;
    }

    // One loop over the packets of a chunk: the state machine of LZMA does not come apart without slowing down.
    private bool TryChunk(ReadOnlySpan<byte> source, byte[] output, ref int to, int plain, int dictionaryStart, long dictionaryBytes)
    {
        if (source.Length < 5 || source[0] != 0) return false;
        range = uint.MaxValue;
        code = BinaryPrimitives.ReadUInt32BigEndian(source[1..]);
        var at = 5;
        var end = to + plain;
        while (to < end)
        {
            var position = to - dictionaryStart;
            var posState = position & ((1 << pb) - 1);
            if (Bit(source, ref at, ref probs[IsMatch + state * PosStatesMax + posState]) == 0)
            {
                if (position > 0 ? rep0 >= (uint)position : state >= 7) return false;
                output[to] = ReadLiteral(source, ref at, output, to, position);
                to++;
                state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
                continue;
            }
            int length;
            if (Bit(source, ref at, ref probs[IsRep + state]) == 0)
            {
                (rep3, rep2, rep1) = (rep2, rep1, rep0);
                length = ReadLength(source, ref at, MatchLength, posState);
                state = state < 7 ? 7 : 10;
                rep0 = ReadDistance(source, ref at, length);
            }
            else if (!TryRepeated(source, ref at, posState, out length))
            {
                // A short repeat: one byte from the last distance.
                length = 1;
            }
            // Covers the end mark (distance 2^32 - 1) too, which LZMA2 has not.
            if (rep0 >= (uint)position || rep0 >= dictionaryBytes || length > end - to || at > source.Length) return false;
            Lz4.CopyMatch(output.AsSpan(0, to + length), to, (int)rep0 + 1);
            to += length;
        }
        Normalize(source, ref at);
        return at == source.Length && code == 0;
    }

    private byte ReadLiteral(ReadOnlySpan<byte> source, ref int at, byte[] output, int to, int position)
    {
        var previous = position > 0 ? output[to - 1] : 0;
        var table = Literal + 0x300 * (((position & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc)));
        var symbol = 1;
        if (state >= 7)
        {
            var match = (int)output[to - (int)rep0 - 1];
            do
            {
                var matchBit = (match >> 7) & 1;
                match <<= 1;
                var bit = Bit(source, ref at, ref probs[table + ((1 + matchBit) << 8) + symbol]);
                symbol = (symbol << 1) | bit;
                if (bit != matchBit) break;
            }
            while (symbol < 0x100);
        }
        while (symbol < 0x100) symbol = (symbol << 1) | Bit(source, ref at, ref probs[table + symbol]);
        return (byte)(symbol & 0xFF);
    }

    /// <returns>False for a short repeat, which has no length.</returns>
    private bool TryRepeated(ReadOnlySpan<byte> source, ref int at, int posState, out int length)
    {
        length = 0;
        if (Bit(source, ref at, ref probs[IsRepG0 + state]) == 0)
        {
            if (Bit(source, ref at, ref probs[IsRep0Long + state * PosStatesMax + posState]) == 0)
            {
                state = state < 7 ? 9 : 11;
                return false;
            }
        }
        else if (Bit(source, ref at, ref probs[IsRepG1 + state]) == 0) (rep0, rep1) = (rep1, rep0);
        else if (Bit(source, ref at, ref probs[IsRepG2 + state]) == 0) (rep0, rep1, rep2) = (rep2, rep0, rep1);
        else (rep0, rep1, rep2, rep3) = (rep3, rep0, rep1, rep2);
        length = ReadLength(source, ref at, RepLength, posState);
        state = state < 7 ? 8 : 11;
        return true;
    }

    private int ReadLength(ReadOnlySpan<byte> source, ref int at, int coder, int posState)
    {
        if (Bit(source, ref at, ref probs[coder]) == 0) return 2 + Tree(source, ref at, coder + 2 + posState * 8, 3);
        if (Bit(source, ref at, ref probs[coder + 1]) == 0) return 10 + Tree(source, ref at, coder + 2 + PosStatesMax * 8 + posState * 8, 3);
        return 18 + Tree(source, ref at, coder + 2 + PosStatesMax * 16, 8);
    }

    private uint ReadDistance(ReadOnlySpan<byte> source, ref int at, int length)
    {
        var slot = Tree(source, ref at, PosSlot + Math.Min(length - 2, 3) * 64, 6);
        if (slot < 4) return (uint)slot;
        var bits = (slot >> 1) - 1;
        unchecked
        {
            var distance = (uint)(2 | (slot & 1)) << bits;
            if (slot < 14) return distance + ReverseTree(source, ref at, PosSpecial + (int)distance - slot, bits);
            for (var i = bits - 1; i >= 4; i--) distance += DirectBit(source, ref at) << i;
            return distance + ReverseTree(source, ref at, PosAlign, 4);
        }
    }

    private int Tree(ReadOnlySpan<byte> source, ref int at, int table, int bits)
    {
        var symbol = 1;
        for (var i = 0; i < bits; i++) symbol = (symbol << 1) | Bit(source, ref at, ref probs[table + symbol]);
        return symbol - (1 << bits);
    }

    private uint ReverseTree(ReadOnlySpan<byte> source, ref int at, int table, int bits)
    {
        var symbol = 1;
        uint value = 0;
        for (var i = 0; i < bits; i++)
        {
            var bit = Bit(source, ref at, ref probs[table + symbol]);
            symbol = (symbol << 1) | bit;
            value |= (uint)bit << i;
        }
        return value;
    }

    private uint DirectBit(ReadOnlySpan<byte> source, ref int at)
    {
        Normalize(source, ref at);
        range >>= 1;
        if (code < range) return 0;
        unchecked { code -= range; }
        return 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bit(ReadOnlySpan<byte> source, ref int at, ref ushort probability)
    {
        Normalize(source, ref at);
        unchecked
        {
            var bound = (range >> 11) * probability;
            if (code < bound)
            {
                range = bound;
                probability += (ushort)((2048 - probability) >> 5);
                return 0;
            }
            range -= bound;
            code -= bound;
            probability -= (ushort)(probability >> 5);
            return 1;
        }
    }

    /// <summary>Past the end zeros come in and the position goes on: the caller sees that more was asked for than there was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Normalize(ReadOnlySpan<byte> source, ref int at)
    {
        if (range >= 1 << 24) return;
        unchecked
        {
            range <<= 8;
            code = (code << 8) | ((uint)at < (uint)source.Length ? source[at] : 0u);
        }
        at++;
    }
}
