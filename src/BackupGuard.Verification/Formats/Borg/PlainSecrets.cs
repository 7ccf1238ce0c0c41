using System.Collections.Concurrent;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Secrets in a repository that is not encrypted. Objects have no paths: the walk over the items notes which begin a file, the segments show what is in them, and paths are looked up for what was found.</summary>
/// <remarks>One bit an object, and the few names that tell something by themselves.</remarks>
internal sealed class PlainSecrets(OpenRepository repository, FindingSink sink)
{
    private const int MostNamed = 10_000, MostFound = 1_000;
    private readonly int[] begins = new int[repository.Index.Entries / 32 + 1];
    private readonly ConcurrentDictionary<int, byte[]> named = new();
    private readonly ConcurrentDictionary<BlobId, ReadableSecret> found = new();

    /// <summary>Safe from several threads at once.</summary>
    public void Note(Item item)
    {
        if (item.Kind != ItemKind.File || item.IsPart || item.Chunks.Count == 0 || repository.Index.Find(item.Chunks[0].Id) is not (var entry and >= 0)) return;
        Interlocked.Or(ref begins[entry / 32], 1 << (entry % 32));
        if (SecretScan.IsTelling(item.Path) && named.Count < MostNamed) named.TryAdd(entry, item.Path.ToArray());
    }

    /// <summary>Safe from several threads at once.</summary>
    /// <returns>What lies readable in a file that begins with this object, or null.</returns>
    public ReadableSecret? Look(BlobId id, ReadOnlySpan<byte> content)
    {
        if (repository.Index.Find(id) is not (var entry and >= 0) || (Volatile.Read(ref begins[entry / 32]) & 1 << (entry % 32)) == 0) return null;
        if (SecretScan.Look(named.GetValueOrDefault(entry) ?? [], content) is not { } secret) return null;
        if (found.Count < MostFound) found.TryAdd(id, secret);
        return secret;
    }

    /// <summary>Costs another walk, so only done when something was found. Newest archives first: one path for each object.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await using var loader = new ObjectLoader(repository, new FindingSink());
        foreach (var archive in repository.Archives.AsEnumerable().Reverse())
        {
            if (found.IsEmpty) return;
            var stream = new ItemStream(repository, archive, loader);
            while (await stream.MoveNextAsync(cancellationToken))
            {
                var item = stream.Current;
                if (item.Kind == ItemKind.File && item.Chunks.Count > 0 && found.TryRemove(item.Chunks[0].Id, out var secret))
                    sink.Add(EncryptionFindings.SecretReadable.AtPath(ItemWalk.Text(item.Path), ("secret", secret.Words)));
            }
        }
    }
}
