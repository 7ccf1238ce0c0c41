using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Walks every tree that a snapshot reaches, each once, on all cores: is it readable, is everything it names there?</summary>
internal sealed class TreeWalk(OpenRepository repository, IReadOnlyDictionary<BlobId, StoredObject> packs, FindingSink sink, TimeProvider clock)
{
    private const long NanosecondsASecond = 1_000_000_000;
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(1);
    private readonly long nowSeconds = clock.GetUtcNow().ToUnixTimeSeconds();
    private readonly OpenRepository repository = repository;
    private readonly FindingSink sink = sink;
    private readonly ConcurrentStack<int> waiting = new();
    private readonly ConcurrentDictionary<(BlobKind, BlobId), DamagedBlob> missing = new();
    private int outstanding;
    private long done;

    public TreeTable Trees { get; } = new(repository.Index.Count);

    /// <summary>Blobs that are named but stand in no index, and trees that cannot be read.</summary>
    public IReadOnlyCollection<DamagedBlob> Missing => [.. missing.Values];

    public async Task RunAsync(int workers, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (var snapshot in repository.Snapshots) Discover(snapshot.Tree);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkOrStopAllAsync(progress, stop), CancellationToken.None)));
    }

    /// <summary>A worker that fails leaves its tree outstanding: the others would wait for it for ever.</summary>
    private async Task WorkOrStopAllAsync(IProgress<WorkProgress>? progress, CancellationTokenSource stop)
    {
        try
        {
            await WorkAsync(progress, stop.Token);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private int Discover(BlobId tree)
    {
        var entry = repository.Index.Find(BlobKind.Tree, tree);
        if (entry < 0) { Miss(BlobKind.Tree, tree); return -1; }
        if (!Trees.TryDiscover(entry)) return entry;
        Interlocked.Increment(ref outstanding);
        waiting.Push(entry);
        return entry;
    }

    private async Task WorkAsync(IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        await using var loader = new BlobLoader(repository, packs, sink);
        var visit = new Visit(this);
        while (Volatile.Read(ref outstanding) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!waiting.TryPop(out var entry))
            {
                // Another thread still reads a tree that may bring more.
                await Task.Delay(Nap, clock, cancellationToken);
                continue;
            }
            var id = repository.Index[entry].Id;
            visit.Begin(entry);
            var readable = await loader.TryLoadAsync(BlobKind.Tree, id, visit, static (v, content) => v.Read(content), cancellationToken);
            var reason = readable ? visit.Malformed : loader.Reason;
            if (reason is { } why) missing.TryAdd((BlobKind.Tree, id), new DamagedBlob(BlobKind.Tree, id, affected => ResticFindings.TreeUnreadable.At(id.ToString(), ("reason", why), ("affected", affected))));
            visit.End();
            Interlocked.Decrement(ref outstanding);
            if (Interlocked.Increment(ref done) % 256 == 0) progress?.Report(new WorkProgress("trees", 0, 0, done, Trees.Count, sink.Count));
        }
    }

    private void Miss(BlobKind kind, BlobId id) =>
        missing.TryAdd((kind, id), new DamagedBlob(kind, id, affected => ResticFindings.BlobNotIndexed.At(id.ToString(), ("kind", kind == BlobKind.Tree ? "tree" : "data"), ("affected", affected))));

    /// <summary>One tree being read by one thread.</summary>
    private sealed class Visit(TreeWalk walk)
    {
        private readonly TreeNode node = new();
        private readonly List<int> subtrees = [];
        private int entry;
        private long files, bytes, newest;

        public Words? Malformed { get; private set; }

        public void Begin(int tree)
        {
            (entry, files, bytes, newest, Malformed) = (tree, 0, 0, 0, null);
            subtrees.Clear();
        }

        public void End() => walk.Trees.Complete(entry, files, bytes, newest, subtrees);

        public void Read(ReadOnlySpan<byte> content)
        {
            try
            {
                byte[]? before = null;
                var sorted = true;
                var reader = new TreeReader(content);
                while (reader.Next(node))
                {
                    Look();
                    if (before is not null && before.AsSpan().SequenceCompareTo(node.Name) is var order and >= 0)
                    {
                        sorted = false;
                        if (order == 0) BadName(new("it occurs twice in its folder", "il figure deux fois dans son dossier"));
                    }
                    before = node.Name;
                }
                if (!sorted) walk.sink.Add(ResticFindings.TreeOrder.At(TreeName));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                Malformed = new("it is not the JSON of a folder list", "ce n’est pas le JSON d’une liste de dossier");
            }
        }

        private string TreeName => walk.repository.Index[entry].Id.ToString();

        private void BadName(Words reason) => walk.sink.Add(ResticFindings.NodeName.At(TreeName, ("reason", reason)));

        private void Look()
        {
            if (!RestorePath.Root.TryAppend(node.Name, out _, out var refusal)) BadName(refusal);
            if (node.Error.Length > 0) walk.sink.Add(ResticFindings.NodeError.AtPath(Encoding.UTF8.GetString(node.Name), ("reason", node.Error)));
            if (node.Type == NodeType.Directory)
            {
                if (!node.HasSubtree) throw new JsonException("a folder without subtree");
                if (walk.Discover(node.Subtree) is >= 0 and var below) subtrees.Add(below);
            }
            if (node.Type == NodeType.Unknown) Malformed ??= new("an entry of it is of an unknown type", "une de ses entrées est d’un type inconnu");
            if (node.Type != NodeType.File) return;
            if (!node.HasContent) Malformed ??= new("a file in it has no list of its content", "un de ses fichiers n’a pas de liste de contenu");
            long size = 0;
            var whole = true;
            foreach (var id in node.Content)
            {
                var blob = walk.repository.Index.Find(BlobKind.Data, id);
                if (blob >= 0) size += walk.repository.Index[blob].PlainLength;
                else { walk.Miss(BlobKind.Data, id); whole = false; }
            }
            files++;
            bytes += size;
            // A time that has not come yet would make any data look fresh for ever.
            if (node.ModifiedAt / NanosecondsASecond is { } changed && changed <= walk.nowSeconds && changed > newest) newest = (long)changed;
            if (whole && size != node.Size) walk.sink.Add(ResticFindings.NodeSize.AtPath(Encoding.UTF8.GetString(node.Name), ("claimed", node.Size), ("actual", size)));
        }
    }
}
