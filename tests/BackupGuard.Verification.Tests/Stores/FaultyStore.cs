using System.Collections.Concurrent;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Tests.Stores;

/// <summary>What goes wrong, and how often.</summary>
/// <param name="Matches">The objects it happens to; listing is asked with the prefix.</param>
/// <param name="Times">How often for each object; <see cref="int.MaxValue"/> for always.</param>
internal sealed record Fault(FaultKind Kind, Func<string, bool> Matches, int Times = int.MaxValue)
{
    public StoreFailure Failure { get; init; } = StoreFailure.Transient;

    public static Fault Always(FaultKind kind, string prefix = "") => new(kind, n => n.StartsWith(prefix, StringComparison.Ordinal));
    public static Fault Once(FaultKind kind, string prefix = "") => new(kind, n => n.StartsWith(prefix, StringComparison.Ordinal), 1);
}

internal enum FaultKind
{
    /// <summary>Opening fails.</summary>
    OpenFails,

    /// <summary>Listing fails after the first object.</summary>
    ListFails,

    /// <summary>Reading fails in the middle.</summary>
    ReadFails,

    /// <summary>One bit of what is read is another one.</summary>
    FlippedBit,

    /// <summary>The object ends in the middle although its length says more.</summary>
    ShortRead,

    /// <summary>Each read waits for the token or a moment, whichever is first.</summary>
    Slow,
}

/// <summary>A store that fails on command, over one that does not. Without a fault it keeps the contract of what it stands over.</summary>
internal sealed class FaultyStore(IBackupStore inner, params Fault[] faults) : IBackupStore
{
    private readonly ConcurrentDictionary<(Fault, string), int> used = new();

    public string Location => inner.Location;

    /// <summary>How often any fault struck.</summary>
    public int Struck => used.Values.Sum();

    private Fault? Due(string name, params ReadOnlySpan<FaultKind> kinds)
    {
        foreach (var fault in faults)
            if (kinds.Contains(fault.Kind) && fault.Matches(name) && used.AddOrUpdate((fault, name), 1, (_, n) => Math.Min(n + 1, fault.Times + (fault.Times == int.MaxValue ? 0 : 1))) <= fault.Times) return fault;
        return null;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fault = Due(prefix, FaultKind.ListFails);
        await foreach (var item in inner.ListAsync(prefix, cancellationToken))
        {
            yield return item;
            if (fault is not null) throw new StoreException(fault.Failure, prefix, "told to fail while listing");
        }
        if (fault is not null) throw new StoreException(fault.Failure, prefix, "told to fail while listing");
    }

    public async ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (Due(name, FaultKind.OpenFails) is { } fails) throw new StoreException(fails.Failure, name, "told to fail while opening");
        var reader = await inner.OpenAsync(name, cancellationToken);
        return Due(name, FaultKind.ReadFails, FaultKind.FlippedBit, FaultKind.ShortRead, FaultKind.Slow) is { } fault ? new FaultyReader(reader, fault, name) : reader;
    }

    public IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) => inner.ListVersionsAsync(prefix, cancellationToken);

    public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken) => inner.LockAsync(name, version, cancellationToken);

    private sealed class FaultyReader(IObjectReader inner, Fault fault, string name) : IObjectReader
    {
        private readonly long middle = inner.LengthBytes / 2;
        public long LengthBytes => inner.LengthBytes;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (fault.Kind == FaultKind.Slow) await Task.Delay(20, cancellationToken);
            if (fault.Kind == FaultKind.ReadFails && offset + buffer.Length > middle) throw new StoreException(fault.Failure, name, "told to fail while reading");
            if (fault.Kind == FaultKind.ShortRead) buffer = buffer[..(int)Math.Clamp(middle - offset, 0, buffer.Length)];
            var read = await inner.ReadAsync(offset, buffer, cancellationToken);
            if (fault.Kind == FaultKind.FlippedBit && middle >= offset && middle < offset + read) buffer.Span[(int)(middle - offset)] ^= 4;
            return read;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
