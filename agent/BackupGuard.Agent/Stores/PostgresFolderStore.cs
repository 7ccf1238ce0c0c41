using System.Runtime.CompilerServices;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores;

/// <summary>The folder of a plain PostgreSQL backup, together with the places that its own links lead to: tablespaces, and a WAL folder on another disk.</summary>
/// <remarks>Links are followed only where PostgreSQL makes them (pg_wal, pg_tblspc/&lt;oid&gt;), and only names that it gives are seen there: a link planted in a backup opens nothing else.</remarks>
public sealed class PostgresFolderStore : IBackupStore
{
    private readonly FileSystemStore root;

    /// <summary>By the link's name in the backup, with a slash at the end.</summary>
    private readonly Dictionary<string, FileSystemStore> linked = new(StringComparer.Ordinal);

    /// <exception cref="StoreException">Misconfigured: there is no such folder.</exception>
    public PostgresFolderStore(string folder)
    {
        root = new FileSystemStore(folder);
        Follow(new DirectoryInfo(Path.Combine(root.Location, "pg_wal")), "pg_wal/");
        var tablespaces = new DirectoryInfo(Path.Combine(root.Location, "pg_tblspc"));
        if (!tablespaces.Exists || tablespaces.LinkTarget is not null) return;
        try
        {
            foreach (var link in tablespaces.EnumerateDirectories().Where(d => d.Name.All(char.IsAsciiDigit))) Follow(link, $"pg_tblspc/{link.Name}/");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileSystemStore.Translate(e, "pg_tblspc");
        }
    }

    public string Location => root.Location;

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in root.ListAsync(prefix, cancellationToken))
            if (!linked.ContainsKey(item.Name + "/")) yield return item;
        foreach (var (name, store) in linked)
        {
            await foreach (var item in store.ListAsync("", cancellationToken))
                if (IsPostgres(name, item.Name) && (name + item.Name).StartsWith(prefix, StringComparison.Ordinal)) yield return item with { Name = name + item.Name };
        }
    }

    public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var (store, within) = Place(name);
        return store.OpenAsync(within, cancellationToken);
    }

    public async IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in ListAsync(prefix, cancellationToken))
            yield return new StoredVersion(item.Name, "", item.LengthBytes, item.ModifiedAt, IsCurrent: true, IsDeleteMarker: false);
    }

    public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken)
    {
        var (store, within) = Place(name);
        return store.LockAsync(within, version, cancellationToken);
    }

    private void Follow(DirectoryInfo link, string name)
    {
        if (link.LinkTarget is null || link.ResolveLinkTarget(returnFinalTarget: true) is not DirectoryInfo { Exists: true } target) return;
        linked[name] = new FileSystemStore(target.FullName);
    }

    private (FileSystemStore Store, string Name) Place(string name)
    {
        foreach (var (link, store) in linked)
        {
            if (!name.StartsWith(link, StringComparison.Ordinal)) continue;
            var within = name[link.Length..];
            return IsPostgres(link, within) ? (store, within) : throw new StoreException(StoreFailure.NotFound, name, "it is not there");
        }

        return (root, name);
    }

    /// <summary>A tablespace holds one folder for each release, PG_15_202209061; a WAL folder holds segments, histories and small files about them.</summary>
    private static bool IsPostgres(string link, string within)
    {
        var first = within.Split('/')[0];
        return link == "pg_wal/"
            ? first == "archive_status" || first == "summaries" || (first.Length >= 16 && first.Take(8).All(char.IsAsciiHexDigitUpper))
            : first.StartsWith("PG_", StringComparison.Ordinal);
    }
}
