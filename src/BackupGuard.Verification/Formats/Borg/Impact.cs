using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Whom damage hurts: which archives, which paths, for every object that no longer comes. Costs a second walk, so only done when there is damage.</summary>
internal sealed class Impact(OpenRepository repository)
{
    private const int MostPaths = 10, MostArchives = 100;
    private readonly Dictionary<BlobId, Harm> harms = [];

    private sealed class Harm
    {
        public readonly SortedSet<string> Archives = new(StringComparer.Ordinal);
        public readonly List<string> Paths = [];
    }

    public async Task TraceAsync(IEnumerable<BlobId> objects, CancellationToken cancellationToken)
    {
        foreach (var id in objects) harms.TryAdd(id, new Harm());
        await using var loader = new ObjectLoader(repository, new FindingSink());
        // Newest first: those are the ones that will be asked for.
        foreach (var archive in repository.Archives.AsEnumerable().Reverse())
        {
            Note(archive.Id, archive, null);
            if (await OpenRepository.LoadItemIdsAsync(archive, loader, cancellationToken) is not { } ids) continue;
            foreach (var id in ids) Note(id, archive, null);
            var stream = new ItemStream(repository, archive, loader);
            while (await stream.MoveNextAsync(cancellationToken))
                foreach (var chunk in stream.Current.Chunks) Note(chunk.Id, archive, stream.Current);
        }
    }

    private void Note(BlobId id, LoadedArchive archive, Item? item)
    {
        if (!harms.TryGetValue(id, out var harm)) return;
        if (harm.Archives.Count < MostArchives) harm.Archives.Add(archive.Name);
        if (item is null || harm.Paths.Count >= MostPaths) return;
        var path = Printable.Of(ItemWalk.Text(item.Path));
        if (!harm.Paths.Contains(path)) harm.Paths.Add(path);
    }

    /// <summary>Writes the finding about an object that was traced.</summary>
    public Finding Describe(DamagedObject damaged)
    {
        var harm = harms[damaged.Id];
        var text = harm.Archives.Count == 0 ? "–" : string.Join(", ", harm.Archives.Take(8)) + (harm.Archives.Count > 8 ? $" (+{harm.Archives.Count - 8})" : "");
        return damaged.Describe(text) with { Paths = [.. harm.Paths] };
    }
}
