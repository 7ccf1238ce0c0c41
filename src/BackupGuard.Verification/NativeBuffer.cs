using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace BackupGuard.Verification;

/// <summary>A buffer outside the collector's heap that grows in place where the system can: an outgrown array would stay until a collection that nothing else asks for.</summary>
/// <remarks>Memory counts only as far as it was written. For one thread. Spans and memories of before a <see cref="Grow"/> are invalid after it.</remarks>
internal sealed unsafe class NativeBuffer : MemoryManager<byte>
{
    private byte* bytes;

    public int Length { get; private set; }

    public override Memory<byte> Memory => CreateMemory(Length);

    public override Span<byte> GetSpan() => new(bytes, Length);

    /// <summary>Keeps the content; what is new is undefined.</summary>
    public void Grow(int length)
    {
        if (length <= Length) return;
        bytes = (byte*)NativeMemory.Realloc(bytes, (nuint)length);
        Length = length;
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Length);
        return new MemoryHandle(bytes + elementIndex, default, this);
    }

    public override void Unpin() { }

    /// <summary>Contents of backups do not stay in freed memory.</summary>
    protected override void Dispose(bool disposing)
    {
        if (bytes is null) return;
        CryptographicOperations.ZeroMemory(GetSpan());
        NativeMemory.Free(bytes);
        bytes = null;
        Length = 0;
    }
}
