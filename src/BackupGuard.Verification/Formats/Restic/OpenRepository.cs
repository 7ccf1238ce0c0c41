using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <param name="ExpectedBytes">Of all its files, by the word of who made it; null in snapshots of old versions.</param>
internal sealed record LoadedSnapshot(BlobId Id, BlobId Tree, SnapshotSummary Summary, long? ExpectedBytes);

/// <summary>A repository whose password fitted: master key, version, and the metadata that was asked for. Types say it: nothing below compiles without a key.</summary>
internal sealed class OpenRepository : IDisposable
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Small objects that are read at once: from a bucket each of a thousand snapshots costs a round trip. In bytes too, since indexes are not small.</summary>
    private const int MostReadAhead = 16, MostBytesReadAhead = 32 << 20;

    private readonly IBackupStore store;
    private readonly FindingSink sink;
    private readonly bool legacyLayout;

    private readonly IReadOnlyList<KeyFileSeen> keyFiles;
    private bool snapshotsListed;
    private IReadOnlyList<string> snapshotIds = [];

    private OpenRepository(IBackupStore store, FindingSink sink, ResticKey key, ConfigJson config, bool legacyLayout, IReadOnlyList<KeyFileSeen> keyFiles)
    {
        (this.store, this.sink, Key, Version, Id, this.legacyLayout, this.keyFiles) = (store, sink, key, config.Version, config.Id ?? "", legacyLayout, keyFiles);
    }

    /// <summary>What the repository consists of beside its data; null until its snapshots were listed.</summary>
    public Inventory? Inventory => snapshotsListed ? new Inventory(snapshotIds, [.. keyFiles.Select(k => k.Holder)], KeyFileSeen.Protection(keyFiles), IsHistory: true) : null;

    public ResticKey Key { get; }
    public int Version { get; }
    public string Id { get; }
    public IBackupStore Store => store;
    public IReadOnlyList<(string Label, string Value)> Facts => [.. keyFiles.Select(k => ("key", $"{k.Holder.Id[..8]} {k.Holder.Description}"))];

    /// <summary>The key file that the password opened.</summary>
    public string OpenedKey => keyFiles.First(k => k.Opens).Holder.Id;    // without one nothing was opened

    public BlobIndex Index { get; } = new();
    public List<LoadedSnapshot> Snapshots { get; } = [];

    /// <summary>Opens the repository, or says in findings why not.</summary>
    public static async ValueTask<OpenRepository?> TryOpenAsync(IBackupStore store, ReadOnlyMemory<byte> password, FindingSink sink, CancellationToken cancellationToken)
    {
        try
        {
            var keys = await ListAsync(store, "keys/", cancellationToken);
            // The layout of very old S3 repositories: the same things under other names.
            var legacy = keys.Count == 0 && (keys = await ListAsync(store, "key/", cancellationToken)).Count > 0;
            var hasConfig = await ExistsAsync(store, "config", cancellationToken);
            if (keys.Count == 0 && !hasConfig)
            {
                sink.Add(CommonFindings.NotARepository.At(store.Location, ("format", "restic"), ("reason", new Words("it holds neither a config file nor keys", "il ne contient ni fichier config ni clés"))));
                return null;
            }
            if (!hasConfig) sink.Add(ResticFindings.ConfigDamaged.At("config", ("reason", new Words("it is missing", "il manque"))));
            var seen = new List<KeyFileSeen>();
            var key = await OpenKeysAsync(store, keys, password, sink, seen, cancellationToken);
            if (key is null)
            {
                if (sink.Unfinished is null) sink.Add(ResticFindings.PasswordRefused.At(store.Location, ("keys", keys.Count)));
                return null;
            }
            return await ReadConfigAsync(store, key, hasConfig, sink, cancellationToken) is { } config ? new OpenRepository(store, sink, key, config, legacy, seen) : null;
        }
        catch (StoreException e)
        {
            Unreadable(sink, e);
            return null;
        }
    }

    /// <summary>Goes through every key file: one bad file, which anybody with write access can add, must not keep the good one from opening.</summary>
    private static async ValueTask<ResticKey?> OpenKeysAsync(
        IBackupStore store, IReadOnlyList<StoredObject> files, ReadOnlyMemory<byte> password, FindingSink sink, List<KeyFileSeen> seen, CancellationToken cancellationToken)
    {
        var usable = new List<KeyFile>();
        foreach (var file in files.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var name = file.Name[(file.Name.LastIndexOf('/') + 1)..];
            byte[] bytes;
            try
            {
                bytes = await ResticObjects.ReadAllAsync(store, file.Name, KeyFile.LargestBytes, sink, cancellationToken);
            }
            catch (StoreException e)
            {
                Unreadable(sink, e);
                if (BlobId.TryParse(name, out _)) seen.Add(new KeyFileSeen(new KeyHolder(name, ""), null));
                continue;
            }
            if (!BlobId.TryParse(name, out var id)) { sink.Add(CommonFindings.Unexpected.At(file.Name)); continue; }
            if (!ResticObjects.HasName(bytes, id)) sink.Add(ResticFindings.KeyName.At(file.Name));
            if (KeyFile.TryParse(bytes, out var reason) is not { } key)
            {
                sink.Add(ResticFindings.KeyMalformed.At(file.Name, ("reason", reason)));
                seen.Add(new KeyFileSeen(new KeyHolder(name, ""), null));
                continue;
            }
            seen.Add(new KeyFileSeen(new KeyHolder(id.ToString(), Printable.Of($"{key.User}@{key.Host} {key.Created} {key.Derivation}")), key));
            usable.Add(key);
        }
        // The cheapest first: key files made to cost seconds each must not keep the right one waiting.
        foreach (var key in usable.OrderBy(k => (long)k.N * k.R * k.P))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (key.Open(password.Span) is not { } master) continue;
            var opened = seen.FindIndex(k => ReferenceEquals(k.Content, key));
            seen[opened] = seen[opened] with { Opens = true };
            return master;
        }
        return null;
    }

    private static async ValueTask<ConfigJson?> ReadConfigAsync(IBackupStore store, ResticKey key, bool exists, FindingSink sink, CancellationToken cancellationToken)
    {
        // Without its config a repository can still be looked at whole: the finding stands, the rest is checked.
        if (!exists) return new ConfigJson(2, "", null);
        var bytes = await ResticObjects.ReadAllAsync(store, "config", 64 * 1024, sink, cancellationToken);
        if (ResticObjects.Open(key, bytes, out var reason) is not { } json)
        {
            sink.Add(ResticFindings.ConfigDamaged.At("config", ("reason", reason)));
            return new ConfigJson(2, "", null);
        }
        ConfigJson? config = null;
        try { config = JsonSerializer.Deserialize(json, ResticJson.Default.ConfigJson); }
        catch (JsonException) { }
        if (config is null)
        {
            sink.Add(ResticFindings.ConfigDamaged.At("config", ("reason", new Words("its content is not the JSON of a config", "son contenu n’est pas le JSON d’une config"))));
            return new ConfigJson(2, "", null);
        }
        if (config.Version is 1 or 2) return config;
        sink.Add(ResticFindings.VersionUnknown.At(store.Location, ("version", config.Version)));
        sink.LeaveUnfinished(new($"the repository has version {config.Version}, which this reader does not know", $"le dépôt est de version {config.Version}, que ce lecteur ne connaît pas"));
        return null;
    }

    /// <summary>Snapshots are listed before indexes and indexes before packs: writers go the other way round, so that what is seen is complete (restic design, "Locks").</summary>
    public async ValueTask LoadSnapshotsAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var unfinishedBefore = sink.Unfinished;
        var files = await ListSafelyAsync(legacyLayout ? "snapshot/" : "snapshots/", cancellationToken);
        snapshotsListed = sink.Unfinished == unfinishedBefore;
        snapshotIds = [.. files.Select(f => f.Name[(f.Name.LastIndexOf('/') + 1)..]).Where(n => BlobId.TryParse(n, out _))];
        await foreach (var (id, json) in LoadUnpackedAsync(files, ResticFindings.SnapshotName, ResticFindings.SnapshotDamaged, cancellationToken))
        {
            SnapshotJson? snapshot = null;
            try { snapshot = JsonSerializer.Deserialize(json, ResticJson.Default.SnapshotJson); }
            catch (JsonException) { }
            if (snapshot?.Tree is null || !BlobId.TryParse(snapshot.Tree, out var tree) || GoTime.ToInstant(snapshot.Time) is not { } takenAt)
            {
                sink.Add(ResticFindings.SnapshotDamaged.At(id.ToString(), ("reason", new Words("it has no valid time or tree", "il n’a pas de date ou d’arborescence valide"))));
                continue;
            }
            if (takenAt > clock.GetUtcNow() + ClockSkew)
                sink.Add(ResticFindings.SnapshotInFuture.At(id.ToString(), ("time", takenAt.ToString("u", CultureInfo.InvariantCulture))));
            Snapshots.Add(new LoadedSnapshot(id, tree, new SnapshotSummary(id.ToString(), takenAt, 0, 0)
            {
                Host = Printable.Of(snapshot.Hostname ?? ""), Paths = [.. (snapshot.Paths ?? []).Select(p => Printable.Of(p ?? ""))], Tags = [.. (snapshot.Tags ?? []).Select(t => Printable.Of(t ?? ""))],
            }, snapshot.Summary is { TotalBytesProcessed: <= long.MaxValue and var bytes } ? (long)bytes : null));
        }
        Snapshots.Sort((x, y) => x.Summary.TakenAt.CompareTo(y.Summary.TakenAt));
    }

    /// <returns>Packs that two indexes describe differently.</returns>
    public async ValueTask<IReadOnlySet<BlobId>> LoadIndexAsync(CancellationToken cancellationToken)
    {
        var reader = new IndexReader(Index, sink);
        var files = (await ListSafelyAsync("index/", cancellationToken)).OrderBy(f => f.Name, StringComparer.Ordinal);
        await foreach (var (id, json) in LoadUnpackedAsync(files, ResticFindings.IndexName, ResticFindings.IndexDamaged, cancellationToken))
        {
            try
            {
                reader.Add(json, id.ToString());
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                sink.Add(ResticFindings.IndexDamaged.At(id.ToString(), ("reason", new Words("its content is not the JSON of an index", "son contenu n’est pas le JSON d’un index"))));
            }
        }
        Index.Freeze();
        return reader.Conflicting;
    }

    /// <summary>The packs that are there, by id.</summary>
    public async ValueTask<Dictionary<BlobId, StoredObject>> ListPacksAsync(CancellationToken cancellationToken)
    {
        var packs = new Dictionary<BlobId, StoredObject>();
        foreach (var file in await ListSafelyAsync("data/", cancellationToken))
        {
            if (BlobId.TryParse(file.Name[(file.Name.LastIndexOf('/') + 1)..], out var id)) packs[id] = file;
            else sink.Add(CommonFindings.Unexpected.At(file.Name));
        }
        return packs;
    }

    /// <returns>Whether a fresh exclusive lock stands: then packs may be going away under our eyes.</returns>
    public async ValueTask<bool> CheckLocksAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var pruning = false;
        await foreach (var (id, json) in LoadUnpackedAsync(await ListSafelyAsync(legacyLayout ? "lock/" : "locks/", cancellationToken), null, ResticFindings.LockDamaged, cancellationToken))
        {
            LockJson? held = null;
            try { held = JsonSerializer.Deserialize(json, ResticJson.Default.LockJson); }
            catch (JsonException) { }
            if (held is null || GoTime.ToInstant(held.Time) is not { } since)
            {
                sink.Add(ResticFindings.LockDamaged.At(id.ToString(), ("reason", new Words("its content is not the JSON of a lock", "son contenu n’est pas le JSON d’un verrou"))));
                continue;
            }
            // It would excuse lost packs for as long as its author likes.
            if (since > clock.GetUtcNow() + ClockSkew)
            {
                sink.Add(ResticFindings.LockDamaged.At(id.ToString(), ("reason", new Words("its time lies in the future", "sa date est dans le futur"))));
                continue;
            }
            if (!held.Exclusive) continue;
            // restic refreshes its locks every few minutes and calls them stale after thirty.
            if (clock.GetUtcNow() - since < TimeSpan.FromMinutes(30)) pruning = true;
            else sink.Add(ResticFindings.LockOld.At(id.ToString(), ("holder", $"{held.Username}@{held.Hostname}"), ("time", since.ToString("u", CultureInfo.InvariantCulture))));
        }
        return pruning;
    }

    /// <summary>What the files hold, in their order. What cannot be had is left out and said.</summary>
    /// <param name="wrongName">Null for files that come and go.</param>
    private async IAsyncEnumerable<(BlobId Id, byte[] Json)> LoadUnpackedAsync(
        IEnumerable<StoredObject> files, FindingKind? wrongName, FindingKind damaged, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ahead = new Queue<(StoredObject File, Task<(BlobId Id, byte[] Bytes)?> Read)>();
        try
        {
            foreach (var file in files)
            {
                while (ahead.Count == MostReadAhead || ahead.Count > 0 && ahead.Sum(a => a.File.LengthBytes) + file.LengthBytes > MostBytesReadAhead)
                {
                    if (await ahead.Peek().Read is { } read && Opened(read, damaged) is { } opened) yield return opened;
                    ahead.Dequeue();
                }
                ahead.Enqueue((file, Task.Run(() => ReadUnpackedAsync(file, wrongName, damaged, cancellationToken), cancellationToken)));
            }
            for (; ahead.Count > 0; ahead.Dequeue())
                if (await ahead.Peek().Read is { } read && Opened(read, damaged) is { } opened) yield return opened;
        }
        finally
        {
            // None may go on in a repository that is closed.
            await Task.WhenAll(ahead.Select(a => a.Read.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
        }
    }

    private (BlobId Id, byte[] Json)? Opened((BlobId Id, byte[] Bytes) read, FindingKind damaged)
    {
        if (ResticObjects.Open(Key, read.Bytes, out var reason) is { } json) return (read.Id, json);
        sink.Add(damaged.At(read.Id.ToString(), ("reason", reason)));
        return null;
    }

    private async Task<(BlobId Id, byte[] Bytes)?> ReadUnpackedAsync(StoredObject file, FindingKind? wrongName, FindingKind damaged, CancellationToken cancellationToken)
    {
        if (!BlobId.TryParse(file.Name[(file.Name.LastIndexOf('/') + 1)..], out var id))
        {
            sink.Add(CommonFindings.Unexpected.At(file.Name));
            return null;
        }
        byte[] bytes;
        try
        {
            bytes = await ResticObjects.ReadAllAsync(store, file.Name, ResticObjects.LargestUnpacked, sink, cancellationToken);
        }
        // A lock may be gone, and a forgotten snapshot too, between listing and reading.
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound && wrongName is null)
        {
            return null;
        }
        catch (StoreException e)
        {
            Unreadable(sink, e);
            return null;
        }
        if (!ResticObjects.HasName(bytes, id))
            sink.Add(wrongName?.At(id.ToString()) ?? damaged.At(id.ToString(), ("reason", new Words("its content is not the one that its name promises", "son contenu n’est pas celui que son nom promet"))));
        return (id, bytes);
    }

    private async ValueTask<IReadOnlyList<StoredObject>> ListSafelyAsync(string prefix, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(store, prefix, cancellationToken);
        }
        catch (StoreException e)
        {
            Unreadable(sink, e);
            return [];
        }
    }

    private static async ValueTask<IReadOnlyList<StoredObject>> ListAsync(IBackupStore store, string prefix, CancellationToken cancellationToken)
    {
        var objects = new List<StoredObject>();
        await foreach (var item in store.ListAsync(prefix, cancellationToken)) objects.Add(item);
        return objects;
    }

    private static async ValueTask<bool> ExistsAsync(IBackupStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            await using var _ = await store.OpenAsync(name, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            return false;
        }
    }

    public static void Unreadable(FindingSink sink, StoreException e)
    {
        sink.Add(CommonFindings.ObjectUnreadable.At(e.ObjectName.Length > 0 ? e.ObjectName : "repository", ("reason", e.Message)));
        sink.LeaveUnfinished(new($"{(e.ObjectName.Length > 0 ? e.ObjectName : "the repository")} could not be read: {e.Message}", $"{(e.ObjectName.Length > 0 ? e.ObjectName : "le dépôt")} n’a pas pu être lu : {e.Message}"));
    }

    public void Dispose() => Key.Dispose();
}

/// <summary>A key file that lies in the repository, and what it says, if it says anything.</summary>
internal sealed record KeyFileSeen(KeyHolder Holder, KeyFile? Content)
{
    /// <summary>Whether the password opened this one. The first that fits is enough: the others are not tried.</summary>
    public bool Opens { get; init; }

    /// <summary>N·r·p of the weakest derivation that we call strong: what restic measures out on a slow machine of today (RFC 7914 for the meaning).</summary>
    private const long StrongCost = 32_768L * 8;

    /// <summary>The weakest key file decides: an attacker begins there.</summary>
    public static Protection Protection(IReadOnlyList<KeyFileSeen> files)
    {
        var weakest = files.Where(f => f.Content is not null).MinBy(f => f.Content!.Cost)?.Content;    // filtered just before
        var weakness = weakest is null || weakest.Cost >= StrongCost ? (Words?)null : new Words(
            $"one of its keys is derived with {weakest.Derivation} only, so that passwords can be tried fast", $"l’une de ses clés n’est dérivée que par {weakest.Derivation}, ce qui permet d’essayer vite des mots de passe");
        return new Protection("AES-256-CTR, Poly1305-AES", weakest?.Derivation ?? "", weakness);
    }
}
