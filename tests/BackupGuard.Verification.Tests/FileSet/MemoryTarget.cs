using System.Text;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Tests.FileSet;

/// <summary>A restore target in memory. Paths are shown as Latin-1, so that every byte of a name is kept.</summary>
internal sealed class MemoryTarget : IRestoreTarget
{
    public Dictionary<string, byte[]> Files { get; } = [];
    public Dictionary<string, string> SymbolicLinks { get; } = [];
    public Dictionary<string, string> HardLinks { get; } = [];
    public HashSet<string> Folders { get; } = [];
    public Dictionary<string, RestoredMetadata> Metadata { get; } = [];

    /// <summary>Thrown for the item of this name.</summary>
    public (string Path, RestoreFailure Failure)? Fails { get; set; }

    /// <summary>What one file may ask for: more is a full disk.</summary>
    private const long LargestFile = 256L << 20;

    /// <summary>What it says it can take, when told before.</summary>
    public long RoomBytes { get; set; } = long.MaxValue;
    public long? Expected { get; private set; }

    public void Expect(long totalBytes)
    {
        Expected = totalBytes;
        if (totalBytes > RoomBytes) throw new RestoreException(RestoreFailure.NoSpace, "/", $"{totalBytes} bytes do not fit");
    }

    public void CreateDirectory(RestorePath path) => Add(path, name => Folders.Add(name));

    public IRestoredFile CreateFile(RestorePath path, long lengthBytes)
    {
        if (lengthBytes > LargestFile) throw new RestoreException(RestoreFailure.NoSpace, Name(path), "the disk is full");
        var bytes = new byte[lengthBytes];
        Add(path, name => Files.Add(name, bytes));
        return new RestoredFile(bytes);
    }

    public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target)
    {
        var text = Encoding.Latin1.GetString(target);
        Add(path, name => SymbolicLinks.Add(name, text));
    }

    public void CreateHardLink(RestorePath path, RestorePath existing) => Add(path, name => HardLinks.Add(name, Name(existing)));
    public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device) => false;

    public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        lock (Metadata) Metadata[Name(path)] = metadata;
        return null;
    }

    public ValueTask CommitAsync() => ValueTask.CompletedTask;
    public ValueTask DiscardAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Add(RestorePath path, Action<string> add)
    {
        var name = Name(path);
        if (Fails is { } fails && fails.Path == name) throw new RestoreException(fails.Failure, name, $"told to fail as {fails.Failure}");
        lock (Metadata)
        {
            if (path.Depth > 1 && !Folders.Contains(Name(path.Parent!))) throw new InvalidOperationException($"{name} came before its folder");
            if (Files.ContainsKey(name) || Folders.Contains(name) || SymbolicLinks.ContainsKey(name) || HardLinks.ContainsKey(name)) throw new RestoreException(RestoreFailure.Exists, name, "something of that name was restored already");
            add(name);
        }
    }

    private static string Name(RestorePath path) => Encoding.Latin1.GetString(path.ToBytes());

    private sealed class RestoredFile(byte[] bytes) : IRestoredFile
    {
        public void Write(long offset, ReadOnlySpan<byte> piece) => piece.CopyTo(bytes.AsSpan(checked((int)offset)));
        public void Dispose() { }
    }
}
