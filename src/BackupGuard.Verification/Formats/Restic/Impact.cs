using System.Text;
using System.Text.Json;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Whom damage hurts: which snapshots, which paths, for every blob that no longer comes. Costs a second walk, so only done when there is damage.</summary>
internal sealed class Impact(OpenRepository repository, TreeTable trees, IReadOnlyDictionary<BlobId, StoredObject> packs)
{
    private const int MostPaths = 10;

    /// <summary>Deeper paths are left out of the list of examples; the finding stands all the same.</summary>
    private const int DeepestTree = 500;
    private readonly Dictionary<(BlobKind, BlobId), Harm> harms = [];

    private sealed class Harm
    {
        public readonly HashSet<string> Snapshots = new(StringComparer.Ordinal);
        public readonly List<string> Paths = [];
    }

    public async Task TraceAsync(IEnumerable<(BlobKind, BlobId)> blobs, CancellationToken cancellationToken)
    {
        foreach (var blob in blobs) harms.TryAdd(blob, new Harm());
        await using var loader = new BlobLoader(repository, packs, new FindingSink());
        // Newest first: those are the ones that will be asked for.
        foreach (var snapshot in repository.Snapshots.AsEnumerable().Reverse()) await WalkAsync(snapshot, loader, cancellationToken);
    }

    /// <summary>Writes the finding about blobs that were traced.</summary>
    public Finding Describe(IEnumerable<(BlobKind, BlobId)> blobs, Func<string, Finding> describe)
    {
        var hurt = blobs.Select(b => harms[b]).ToList();
        var snapshots = hurt.SelectMany(h => h.Snapshots).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var text = snapshots.Count == 0 ? "–" : string.Join(", ", snapshots.Take(8)) + (snapshots.Count > 8 ? $" (+{snapshots.Count - 8})" : "");
        return describe(text) with { Paths = [.. hurt.SelectMany(h => h.Paths).Distinct(StringComparer.Ordinal).Take(MostPaths)] };
    }

    /// <summary>Harm found below each tree, so that what snapshots share is read once.</summary>
    private readonly Dictionary<BlobId, HashSet<Harm>> below = [];

    private async Task WalkAsync(LoadedSnapshot snapshot, BlobLoader loader, CancellationToken cancellationToken)
    {
        var harmed = await VisitAsync(snapshot.Tree, "", 0, snapshot.Id.Short, loader, cancellationToken);
        foreach (var harm in harmed) harm.Snapshots.Add(snapshot.Id.Short);
    }

    private async Task<HashSet<Harm>> VisitAsync(BlobId tree, string path, int depth, string snapshot, BlobLoader loader, CancellationToken cancellationToken)
    {
        if (below.TryGetValue(tree, out var known)) return known;
        var harmed = new HashSet<Harm>();
        below[tree] = harmed;
        if (harms.TryGetValue((BlobKind.Tree, tree), out var own)) Hurt(own, harmed, snapshot, path.Length == 0 ? "/" : path);
        if (depth > DeepestTree || repository.Index.Find(BlobKind.Tree, tree) is var entry && (entry < 0 || !trees.Contains(entry))) return harmed;
        var subtrees = new List<(string Name, BlobId Tree)>();
        await loader.TryLoadAsync(BlobKind.Tree, tree, 0, (_, content) => ReadNodes(content, path, snapshot, harmed, subtrees), cancellationToken);
        foreach (var (name, subtree) in subtrees) harmed.UnionWith(await VisitAsync(subtree, $"{path}/{name}", depth + 1, snapshot, loader, cancellationToken));
        return harmed;
    }

    private void ReadNodes(ReadOnlySpan<byte> content, string path, string snapshot, HashSet<Harm> harmed, List<(string, BlobId)> subtrees)
    {
        try
        {
            var node = new TreeNode();
            var reader = new TreeReader(content);
            while (reader.Next(node))
            {
                if (node.HasSubtree) subtrees.Add((Printable.Of(Encoding.UTF8.GetString(node.Name)), node.Subtree));
                foreach (var id in node.Content)
                    if (harms.TryGetValue((BlobKind.Data, id), out var harm)) Hurt(harm, harmed, snapshot, $"{path}/{Printable.Of(Encoding.UTF8.GetString(node.Name))}");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The walk has reported this tree as unreadable.
        }
    }

    private static void Hurt(Harm harm, HashSet<Harm> harmed, string snapshot, string path)
    {
        harmed.Add(harm);
        if (harm.Paths.Count < MostPaths) harm.Paths.Add($"{snapshot}:{path}");
    }
}
