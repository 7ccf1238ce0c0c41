using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BackupGuard.Verification.Compression;

/// <summary>CRC-32 of ISO 3309, as in gzip (RFC 1952 section 8), xz and Borg's segments. Finds accidents, never an attacker.</summary>
public static class Crc32
{
    private static readonly uint[] Tables = MakeTables();

    /// <param name="crc">The value so far; 0 to begin.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var state = ~crc;
        if (Pclmulqdq.IsSupported && data.Length >= 64) state = Fold(state, ref data);
        return ~Slice(state, data);
    }

    public static uint Of(ReadOnlySpan<byte> data) => Append(0, data);

    internal static uint WithTables(uint crc, ReadOnlySpan<byte> data) => ~Slice(~crc, data);

    /// <summary>Eight bytes at a time ("slicing by 8").</summary>
    private static uint Slice(uint state, ReadOnlySpan<byte> data)
    {
        var t = Tables.AsSpan(0, 8 * 256);
        for (; data.Length >= 8; data = data[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ state;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            state = t[(int)(7 * 256 + (low & 255))] ^ t[(int)(6 * 256 + ((low >> 8) & 255))] ^ t[(int)(5 * 256 + ((low >> 16) & 255))] ^ t[(int)(4 * 256 + (low >> 24))]
                ^ t[(int)(3 * 256 + (high & 255))] ^ t[(int)(2 * 256 + ((high >> 8) & 255))] ^ t[(int)(256 + ((high >> 16) & 255))] ^ t[(int)(high >> 24)];
        }
        foreach (var b in data) state = t[(int)((state ^ b) & 255)] ^ (state >> 8);
        return state;
    }

    /// <summary>Folds 64 bytes at a time by carry-less multiplication down to 16 bytes of the same remainder (V. Gopal et al., "Fast CRC Computation for Generic
    /// Polynomials Using PCLMULQDQ", Intel 2009; the constants are x^n mod P, bit-reflected).</summary>
    private static uint Fold(uint state, ref ReadOnlySpan<byte> data)
    {
        var by512 = Vector128.Create(0x0154442bd4L, 0x01c6e41596L);
        var by128 = Vector128.Create(0x01751997d0L, 0x00ccaa009eL);
        var a = Load(data, 0) ^ Vector128.Create(state, 0u, 0u, 0u).AsInt64();
        Vector128<long> b = Load(data, 16), c = Load(data, 32), d = Load(data, 48);
        for (data = data[64..]; data.Length >= 64; data = data[64..])
        {
            a = Times(a, by512) ^ Load(data, 0);
            b = Times(b, by512) ^ Load(data, 16);
            c = Times(c, by512) ^ Load(data, 32);
            d = Times(d, by512) ^ Load(data, 48);
        }
        a = Times(a, by128) ^ b;
        a = Times(a, by128) ^ c;
        a = Times(a, by128) ^ d;
        for (; data.Length >= 16; data = data[16..]) a = Times(a, by128) ^ Load(data, 0);
        Span<byte> rest = stackalloc byte[16];
        a.AsByte().CopyTo(rest);
        return Slice(0, rest);

        static Vector128<long> Load(ReadOnlySpan<byte> from, int at) => Vector128.Create(from.Slice(at, 16)).AsInt64();
        static Vector128<long> Times(Vector128<long> x, Vector128<long> k) => Pclmulqdq.CarrylessMultiply(x, k, 0x00) ^ Pclmulqdq.CarrylessMultiply(x, k, 0x11);
    }

    private static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            tables[i] = value;
        }
        for (var i = 256; i < tables.Length; i++) tables[i] = tables[tables[i - 256] & 255] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
