using System.Collections;
using System.Text.Json;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Which packs each snapshot needs, by walking its trees: each tree is read once, however many snapshots share it.</summary>
/// <param name="untilOfPack">Orders the places of a blob that lies in several packs: the one that is held longest is the one that counts. By the index's pack number; long.MinValue for a pack that is not there.</param>
internal sealed class PackNeeds(OpenRepository repository, IReadOnlyDictionary<BlobId, StoredObject> packs, long[] untilOfPack, FindingSink sink)
{
    private sealed record Tree(int[] Packs, int[] Below, bool IsWhole);

    private readonly OpenRepository repository = repository;
    private readonly long[] untilOfPack = untilOfPack;
    private readonly Dictionary<int, Tree> trees = [];

    /// <summary>Packs that are named and are not there.</summary>
    public HashSet<BlobId> Missing { get; } = [];

    public async Task ReadAsync(int workers, CancellationToken cancellationToken)
    {
        var loaders = Enumerable.Range(0, workers).Select(_ => new BlobLoader(repository, packs, sink)).ToArray();
        try
        {
            var next = repository.Snapshots.Select(s => repository.Index.Find(BlobKind.Tree, s.Tree)).Where(e => e >= 0).Distinct().ToList();
            while (next.Count > 0)
            {
                var (level, taken) = (next, -1);
                var read = new (Tree Tree, List<BlobId> Missing)[level.Count];
                await Task.WhenAll(loaders.Select(loader => Task.Run(async () =>
                {
                    while (Interlocked.Increment(ref taken) is var i && i < level.Count) read[i] = await ReadTreeAsync(loader, level[i], cancellationToken);
                }, cancellationToken)));
                for (var i = 0; i < level.Count; i++)
                {
                    trees[level[i]] = read[i].Tree;
                    Missing.UnionWith(read[i].Missing);
                }
                next = [.. read.SelectMany(r => r.Tree.Below).Distinct().Where(e => !trees.ContainsKey(e))];
            }
        }
        finally
        {
            foreach (var loader in loaders) await loader.DisposeAsync();
        }
    }

    private async Task<(Tree, List<BlobId>)> ReadTreeAsync(BlobLoader loader, int entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var visit = new Visit(this);
        var id = repository.Index[entry].Id;
        visit.Need(BlobKind.Tree, id);
        if (!await loader.TryLoadAsync(BlobKind.Tree, id, visit, static (v, content) => v.Read(content), cancellationToken)) visit.IsWhole = false;
        return (new Tree([.. visit.Packs], [.. visit.Below], visit.IsWhole), visit.Missing);
    }

    private sealed class Visit(PackNeeds needs)
    {
        public readonly HashSet<int> Packs = [], Below = [];
        public readonly List<BlobId> Missing = [];
        public bool IsWhole = true;

        public void Read(ReadOnlySpan<byte> content)
        {
            try
            {
                var node = new TreeNode();
                var reader = new TreeReader(content);
                while (reader.Next(node))
                {
                    if (node.Type == NodeType.Directory && (!node.HasSubtree || !TryAdd(node.Subtree)) || node is { Type: NodeType.File, HasContent: false } or { Type: NodeType.Unknown }) IsWhole = false;
                    foreach (var id in node.Content) Need(BlobKind.Data, id);
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                IsWhole = false;
            }
        }

        private bool TryAdd(BlobId tree)
        {
            var entry = needs.repository.Index.Find(BlobKind.Tree, tree);
            if (entry >= 0) Below.Add(entry);
            return entry >= 0;
        }

        public void Need(BlobKind kind, BlobId id)
        {
            var (best, until, any) = (-1, long.MinValue, -1);
            var places = needs.repository.Index.Places(kind, id);
            while (places.MoveNext())
            {
                var pack = needs.repository.Index[places.Current].Pack;
                any = pack;
                if (needs.untilOfPack[pack] > until) (best, until) = (pack, needs.untilOfPack[pack]);
            }
            if (best >= 0) Packs.Add(best);
            else
            {
                IsWhole = false;
                if (any >= 0) Missing.Add(needs.repository.Index.Packs[any].Id);
            }
        }
    }

    /// <summary>The numbers of the packs that the snapshot needs, and whether that is all of them.</summary>
    public (List<int> Packs, bool IsWhole) Of(LoadedSnapshot snapshot)
    {
        var needed = new BitArray(untilOfPack.Length);
        var (seen, waiting, whole) = (new HashSet<int>(), new Stack<int>(), true);
        waiting.Push(repository.Index.Find(BlobKind.Tree, snapshot.Tree));
        while (waiting.TryPop(out var entry))
        {
            if (entry < 0 || !trees.TryGetValue(entry, out var tree)) { whole = false; continue; }
            if (!seen.Add(entry)) continue;
            whole &= tree.IsWhole;
            foreach (var pack in tree.Packs) needed[pack] = true;
            foreach (var below in tree.Below) waiting.Push(below);
        }
        var packs = new List<int>();
        for (var i = 0; i < needed.Length; i++)
            if (needed[i]) packs.Add(i);
        return (packs, whole);
    }
}
