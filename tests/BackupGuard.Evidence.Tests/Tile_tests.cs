using BackupGuard.Evidence.Tiles;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Tile_tests
{
    private static readonly Hash256[] Leaves = [.. Enumerable.Range(0, 300).Select(i => MerkleTree.HashLeaf(BitConverter.GetBytes(i)))];

    [Fact]
    public void A_log_of_70000_has_the_tiles_that_the_specification_names()
    {
        var tiles = Tile.Of(70_000).Where(t => t.Kind == TileKind.Hashes).GroupBy(t => (t.Level, t.Width)).ToDictionary(g => g.Key, g => g.Count());
        tiles.Should().BeEquivalentTo(new Dictionary<(int, int), int> { [(0, 256)] = 273, [(0, 112)] = 1, [(1, 256)] = 1, [(1, 17)] = 1, [(2, 1)] = 1 });
        Tile.Of(70_000).Where(t => t.Kind == TileKind.Entries).Should().HaveCount(274);
        Tile.Of(256).Where(t => t.Kind == TileKind.Hashes).Select(t => t.Path).Should().Equal("tile/0/000", "tile/1/000.p/1");
        Tile.Of(0).Should().BeEmpty();
    }

    [Fact]
    public void Names_are_those_of_the_specification_and_no_others_are_read()
    {
        new Tile(TileKind.Hashes, 0, 1_234_067, 256).Path.Should().Be("tile/0/x001/x234/067");
        new Tile(TileKind.Signatures, 0, 5, 3).Path.Should().Be("tile/signatures/005.p/3");
        foreach (var tile in Tile.Of(70_000).Concat([new Tile(TileKind.Hashes, 63, 0, 1), new Tile(TileKind.Entries, 0, 999_999_999, 255)]))
        {
            Tile.TryParse(tile.Path, out var read).Should().BeTrue(tile.Path);
            read.Should().Be(tile);
        }
        string[] others = ["tile/0/1", "tile/00/001", "tile/64/001", "tile/0/x000/001", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/entries/", "tile/other/001", "tile/0/001/002", "tile/0/../001", "0/001"];
        others.Where(name => Tile.TryParse(name, out _)).Should().BeEmpty();
    }

    [Fact]
    public void Hash_tiles_hold_what_the_naive_tree_gives_for_every_size_to_300()
    {
        var tree = new TreeInMemory();
        for (var size = 1; size <= Leaves.Length; size++)
        {
            tree.Append(Leaves[size - 1]);
            tree.Root().Should().Be(NaiveTree.Root(Leaves.AsSpan(0, size)));
            foreach (var tile in Tile.Of(size).Where(t => t.Kind == TileKind.Hashes))
            {
                var span = 1 << (tile.Level * Tile.Height);
                var expected = Enumerable.Range(0, tile.Width).SelectMany(i => NaiveTree.Root(Leaves.AsSpan((int)(tile.First + i) * span, span)).ToArray());
                TileContent.Hashes(tree, tile).Should().Equal(expected, $"{tile.Path} of {size}");
            }
        }
    }

    [Fact]
    public void Proofs_out_of_a_tree_in_memory_hold_for_every_size_to_300()
    {
        var tree = new TreeInMemory();
        for (var size = 1; size <= Leaves.Length; size++)
        {
            tree.Append(Leaves[size - 1]);
            for (var index = 0; index < size; index += 7)
                MerkleVerifier.Inclusion(Leaves[index], index, size, MerkleProver.Inclusion(tree, index, size), NaiveTree.Root(Leaves.AsSpan(0, size))).Should().BeTrue();
        }
    }

    [Fact]
    public void A_bundle_gives_back_its_parts_and_is_refused_cut_at_any_length_or_with_more_behind()
    {
        ReadOnlyMemory<byte>[] parts = [new byte[] { 1, 2, 3 }, Array.Empty<byte>(), new byte[EvidenceEntry.MaxBytes]];
        var tile = new Tile(TileKind.Entries, 0, 0, 3);
        var bundle = TileContent.Bundle(parts);

        TileContent.ReadBundle(bundle, tile).Select(p => p.Length).Should().Equal(3, 0, EvidenceEntry.MaxBytes);
        foreach (var length in Enumerable.Range(0, 20).Append(bundle.Length - 1)) Code(bundle[..length]).Should().Be("BG2042", $"cut at {length}");
        Code([.. bundle, 0]).Should().Be("BG2042");

        string Code(byte[] bytes)
        {
            try { TileContent.ReadBundle(bytes, tile); return ""; }
            catch (EvidenceException e) { return e.Problem.Code; }
        }
    }
}
