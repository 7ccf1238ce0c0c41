using BackupGuard.Agent.Spool;

namespace BackupGuard.Agent.Tests.Spool;

/// <summary>A disk that fails or loses power at a chosen step and knows what would have survived.</summary>
internal sealed class MemoryDisk : ISpoolFileSystem
{
    private sealed class Content(byte[] written)
    {
        public byte[] Written { get; } = written;
        public bool IsFlushed { get; set; }
    }

    private Dictionary<string, Content> live = [];
    private Dictionary<string, Content> durable = [];
    private readonly HashSet<string> locked = [];
    private int steps;

    /// <summary>The step, counted from 1, at which every operation begins to fail; 0 for never.</summary>
    public int FailAt { get; set; }

    /// <summary>Only that step fails.</summary>
    public bool FailsOnce { get; init; }

    public bool WasHit { get; private set; }

    public IEnumerable<string> Names => live.Keys.Select(k => Path.GetFileName(k)!);   // keys are full names of files

    public void CreateDirectory(string path) { }

    public IDisposable Lock(string path) => locked.Add(path) ? new Unlock(() => locked.Remove(path)) : throw new IOException("locked");

    public IReadOnlyList<string> ListFiles(string directory) => [.. live.Keys.Where(k => Path.GetDirectoryName(k) == directory)];

    public byte[] Read(string path, int limit) => live.TryGetValue(path, out var content) ? content.Written.ToArray() : throw new FileNotFoundException(path);

    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var half = bytes[..(bytes.Length / 2)].ToArray();
        // A full disk keeps what fitted.
        Step(() => live[path] = new Content(half));
        live[path] = new Content(bytes.ToArray());
    }

    public void Flush(string path)
    {
        Step(null);
        live[path].IsFlushed = true;
    }

    public void Rename(string from, string to)
    {
        Step(null);
        live.Remove(from, out var content);
        live[to] = content ?? throw new FileNotFoundException(from);
    }

    public void Delete(string path)
    {
        Step(null);
        live.Remove(path);
    }

    public void FlushDirectory(string path)
    {
        Step(null);
        foreach (var name in durable.Keys.Where(k => Path.GetDirectoryName(k) == path && !live.ContainsKey(k)).ToArray()) durable.Remove(name);
        foreach (var name in ListFiles(path)) durable[name] = live[name];
    }

    public void Damage(string path, Func<byte[], byte[]> change) => Put(path, change(live[path].Written));

    public void Put(string path, byte[] bytes) => durable[path] = live[path] = new Content(bytes) { IsFlushed = true };

    public void Remove(string path)
    {
        live.Remove(path);
        durable.Remove(path);
    }

    /// <summary>What the next start finds after a power cut: nothing that was not flushed, or all the names and half of the unflushed bytes.</summary>
    public MemoryDisk AfterPowerCut(bool namesSurvive)
    {
        var names = namesSurvive ? live : durable;
        var found = names.ToDictionary(n => n.Key, n => new Content(n.Value.IsFlushed ? n.Value.Written : n.Value.Written[..(n.Value.Written.Length / 2)]) { IsFlushed = true });
        return new MemoryDisk { live = found, durable = new(found) };
    }

    /// <summary>What the next start finds after kill -9: everything the kernel was told.</summary>
    public MemoryDisk AfterKill()
    {
        foreach (var content in live.Values) content.IsFlushed = true;
        return new MemoryDisk { live = new(live), durable = new(live) };
    }

    private void Step(Action? partly)
    {
        steps++;
        if (FailAt == 0 || steps < FailAt || (FailsOnce && steps > FailAt)) return;
        WasHit = true;
        partly?.Invoke();
        throw new IOException("No space left on device.");
    }

    private sealed class Unlock(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
