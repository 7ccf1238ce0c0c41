using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>The snapshots of a restic repository, folder by folder, and the contents of single files. Blobs are the pieces.</summary>
internal sealed class ResticHistory(OpenRepository repository, Dictionary<BlobId, StoredObject> packs) : ISnapshotHistory
{
    private readonly OpenRepository repository = repository;
    private readonly BlobLoader loader = new(repository, packs, new FindingSink());

    public string RepositoryId => repository.Id;
    public IReadOnlyList<SnapshotSummary> Snapshots { get; } = [.. repository.Snapshots.Select(s => s.Summary)];
    public int Pieces => repository.Index.Count;
    public ReadOnlyMemory<byte>? ToRemember => null;

    public bool HasContents(SnapshotSummary snapshot) => true;

    public async ValueTask<SnapshotFolder> OpenAsync(SnapshotSummary snapshot, CancellationToken cancellationToken)
    {
        var loaded = repository.Snapshots.Find(s => s.Summary.Id == snapshot.Id) ?? throw new StoreException(StoreFailure.NotFound, snapshot.Id, "there is no such snapshot");
        return await LoadAsync(loaded.Tree, cancellationToken);
    }

    /// <summary>Compressed blobs know their plain length; in version 1, or with compression off, there are none and no ratio.</summary>
    public NewData? Weigh(PieceSet now, PieceSet before)
    {
        long plain = 0, stored = 0;
        var compressed = false;
        foreach (var piece in now.Without(before))
        {
            ref readonly var blob = ref repository.Index[piece];
            plain += blob.PlainLength;
            stored += Math.Max(0L, (long)blob.Length - ResticKey.Overhead);
            compressed |= blob.IsCompressed;
        }
        return new NewData(plain, stored, compressed);
    }

    public async Task ReadAsync(SnapshotSummary snapshot, IReadOnlyList<string> paths, Func<string, IFileContent, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        // Neighbours one after the other: the folders above them are loaded once.
        var way = new List<(string Name, SnapshotFolder Folder)> { ("", await OpenAsync(snapshot, cancellationToken)) };
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0 || !await GoAsync(way, parts.AsMemory(0, parts.Length - 1), cancellationToken)) continue;
            var folder = (ResticFolder)way[^1].Folder;    // this class makes no others
            var index = SnapshotPaths.IndexOf(folder, Encoding.UTF8.GetBytes(parts[^1]));
            if (index >= 0 && folder.Entries[index].Kind == EntryKind.File) await look(path, new ResticContent(this, folder.Blobs(index)), cancellationToken);
        }
    }

    private static async ValueTask<bool> GoAsync(List<(string Name, SnapshotFolder Folder)> way, ReadOnlyMemory<string> parts, CancellationToken cancellationToken)
    {
        var shared = 0;
        while (shared < parts.Length && shared + 1 < way.Count && way[shared + 1].Name == parts.Span[shared]) shared++;
        way.RemoveRange(shared + 1, way.Count - shared - 1);
        for (var i = shared; i < parts.Length; i++)
        {
            var folder = way[^1].Folder;
            var index = SnapshotPaths.IndexOf(folder, Encoding.UTF8.GetBytes(parts.Span[i]));
            if (index < 0 || folder.Entries[index].Kind != EntryKind.Folder) return false;
            way.Add((parts.Span[i], await folder.OpenAsync(index, cancellationToken)));
        }
        return true;
    }

    private async ValueTask<ResticFolder> LoadAsync(BlobId tree, CancellationToken cancellationToken)
    {
        var folder = new ResticFolder(this);
        if (!await loader.TryLoadAsync(BlobKind.Tree, tree, folder, static (f, content) => f.Read(content), cancellationToken))
            throw new StoreException(StoreFailure.Corrupt, tree.ToString(), $"the folder list cannot be read: {loader.Reason.En}");
        return folder.IsMalformed ? throw new StoreException(StoreFailure.Corrupt, tree.ToString(), "it is not the JSON of a folder list") : folder;
    }

    private static UInt128 IdentityOf(BlobId id) => BinaryPrimitives.ReadUInt128LittleEndian(id.AsBytes()) is var value && value != 0 ? value : UInt128.One;

    /// <summary>One folder as compact arrays. A file's blobs are kept as places in the index: 4 bytes each.</summary>
    private sealed class ResticFolder(ResticHistory history) : SnapshotFolder
    {
        private readonly List<SnapshotEntry> entries = [];
        private readonly List<(int First, int Count)> ranges = [];
        private readonly List<int> blobs = [];
        private readonly List<BlobId> subtrees = [];
        private int[]? order;

        public bool IsMalformed { get; private set; }
        public override IReadOnlyList<SnapshotEntry> Entries => entries;

        public void Read(ReadOnlySpan<byte> content)
        {
            try
            {
                var reader = new TreeReader(content);
                var node = new TreeNode();
                while (reader.Next(node)) Add(node);
                Sort();
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                IsMalformed = true;
            }
        }

        private void Add(TreeNode node)
        {
            var first = node.Type == NodeType.Directory ? subtrees.Count : blobs.Count;
            var seconds = node.ModifiedAt is { } at ? (long)Int128.Clamp(at / 1_000_000_000, 0, uint.MaxValue) : 0;
            if (node.Type == NodeType.Directory)
            {
                if (!node.HasSubtree) throw new JsonException("a folder without subtree");
                subtrees.Add(node.Subtree);
                entries.Add(new SnapshotEntry(node.Name, EntryKind.Folder, 0, seconds, node.Mode, ResticHistory.IdentityOf(node.Subtree)));
            }
            else if (node.Type == NodeType.File)
            {
                long size = 0;
                foreach (var id in node.Content)
                {
                    var blob = history.repository.Index.Find(BlobKind.Data, id);
                    if (blob < 0) continue;    // verification names it; here there is nothing to look at
                    blobs.Add(blob);
                    size += history.repository.Index[blob].PlainLength;
                }
                entries.Add(new SnapshotEntry(node.Name, EntryKind.File, size, seconds, node.Mode, IdentityOf(node.Content)));
            }
            else entries.Add(new SnapshotEntry(node.Name, EntryKind.Other, 0, seconds, node.Mode, 0));
            ranges.Add((first, blobs.Count - first));
        }

        private static UInt128 IdentityOf(List<BlobId> content)
        {
            if (content.Count == 0) return UInt128.One;
            if (content.Count == 1) return ResticHistory.IdentityOf(content[0]);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var id in content) hash.AppendData(id.AsBytes());
            return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
        }

        /// <summary>restic writes lists in order; where one is not, or names something twice, only this look puts it right: verification reports it.</summary>
        private void Sort()
        {
            for (var i = 1; i < entries.Count; i++)
            {
                if (entries[i - 1].Name.AsSpan().SequenceCompareTo(entries[i].Name) < 0) continue;
                var sorted = Enumerable.Range(0, entries.Count).OrderBy(k => entries[k].Name, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))).ToList();
                for (var k = sorted.Count - 1; k > 0; k--)
                    if (entries[sorted[k]].Name.AsSpan().SequenceEqual(entries[sorted[k - 1]].Name)) sorted.RemoveAt(k);
                order = [.. sorted];
                var list = sorted.ConvertAll(k => entries[k]);
                entries.Clear();
                entries.AddRange(list);
                return;
            }
        }

        private (int First, int Count) RangeOf(int index) => ranges[order?[index] ?? index];

        public int[] Blobs(int index) => [.. blobs.GetRange(RangeOf(index).First, RangeOf(index).Count)];

        public override void MarkPieces(int index, PieceSet pieces)
        {
            var (first, count) = RangeOf(index);
            for (var i = first; i < first + count; i++) pieces.Add(blobs[i]);
        }

        public override async ValueTask<SnapshotFolder> OpenAsync(int index, CancellationToken cancellationToken) => await history.LoadAsync(subtrees[RangeOf(index).First], cancellationToken);
    }

    /// <summary>One file by its blobs; the last one loaded is kept, for windows lie close together.</summary>
    private sealed class ResticContent(ResticHistory history, int[] blobs) : IFileContent
    {
        private readonly long[] starts = Starts(history, blobs);
        private int loaded = -1;
        private byte[] bytes = [];
        private int count;

        public long Length => starts[^1];

        private static long[] Starts(ResticHistory history, int[] blobs)
        {
            var starts = new long[blobs.Length + 1];
            for (var i = 0; i < blobs.Length; i++) starts[i + 1] = starts[i] + history.repository.Index[blobs[i]].PlainLength;
            return starts;
        }

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var done = 0;
            while (done < buffer.Length && offset + done < Length)
            {
                var at = Array.BinarySearch(starts, offset + done);
                // Empty blobs share a start with the one behind them: the last of them holds the byte.
                if (at < 0) at = ~at - 1;
                else while (at + 1 < starts.Length && starts[at + 1] == offset + done) at++;
                await LoadAsync(at, cancellationToken);
                var within = (int)(offset + done - starts[at]);
                var part = Math.Min(buffer.Length - done, count - within);
                bytes.AsMemory(within, part).CopyTo(buffer[done..]);
                done += part;
            }
            return done;
        }

        private async ValueTask LoadAsync(int at, CancellationToken cancellationToken)
        {
            if (loaded == at) return;
            loaded = -1;
            var blob = history.repository.Index[blobs[at]];
            if (!await history.loader.TryLoadAsync(BlobKind.Data, blob.Id, this, static (self, content) => self.Take(content), cancellationToken))
                throw new StoreException(StoreFailure.Corrupt, blob.Id.ToString(), $"the data cannot be read: {history.loader.Reason.En}");
            if (count != starts[at + 1] - starts[at]) throw new StoreException(StoreFailure.Corrupt, blob.Id.ToString(), "it has another length than the index says");
            loaded = at;
        }

        private void Take(ReadOnlySpan<byte> content)
        {
            if (bytes.Length < content.Length) bytes = GC.AllocateUninitializedArray<byte>(content.Length);
            content.CopyTo(bytes);
            count = content.Length;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await loader.DisposeAsync();
        repository.Dispose();
    }
}
