using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence.Tiles;

/// <summary>Checks a whole log that lies as static files (FORMAT.md, section 10).</summary>
public static class TileVerifier
{
    public static bool IsLog(IEvidenceFiles files) => !files.Names.Contains(PackNames.Manifest) && files.Names.Any(n => n.StartsWith(Tile.Folder, StringComparison.Ordinal));

    /// <param name="now">What open intents and clocks are held against.</param>
    /// <param name="kept">Checkpoints that whoever verifies had kept: notes, or mails with one.</param>
    public static VerificationReport Verify(IEvidenceFiles files, TrustPolicy policy, DateTimeOffset now, IReadOnlyList<ReadOnlyMemory<byte>>? kept = null)
    {
        var (checks, tree, earlier) = (new CheckList(), new TreeInMemory(), files.Names.Where(PackNames.IsEarlierCheckpoint).Order(StringComparer.Ordinal).ToArray());
        HeadOfLog? head = null;
        TimeStampChecks? stamps = null;
        var server = new List<(long Index, DateTimeOffset At)>();
        var readable = checks.Run(CheckKind.Archive, problems => Names(files, problems)) & checks.Run(CheckKind.Checkpoint, _ => (head = HeadOfLog.Read(files, policy)).Checkpoint.Size);
        if (readable && head is not null && checks.Run(CheckKind.Entries, problems => Entries(files, head, earlier, tree, server, now, problems)))
        {
            checks.Run(CheckKind.Tiles, problems => Compare(files, tree, problems));
            checks.RunKept(kept ?? [], head, size => MerkleTree.Root(tree, size));
            stamps = new TimeStampChecks(files, files.Names, head, policy);
            stamps.Run(checks, server, now);
            checks.Run(CheckKind.Policy, problems => head.CheckWitnesses(policy, stamps.Covering(head.Checkpoint.Size), problems));
        }
        else if (readable)
        {
            checks.NotDone(CheckKind.Tiles, CheckKind.TimeStamps, CheckKind.Policy);
        }
        else
        {
            checks.NotDone(CheckKind.Entries, CheckKind.Tiles, CheckKind.TimeStamps, CheckKind.Policy);
        }
        return new VerificationReport(checks.Results) { Head = head?.Checkpoint, Proven = stamps?.Proven() ?? [] };
    }

    private static long Names(IEvidenceFiles files, List<EvidenceProblem> problems)
    {
        problems.AddRange(files.Names.Where(n => n.StartsWith(Tile.Folder, StringComparison.Ordinal) && !Tile.TryParse(n, out _)).Order(StringComparer.Ordinal)
            .Select(n => EvidenceProblems.PackNameRefused.At("The log", ("name", n), ("reason", "no tile is called so"))));
        return files.Names.Count;
    }

    private static long Entries(IEvidenceFiles files, HeadOfLog head, string[] earlier, TreeInMemory tree, List<(long Index, DateTimeOffset At)> server, DateTimeOffset now, List<EvidenceProblem> problems)
    {
        var size = head.Checkpoint.Size;
        if (size == 0)
        {
            problems.Add(EvidenceProblems.PackEmpty.At("The log"));
            return 0;
        }
        problems.AddRange(Tile.Of(size).Where(t => FileOf(files, t) is null).Select(t => EvidenceProblems.FileMissing.At(t.Path)));
        if (problems.Count > 0) return 0;
        var trust = new LogTrust { LogKey = head.Key, Keys = [new KeyRegistration(EvidenceEntry.ServerOrigin, head.Key.Key)], Now = now };
        problems.AddRange(LogVerifier.Verify(Records(files, size, tree), [head.Note, .. earlier.Select(files.Read)], trust, (index, verified) =>
        {
            if (verified.Entry.Origin == EvidenceEntry.ServerOrigin) server.Add((index, verified.Entry.RecordedAt));
        }).Problems);
        return size;
    }

    private static IEnumerable<StoredRecord> Records(IEvidenceFiles files, long size, TreeInMemory tree)
    {
        foreach (var tile in Tile.Of(size).Where(t => t.Kind == TileKind.Entries))
        {
            var entries = Parts(files, tile);
            var signatures = Parts(files, tile with { Kind = TileKind.Signatures });
            for (var i = 0; i < tile.Width; i++)
            {
                tree.Append(MerkleTree.HashLeaf(entries[i].Span));
                yield return new StoredRecord(tile.First + i, entries[i], signatures[i]);
            }
        }
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Parts(IEvidenceFiles files, Tile tile)
    {
        var file = FileOf(files, tile) ?? tile;
        return TileContent.ReadBundle(files.Read(file.Path), file);
    }

    /// <summary>The tile, or the full one that has taken its place since.</summary>
    private static Tile? FileOf(IEvidenceFiles files, Tile tile) =>
        files.Names.Contains(tile.Path) ? tile : files.Names.Contains((tile with { Width = Tile.FullWidth }).Path) ? tile with { Width = Tile.FullWidth } : null;

    /// <summary>Every tile within the size, older partial ones too, holds what the entries give.</summary>
    private static long Compare(IEvidenceFiles files, TreeInMemory tree, List<EvidenceProblem> problems)
    {
        long count = 0;
        foreach (var name in files.Names.Where(n => n.StartsWith(Tile.Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (!Tile.TryParse(name, out var tile) || !IsWithin(tile, tree.Size)) continue;
            count++;
            if (!Matches(files, tile, tree)) problems.Add(EvidenceProblems.TileDiffers.At(name));
        }
        return count;
    }

    private static bool IsWithin(Tile tile, long size) => tile.Level < 8 && tile.First + tile.Width <= size >> (tile.Level * Tile.Height);

    private static bool Matches(IEvidenceFiles files, Tile tile, TreeInMemory tree)
    {
        var content = files.Read(tile.Path).Span;
        if (tile.Kind == TileKind.Hashes) return content.SequenceEqual(TileContent.Hashes(tree, tile));
        // Full bundles, and the last ones, were read with the entries; an older partial one must begin what took its place.
        var row = Tile.Of(tree.Size).First(t => t.Kind == tile.Kind && t.Index == tile.Index);
        return files.Read((FileOf(files, row) ?? row).Path).Span.StartsWith(content);
    }
}
