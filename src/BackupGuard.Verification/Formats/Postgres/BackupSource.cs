using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Something in the store that is read from front to back on its own: a file of a plain folder, or a whole archive.</summary>
/// <param name="Name">In the store.</param>
/// <param name="LengthBytes">As listed.</param>
/// <param name="ModifiedAt">By the store's clock.</param>
internal sealed record BackupObject(string Name, long LengthBytes, DateTimeOffset ModifiedAt);

/// <summary>One file of the data directory, while it passes.</summary>
/// <param name="Path">As the manifest names it; not judged.</param>
/// <param name="Size">As the store or the archive's header says.</param>
/// <param name="Content">To be read before the visit ends, or not at all.</param>
internal readonly record struct BackupFile(byte[] Path, long Size, Stream Content)
{
    /// <summary>Lossy, for people, and for the names that the format itself has, which are ASCII.</summary>
    public string Shown => System.Text.Encoding.UTF8.GetString(Path);
}

/// <summary>Where the files of a backup lie. Objects are independent of each other: they may be read in any order, and several at once.</summary>
/// <remarks>Damage leaves as <see cref="InvalidDataException"/> or <see cref="Archives.ArchiveLimitException"/>, what the store refuses as <see cref="StoreException"/>.</remarks>
internal abstract class BackupSource(IBackupStore store, IReadOnlyList<BackupObject> objects)
{
    protected IBackupStore Store => store;
    public string Location => store.Location;

    /// <summary>All objects with content of the backup, the manifest and what cannot be read left out.</summary>
    public IReadOnlyList<BackupObject> Objects => objects;

    /// <summary>How to call this form of backup.</summary>
    public abstract string Form { get; }

    /// <summary>Whether an object holds many files, whose names and sizes are known only once it was read.</summary>
    public abstract bool AreArchives { get; }

    /// <summary>Every file of one object, one after the other.</summary>
    public abstract Task ReadAsync(BackupObject @object, Func<BackupFile, CancellationToken, ValueTask<bool>> visit, CancellationToken cancellationToken);

    /// <summary>The object that should hold the file of this path, or null when there is none.</summary>
    public abstract string? HolderOf(string path);
}

/// <summary>What was found in the store, before anything of it was read.</summary>
/// <param name="Objects">Every object but the manifest, by its name.</param>
internal sealed record BackupListing(IReadOnlyDictionary<string, BackupObject> Objects)
{
    public IEnumerable<string> Names => Objects.Keys;

    private const int MostObjects = (2 * BackupManifest.MostFiles) + 100_000;

    /// <exception cref="StoreException">The store cannot be listed.</exception>
    public static async Task<BackupListing?> ReadAsync(IBackupStore store, FindingList findings, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, BackupObject>(StringComparer.Ordinal);
        await foreach (var found in store.ListAsync("", cancellationToken))
        {
            if (found.Name == BackupManifest.FileName) continue;
            if (names.Count >= MostObjects)
            {
                findings.Add(PostgresFindings.LimitExceeded.At(store.Location, ("reason", $"it holds more than {MostObjects} files")));
                return null;
            }

            names[found.Name] = new BackupObject(found.Name, found.LengthBytes, found.ModifiedAt);
        }

        return new BackupListing(names);
    }

    /// <summary>Opens the backup in the form that it has: archives where there is a base archive and no data directory.</summary>
    public BackupSource Source(IBackupStore store, FindingList findings) =>
        !Objects.ContainsKey(BackupStructure.VersionFile) && Names.Any(n => TarBackup.KindOf(n)?.Archive == TarBackup.Base)
            ? TarBackup.Of(store, this, findings)
            : FolderBackup.Of(store, this);
}

/// <summary>Names that pg_verifybackup leaves out, and so do we (PostgreSQL documentation, pg_verifybackup).</summary>
internal static class LeftOut
{
    /// <summary>What pg_basebackup -R writes after the backup, and administrators change.</summary>
    public static IReadOnlyList<string> Settings { get; } = ["postgresql.auto.conf", "standby.signal", "recovery.signal"];

    public static bool Is(string path) => IsWal(path) || Settings.Contains(path) || path == BackupManifest.FileName;
    public static bool IsWal(string path) => path.StartsWith(WalCheck.Folder, StringComparison.Ordinal) || path == "pg_wal";
}
