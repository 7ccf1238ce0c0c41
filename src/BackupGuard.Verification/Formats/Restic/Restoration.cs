using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Restores one snapshot: one thread walks the folders and creates what is there, the others fill the files.</summary>
/// <param name="around">What opening the repository found. It does not judge the restore: a stray key file or the damage of another snapshot must not throw away good data.</param>
/// <remarks>Large files are cut into runs of blobs so that all cores work on one database dump too. Work waits in a bounded queue: memory does not grow with the snapshot.</remarks>
internal sealed class Restoration(OpenRepository repository, RestoreOptions options, IRestoreTarget target, FindingSink around, IProgress<WorkProgress>? progress)
{
    private const int BlobsPerRun = 32;

    /// <summary>So many folders are worth a look at how many there will be before the disk is full of them.</summary>
    private const int FoldersToBeSuspicious = 10_000;
    private readonly FindingSink sink = new();
    private readonly int workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    private readonly List<PathGlob> include = [.. options.Include.Select(p => new PathGlob(p))];
    private readonly Dictionary<(ulong Device, ulong Inode), (RestorePath Path, List<BlobId> Content)> linked = [];
    private readonly HashSet<RestorePath> created = [];
    private Dictionary<BlobId, StoredObject> packs = [];
    private long files, bytes;
    private long leftOutFiles, leftOutBytes;
    private int others, folders;

    /// <summary>One file on its way: closed and given its metadata by whoever finishes the last run.</summary>
    private sealed class FileWork(RestorePath path, RestoredMetadata metadata, IRestoredFile file, int runs)
    {
        public RestorePath Path => path;
        public RestoredMetadata Metadata => metadata;
        public IRestoredFile File => file;
        public int RunsLeft = runs;
    }

    private readonly record struct Run(FileWork Work, BlobId[] Blobs, long Offset);

    public async Task<RestoreReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadSnapshotsAsync(options.Clock, cancellationToken);
        if (options.Snapshot == "latest" && around.ToList().Any(ConcernsSnapshots))
        {
            sink.LeaveUnfinished(new("a snapshot cannot be read, so nobody knows which one is the latest; name one by its id", "un instantané ne peut être lu, nul ne sait donc lequel est le plus récent ; nommez-en un par son identifiant"));
            return Report(null);
        }
        if (Find(out var why) is not { } snapshot)
        {
            if (sink.Unfinished is null) sink.Add(CommonFindings.SnapshotUnknown.At(options.Snapshot, ("reason", why)));
            return Report(null);
        }
        foreach (var finding in around.ToList().Where(f => f.Subject == snapshot.Id.ToString())) sink.Add(finding);
        await repository.LoadIndexAsync(cancellationToken);
        packs = await repository.ListPacksAsync(cancellationToken);
        try
        {
            await RestoreAsync(snapshot, cancellationToken);
        }
        catch (RestoreException e)
        {
            sink.Add(CommonFindings.RestoreWriteFailed.AtPath(e.Path, ("reason", e.Message)));
        }
        // Warnings do not make up for it: what could not be restored here is not restored.
        if (files + others == 0 && IsGood) sink.Add(CommonFindings.NothingRestored.At(snapshot.Id.ToString()));
        return Report(snapshot.Summary with { Files = files + leftOutFiles, Bytes = bytes + leftOutBytes });
    }

    private bool IsGood => Verdicts.Judge(sink.ToList(), sink.Unfinished) == Verdict.Proved;

    private static bool ConcernsSnapshots(Finding finding) => finding.Kind == ResticFindings.SnapshotName || finding.Kind == ResticFindings.SnapshotDamaged
        || (finding.Kind == CommonFindings.ObjectUnreadable && finding.Subject.StartsWith("snapshot", StringComparison.Ordinal));

    private RestoreReport Report(SnapshotSummary? snapshot)
    {
        var beside = around.ToList().Where(f => f.Severity != Severity.Info).ToList();
        var whole = IsGood;
        // Of a good restore the surroundings are a warning; of a bad one they may be the reason.
        if (whole && beside.Count > 0) sink.Add(CommonFindings.RepositoryNotWhole.At(string.Join(", ", beside.Take(5).Select(f => $"{f.Code} {f.Subject}"))));
        else if (!whole) beside.Where(f => snapshot is null || f.Subject != snapshot.Id).ToList().ForEach(sink.Add);
        return new RestoreReport { Findings = sink.ToList(), Unfinished = sink.Unfinished, Snapshot = snapshot, Files = files, Bytes = bytes };
    }

    private LoadedSnapshot? Find(out Words why)
    {
        why = new("there is none", "il n’y en a aucun");
        if (options.Snapshot == "latest") return repository.Snapshots.LastOrDefault();
        if (options.Snapshot.Length < 4)
        {
            why = new("give at least 4 digits", "donnez au moins 4 chiffres");
            return null;
        }
        var matching = repository.Snapshots.Where(s => s.Id.ToString().StartsWith(options.Snapshot, StringComparison.Ordinal)).ToList();
        why = matching.Count == 0 ? new("no id begins so", "aucun identifiant ne commence ainsi") : new($"{matching.Count} ids begin so", $"{matching.Count} identifiants commencent ainsi");
        return matching.Count == 1 ? matching[0] : null;
    }

    private async Task RestoreAsync(LoadedSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (include.Count == 0 && snapshot.ExpectedBytes is { } expected) target.Expect(expected);
        var queue = Channel.CreateBounded<Run>(new BoundedChannelOptions(workers * 8) { SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var filling = Enumerable.Range(0, workers).Select(_ => Task.Run(() => FillAsync(queue.Reader, stop), CancellationToken.None)).ToList();
        try
        {
            await using var loader = new BlobLoader(repository, packs, sink);
            await WalkAsync(snapshot.Tree, loader, queue.Writer, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A worker stopped everything; its own exception comes out of WhenAll below.
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            queue.Writer.Complete();
            await Task.WhenAll(filling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(filling);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private sealed record Pending(BlobId Tree, RestorePath Path, string Text, RestoredMetadata? Metadata);

    private async Task WalkAsync(BlobId root, BlobLoader loader, ChannelWriter<Run> queue, CancellationToken cancellationToken)
    {
        var waiting = new Stack<Pending>();
        // One list may be named a million times: it is looked at, and told, once.
        var unreadable = new HashSet<BlobId>();
        waiting.Push(new Pending(root, RestorePath.Root, "", null));
        while (waiting.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++folders == FoldersToBeSuspicious && await RefusalAsync(root, cancellationToken) is { } refusal)
            {
                sink.Add(ResticFindings.NotRestorable.At(options.Snapshot, ("reason", refusal)));
                return;
            }
            if (unreadable.Contains(folder.Tree)) continue;
            var nodes = new List<TreeNode>();
            if (!await loader.TryLoadAsync(BlobKind.Tree, folder.Tree, nodes, static (list, content) => ReadNodes(content, list), cancellationToken))
            {
                sink.Add(ResticFindings.TreeUnreadable.At(folder.Tree.ToString(), ("reason", loader.Reason), ("affected", options.Snapshot)));
                unreadable.Add(folder.Tree);
                continue;
            }
            if (nodes is [{ Type: NodeType.Unknown, TypeText: Malformed }])
            {
                sink.Add(ResticFindings.TreeUnreadable.At(folder.Tree.ToString(), ("reason", new Words("it is not the JSON of a folder list", "ce n’est pas le JSON d’une liste de dossier")), ("affected", options.Snapshot)));
                continue;
            }
            foreach (var node in nodes) await RestoreNodeAsync(node, folder, waiting, queue, cancellationToken);
        }
    }

    /// <summary>What the snapshot amounts to, from every folder list read once.</summary>
    private async Task<Words?> RefusalAsync(BlobId root, CancellationToken cancellationToken)
    {
        var walk = new TreeWalk(repository, packs, new FindingSink(), options.Clock);
        await walk.RunAsync(workers, null, cancellationToken);
        return repository.Index.Find(BlobKind.Tree, root) is >= 0 and var entry ? walk.Trees.Totals().GetValueOrDefault(entry).Refusal : null;
    }

    private const string Malformed = "\0malformed";

    private static void ReadNodes(ReadOnlySpan<byte> content, List<TreeNode> nodes)
    {
        try
        {
            var reader = new TreeReader(content);
            for (var node = new TreeNode(); reader.Next(node); node = new TreeNode()) nodes.Add(node);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            nodes.Clear();
            nodes.Add(new TreeNode { TypeText = Malformed });
        }
    }

    private async ValueTask RestoreNodeAsync(TreeNode node, Pending folder, Stack<Pending> waiting, ChannelWriter<Run> queue, CancellationToken cancellationToken)
    {
        var text = $"{folder.Text}/{Encoding.UTF8.GetString(node.Name)}";
        if (!folder.Path.TryAppend(node.Name, out var path, out var refusal))
        {
            sink.Add(CommonFindings.NameRefused.AtPath(text, ("reason", refusal)));
            return;
        }
        var wanted = include.Count == 0 || include.Any(g => g.Matches(text));
        if (node.Type == NodeType.Directory)
        {
            if (wanted) Create(path, Metadata(node));
            if (!node.HasSubtree) sink.Add(ResticFindings.TreeUnreadable.At(folder.Tree.ToString(), ("reason", new Words("a folder in it leads nowhere", "un dossier n’y mène nulle part")), ("affected", options.Snapshot)));
            else waiting.Push(new Pending(node.Subtree, path, text, Metadata(node)));
            return;
        }
        if (!wanted)
        {
            LeaveOut(node);
            return;
        }
        if (path.Parent is { } parent) Create(parent, folder.Metadata);
        // An inode's number may be used again while the backup runs: one file under two names has one content.
        if (node.Links > 1 && node.Type == NodeType.File && !linked.TryAdd((node.DeviceId, node.Inode), (path, node.Content)) && linked[(node.DeviceId, node.Inode)] is var first && first.Content.SequenceEqual(node.Content))
        {
            target.CreateHardLink(path, first.Path);
            Interlocked.Increment(ref files);
            return;
        }
        switch (node.Type)
        {
            case NodeType.File:
                await QueueFileAsync(node, path, text, queue, cancellationToken);
                break;
            case NodeType.SymbolicLink:
                target.CreateSymbolicLink(path, node.LinkTarget);
                SetMetadata(path, Metadata(node), isSymbolicLink: true);
                others++;
                break;
            default:
                RestoreSpecial(node, path, text);
                break;
        }
    }

    /// <summary>Counts what was not asked for: what a part took says something about the whole only beside the whole.</summary>
    private void LeaveOut(TreeNode node)
    {
        if (node.Type != NodeType.File) return;
        leftOutFiles++;
        foreach (var id in node.Content)
            if (repository.Index.Find(BlobKind.Data, id) is >= 0 and var entry) leftOutBytes += repository.Index[entry].PlainLength;
    }

    /// <summary>Creates a folder and those above it once; needed when only some paths are restored.</summary>
    private void Create(RestorePath path, RestoredMetadata? metadata)
    {
        if (path.Parent is null || !created.Add(path)) return;
        Create(path.Parent, null);
        target.CreateDirectory(path);
        if (metadata is not null) SetMetadata(path, metadata, isSymbolicLink: false);
    }

    private void RestoreSpecial(TreeNode node, RestorePath path, string text)
    {
        SpecialFile? kind = node.Type switch
        {
            NodeType.NamedPipe => SpecialFile.NamedPipe,
            NodeType.Socket => SpecialFile.Socket,
            NodeType.CharacterDevice => SpecialFile.CharacterDevice,
            NodeType.Device => SpecialFile.BlockDevice,
            _ => null,
        };
        if (kind is not null && target.TryCreateSpecial(path, kind.Value, node.Device))
        {
            SetMetadata(path, Metadata(node), isSymbolicLink: false);
            others++;
        }
        else sink.Add(CommonFindings.SpecialNotRestored.AtPath(text, ("kind", node.TypeText)));
    }

    private async ValueTask QueueFileAsync(TreeNode node, RestorePath path, string text, ChannelWriter<Run> queue, CancellationToken cancellationToken)
    {
        if (!node.HasContent)
        {
            sink.Add(ResticFindings.BlobLost.At("–", ("reason", new Words("the file has no list of its content", "le fichier n’a pas de liste de contenu"))) with { Paths = [Printable.Of(text)] });
            return;
        }
        long length = 0;
        foreach (var id in node.Content)
        {
            var entry = repository.Index.Find(BlobKind.Data, id);
            if (entry < 0)
            {
                sink.Add(ResticFindings.BlobNotIndexed.At(id.ToString(), ("kind", "data"), ("affected", options.Snapshot)) with { Paths = [Printable.Of(text)] });
                return;
            }
            length += repository.Index[entry].PlainLength;
        }
        var runs = Math.Max(1, (node.Content.Count + BlobsPerRun - 1) / BlobsPerRun);
        var work = new FileWork(path, Metadata(node), target.CreateFile(path, length), runs);
        long offset = 0;
        for (var run = 0; run < runs; run++)
        {
            var blobs = node.Content.Skip(run * BlobsPerRun).Take(BlobsPerRun).ToArray();
            await queue.WriteAsync(new Run(work, blobs, offset), cancellationToken);
            foreach (var id in blobs) offset += repository.Index[repository.Index.Find(BlobKind.Data, id)].PlainLength;
        }
    }

    private async Task FillAsync(ChannelReader<Run> queue, CancellationTokenSource stop)
    {
        await using var loader = new BlobLoader(repository, packs, sink);
        try
        {
            await foreach (var run in queue.ReadAllAsync(stop.Token))
            {
                var place = new Place { File = run.Work.File, Offset = run.Offset };
                foreach (var id in run.Blobs)
                {
                    if (await loader.TryLoadAsync(BlobKind.Data, id, place, static (p, content) => p.Write(content), stop.Token)) continue;
                    sink.Add(ResticFindings.BlobLost.At(id.ToString(), ("reason", loader.Reason)) with { Paths = [Printable.Of(run.Work.Path.ToString())] });
                    place.Offset += repository.Index[repository.Index.Find(BlobKind.Data, id)].PlainLength;
                }
                Interlocked.Add(ref bytes, place.Written);
                if (Interlocked.Decrement(ref run.Work.RunsLeft) == 0) Finish(run.Work);
            }
        }
        catch (RestoreException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private sealed class Place
    {
        public required IRestoredFile File { get; init; }
        public long Offset, Written;

        public void Write(ReadOnlySpan<byte> content)
        {
            File.Write(Offset, content);
            Offset += content.Length;
            Written += content.Length;
        }
    }

    private void Finish(FileWork work)
    {
        work.File.Dispose();
        SetMetadata(work.Path, work.Metadata, isSymbolicLink: false);
        var done = Interlocked.Increment(ref files);
        if (done % 64 == 0) progress?.Report(new WorkProgress("restore", Volatile.Read(ref bytes), 0, done, 0, sink.Count));
    }

    private void SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        if (target.SetMetadata(path, metadata, isSymbolicLink) is { } problem) sink.Add(CommonFindings.MetadataNotSet.AtPath(path.ToString(), ("reason", problem)));
    }

    private static RestoredMetadata Metadata(TreeNode node) => new(node.Mode, node.ModifiedAt, node.AccessedAt, node.UserId, node.GroupId) { ExtendedAttributes = [.. node.ExtendedAttributes] };
}
