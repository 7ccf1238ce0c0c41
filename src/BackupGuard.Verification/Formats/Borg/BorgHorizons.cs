using System.Collections;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>
/// The horizons of a Borg repository. An archive needs the config (id, and in repokey modes the key), every segment that holds an object of it, the manifest's segment and the one with the last commit.
/// Borg makes its index and hints again by itself; segments that hold only what other archives need, or what was deleted, are not needed.
/// </summary>
internal sealed class BorgHorizons(OpenRepository repository, HorizonPolicy policy, FindingSink sink, TimeProvider clock)
{
    private const int Workers = 4;
    private readonly Dictionary<uint, int> place = repository.Segments.Select((s, i) => (s.Number, i)).ToDictionary(x => x.Number, x => x.i);

    public async Task<HorizonReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadArchivesAsync(clock, cancellationToken);
        var files = repository.Segments.Select(s => s.File).ToList();
        if (await FindConfigAsync(cancellationToken) is { } config) files.Add(config);
        var objects = await Horizon.ReadLocksAsync(repository.Store, files, e => OpenRepository.Unreadable(sink, e), cancellationToken);

        var now = clock.GetUtcNow();
        var hasConfig = files.Count > place.Count;
        var horizons = new SnapshotHorizon[repository.Archives.Count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Workers, horizons.Length)).Select(_ => Task.Run(async () =>
        {
            await using var loader = new ObjectLoader(repository, sink);
            while (Interlocked.Increment(ref next) is var i && i < horizons.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var archive = repository.Archives[i];
                var (segments, isWhole) = await SegmentsOfAsync(archive, loader, cancellationToken);
                var unresolved = !isWhole ? new Words("a part of it is missing or unreadable", "une partie en manque ou est illisible") : !hasConfig ? new Words("its config file could not be listed", "son fichier config n’a pas pu être listé") : (Words?)null;
                IEnumerable<int> needed = Enumerable.Range(0, place.Count).Where(s => segments[s]);
                horizons[i] = Horizon.Of(new SnapshotNeeds(archive.Summary.Id, archive.Summary.TakenAt, [.. needed, .. hasConfig ? [place.Count] : (int[])[]], [], unresolved), objects, policy, now);
            }
        }, cancellationToken)));
        if (horizons.Length == 0 && sink.Unfinished is null) sink.Add(CommonFindings.NothingThere.At(repository.Store.Location));
        foreach (var finding in Horizon.Judge(horizons, policy, now)) sink.Add(finding);
        var unknown = objects.Count(o => o.Mode == LockMode.Unknown);
        return new HorizonReport
        {
            Snapshots = horizons, Findings = sink.ToList(), Objects = objects.Length,
            Unfinished = sink.Unfinished ?? (unknown > 0 ? new Words($"the locks of {unknown} objects could not be seen", $"les verrous de {unknown} objets n’ont pas pu être vus") : horizons.FirstOrDefault(h => h.Unresolved is not null)?.Unresolved),
        };
    }

    private async Task<(BitArray Segments, bool IsWhole)> SegmentsOfAsync(LoadedArchive archive, ObjectLoader loader, CancellationToken cancellationToken)
    {
        var (segments, whole) = (new BitArray(place.Count), true);
        segments[place.Count - 1] = true;    // replaying found a commit, so there is a last segment
        Need(ObjectDecoder.Manifest);
        Need(archive.Id);
        if (await OpenRepository.LoadItemIdsAsync(archive, loader, cancellationToken) is not { } ids) return (segments, false);
        foreach (var id in ids) Need(id);
        var stream = new ItemStream(repository, archive, loader);
        while (await stream.MoveNextAsync(cancellationToken))
        {
            if (stream.Count % 1024 == 0) cancellationToken.ThrowIfCancellationRequested();
            foreach (var chunk in stream.Current.Chunks) Need(chunk.Id);
        }
        return (segments, whole && stream.Wrong is null);

        void Need(BlobId id)
        {
            if (repository.Index.Find(id) is var entry and >= 0) segments[place[repository.Index[entry].Segment]] = true;
            else whole = false;
        }
    }

    private async Task<StoredObject?> FindConfigAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var o in repository.Store.ListAsync("config", cancellationToken)) if (o.Name == "config") return o;
        }
        catch (StoreException e)
        {
            OpenRepository.Unreadable(sink, e);
        }
        return null;
    }
}
