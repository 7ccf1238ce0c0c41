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

    /// <summary>The checksum of one piece.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Append(Seed, bytes);

    /// <summary>The state after these bytes too.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        if (X86.Sse42.X64.IsSupported)
        {
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
