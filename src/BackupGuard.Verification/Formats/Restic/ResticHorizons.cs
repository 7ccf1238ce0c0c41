using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>The horizons of a restic repository: a snapshot needs its own file, the config, the key file that the password opens and its packs; its indexes can be rebuilt from the packs' headers.</summary>
internal sealed class ResticHorizons(OpenRepository repository, HorizonPolicy policy, FindingSink sink, TimeProvider clock)
{
    private const int Workers = 4;

    public async Task<HorizonReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadSnapshotsAsync(clock, cancellationToken);
        await repository.LoadIndexAsync(cancellationToken);
        var packs = await repository.ListPacksAsync(cancellationToken);
        var (files, place) = (new List<StoredObject>(packs.Values), new Dictionary<BlobId, int>());
        foreach (var id in packs.Keys) place.Add(id, place.Count);
        foreach (var prefix in (string[])["config", "keys/", "key/", "snapshots/", "snapshot/", "index/"]) files.AddRange(await ListAsync(prefix, cancellationToken));
        var objects = await Horizon.ReadLocksAsync(repository.Store, files, e => OpenRepository.Unreadable(sink, e), cancellationToken);

        var now = clock.GetUtcNow();
        var untils = repository.Index.Packs.Select(p => place.TryGetValue(p.Id, out var at) ? Horizon.UntilOf(objects[at], policy, now)?.UtcTicks ?? 0 : long.MinValue).ToArray();
        var needs = new PackNeeds(repository, packs, untils, sink);
        await needs.ReadAsync(Workers, cancellationToken);

        var beside = Enumerable.Range(packs.Count, files.Count - packs.Count).ToList();
        var shared = beside.Where(i => files[i].Name == "config" || files[i].Name.EndsWith("/" + repository.OpenedKey, StringComparison.Ordinal)).ToList();
        var indexes = beside.Where(i => files[i].Name.StartsWith("index/", StringComparison.Ordinal)).ToList();
        var own = beside.Where(i => files[i].Name.StartsWith("snap", StringComparison.Ordinal)).ToLookup(i => files[i].Name[(files[i].Name.LastIndexOf('/') + 1)..], StringComparer.Ordinal);
        var placeOf = repository.Index.Packs.Select(p => place.TryGetValue(p.Id, out var at) ? at : -1).ToArray();
        var horizons = new SnapshotHorizon[repository.Snapshots.Count];
        // Thousands of snapshots over a hundred thousand packs each: the one part that only computes.
        Parallel.For(0, horizons.Length, new ParallelOptions { CancellationToken = cancellationToken }, s =>
        {
            var snapshot = repository.Snapshots[s];
            var (used, isWhole) = needs.Of(snapshot);
            var itself = own[snapshot.Id.ToString()];
            var unresolved = !isWhole ? new Words("a part of it is missing or unreadable", "une partie en manque ou est illisible") : shared.Count < 2 || !itself.Any() ? new Words("its config, key or snapshot file could not be listed", "son fichier config, sa clé ou son fichier d’instantané n’a pas pu être listé") : (Words?)null;
            var needed = new List<int>(used.Count + 8);
            foreach (var pack in used) needed.Add(placeOf[pack]);    // a pack that is not there was never taken for the place of a blob
            needed.AddRange(shared);
            needed.AddRange(itself);
            horizons[s] = Horizon.Of(new SnapshotNeeds(snapshot.Id.ToString(), snapshot.Summary.TakenAt, needed, indexes, unresolved), objects, policy, now);
        });
        if (horizons.Length == 0 && sink.Unfinished is null) sink.Add(CommonFindings.NothingThere.At(repository.Store.Location));
        foreach (var finding in Horizon.Judge(horizons, policy, now)) sink.Add(finding);
        var unknown = objects.Count(o => o.Mode == LockMode.Unknown);
        return new HorizonReport
        {
            Snapshots = horizons, Findings = sink.ToList(), Objects = objects.Length, Missing = needs.Missing.Select(id => id.ToString()).ToHashSet(StringComparer.Ordinal),
            Unfinished = sink.Unfinished ?? (unknown > 0 ? new Words($"the locks of {unknown} objects could not be seen", $"les verrous de {unknown} objets n’ont pas pu être vus") : horizons.FirstOrDefault(h => h.Unresolved is not null)?.Unresolved),
        };
    }

    private async Task<List<StoredObject>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var found = new List<StoredObject>();
        try
        {
            await foreach (var o in repository.Store.ListAsync(prefix, cancellationToken)) if (prefix != "config" || o.Name == "config") found.Add(o);
        }
        catch (StoreException e)
        {
            OpenRepository.Unreadable(sink, e);
        }
        return found;
    }
}
