using System.Runtime.CompilerServices;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>A repository's files in memory, to be damaged at will, with a store over them that fails on command.</summary>
internal sealed class RepositoryCopy : IBackupStore
{
    public const string Password = "fixture-only";
    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Called before each read with the object's name and how often it was opened before; throws what the store is to throw.</summary>
    public Action<string, int> BeforeOpen { get; set; } = (_, _) => { };

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> opened = new();

    public static RepositoryCopy Of(string folder)
    {
        var copy = new RepositoryCopy();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)) copy.Files[Path.GetRelativePath(folder, file)] = File.ReadAllBytes(file);
        return copy;
    }

    public RepositoryCopy Clone()
    {
        var copy = new RepositoryCopy();
        foreach (var (name, bytes) in Files) copy.Files[name] = [.. bytes];
        return copy;
    }

    public string One(string prefix) => Files.Keys.First(n => n.StartsWith(prefix, StringComparison.Ordinal));

    public void WriteTo(string folder)
    {
        foreach (var (name, bytes) in Files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
        foreach (var name in (string[])["data", "index", "keys", "locks", "snapshots"]) Directory.CreateDirectory(Path.Combine(folder, name));
    }

    public Task<VerifyReport> VerifyAsync(string password = Password) =>
        new ResticRepository(this, System.Text.Encoding.UTF8.GetBytes(password), TimeProvider.System).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2 }, null, CancellationToken.None);

    public string Location => "memory";

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (name, bytes) in Files.Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList()) yield return new StoredObject(name, bytes.Length, DateTimeOffset.UnixEpoch);
    }

    public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        BeforeOpen(name, opened.AddOrUpdate(name, 0, (_, n) => n + 1));
        return Files.TryGetValue(name, out var bytes)
            ? ValueTask.FromResult<IObjectReader>(new Reader(bytes))
            : throw new StoreException(StoreFailure.NotFound, name, "it is not there");
    }

    public IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) => throw new NotSupportedException("this copy keeps no versions; use MemoryStore");

    public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException("this copy keeps no locks; use MemoryStore");

    private sealed class Reader(byte[] bytes) : IObjectReader
    {
        public long LengthBytes => bytes.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer.Span);
            return ValueTask.FromResult(count);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
