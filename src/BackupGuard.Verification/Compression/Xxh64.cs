using System.Buffers.Binary;
using System.Numerics;

namespace BackupGuard.Verification.Compression;

/// <summary>XXH64 with seed 0, the content checksum of zstd frames (xxHash specification, XXH64 algorithm description).</summary>
internal sealed class Xxh64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int Stripe = 32;

    private readonly byte[] pending = new byte[Stripe];
    private int pendingBytes;
    private ulong totalBytes;
    private ulong lane1, lane2, lane3, lane4;

    public Xxh64() => Reset();

    public void Reset()
    {
        pendingBytes = 0;
        totalBytes = 0;
        (lane1, lane2, lane3, lane4) = (unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1));
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        totalBytes += (ulong)bytes.Length;
        if (pendingBytes > 0)
        {
            var taken = Math.Min(Stripe - pendingBytes, bytes.Length);
            bytes[..taken].CopyTo(pending.AsSpan(pendingBytes));
            pendingBytes += taken;
            bytes = bytes[taken..];
            if (pendingBytes < Stripe) return;
            Stripes(pending);
            pendingBytes = 0;
        }

        var whole = bytes.Length & ~(Stripe - 1);
        Stripes(bytes[..whole]);
        bytes[whole..].CopyTo(pending);
        pendingBytes = bytes.Length - whole;
    }

    public ulong Digest()
    {
        unchecked
        {
            var hash = Prime5;
            if (totalBytes >= Stripe)
            {
                hash = BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7) + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18);
                foreach (var lane in (ReadOnlySpan<ulong>)[lane1, lane2, lane3, lane4])
                    hash = ((hash ^ Round(0, lane)) * Prime1) + Prime4;
            }

            return Avalanche(Tail(hash + totalBytes, pending.AsSpan(0, pendingBytes)));
        }
    }

    private void Stripes(ReadOnlySpan<byte> bytes)
    {
        var (a, b, c, d) = (lane1, lane2, lane3, lane4);
        for (; bytes.Length >= Stripe; bytes = bytes[Stripe..])
        {
            a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        }

        (lane1, lane2, lane3, lane4) = (a, b, c, d);
    }

    private static ulong Tail(ulong hash, ReadOnlySpan<byte> rest)
    {
        unchecked
        {
            for (; rest.Length >= 8; rest = rest[8..])
                hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
            if (rest.Length >= 4)
            {
                hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
                rest = rest[4..];
            }

            foreach (var value in rest)
                hash = BitOperations.RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
            return hash;
        }
    }

    private static ulong Round(ulong lane, ulong input) => unchecked(BitOperations.RotateLeft(lane + (input * Prime2), 31) * Prime1);

    private static ulong Avalanche(ulong hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 33)) * Prime2;
            hash = (hash ^ (hash >> 29)) * Prime3;
            return hash ^ (hash >> 32);
        }
    }
}
