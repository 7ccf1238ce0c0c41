using System.Collections.Concurrent;
using System.Text;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Reads the items of every archive, several archives at once: what they need is there, what they say can be restored.</summary>
internal sealed class ItemWalk(OpenRepository repository, FindingSink sink, TimeProvider clock, PlainSecrets? secrets)
{
    /// <summary>Objects that are traced back to archives and paths; of more, only the number is told.</summary>
    public const int MostTraced = 10_000;

    private const long NanosecondsASecond = 1_000_000_000;
    private readonly long nowSeconds = clock.GetUtcNow().ToUnixTimeSeconds();
    private readonly ConcurrentDictionary<BlobId, byte> missing = new();
    private readonly ConcurrentDictionary<(BlobId Id, uint Size), byte> conflicts = new();
    private readonly ConcurrentDictionary<BlobId, (long Files, long Bytes, long Newest)> totals = new();

    /// <summary>What archives need and the repository does not hold, or holds by another archive's word with another size.</summary>
    public IEnumerable<DamagedObject> Damaged =>
    [
        .. missing.Keys.Select(id => new DamagedObject(id, affected => BorgFindings.ObjectMissing.At(id.ToString(), ("affected", affected)))),
        .. conflicts.Keys.Select(c => new DamagedObject(c.Id, affected => Conflict(c.Id, c.Size, affected))),
    ];

    private Finding Conflict(BlobId id, uint size, string affected)
    {
        var entry = repository.Index[repository.Index.Find(id)];
        return BorgFindings.ObjectSize.At(repository.NameOf(entry.Segment), ("object", id), ("actual", entry.Claim - 1), ("expected", size), ("affected", affected));
    }

    public SnapshotSummary Summary(LoadedArchive archive) =>
        totals.TryGetValue(archive.Id, out var t) ? archive.Summary with { Files = t.Files, Bytes = t.Bytes, NewestFileAt = t.Newest > 0 ? DateTimeOffset.FromUnixTimeSeconds(t.Newest) : null } : archive.Summary;

    public async Task RunAsync(int workers, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var archives = repository.Archives;
        int next = -1, done = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(workers, archives.Count)).Select(_ => Task.Run(WorkAsync, cancellationToken)));

        async Task WorkAsync()
        {
            await using var loader = new ObjectLoader(repository, sink);
            while (Interlocked.Increment(ref next) is var i && i < archives.Count)
            {
                await WalkAsync(archives[i], loader, cancellationToken);
                progress?.Report(new WorkProgress("metadata", 0, 0, Interlocked.Increment(ref done), archives.Count, sink.Count));
            }
        }
    }

    private async ValueTask WalkAsync(LoadedArchive archive, ObjectLoader loader, CancellationToken cancellationToken)
    {
        var stream = new ItemStream(repository, archive, loader);
        var masters = new HashSet<ulong>();
        var links = new List<(ulong Source, string Path)>();
        long files = 0, bytes = 0, newest = 0;
        while (await stream.MoveNextAsync(cancellationToken))
        {
            if (stream.Count % 1024 == 0) cancellationToken.ThrowIfCancellationRequested();
            var item = stream.Current;
            Look(item, archive);
            secrets?.Note(item);
            if (item.IsHardLinkMaster) masters.Add(Hash(item.Path));
            if (item.IsHardLink && !masters.Contains(Hash(item.Source)) && links.Count < MostTraced) links.Add((Hash(item.Source), Text(item.Path)));
            if (item.Kind != ItemKind.File || item.IsPart) continue;
            files++;
            bytes += item.Bytes;
            // A time that has not come yet would make any data look fresh for ever.
            if (item.ModifiedAt / NanosecondsASecond is { } changed && changed <= nowSeconds && changed > newest) newest = (long)changed;
        }
        Judge(stream, archive);
        // Archives of Borg 1.0 do not mark the first of several links: there nothing can be told.
        if (masters.Count > 0 && stream.Wrong is null)
            foreach (var (source, path) in links)
                if (!masters.Contains(source)) sink.Add(BorgFindings.LinkTargetMissing.AtPath(path, ("archive", archive.Name)));
        totals[archive.Id] = (files, bytes, newest);
    }

    private void Judge(ItemStream stream, LoadedArchive archive)
    {
        if (stream.Wrong is not { } wrong) return;
        if (stream.NotLookedAt)
        {
            sink.LeaveUnfinished(new($"the list of files of the archive {archive.Name} could not be read: {wrong.En}", $"la liste des fichiers de l’archive {archive.Name} n’a pas pu être lue : {wrong.Fr}"));
            return;
        }
        sink.Add(BorgFindings.ItemsDamaged.At(archive.Name, ("item", stream.Count + 1), ("reason", wrong)));
        if (stream.Lost is { } lost && repository.Index.Find(lost) < 0 && missing.Count < MostTraced) missing.TryAdd(lost, 0);
    }

    private void Look(Item item, LoadedArchive archive)
    {
        if (!ItemPaths.TryParse(item.Path, out _, out var refusal)) sink.Add(BorgFindings.ItemPath.AtPath(Text(item.Path), ("reason", refusal)));
        else if (item.Kind == ItemKind.Unknown) sink.Add(BorgFindings.ItemPath.AtPath(Text(item.Path), ("reason", new Words("it is of no known kind", "son genre est inconnu"))));
        if (item.Replaced > 0) sink.Add(BorgFindings.ItemRepaired.AtPath(Text(item.Path), ("chunks", item.Replaced), ("archive", archive.Name)));
        if (item is { Size: { } recorded, HasChunks: true, IsPart: false } && recorded != item.Bytes)
            sink.Add(BorgFindings.ItemSize.AtPath(Text(item.Path), ("recorded", recorded), ("actual", item.Bytes)));
        foreach (var chunk in item.Chunks)
        {
            var entry = repository.Index.Find(chunk.Id);
            if (entry < 0)
            {
                if (repository.SegmentsUnread) sink.LeaveUnfinished(new("objects that archives need were not found in the segments that could be read", "des objets dont des archives ont besoin n’ont pas été trouvés dans les segments qui ont pu être lus"));
                else if (missing.Count < MostTraced) missing.TryAdd(chunk.Id, 0);
            }
            else if (!repository.Index.Claim(entry, chunk.Size + 1) && conflicts.Count < MostTraced) conflicts.TryAdd((chunk.Id, chunk.Size), 0);
        }
    }

    private static ulong Hash(ReadOnlySpan<byte> path)
    {
        var hash = new Xxh64();
        hash.Append(path);
        return hash.Digest();
    }

    public static string Text(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path);
}

/// <summary>From the path of an item to one below a restore target, part by part.</summary>
internal static class ItemPaths
{
    public static bool TryParse(ReadOnlySpan<byte> bytes, out RestorePath path, out Words refusal)
    {
        (path, refusal) = (RestorePath.Root, default);
        // "borg create repository::archive ." writes the folder itself so.
        if (bytes is [(byte)'.']) return true;
        foreach (var range in bytes.Split((byte)'/'))
            if (!path.TryAppend(bytes[range], out path, out refusal)) return false;
        return true;
    }
}
