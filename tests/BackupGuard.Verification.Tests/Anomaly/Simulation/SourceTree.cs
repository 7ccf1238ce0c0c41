using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>A tree of files to work on and to attack. Paths are absolute with '/'.</summary>
internal interface ISourceTree
{
    /// <summary>In the order of their names.</summary>
    IReadOnlyList<string> Paths { get; }
    byte[] Read(string path);
    DateTimeOffset ModifiedAt(string path);
    void Write(string path, byte[] content, DateTimeOffset modifiedAt);
    void Delete(string path);
    void Rename(string from, string to);
}

internal sealed record SourceFile(byte[] Content, DateTimeOffset ModifiedAt);

/// <summary>A tree in memory. Files are never changed in place, so that copies share them.</summary>
internal sealed class MemoryTree : ISourceTree
{
    private readonly Dictionary<string, SourceFile> files;

    public MemoryTree() => files = new Dictionary<string, SourceFile>(StringComparer.Ordinal);
    private MemoryTree(MemoryTree other) => files = new Dictionary<string, SourceFile>(other.files, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SourceFile> Files => files;
    public IReadOnlyList<string> Paths => [.. files.Keys.Order(StringComparer.Ordinal)];
    public long Bytes => files.Values.Sum(f => (long)f.Content.Length);

    public byte[] Read(string path) => files[path].Content;
    public DateTimeOffset ModifiedAt(string path) => files[path].ModifiedAt;
    public void Write(string path, byte[] content, DateTimeOffset modifiedAt) => files[path] = new SourceFile(content, modifiedAt);
    public void Delete(string path) => files.Remove(path);

    public void Rename(string from, string to)
    {
        files[to] = files[from];
        files.Remove(from);
    }

    public MemoryTree Copy() => new(this);

    /// <summary>What stands for this corpus in what is published.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Paths)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path));
            hash.AppendData(SHA256.HashData(files[path].Content));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
