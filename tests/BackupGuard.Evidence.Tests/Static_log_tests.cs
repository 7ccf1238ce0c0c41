using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.Tiles;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>A whole log as static files, looked at by both verifiers.</summary>
public sealed class Static_log_tests
{
    private static readonly SampleLog Log = Long();
    private static readonly DateTimeOffset Now = Sample.Start.AddHours(12);

    // More than one tile wide.
    private static SampleLog Long()
    {
        var log = SampleLog.Filled();
        while (log.Records.Count < 270) log.Drill(log.Pharmacy);
        log.Seal();
        return log;
    }

    internal static Dictionary<string, ReadOnlyMemory<byte>> Files(SampleLog log)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>> { [PackNames.Checkpoint] = log.Checkpoints[^1] };
        foreach (var note in log.Checkpoints) files[PackNames.EarlierCheckpoint(Checkpoint.Verify(note.Span, log.LogKey))] = note;
        foreach (var tile in Tile.Of(log.Records.Count)) files[tile.Path] = Content(log, tile);
        return files;
    }

    private static byte[] Content(SampleLog log, Tile tile) => tile.Kind switch
    {
        TileKind.Hashes => TileContent.Hashes(log.Tree, tile),
        TileKind.Entries => TileContent.Bundle(log.Records.Skip((int)tile.First).Take(tile.Width).Select(r => r.Entry)),
        TileKind.Signatures => TileContent.Bundle(log.Records.Skip((int)tile.First).Take(tile.Width).Select(r => r.Signature)),
    };

    private static VerificationReport Verify(Dictionary<string, ReadOnlyMemory<byte>> files) => TileVerifier.Verify(new FilesInMemory(files), TrustPolicy.Of(Log.LogKey), Now);

    [Fact]
    public void A_log_as_files_is_sound_with_older_partial_tiles_and_with_a_full_one_in_place_of_a_partial_one()
    {
        var files = Files(Log);
        foreach (var old in new Tile[] { new(TileKind.Hashes, 0, 0, 18), new(TileKind.Entries, 0, 0, 18), new(TileKind.Signatures, 0, 1, 2) }) files[old.Path] = Content(Log, old);
        Verify(files).Should().Match<VerificationReport>(r => r.Verdict == EvidenceVerdict.Sound && r.Checks.All(c => c.Outcome == CheckOutcome.Passed || c.Kind == CheckKind.TimeStamps));

        // An old head over the files of a log that went on.
        files[PackNames.Checkpoint] = Log.Checkpoints[1];
        foreach (var name in files.Keys.Where(PackNames.IsEarlierCheckpoint).Order(StringComparer.Ordinal).Skip(1).ToArray()) files.Remove(name);
        Verify(files).Verdict.Should().Be(EvidenceVerdict.Sound);
    }

    [Fact]
    public void Whatever_is_changed_both_verifiers_say_the_same()
    {
        var logs = new Dictionary<string, Dictionary<string, ReadOnlyMemory<byte>>> { ["good"] = Files(Log) };
        var expected = new Dictionary<string, string> { ["good"] = "" };
        foreach (var (name, content) in Files(Log).Where(f => f.Key.StartsWith("tile/", StringComparison.Ordinal)))
        {
            for (var at = 0; at < content.Length; at += Math.Max(1, content.Length / 2)) Add($"{name} at {at}", "", f => f[name] = Flipped(content, at));
            Add($"without {name}", "BG2035", f => f.Remove(name));
            Add($"{name} is cut", "", f => f[name] = content[..(content.Length / 2)]);
            Add($"{name} has more", "", f => f[name] = (byte[])[.. content.Span, 0]);
        }
        Add("a hash", "BG2041", f => f["tile/0/000"] = Flipped(f["tile/0/000"], 77));
        Add("a hash of a higher level", "BG2041", f => f["tile/1/000.p/1"] = Flipped(f["tile/1/000.p/1"], 7));
        Add("an older partial bundle", "BG2041", f => f["tile/entries/000.p/5"] = Flipped(Content(Log, new Tile(TileKind.Entries, 0, 0, 5)), 9));
        Add("a bundle that is cut", "BG2042", f => f["tile/entries/000"] = f["tile/entries/000"][..^1]);
        Add("a bundle of another length", "BG2042", f => f["tile/entries/000"] = TileContent.Bundle(Log.Records.Take(255).Select(r => r.Entry)));
        Add("two entries exchanged", "BG2004", f => f["tile/entries/000"] = TileContent.Bundle(new[] { 0, 1, 4, 3, 2 }.Concat(Enumerable.Range(5, 251)).Select(i => Log.Records[i].Entry)));
        Add("a name that no tile has", "BG2031", f => f["tile/0/x000/000"] = new byte[32]);
        Add("no checkpoint", "BG2035", f => f.Remove(PackNames.Checkpoint));
        Add("a fork", "BG2026", f => AddCheckpoint(f, new Checkpoint(Sample.LogOrigin, Log.Records.Count, Hash256.Of("fork"u8))));
        Add("a root that is another", "BG2024", f => AddCheckpoint(f, new Checkpoint(Sample.LogOrigin, 100, Hash256.Of("fork"u8))));
        Add("a log that was longer", "BG2025", f => AddCheckpoint(f, new Checkpoint(Sample.LogOrigin, 1000, Hash256.Of("longer"u8))));
        Add("an empty log", "BG2039", f => f[PackNames.Checkpoint] = new Checkpoint(Sample.LogOrigin, 0, MerkleTree.EmptyRoot).Sign(Log.Server.Key));

        var second = SecondVerifier.AskFolders(logs, Log.LogKey, "2026-11-21T20:00:00.000Z");
        foreach (var (name, files) in logs)
        {
            var first = Said.By(Verify(files));
            second[name].Should().Be(first, name);
            (first.ExitCode == 0).Should().Be(name == "good", name);
            (first.Codes + " ").Should().Contain(expected[name] + " ", name);
        }

        void Add(string name, string code, Action<Dictionary<string, ReadOnlyMemory<byte>>> change)
        {
            var files = Files(Log);
            change(files);
            logs.Add(name, files);
            expected.Add(name, code);
        }
    }

    private static void AddCheckpoint(Dictionary<string, ReadOnlyMemory<byte>> files, Checkpoint checkpoint) => files[PackNames.EarlierCheckpoint(checkpoint)] = checkpoint.Sign(Log.Server.Key);

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 1;
        return copy;
    }
}
