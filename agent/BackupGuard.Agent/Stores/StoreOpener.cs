using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;

namespace BackupGuard.Agent.Stores;

/// <summary>From the location of an address to the store it names: the one place that knows which kinds of store there are. Every format opens its store here.</summary>
public static class StoreOpener
{
    /// <exception cref="UsageException">It is malformed, or keys or files that it needs are missing.</exception>
    /// <exception cref="StoreException">The location cannot be used.</exception>
    public static IBackupStore Open(string location, StoreSettings settings) =>
        S3Location.Is(location) ? new S3Store(S3Location.Parse(location), settings, TimeProvider.System)
        : AzureLocation.Is(location) ? new AzureStore(AzureLocation.Parse(location), settings, TimeProvider.System)
        : new FileSystemStore(location);

    /// <summary>The store around one object, for a backup that is a single file, and that object's name in it.</summary>
    public static (IBackupStore Store, string Name) OpenAround(string location, StoreSettings settings)
    {
        if (AzureLocation.Is(location))
        {
            var (container, blob) = AzureLocation.Parse(location).Split();
            return (new AzureStore(container, settings, TimeProvider.System), blob);
        }
        if (!S3Location.Is(location))
        {
            var path = Path.GetFullPath(location);
            // A file has a folder above it.
            return (new FileSystemStore(Path.GetDirectoryName(path)!), Path.GetFileName(path));
        }
        var (parent, name) = S3Location.Parse(location).Split();
        return (new S3Store(parent, settings, TimeProvider.System), name);
    }

    /// <summary>The store, and a corner of it that may be written to: for trying the store, nothing else writes.</summary>
    public static (IBackupStore Store, IStoreScratch Scratch) OpenWithScratch(string location, StoreSettings settings, ScratchPrefix prefix) => S3Location.Is(location)
        ? (Open(location, settings), new S3Scratch(S3Location.Parse(location), settings, prefix, TimeProvider.System))
        : AzureLocation.Is(location) ? (Open(location, settings), new AzureScratch(AzureLocation.Parse(location), settings, prefix, TimeProvider.System))
        : (Open(location, settings), new FolderScratch(location, prefix));

    /// <summary>Whether the location is one of this machine's own folders.</summary>
    public static bool IsLocal(string location) => !S3Location.Is(location) && !AzureLocation.Is(location);

    /// <exception cref="UsageException">It is malformed.</exception>
    public static void Check(string location)
    {
        if (S3Location.Is(location)) S3Location.Parse(location);
        else if (AzureLocation.Is(location)) AzureLocation.Parse(location);
    }
}
