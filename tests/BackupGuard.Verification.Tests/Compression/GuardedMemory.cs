using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>Memory between two pages that nobody may touch: one byte read or written outside ends the process, and with it the test run.</summary>
/// <remarks>On Linux; elsewhere it is plain memory, and only the checks on the content are left.</remarks>
internal sealed partial class GuardedMemory : IDisposable
{
    private const int Page = 4096;
    private readonly nint mapping;
    private readonly nint mappedBytes;
    private readonly byte[] plain;
    private readonly int capacity;

    public GuardedMemory(int capacity)
    {
        this.capacity = (capacity + Page - 1) / Page * Page;
        plain = OperatingSystem.IsLinux() ? [] : new byte[this.capacity];
        if (!OperatingSystem.IsLinux()) return;
        mappedBytes = this.capacity + (2 * Page);
        mapping = Map(0, mappedBytes, 0, 0x22, -1, 0);  // PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS
        if (mapping == -1 || Protect(mapping + Page, this.capacity, 3) != 0) throw new InvalidOperationException("No guarded memory.");
    }

    /// <summary>So many bytes directly behind the forbidden page.</summary>
    public Span<byte> AtStart(int length) => All()[..length];

    /// <summary>So many bytes directly before the forbidden page.</summary>
    public Span<byte> AtEnd(int length) => All()[^length..];

    public void Dispose()
    {
        if (mapping != 0 && Unmap(mapping, mappedBytes) != 0) throw new InvalidOperationException("The guarded memory was not given back.");
    }

    private Span<byte> All() => mapping == 0
        ? plain
        : MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), mapping + Page), capacity);

    [DllImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Protect(nint address, nint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmap(nint address, nint length);
}
