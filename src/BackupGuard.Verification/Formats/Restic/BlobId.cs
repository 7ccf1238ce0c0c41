using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>A SHA-256 as restic names things: 32 bytes, written as 64 lower-case hex digits.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BlobId : IEquatable<BlobId>
{
    public const int Bytes = 32;
    private readonly ulong a, b, c, d;

    private BlobId(ulong a, ulong b, ulong c, ulong d) => (this.a, this.b, this.c, this.d) = (a, b, c, d);

    public static BlobId Of(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Bytes) throw new ArgumentException("An id has 32 bytes.", nameof(hash));
        return MemoryMarshal.Read<BlobId>(hash);
    }

    /// <summary>Strict: exactly 64 lower-case hex digits, as in file names and JSON.</summary>
    public static bool TryParse(ReadOnlySpan<byte> hex, out BlobId id)
    {
        id = default;
        if (hex.Length != 2 * Bytes) return false;
        Span<byte> bytes = stackalloc byte[Bytes];
        for (var i = 0; i < Bytes; i++)
        {
            int high = Digit(hex[2 * i]), low = Digit(hex[2 * i + 1]);
            if ((high | low) < 0) return false;
            bytes[i] = (byte)((high << 4) | low);
        }
        id = Of(bytes);
        return true;
    }

    public static bool TryParse(string hex, out BlobId id)
    {
        id = default;
        if (hex.Length != 2 * Bytes) return false;
        Span<byte> ascii = stackalloc byte[2 * Bytes];
        for (var i = 0; i < hex.Length; i++)
        {
            if (hex[i] > 'f') return false;
            ascii[i] = (byte)hex[i];
        }
        return TryParse(ascii, out id);
    }

    private static int Digit(byte c) => c switch { >= (byte)'0' and <= (byte)'9' => c - '0', >= (byte)'a' and <= (byte)'f' => c - 'a' + 10, _ => -1 };

    public ReadOnlySpan<byte> AsBytes() => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AsRef(in this), 1));

    /// <summary>Ids are hashes already: any 32 bits of them are as good as a hash function.</summary>
    public uint Hash32 => BinaryPrimitives.ReverseEndianness(unchecked((uint)a));

    public bool Equals(BlobId other) => a == other.a && b == other.b && c == other.c && d == other.d;
    public override bool Equals(object? obj) => obj is BlobId other && Equals(other);
    public override int GetHashCode() => unchecked((int)a);
    public override string ToString() => Convert.ToHexStringLower(AsBytes());
    public string Short => ToString()[..8];
}
