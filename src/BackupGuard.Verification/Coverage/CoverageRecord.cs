using System.Buffers.Binary;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Coverage;

/// <summary>One record of a coverage ledger as bytes: 40 of them, so that a torn tail shows in the length and a damaged one in the check value.</summary>
/// <remarks>Layout, little-endian: name 16, state 8, seconds since 1970 7 (0: forgotten), marks 1, the beginning of the SHA-256 of the 32 before it 8.</remarks>
/// <param name="Marks">What was seen in the object and has to be said again while it is not read anew; 0 for nothing.</param>
public readonly record struct CoverageRecord(CoverageKey Key, DateTimeOffset? At, byte Marks = 0)
{
    public const int Bytes = 40;

    /// <summary>The highest byte of the seconds, which no date needs.</summary>
    private const int MarksAt = 31;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(to, Key.Name);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Key.State);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], At?.ToUnixTimeSeconds() ?? 0);
        to[MarksAt] = Marks;
        Check(to[..32], to[32..Bytes]);
    }

    /// <returns>Null for bytes that are no record of ours.</returns>
    public static CoverageRecord? Read(ReadOnlySpan<byte> from)
    {
        Span<byte> check = stackalloc byte[8];
        Check(from[..32], check);
        if (!from[32..Bytes].SequenceEqual(check)) return null;
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(from[24..]) & 0x00FF_FFFF_FFFF_FFFF;
        if (seconds is < 0 or > 253_402_300_799) return null;
        var key = new CoverageKey(BinaryPrimitives.ReadUInt128LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[16..]));
        return new CoverageRecord(key, seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds), from[MarksAt]);
    }

    private static void Check(ReadOnlySpan<byte> fields, Span<byte> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(fields, hash);
        hash[..check.Length].CopyTo(check);
    }
}
