using System.Text;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Goes through two snapshots side by side, folder by folder in the order of names, and counts what differs. Folders that are equal are read once.</summary>
/// <remarks>Memory: the folders between the root and where it is, counters, and bounded tables; never a list of all files.</remarks>
internal sealed class MetadataWalk(ISnapshotHistory history, SnapshotSummary? earlier, PathPolicies policies, IReadOnlySet<string> knownExtensions, FileSampler sampler)
{
    private const long MostEntries = 40_000_000;

    /// <summary>A tree can name one subtree twice, that one another twice, and so on: whoever writes such a one must not keep us for ever. Honest folders hold files, and files have pieces.</summary>
    private readonly long mostFolders = history.Pieces == 0 ? MostEntries : 200_000 + 50L * history.Pieces;
    private const int Deepest = 4096;
    private const int MostNames = 4096;
    private const int MostExamples = 10;
    private const int BurstMinutes = 10;
    private static readonly TimeSpan ColdAge = TimeSpan.FromDays(60);
    private static readonly TimeSpan ArchiveAge = TimeSpan.FromDays(7);

    private sealed record Child(string Path, int Before, int Now, bool Same);

    private sealed class Frame(SnapshotFolder? before, SnapshotFolder? now)
    {
        public SnapshotFolder? Before => before;
        public SnapshotFolder? Now => now;
        public List<Child> Children { get; } = [];
        public int Next;
    }

    private readonly PieceSet piecesBefore = new(history.Pieces), piecesRewritten = new(history.Pieces);
    private readonly ExtensionCounts extensionsBefore = new(), extensionsNow = new(), arrived = new(), renamedTo = new(), deleted = new();
    private readonly MoveMatcher moves = new();
    private readonly Dictionary<long, int> changeTimes = [];
    private readonly Dictionary<string, int> newNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> announced = new(StringComparer.Ordinal);
    private readonly List<string> archivePaths = [], notePaths = [];
    private readonly Dictionary<FileExtension, List<string>> arrivedPaths = [];
    private readonly long coldBefore = (earlier?.TakenAt - ColdAge)?.ToUnixTimeSeconds() ?? 0, archiveBefore = (earlier?.TakenAt - ArchiveAge)?.ToUnixTimeSeconds() ?? 0;
    private long entries, folders, files, bytes, filesBefore, bytesBefore, foldersBefore;
    private long added, changed, gone, moved, replaced, touched, cold, archiveChanged, noteFolders, changedBytes;

    /// <param name="before">Null for a snapshot that has nothing before it: then everything in it is taken as it is.</param>
    /// <exception cref="StoreException">A folder cannot be read, or the tree is beyond the limits.</exception>
    public async Task<MetadataSignals> RunAsync(SnapshotFolder? before, SnapshotFolder now, CancellationToken cancellationToken)
    {
        var stack = new Stack<Frame>();
        stack.Push(Visit("", before, now, before is null));
        while (stack.TryPeek(out var frame))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (frame.Next == frame.Children.Count) { stack.Pop(); continue; }
            var child = frame.Children[frame.Next++];
            if (stack.Count >= Deepest) throw new StoreException(StoreFailure.Corrupt, child.Path, $"more than {Deepest} folders lie in one another");
            var folderNow = child.Now < 0 ? null : await frame.Now!.OpenAsync(child.Now, cancellationToken);    // an index into Now came from Now
            var folderBefore = child.Before < 0 || child.Same ? null : await frame.Before!.OpenAsync(child.Before, cancellationToken);    // likewise
            stack.Push(Visit(child.Path, folderBefore, folderNow, child.Same));
        }
        return Result();
    }

    private Frame Visit(string path, SnapshotFolder? before, SnapshotFolder? now, bool same)
    {
        var frame = new Frame(before, now);
        IReadOnlyList<SnapshotEntry> a = before?.Entries ?? [], b = now?.Entries ?? [];
        entries += a.Count + b.Count + 1;
        if (++folders > mostFolders) throw new StoreException(StoreFailure.Corrupt, path, $"more than {mostFolders} folders lie in it, far more than its data could fill");
        if (entries > MostEntries) throw new StoreException(StoreFailure.Corrupt, path, $"the two snapshots have more than {MostEntries} entries");
        if (same) VisitSame(path, now!, frame);    // what is the same as before is there now
        else VisitBoth(path, before, now, frame);
        return frame;
    }

    private void VisitSame(string path, SnapshotFolder folder, Frame frame)
    {
        foldersBefore++;
        for (var j = 0; j < folder.Entries.Count; j++)
        {
            var entry = folder.Entries[j];
            if (entry.Kind == EntryKind.Folder) frame.Children.Add(new Child(Join(path, entry.Name), -1, j, true));
            else if (entry.Kind == EntryKind.File) Unchanged(entry, folder, j);
        }
    }

    private void Unchanged(in SnapshotEntry entry, SnapshotFolder folder, int index)
    {
        var extension = FileExtension.Of(entry.Name);
        CountBefore(entry, extension);
        CountNow(entry, extension);
        folder.MarkPieces(index, piecesBefore);
    }

    private void CountBefore(in SnapshotEntry entry, FileExtension extension)
    {
        filesBefore++;
        bytesBefore += entry.Size;
        extensionsBefore.Add(extension);
    }

    private void CountNow(in SnapshotEntry entry, FileExtension extension)
    {
        files++;
        bytes += entry.Size;
        extensionsNow.Add(extension);
    }

    private void VisitBoth(string path, SnapshotFolder? before, SnapshotFolder? now, Frame frame)
    {
        IReadOnlyList<SnapshotEntry> a = before?.Entries ?? [], b = now?.Entries ?? [];
        if (before is not null) foldersBefore++;
        List<int> goneHere = [], comeHere = [];
        for (int i = 0, j = 0; i < a.Count || j < b.Count;)
        {
            var order = i == a.Count ? 1 : j == b.Count ? -1 : a[i].Name.AsSpan().SequenceCompareTo(b[j].Name);
            if (order == 0 && a[i].Kind == b[j].Kind)
            {
                if (a[i].Kind == EntryKind.Folder) frame.Children.Add(new Child(Join(path, a[i].Name), i, j, a[i].Identity == b[j].Identity && a[i].Identity != 0));
                else if (a[i].Kind == EntryKind.File) Compare(path, before!, i, now!, j);    // both have an entry here
                (i, j) = (i + 1, j + 1);
                continue;
            }
            if (order <= 0) { Alone(path, a[i], i, goneHere, frame, isBefore: true); i++; }
            if (order >= 0) { Alone(path, b[j], j, comeHere, frame, isBefore: false); j++; }
        }
        foreach (var (i, j) in RenamePairs.Find(a, goneHere, b, comeHere)) Pair(path, before!, i, now!, j);    // a pair has both sides
        foreach (var i in goneHere) Gone(path, before!, i);
        foreach (var j in comeHere) Come(path, now!, j, before is not null);
    }

    private static void Alone(string path, in SnapshotEntry entry, int index, List<int> filesHere, Frame frame, bool isBefore)
    {
        if (entry.Kind == EntryKind.File) filesHere.Add(index);
        else if (entry.Kind == EntryKind.Folder) frame.Children.Add(new Child(Join(path, entry.Name), isBefore ? index : -1, isBefore ? -1 : index, false));
    }

    private void Compare(string folder, SnapshotFolder before, int i, SnapshotFolder now, int j)
    {
        SnapshotEntry a = before.Entries[i], b = now.Entries[j];
        if (a.Identity == b.Identity && a.Size == b.Size)
        {
            if (a.ModifiedAt != b.ModifiedAt || a.Mode != b.Mode) touched++;
            Unchanged(b, now, j);
            return;
        }
        var extension = FileExtension.Of(b.Name);
        CountBefore(a, extension);
        CountNow(b, extension);
        before.MarkPieces(i, piecesBefore);
        var path = Join(folder, b.Name);
        var policy = policies.Of(path);
        Sample(path, path, ChangeKind.Changed, extension, a, b, policy);
        if (IsCounted(policy, path)) CountChange(path, policy, a, b, now, j, isReplaced: false);
    }

    /// <summary>A change of content, under the old name or a new one.</summary>
    private void CountChange(string path, PathPolicy policy, in SnapshotEntry a, in SnapshotEntry b, SnapshotFolder now, int j, bool isReplaced)
    {
        if (policy.Profile == ProfileKind.Archive) CountArchive(path, a);
        if (isReplaced) replaced++;
        else changed++;
        if (IsCold(a)) cold++;
        changedBytes += b.Size;
        // What is random by rights would drown the ratio of the rest.
        if (policy.Profile != ProfileKind.AlwaysRandom) now.MarkPieces(j, piecesRewritten);
        CountTime(b.ModifiedAt);
    }

    private void Pair(string folder, SnapshotFolder before, int i, SnapshotFolder now, int j)
    {
        SnapshotEntry a = before.Entries[i], b = now.Entries[j];
        FileExtension was = FileExtension.Of(a.Name), @is = FileExtension.Of(b.Name);
        CountBefore(a, was);
        before.MarkPieces(i, piecesBefore);
        var path = Join(folder, b.Name);
        var policy = policies.Of(path);
        var counted = IsCounted(policy, path);
        files++;
        bytes += b.Size;
        extensionsNow.Add(counted ? @is : was);
        var isMove = a.Identity == b.Identity && a.Size == b.Size;
        if (!isMove) Sample(path, Join(folder, a.Name), ChangeKind.Replaced, @is, a, b, policy);
        if (!counted) return;
        if (was != @is)
        {
            renamedTo.Add(@is);
            Arrive(@is, path);
        }
        if (isMove) moved++;
        else CountChange(path, policy, a, b, now, j, isReplaced: true);
    }

    private void Gone(string folder, SnapshotFolder before, int i)
    {
        var a = before.Entries[i];
        var extension = FileExtension.Of(a.Name);
        CountBefore(a, extension);
        before.MarkPieces(i, piecesBefore);
        var path = Join(folder, a.Name);
        var policy = policies.Of(path);
        if (!IsCounted(policy, path))
        {
            extensionsNow.Add(extension);
            return;
        }
        if (a.Size > 0 && moves.Gone(a.Identity)) { moved++; added--; return; }
        gone++;
        deleted.Add(extension);
        if (IsCold(a)) cold++;
        if (policy.Profile == ProfileKind.Archive) CountArchive(path, a);
    }

    private void Come(string folder, SnapshotFolder now, int j, bool isOldFolder)
    {
        var b = now.Entries[j];
        var extension = FileExtension.Of(b.Name);
        var path = Join(folder, b.Name);
        var policy = policies.Of(path);
        files++;
        bytes += b.Size;
        Sample(path, null, ChangeKind.Added, extension, default, b, policy);
        if (!IsCounted(policy, path)) return;
        extensionsNow.Add(extension);
        if (b.Size > 0 && moves.Come(b.Identity))
        {
            moved++;
            TakeBackGone(extension, policy, b);
            return;
        }
        added++;
        Arrive(extension, path);
        if (b.Size < 1 << 20) CountName(Text(b.Name), path, isOldFolder);
    }

    /// <summary>It went from one place and was counted as gone; now it came to another. Moving keeps extension and time.</summary>
    private void TakeBackGone(FileExtension extension, PathPolicy policy, in SnapshotEntry entry)
    {
        gone--;
        deleted.Remove(extension);
        if (IsCold(entry)) cold--;
        if (policy.Profile == ProfileKind.Archive && entry.ModifiedAt < archiveBefore) archiveChanged--;
    }

    private void CountName(string name, string path, bool isOldFolder)
    {
        if (NoteNames.IsNote(name))
        {
            noteFolders++;
            if (notePaths.Count < MostExamples) notePaths.Add(path);
        }
        if (isOldFolder && (newNames.Count < MostNames || newNames.ContainsKey(name))) newNames[name] = newNames.GetValueOrDefault(name) + 1;
    }

    private void Arrive(FileExtension extension, string path)
    {
        arrived.Add(extension);
        if (extension.IsEveryday || extensionsBefore[extension] > 0) return;
        if (!arrivedPaths.TryGetValue(extension, out var paths))
        {
            if (arrivedPaths.Count >= 256) return;
            arrivedPaths[extension] = paths = [];
        }
        if (paths.Count < MostExamples) paths.Add(path);
    }

    private void CountArchive(string path, in SnapshotEntry before)
    {
        if (before.ModifiedAt >= archiveBefore) return;
        archiveChanged++;
        if (archivePaths.Count < MostExamples) archivePaths.Add(path);
    }

    private void CountTime(long modifiedAt)
    {
        var bin = Math.DivRem(modifiedAt, BurstMinutes * 60).Quotient;
        if (changeTimes.Count < 1 << 16 || changeTimes.ContainsKey(bin)) changeTimes[bin] = changeTimes.GetValueOrDefault(bin) + 1;
    }

    /// <summary>Whether a change at this path votes at all. An announced one is written down instead.</summary>
    private bool IsCounted(PathPolicy policy, string path)
    {
        if (policy.Announced is { } window)
        {
            announced[window.Reason] = announced.GetValueOrDefault(window.Reason) + 1;
            return false;
        }
        return policy.Profile is not (ProfileKind.Dump or ProfileKind.Volatile);
    }

    private bool IsCold(in SnapshotEntry before) => before.ModifiedAt > 0 && before.ModifiedAt < coldBefore;

    private void Sample(string path, string? was, ChangeKind kind, FileExtension extension, in SnapshotEntry a, in SnapshotEntry b, PathPolicy policy)
    {
        if (policy.Profile == ProfileKind.AlwaysRandom) return;
        sampler.Offer(new SampledFile(path, was, kind, extension, was is not null && IsCold(a), a.Size, b.Size, policy.Profile));
    }

    private MetadataSignals Result()
    {
        var novel = arrived.ByExtension.Where(e => IsNovel(e.Key)).OrderByDescending(e => e.Value).ThenBy(e => e.Key.ToString(), StringComparer.Ordinal).Select(e => (FileExtension?)e.Key).FirstOrDefault();
        var worst = deleted.ByExtension.OrderByDescending(e => e.Value).ThenBy(e => e.Key.ToString(), StringComparer.Ordinal).Select(e => (e.Key.ToString(), extensionsBefore[e.Key], e.Value)).FirstOrDefault();
        var common = newNames.OrderByDescending(n => n.Value).ThenBy(n => n.Key, StringComparer.Ordinal).FirstOrDefault();
        return new MetadataSignals
        {
            Files = files, Bytes = bytes, FilesBefore = filesBefore, BytesBefore = bytesBefore, FoldersBefore = foldersBefore,
            Added = Math.Max(0, added), Changed = changed, Deleted = Math.Max(0, gone), Moved = moved, Replaced = replaced, Touched = touched, Cold = Math.Max(0, cold),
            ArchiveChanged = Math.Max(0, archiveChanged), ArchivePaths = archivePaths,
            RenamedToNovel = novel is { } n ? renamedTo[n] : 0, NovelExtension = novel?.ToString() ?? "", ArrivedNovel = novel is { } m ? arrived[m] : 0,
            NovelPaths = novel is { } o && arrivedPaths.TryGetValue(o, out var paths) ? paths : [],
            NoteFolders = noteFolders, NotePaths = notePaths, SameNewName = common.Value, SameNewNameText = common.Key ?? "",
            WorstLoss = worst.Item1 is null ? ("", 0, 0) : worst,
            Burst = BurstShare(), ExtensionShift = ExtensionCounts.Shift(extensionsBefore, extensionsNow),
            Rewritten = history.Weigh(piecesRewritten, piecesBefore), ChangedBytes = changedBytes,
            Announced = announced, Extensions = [.. extensionsNow.ByExtension.Keys.Select(e => e.ToString())], MovesIncomplete = moves.IsFull,
        };
    }

    private bool IsNovel(FileExtension extension) => !extension.IsEveryday && extensionsBefore[extension] * 1000 < filesBefore && extensionsBefore[extension] < 5 && !knownExtensions.Contains(extension.ToString());

    private double BurstShare()
    {
        long all = changeTimes.Values.Sum();
        return all < 50 ? 0 : (double)changeTimes.Max(t => t.Value + changeTimes.GetValueOrDefault(t.Key + 1)) / all;
    }

    private static string Join(string folder, byte[] name) => $"{folder}/{Text(name)}";

    private static string Text(byte[] name) => Encoding.UTF8.GetString(name);
}
