using System.Buffers.Binary;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>A sealed set and what is remembered of the one before it: its manifest. Of the earlier one only the list is left, no contents.</summary>
internal sealed class FileSetHistory : ISnapshotHistory
{
    private readonly FileSetSource source;
    private readonly FileSetManifest current;
    private readonly FileSetManifest? before;

    public FileSetHistory(FileSetSource source, FileSetManifest current, FileSetManifest? before)
    {
        (this.source, this.current) = (source, current);
        this.before = before is not null && before.Id != current.Id ? before : null;
        Snapshots = [.. ((FileSetManifest?[])[this.before, current]).OfType<FileSetManifest>().Select(m => new SnapshotSummary(m.Id, m.SealedAt, m.Files, m.Bytes)).OrderBy(s => s.TakenAt)];
        ToRemember = current.ToBytes();
    }

    /// <summary>Each sealing gives a new id: the place is what stays the same.</summary>
    public string RepositoryId => $"files:{source.Subject}";
    public IReadOnlyList<SnapshotSummary> Snapshots { get; }
    public int Pieces => 0;
    public ReadOnlyMemory<byte>? ToRemember { get; }

    public NewData? Weigh(PieceSet now, PieceSet before) => null;

    public bool HasContents(SnapshotSummary snapshot) => snapshot.Id == current.Id;

    public ValueTask<SnapshotFolder> OpenAsync(SnapshotSummary snapshot, CancellationToken cancellationToken)
    {
        var manifest = snapshot.Id == current.Id ? current : before ?? throw new StoreException(StoreFailure.NotFound, snapshot.Id, "there is no such set");
        var sorted = manifest.Entries.ToArray();
        Array.Sort(sorted, ByParts);
        return ValueTask.FromResult<SnapshotFolder>(new ManifestFolder(sorted, 0, sorted.Length, 0));
    }

    public async Task ReadAsync(SnapshotSummary snapshot, IReadOnlyList<string> paths, Func<string, IFileContent, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        var wanted = paths.ToDictionary(p => p.TrimStart('/'), StringComparer.Ordinal);
        var files = current.Entries.Where(e => e.Kind == FileSetKind.File && e.PathText is { } path && wanted.ContainsKey(path)).ToList();
        var findings = new FindingList(FileSetFindings.MoreOfThem);
        try
        {
            // One at a time: looks are not made for several threads.
            await source.ReadAsync(files, current, workers: 1, findings, (entry, content, token) => look(wanted[entry.Shown], new StreamContent(content, entry.Size), token), cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or ArchiveLimitException)
        {
            throw new StoreException(StoreFailure.Corrupt, source.Subject, e.Message, e);
        }
        if (findings.Unfinished is { } unfinished) throw new StoreException(StoreFailure.Transient, source.Subject, unfinished.En);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Folder by folder: the bytes of whole paths sort "a-b" before "a/c", a walk meets the folder "a" first.</summary>
    private static IComparer<FileSetEntry> ByParts { get; } = Comparer<FileSetEntry>.Create((x, y) =>
    {
        ReadOnlySpan<byte> a = x.Path, b = y.Path;
        var same = a.CommonPrefixLength(b);
        if (same == a.Length || same == b.Length) return a.Length.CompareTo(b.Length);
        return (a[same] == '/' ? -1 : a[same]).CompareTo(b[same] == '/' ? -1 : b[same]);
    });

    /// <summary>The entries of [from, to) share their first bytes, as many as the depth says.</summary>
    private sealed class ManifestFolder : SnapshotFolder
    {
        private readonly FileSetEntry[] all;
        private readonly List<SnapshotEntry> entries = [];
        private readonly List<(int From, int To, int Depth)> ranges = [];

        public ManifestFolder(FileSetEntry[] all, int from, int to, int depth)
        {
            this.all = all;
            for (var i = from; i < to;)
            {
                var path = all[i].Path.AsSpan(depth);
                var slash = path.IndexOf((byte)'/');
                var name = slash < 0 ? path : path[..slash];
                var end = i;
                // A folder's own entry and all below it: they begin with the name, then end or go on with a slash.
                while (end < to && Belongs(all[end].Path.AsSpan(depth), name)) end++;
                Add(i, end, name.ToArray(), depth);
                i = end;
            }
        }

        private static bool Belongs(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) => path.StartsWith(name) && (path.Length == name.Length || path[name.Length] == '/');

        private void Add(int from, int to, byte[] name, int depth)
        {
            var own = all[from];
            if (to - from == 1 && own.Path.Length == depth + name.Length && own.Kind != FileSetKind.Directory)
            {
                var seconds = own.ModifiedAtNanoseconds is > 0 and var at ? at / 1_000_000_000 : 0;
                var identity = own.Sha256.Length == 32 ? BinaryPrimitives.ReadUInt128LittleEndian(own.Sha256) : UInt128.One;
                entries.Add(new SnapshotEntry(name, own.Kind == FileSetKind.File ? EntryKind.File : EntryKind.Other, own.Size, seconds, own.Mode ?? 0, identity));
                ranges.Add(default);
                return;
            }
            entries.Add(new SnapshotEntry(name, EntryKind.Folder, 0, 0, 0, 0));
            ranges.Add((own.Path.Length == depth + name.Length ? from + 1 : from, to, depth + name.Length + 1));
        }

        public override IReadOnlyList<SnapshotEntry> Entries => entries;

        public override void MarkPieces(int index, PieceSet pieces) { }

        public override ValueTask<SnapshotFolder> OpenAsync(int index, CancellationToken cancellationToken) =>
            ValueTask.FromResult<SnapshotFolder>(new ManifestFolder(all, ranges[index].From, ranges[index].To, ranges[index].Depth));
    }

    /// <summary>Forwards only: what lies between two windows is read past where it cannot be jumped over.</summary>
    private sealed class StreamContent(Stream stream, long length) : IFileContent
    {
        private static readonly byte[] Waste = new byte[1 << 16];
        private long position;

        public long Length => length;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (stream.CanSeek) position = stream.Seek(offset, SeekOrigin.Begin);
            while (position < offset)
            {
                var skipped = await stream.ReadAsync(Waste.AsMemory(0, (int)Math.Min(Waste.Length, offset - position)), cancellationToken);
                if (skipped == 0) return 0;
                position += skipped;
            }
            var count = 0;
            for (int read; count < buffer.Length && (read = await stream.ReadAsync(buffer[count..], cancellationToken)) > 0;) count += read;
            position += count;
            return count;
        }
    }
}
