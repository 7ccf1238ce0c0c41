using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace BackupGuard.Verification.Cryptography;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4). No cryptography: it shows accidents, not intent.</summary>
public static class Crc32C
{
    /// <summary>The state before the first byte; the checksum is the complement of the state after the last.</summary>
    public const uint Seed = uint.MaxValue;

    private const uint ReversedPolynomial = 0x82F63B78;
    private static readonly uint[] Table = MakeTable();

    /// <summary>Bytes of one of the three strands that the processor works on at once: it could take a word a cycle, but gives the result of the one before only after three.</summary>
    private const int StrandBytes = 2048;

    /// <summary>What a state becomes when <see cref="StrandBytes"/> zero bytes follow, for each value of each of its four bytes. The sum of the four is that of the state (CRCs are linear).</summary>
    private static readonly uint[] AfterStrand = MakeAfterStrand();

    /// <summary>The checksum of one piece.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Append(Seed, bytes);

    /// <summary>The state after these bytes too.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        if (X86.Sse42.X64.IsSupported)
        {
            for (; bytes.Length >= 3 * StrandBytes; bytes = bytes[(3 * StrandBytes)..]) state = ThreeStrands(state, MemoryMarshal.Cast<byte, ulong>(bytes[..(3 * StrandBytes)]));
            ulong wide = state;
            foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) wide = X86.Sse42.X64.Crc32(wide, word);
            state = (uint)wide;
            foreach (var value in bytes[(bytes.Length & ~7)..]) state = X86.Sse42.Crc32(state, value);
            return state;
        }

        if (Arm.Crc32.Arm64.IsSupported)
        {
            foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) state = Arm.Crc32.Arm64.ComputeCrc32C(state, word);
            foreach (var value in bytes[(bytes.Length & ~7)..]) state = Arm.Crc32.ComputeCrc32C(state, value);
            return state;
        }

        return AppendPortable(state, bytes);
    }

    private static uint ThreeStrands(uint state, ReadOnlySpan<ulong> words)
    {
        const int Strand = StrandBytes / sizeof(ulong);
        var first = words[..Strand];
        var second = words.Slice(Strand, Strand);
        var third = words.Slice(2 * Strand, Strand);
        ulong a = state, b = 0, c = 0;
        for (var i = 0; i < first.Length; i++)
        {
            a = X86.Sse42.X64.Crc32(a, first[i]);
            b = X86.Sse42.X64.Crc32(b, second[i]);
            c = X86.Sse42.X64.Crc32(c, third[i]);
        }
        return Skip(Skip((uint)a) ^ (uint)b) ^ (uint)c;

        static uint Skip(uint state) => unchecked(AfterStrand[(byte)state] ^ AfterStrand[256 + (byte)(state >> 8)] ^ AfterStrand[512 + (byte)(state >> 16)] ^ AfterStrand[768 + (byte)(state >> 24)]);
    }

    private static uint[] MakeAfterStrand()
    {
        var table = new uint[4 * 256];
        Span<byte> zeros = stackalloc byte[StrandBytes];
        zeros.Clear();
        for (var bit = 0; bit < 32; bit++) table[((bit >> 3) << 8) | (1 << (bit & 7))] = AppendPortable(1u << bit, zeros);
        for (var place = 0; place < table.Length; place++)
        {
            var highest = (place & 0xFF) == 0 ? 0 : 1 << System.Numerics.BitOperations.Log2((uint)(place & 0xFF));
            if (highest != (place & 0xFF)) table[place] = table[(place & ~0xFF) | highest] ^ table[(place & ~0xFF) | ((place & 0xFF) ^ highest)];
        }
        return table;
    }

    /// <summary>The same without the processor's help.</summary>
    internal static uint AppendPortable(uint state, ReadOnlySpan<byte> bytes)
    {
        // Eight tables, eight bytes a step ("slicing by 8": Kounavis and Berry, 2005).
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ state;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            unchecked
            {
                state = Table[(7 << 8) | (byte)low] ^ Table[(6 << 8) | (byte)(low >> 8)] ^ Table[(5 << 8) | (byte)(low >> 16)] ^ Table[(4 << 8) | (byte)(low >> 24)]
                    ^ Table[(3 << 8) | (byte)high] ^ Table[(2 << 8) | (byte)(high >> 8)] ^ Table[(1 << 8) | (byte)(high >> 16)] ^ Table[(byte)(high >> 24)];
            }
        }

        foreach (var value in bytes) state = Table[unchecked((byte)(state ^ value))] ^ (state >> 8);
        return state;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (uint n = 0; n < 256; n++)
        {
            var value = n;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ ReversedPolynomial : value >> 1;
            table[n] = value;
        }

        for (var n = 256; n < table.Length; n++) table[n] = table[table[n - 256] & 0xFF] ^ (table[n - 256] >> 8);
        return table;
    }
}
