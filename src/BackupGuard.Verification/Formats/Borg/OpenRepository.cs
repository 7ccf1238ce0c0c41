using System.Globalization;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>What opens a repository besides its address.</summary>
/// <param name="Passphrase">UTF-8, or null when none was given.</param>
/// <param name="KeyFile">The content of a key file, or null.</param>
public sealed record BorgSecrets(byte[]? Passphrase, byte[]? KeyFile);

/// <summary>One archive that could be loaded.</summary>
internal sealed record LoadedArchive(string Name, BlobId Id, SnapshotSummary Summary)
{
    public bool IsCheckpoint => Name.Contains(".checkpoint", StringComparison.Ordinal);
}

/// <summary>A repository whose segments were replayed and whose key opened. Types say it: nothing below compiles without one.</summary>
internal sealed class OpenRepository : IDisposable
{
    private readonly FindingSink sink;
    private readonly Dictionary<uint, Segment> byNumber;

    private OpenRepository(IBackupStore store, FindingSink sink, BorgConfig config, SegmentReplay replay, BorgMode mode, BorgKey? key)
    {
        (Store, this.sink, Config, Index, Segments, Mode, Key) = (store, sink, config, replay.Index, replay.Committed, mode, key);
        (SegmentsUnread, KnownBroken, Cuts, byNumber) = (replay.Unread, replay.Broken, replay.Cuts, replay.Committed.ToDictionary(s => s.Number));
    }

    public IBackupStore Store { get; }
    public BorgConfig Config { get; }
    public ObjectIndex Index { get; }

    /// <summary>Up to the last commit, in order.</summary>
    public IReadOnlyList<Segment> Segments { get; }
    public BorgMode Mode { get; }
    public BorgKey? Key { get; }

    /// <summary>Some segments could not be read: what seems missing may lie there.</summary>
    public bool SegmentsUnread { get; }

    /// <summary>Segments whose damage the replay reported.</summary>
    public IReadOnlySet<uint> KnownBroken { get; }

    /// <summary>Where each segment may be cut to be read in parts.</summary>
    public IReadOnlyDictionary<uint, List<long>> Cuts { get; }

    public List<LoadedArchive> Archives { get; } = [];
    public string Id => Convert.ToHexStringLower(Config.Id);
    /// <summary>Every archive that the manifest lists, readable or not; null while the manifest was not read.</summary>
    private IReadOnlyList<string>? listed;

    public Inventory? Inventory => listed is null ? null : new Inventory(listed, Key is null ? [] : [new KeyHolder(Key.Fingerprint, $"{Mode.Name()} {Key.Derivation}")], Protection, IsHistory: true);

    private Protection Protection => !Mode.IsEncrypted() || Key is null ? Protection.Plain : new Protection(
        Mode.IsBlake2() ? "AES-256-CTR, BLAKE2b-256" : "AES-256-CTR, HMAC-SHA256", Key.Derivation, Key.Weakness);

    public string ManifestTime { get; private set; } = "";
    public string NameOf(uint segment) => byNumber[segment].File.Name;

    public IReadOnlyList<(string Label, string Value)> Facts =>
    [
        ("mode", Mode.Name()),
        .. Key is null ? Array.Empty<(string, string)>() : [("key", $"{Key.Fingerprint[..8]} {Key.Derivation}")],
        ("manifest", ManifestTime), ("segments", $"{Segments.Count}"), ("bytes", $"{Segments.Sum(s => s.File.LengthBytes)}"), ("objects", $"{Index.Count}"),
        ("append only", Config.AppendOnly ? "1" : "0"),
    ];

    /// <summary>Opens the repository, or says in findings why not.</summary>
    public static async ValueTask<OpenRepository?> TryOpenAsync(IBackupStore store, BorgSecrets secrets, FindingSink sink, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadConfigAsync(store, sink, cancellationToken) is not { } config) return null;
            var replay = new SegmentReplay(store, config, sink);
            if (!await replay.RunAsync(cancellationToken)) return null;
            if (await FindModeAsync(store, replay, sink, cancellationToken) is not { } mode) return null;
            if (mode == BorgMode.None)
            {
                // A key in the config of a repository whose objects are plain: somebody took the protection away (CVE-2016-10099).
                if (config.Key.Length > 0) sink.Add(BorgFindings.ManifestUnauthenticated.At(store.Location, ("reason", new Words("it is plain though the config holds a key", "il est en clair alors que le fichier config contient une clé"))));
                return new OpenRepository(store, sink, config, replay, mode, null);
            }
            return OpenKey(store, config, mode, secrets, sink) is { } key ? new OpenRepository(store, sink, config, replay, mode, key) : null;
        }
        catch (StoreException e)
        {
            Unreadable(sink, e);
            return null;
        }
    }

    private static async ValueTask<BorgConfig?> ReadConfigAsync(IBackupStore store, FindingSink sink, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            await using var reader = await store.OpenAsync("config", cancellationToken);
            if (reader.LengthBytes > BorgConfig.LargestBytes)
            {
                sink.Add(BorgFindings.ConfigDamaged.At("config", ("reason", new Words("it is too long", "il est trop long"))));
                return null;
            }
            bytes = new byte[reader.LengthBytes];
            bytes = bytes[..await reader.ReadAsync(0, bytes, cancellationToken)];
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            if (await AnyAsync(store, "config/", cancellationToken)) RefuseVersion(store, sink, new("it is a repository of Borg 2", "c’est un dépôt de Borg 2"));
            else if (await AnyAsync(store, "data/", cancellationToken)) sink.Add(BorgFindings.ConfigDamaged.At("config", ("reason", new Words("it is missing", "il manque"))));
            else sink.Add(CommonFindings.NotARepository.At(store.Location, ("format", "borg"), ("reason", new Words("it holds neither a config file nor a data folder", "il ne contient ni fichier config ni dossier data"))));
            return null;
        }
        if (BorgConfig.TryParse(bytes, out var reason) is not { } config)
        {
            sink.Add(BorgFindings.ConfigDamaged.At("config", ("reason", reason)));
            return null;
        }
        if (config.Version == 1) return config;
        RefuseVersion(store, sink, new($"its version is {config.Version}", $"sa version est {config.Version}"));
        return null;
    }

    private static void RefuseVersion(IBackupStore store, FindingSink sink, Words reason)
    {
        sink.Add(BorgFindings.VersionUnknown.At(store.Location, ("reason", reason)));
        sink.LeaveUnfinished(new($"this reader knows Borg 1 only: {reason.En}", $"ce lecteur ne connaît que Borg 1 : {reason.Fr}"));
    }

    private static async ValueTask<bool> AnyAsync(IBackupStore store, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var _ in store.ListAsync(prefix, cancellationToken)) return true;
        return false;
    }

    /// <summary>The protection of the manifest is the repository's; without one that of any other object.</summary>
    private static async ValueTask<BorgMode?> FindModeAsync(IBackupStore store, SegmentReplay replay, FindingSink sink, CancellationToken cancellationToken)
    {
        var at = replay.Index.Find(ObjectDecoder.Manifest);
        if (at < 0)
        {
            if (replay.Unread) sink.LeaveUnfinished(new("the manifest was not found in what could be read", "le manifeste n’a pas été trouvé dans ce qui a pu être lu"));
            else sink.Add(BorgFindings.ManifestMissing.At(store.Location));
            for (var i = 0; i < replay.Index.Entries && at < 0; i++)
                if (replay.Index[i].Exists) at = i;
            if (at < 0) return null;
        }
        var entry = replay.Index[at];
        var name = replay.Committed.First(s => s.Number == entry.Segment).File.Name;
        await using var reader = await store.OpenAsync(name, cancellationToken);
        var type = new byte[1];
        if (entry.Length > SegmentEntry.WithIdBytes && await reader.ReadAsync(entry.Offset + (long)SegmentEntry.WithIdBytes, type, cancellationToken) == 1 && ((BorgMode)type[0]).IsKnown())
            return type[0] == (byte)BorgMode.Passphrase ? BorgMode.RepoKey : (BorgMode)type[0];
        sink.Add(BorgFindings.ManifestDamaged.At(store.Location, ("reason", new Words($"its protection is the unknown {type[0]:x2}", $"sa protection est {type[0]:x2}, inconnue"))));
        return null;
    }

    private static BorgKey? OpenKey(IBackupStore store, BorgConfig config, BorgMode mode, BorgSecrets secrets, FindingSink sink)
    {
        Words reason;
        EncryptedKey? encrypted;
        var subject = mode.IsKeyFile() && config.Key.Length == 0 || secrets.KeyFile is not null ? "key file" : "config";
        // An exported key opens a repokey repository too, whose config is lost or was changed.
        if (secrets.KeyFile is { } file) encrypted = EncryptedKey.TryParseFile(file, config.Id, out reason);
        else if (config.Key.Length > 0) encrypted = EncryptedKey.TryParse(config.Key, out reason);
        else (encrypted, reason) = (null, mode.IsKeyFile() ? new("none was given; this repository's key lies in a file on the client", "aucune n’a été donnée ; la clé de ce dépôt est dans un fichier sur le client") : new("the config holds none", "le fichier config n’en contient pas"));
        if (encrypted is null)
        {
            sink.Add(BorgFindings.KeyUnusable.At(subject, ("reason", reason)));
            return null;
        }
        if (encrypted.Open(secrets.Passphrase) is not { } key)
        {
            sink.Add(BorgFindings.PassphraseRefused.At(store.Location, ("reason", secrets.Passphrase is null ? new Words("no passphrase was given", "aucune phrase secrète n’a été donnée") : new Words("the passphrase does not fit", "la phrase secrète ne convient pas"))));
            return null;
        }
        if (!key.RepositoryId.AsSpan().SequenceEqual(config.Id))
            sink.Add(BorgFindings.KeyForeign.At(subject, ("key", Convert.ToHexStringLower(key.RepositoryId)), ("config", Convert.ToHexStringLower(config.Id))));
        return key;
    }

    /// <summary>The manifest and the head of every archive that it lists.</summary>
    public async ValueTask LoadArchivesAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!Mode.IsEncrypted()) sink.Add(BorgFindings.NotEncrypted.At(Store.Location, ("mode", Mode.Name())));
        if (Index.Find(ObjectDecoder.Manifest) < 0) return;
        await using var loader = new ObjectLoader(this, sink);
        if (await LoadManifestAsync(loader, clock, cancellationToken) is not { } manifest) return;
        var latest = clock.GetUtcNow().AddMinutes(5);
        foreach (var listed in manifest.Archives)
            if (await LoadArchiveAsync(loader, listed, latest, cancellationToken) is { } loaded) Archives.Add(loaded);
        Archives.Sort((x, y) => (x.Summary.TakenAt, x.Name).CompareTo((y.Summary.TakenAt, y.Name)));
    }

    private async ValueTask<Manifest?> LoadManifestAsync(ObjectLoader loader, TimeProvider clock, CancellationToken cancellationToken)
    {
        var content = new Kept();
        if (!await loader.TryLoadAsync(ObjectDecoder.Manifest, content, static (kept, bytes) => kept.Bytes = bytes.ToArray(), cancellationToken))
        {
            if (loader.NotLookedAt) sink.LeaveUnfinished(new($"the manifest could not be read: {loader.Reason.En}", $"le manifeste n’a pas pu être lu : {loader.Reason.Fr}"));
            else sink.Add(BorgFindings.ManifestDamaged.At(Store.Location, ("reason", loader.Reason)));
            return null;
        }
        if (content.Bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xC1, 0xC1, 0xC1, 0xC1]))
        {
            RefuseVersion(Store, sink, new("its manifest is of a later version", "son manifeste est d’une version ultérieure"));
            return null;
        }
        if (Manifest.TryParse(content.Bytes) is not { } manifest)
        {
            sink.Add(BorgFindings.ManifestDamaged.At(Store.Location, ("reason", new Words("it is not the msgpack of a manifest", "ce n’est pas le msgpack d’un manifeste"))));
            return null;
        }
        if (manifest.UnknownFeature.Length > 0)
        {
            RefuseVersion(Store, sink, new($"it needs the feature {manifest.UnknownFeature}", $"il exige la fonction {manifest.UnknownFeature}"));
            return null;
        }
        var wrong = manifest.Tag is null ? new Words("it has no tag", "il n’a pas d’étiquette") : manifest.Tag.Check(content.Bytes, Key, "manifest"u8);
        if (wrong is { } reason) sink.Add(BorgFindings.ManifestUnauthenticated.At(Store.Location, ("reason", reason)));
        ManifestTime = manifest.Time;
        listed = [.. manifest.Archives.Select(a => a.Id.ToString())];
        if (BorgTime.Parse(manifest.Time) is { } time && time > clock.GetUtcNow().AddMinutes(5))
            sink.Add(BorgFindings.ManifestInFuture.At(Store.Location, ("time", time.ToString("u", CultureInfo.InvariantCulture))));
        Index.Claim(Index.Find(ObjectDecoder.Manifest), ObjectEntry.SizeUnknown);
        return manifest;
    }

    private async ValueTask<LoadedArchive?> LoadArchiveAsync(ObjectLoader loader, ListedArchive listed, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        var content = new Kept();
        if (!await loader.TryLoadAsync(listed.Id, content, static (kept, bytes) => kept.Bytes = bytes.ToArray(), cancellationToken))
        {
            if (loader.NotLookedAt) sink.LeaveUnfinished(new($"the archive {listed.Id.Short} could not be read: {loader.Reason.En}", $"l’archive {listed.Id.Short} n’a pas pu être lue : {loader.Reason.Fr}"));
            else sink.Add(BorgFindings.ArchiveDamaged.At(listed.Name, ("reason", loader.Reason)));
            return null;
        }
        Index.Claim(Index.Find(listed.Id), ObjectEntry.SizeUnknown);
        if (Archive.TryParse(content.Bytes) is not { } archive || BorgTime.Parse(archive.Time) is not { } takenAt)
        {
            sink.Add(BorgFindings.ArchiveDamaged.At(listed.Name, ("reason", new Words("it is not the msgpack of an archive", "ce n’est pas le msgpack d’une archive"))));
            return null;
        }
        if (archive.Tag is null) sink.Add(BorgFindings.ArchiveWithoutTag.At(listed.Name));
        else if (archive.Tag.Check(content.Bytes, Key, "archive"u8) is { } reason) sink.Add(BorgFindings.ArchiveForged.At(listed.Name, ("reason", reason)));
        if (archive.Name != listed.Name) sink.Add(BorgFindings.ArchiveListed.At(listed.Name, ("what", new Words("name", "un nom"))));
        else if (archive.Time != listed.Time) sink.Add(BorgFindings.ArchiveListed.At(listed.Name, ("what", new Words("time", "une date"))));
        if (takenAt > latest) sink.Add(BorgFindings.ArchiveInFuture.At(listed.Name, ("time", takenAt.ToString("u", CultureInfo.InvariantCulture))));
        var loaded = new LoadedArchive(listed.Name, listed.Id, new SnapshotSummary(listed.Id.ToString(), takenAt, Math.Max(0, archive.Files), Math.Max(0, archive.Bytes))
        {
            Host = Printable.Of(archive.Host), Tags = [Printable.Of(listed.Name)],
        });
        if (loaded.IsCheckpoint) sink.Add(BorgFindings.ArchiveCheckpoint.At(listed.Name));
        return loaded;
    }

    /// <summary>Which objects hold the list of files of an archive; loaded anew each time, since a thousand of these lists are a burden.</summary>
    public static async ValueTask<BlobId[]?> LoadItemIdsAsync(LoadedArchive archive, ObjectLoader loader, CancellationToken cancellationToken)
    {
        var ids = new Kept<BlobId[]>();
        return await loader.TryLoadAsync(archive.Id, ids, static (kept, bytes) => kept.Value = Archive.TryParse(bytes)?.Items, cancellationToken) ? ids.Value : null;
    }

    private sealed class Kept { public byte[] Bytes = []; }

    private sealed class Kept<T> { public T? Value; }

    public static void Unreadable(FindingSink sink, StoreException e) => Restic.OpenRepository.Unreadable(sink, e);

    public void Dispose() => Key?.Dispose();
}
