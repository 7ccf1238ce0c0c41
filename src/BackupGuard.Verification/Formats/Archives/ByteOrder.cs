namespace BackupGuard.Verification.Formats.Archives;

/// <summary>Byte strings as keys.</summary>
internal sealed class ByteOrder : IEqualityComparer<byte[]>
{
    public static ByteOrder Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}
