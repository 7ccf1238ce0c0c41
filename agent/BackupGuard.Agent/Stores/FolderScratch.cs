using BackupGuard.Verification.Stores.Contract;

namespace BackupGuard.Agent.Stores;

/// <summary>The corner of a folder in which the store's contract is tried.</summary>
public sealed class FolderScratch(string folder, ScratchPrefix prefix) : IStoreScratch
{
    private readonly string root = Path.GetFullPath(folder);

    public ScratchPrefix Prefix => prefix;

    private string PathOf(string name) => Path.Combine(root, name.Replace('/', Path.DirectorySeparatorChar));

    public ValueTask PutAsync(ScratchName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => Guarded(name.Text, () =>
    {
        var path = PathOf(name.Text);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        file.Write(content.Span);
    });

    public ValueTask RemoveAsync(ScratchName name, CancellationToken cancellationToken) => Guarded(name.Text, () => File.Delete(PathOf(name.Text)));

    /// <summary>Removes the run's folder, and the two above it when nothing else lies in them.</summary>
    public ValueTask ClearAsync(CancellationToken cancellationToken) => Guarded(prefix.Text, () =>
    {
        var run = Path.TrimEndingDirectorySeparator(PathOf(prefix.Text));
        if (Directory.Exists(run)) Directory.Delete(run, recursive: true);
        for (var above = Path.GetDirectoryName(run)!; above.Length > root.Length && Directory.Exists(above) && !Directory.EnumerateFileSystemEntries(above).Any(); above = Path.GetDirectoryName(above)!)
            Directory.Delete(above);
    });

    private static ValueTask Guarded(string name, Action act)
    {
        try
        {
            act();
            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileSystemStore.Translate(e, name);
        }
    }
}
