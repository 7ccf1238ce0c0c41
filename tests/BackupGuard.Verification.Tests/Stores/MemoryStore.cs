using System.Runtime.CompilerServices;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Tests.Stores;

/// <summary>A store in memory that keeps the contract of <see cref="IBackupStore"/>, and fails where a test tells it to.</summary>
internal sealed class MemoryStore : IBackupStore
{
    private readonly Dictionary<string, byte[]> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoreFailure> failures = new(StringComparer.Ordinal);

    public string Location => "memory";
    public long BytesRead { get; private set; }

    public byte[] this[string name]
    {
        get => objects[name];
        set => objects[name] = value;
    }

    public IReadOnlyCollection<string> Names => objects.Keys;

    /// <summary>What holds each object.</summary>
    public Func<string, ObjectLock> Locks { get; set; } = _ => ObjectLock.None;

    public void Remove(string name) => objects.Remove(name);

    /// <summary>Opening this name fails so from now on; it need not exist. A symbolic link is a name that is denied.</summary>
    public void Fail(string name, StoreFailure failure) => failures[name] = failure;

    public void Heal(string name) => failures.Remove(name);

    /// <summary>Everything below a real folder.</summary>
    public static MemoryStore Of(string folder)
    {
        var store = new MemoryStore();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (new FileInfo(file).LinkTarget is null) store[name] = File.ReadAllBytes(file);
            else store.Fail(name, StoreFailure.Denied);
        }

        return store;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var (name, bytes) in objects)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (name.StartsWith(prefix, StringComparison.Ordinal)) yield return new StoredObject(name, bytes.Length, DateTimeOffset.UnixEpoch);
        }
    }

    public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Split('/').Any(part => part is "" or "." or "..")) throw new ArgumentException($"Not the name of an object: {name}", nameof(name));
        if (failures.TryGetValue(name, out var failure)) throw new StoreException(failure, name, $"told to fail as {failure}");
        if (!objects.TryGetValue(name, out var bytes)) throw new StoreException(StoreFailure.NotFound, name, "there is no such object");
        return ValueTask.FromResult<IObjectReader>(new Reader(this, bytes));
    }

    public async IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var o in ListAsync(prefix, cancellationToken)) yield return new StoredVersion(o.Name, "", o.LengthBytes, o.ModifiedAt, true, false);
    }

    public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken) =>
        objects.ContainsKey(name) ? ValueTask.FromResult(Locks(name)) : throw new StoreException(StoreFailure.NotFound, name, "there is no such object");

    private sealed class Reader(MemoryStore store, byte[] bytes) : IObjectReader
    {
        public long LengthBytes => bytes.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            lock (store) store.BytesRead += count;
            return ValueTask.FromResult(count);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
