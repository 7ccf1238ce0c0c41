using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>Stands for a repository: cuts contents into pieces, stores each once, and compresses it. Shared by all snapshots of one trial.</summary>
internal sealed class PieceStore
{
    private const int PieceSize = 256 << 10;
    private readonly Dictionary<UInt128, int> numbers = [];
    private readonly List<(int Plain, int Stored)> weights = [];
    private readonly ConditionalWeakTable<byte[], Known> known = [];

    private sealed record Known(UInt128 Identity, int[] Pieces);

    public int Count => weights.Count;
    public (int Plain, int Stored) this[int piece] => weights[piece];

    public UInt128 IdentityOf(byte[] content) => Of(content).Identity;
    public int[] PiecesOf(byte[] content) => Of(content).Pieces;

    private Known Of(byte[] content)
    {
        if (known.TryGetValue(content, out var there)) return there;
        var pieces = new List<int>();
        for (var at = 0; at < content.Length; at += PieceSize) pieces.Add(NumberOf(content.AsSpan(at, Math.Min(PieceSize, content.Length - at))));
        var of = new Known(content.Length == 0 ? UInt128.One : BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(content)), [.. pieces]);
        known.Add(content, of);
        return of;
    }

    private int NumberOf(ReadOnlySpan<byte> piece)
    {
        var identity = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(piece));
        if (numbers.TryGetValue(identity, out var number)) return number;
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(piece);
        weights.Add((piece.Length, (int)Math.Min(packed.Length, piece.Length + 8)));
        return numbers[identity] = weights.Count - 1;
    }
}

/// <summary>Snapshots in memory.</summary>
internal sealed class MemoryHistory(PieceStore store) : ISnapshotHistory
{
    private readonly List<(SnapshotSummary Summary, KeyValuePair<string, SourceFile>[] Files)> taken = [];

    public string RepositoryId => "memory";
    public IReadOnlyList<SnapshotSummary> Snapshots => [.. taken.Select(t => t.Summary)];
    public int Pieces => store.Count;
    public ReadOnlyMemory<byte>? ToRemember => null;
    public bool HasContents(SnapshotSummary snapshot) => true;
    public long BytesRead { get; private set; }

    public MemoryHistory Copy()
    {
        var copy = new MemoryHistory(store);
        copy.taken.AddRange(taken);
        return copy;
    }

    public SnapshotSummary Take(MemoryTree tree, DateTimeOffset at, string id)
    {
        // Slash first: the order in which folders are walked.
        var files = tree.Files.OrderBy(f => f.Key.Replace('/', '\u0001'), StringComparer.Ordinal).ToArray();
        foreach (var (_, file) in files) store.PiecesOf(file.Content);
        var summary = new SnapshotSummary(id, at, files.Length, tree.Bytes) { Host = "serveur", Paths = [Hospital.Root] };
        taken.Add((summary, files));
        return summary;
    }

    /// <summary>Keeps the newest ones only, as retention does.</summary>
    public void Forget(int keep) => taken.RemoveRange(0, Math.Max(0, taken.Count - keep));

    private KeyValuePair<string, SourceFile>[] FilesOf(SnapshotSummary snapshot) => taken.Find(t => t.Summary.Id == snapshot.Id).Files ?? throw new StoreException(StoreFailure.NotFound, snapshot.Id, "forgotten");

    public ValueTask<SnapshotFolder> OpenAsync(SnapshotSummary snapshot, CancellationToken cancellationToken)
    {
        var files = FilesOf(snapshot);
        return ValueTask.FromResult<SnapshotFolder>(new Folder(this, files, 0, files.Length, 1));
    }

    public NewData? Weigh(PieceSet now, PieceSet before)
    {
        long plain = 0, stored = 0;
        foreach (var piece in now.Without(before)) (plain, stored) = (plain + store[piece].Plain, stored + store[piece].Stored);
        return new NewData(plain, stored, true);
    }

    public async Task ReadAsync(SnapshotSummary snapshot, IReadOnlyList<string> paths, Func<string, IFileContent, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        var wanted = paths.ToHashSet(StringComparer.Ordinal);
        foreach (var (path, file) in FilesOf(snapshot)) if (wanted.Contains(path)) await look(path, new Content(this, file.Content), cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Folder : SnapshotFolder
    {
        private readonly MemoryHistory history;
        private readonly KeyValuePair<string, SourceFile>[] files;
        private readonly List<SnapshotEntry> entries = [];
        private readonly List<(int From, int To, int Depth)> ranges = [];

        public Folder(MemoryHistory history, KeyValuePair<string, SourceFile>[] files, int from, int to, int depth)
        {
            (this.history, this.files) = (history, files);
            for (var i = from; i < to;)
            {
                var path = files[i].Key;
                var slash = path.IndexOf('/', depth);
                var end = i + 1;
                if (slash >= 0) while (end < to && string.CompareOrdinal(files[end].Key, depth, path, depth, slash - depth + 1) == 0) end++;
                var name = Encoding.UTF8.GetBytes(slash < 0 ? path[depth..] : path[depth..slash]);
                var file = files[i].Value;
                entries.Add(slash < 0
                    ? new SnapshotEntry(name, EntryKind.File, file.Content.Length, file.ModifiedAt.ToUnixTimeSeconds(), 420, history.IdentityOf(file.Content))
                    : new SnapshotEntry(name, EntryKind.Folder, 0, 0, 493, 0));
                ranges.Add((i, end, slash + 1));
                i = end;
            }
        }

        public override IReadOnlyList<SnapshotEntry> Entries => entries;
        public override ValueTask<SnapshotFolder> OpenAsync(int index, CancellationToken cancellationToken) => ValueTask.FromResult<SnapshotFolder>(new Folder(history, files, ranges[index].From, ranges[index].To, ranges[index].Depth));

        public override void MarkPieces(int index, PieceSet pieces)
        {
            foreach (var piece in history.PiecesOf(files[ranges[index].From].Value.Content)) pieces.Add(piece);
        }
    }

    private UInt128 IdentityOf(byte[] content) => store.IdentityOf(content);
    private int[] PiecesOf(byte[] content) => store.PiecesOf(content);

    private sealed class Content(MemoryHistory history, byte[] bytes) : IFileContent
    {
        private long end;

        public long Length => bytes.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            // Archives are read once, forwards: whoever looks must not go back.
            if (offset < end) throw new InvalidOperationException($"read at {offset} after {end}");
            var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            end = offset + count;
            history.BytesRead += count;
            return ValueTask.FromResult(count);
        }
    }
}
