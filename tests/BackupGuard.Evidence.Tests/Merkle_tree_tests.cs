using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>The definition of RFC 6962, 2.1, written down as it stands there: slow and obvious.</summary>
internal static class NaiveTree
{
    public static Hash256 Root(ReadOnlySpan<Hash256> leaves)
    {
        if (leaves.Length == 0) return MerkleTree.EmptyRoot;
        if (leaves.Length == 1) return leaves[0];
        var k = Split(leaves.Length);
        return MerkleTree.HashNode(Root(leaves[..k]), Root(leaves[k..]));
    }

    public static List<Hash256> Path(int m, ReadOnlySpan<Hash256> d)
    {
        if (d.Length == 1) return [];
        var k = Split(d.Length);
        return m < k ? [.. Path(m, d[..k]), Root(d[k..])] : [.. Path(m - k, d[k..]), Root(d[..k])];
    }

    public static List<Hash256> Proof(int m, ReadOnlySpan<Hash256> d) => SubProof(m, d, b: true);

    private static List<Hash256> SubProof(int m, ReadOnlySpan<Hash256> d, bool b)
    {
        if (m == d.Length) return b ? [] : [Root(d)];
        var k = Split(d.Length);
        return m <= k ? [.. SubProof(m, d[..k], b), Root(d[k..])] : [.. SubProof(m - k, d[k..], b: false), Root(d[..k])];
    }

    private static int Split(int n)
    {
        var k = 1;
        while (k * 2 < n) k *= 2;
        return k;
    }
}

internal sealed class MemoryTree : ITreeReader
{
    private readonly Dictionary<(int, long), Hash256> nodes = [];

    public MerkleFrontier Frontier { get; } = new();

    public void Append(Hash256 leaf)
    {
        foreach (var node in Frontier.Append(leaf)) nodes.Add((node.Level, node.Index), node.Hash);
    }

    public Hash256 Read(int level, long index) => nodes[(level, index)];
}

public class Merkle_tree_tests
{
    private const int Largest = 300;
    private static readonly Hash256[] Leaves = [.. Enumerable.Range(0, Largest).Select(i => MerkleTree.HashLeaf(BitConverter.GetBytes(i)))];

    private static MemoryTree TreeOf(int size)
    {
        var tree = new MemoryTree();
        foreach (var leaf in Leaves[..size]) tree.Append(leaf);
        return tree;
    }

    [Fact]
    public void The_classic_eight_leaves_have_the_known_roots()
    {
        string[] entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        string[] roots =
        [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        var tree = new MerkleFrontier();
        for (var size = 0; size <= entries.Length; size++)
        {
            tree.Root().ToString().Should().Be(roots[size], "that is the root of the first {0} entries", size);
            if (size < entries.Length) tree.Append(MerkleTree.HashLeaf(Convert.FromHexString(entries[size])));
        }
    }

    [Fact]
    public void A_growing_tree_agrees_with_the_definition_at_every_size()
    {
        var tree = new MemoryTree();
        for (var size = 0; size <= Largest; size++)
        {
            var expected = NaiveTree.Root(Leaves.AsSpan(0, size));
            tree.Frontier.Root().Should().Be(expected);
            MerkleTree.Root(tree, size).Should().Be(expected);
            MerkleFrontier.Resume(tree, size).Root().Should().Be(expected);
            if (size < Largest) tree.Append(Leaves[size]);
        }
    }

    [Fact]
    public void A_tree_taken_up_again_grows_as_if_it_had_never_stopped()
    {
        for (var size = 0; size < Largest; size += 7)
        {
            var resumed = MerkleFrontier.Resume(TreeOf(size), size);
            for (var next = size; next < Largest; next++) resumed.Append(Leaves[next]);
            resumed.Root().Should().Be(NaiveTree.Root(Leaves));
        }
    }

    [Fact]
    public void Inclusion_proofs_agree_with_the_definition_and_verify()
    {
        var tree = TreeOf(Largest);
        for (var size = 1; size <= Largest; size++)
        {
            var root = NaiveTree.Root(Leaves.AsSpan(0, size));
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleProver.Inclusion(tree, index, size);
                if (size <= 70) proof.Should().Equal(NaiveTree.Path(index, Leaves.AsSpan(0, size)));
                if (!MerkleVerifier.Inclusion(Leaves[index], index, size, proof, root)) Assert.Fail($"entry {index} of {size} was not proved");
            }
        }
    }

    [Fact]
    public void Consistency_proofs_agree_with_the_definition_and_verify()
    {
        var tree = TreeOf(Largest);
        var roots = Enumerable.Range(0, Largest + 1).Select(n => NaiveTree.Root(Leaves.AsSpan(0, n))).ToArray();
        for (var newer = 0; newer <= Largest; newer++)
        for (var older = 0; older <= newer; older++)
        {
            var proof = MerkleProver.Consistency(tree, older, newer);
            if (older > 0 && newer <= 70) proof.Should().Equal(NaiveTree.Proof(older, Leaves.AsSpan(0, newer)));
            if (!MerkleVerifier.Consistency(older, newer, roots[older], roots[newer], proof)) Assert.Fail($"{older} to {newer} was not proved");
        }
    }

    [Fact]
    public void No_proof_survives_a_change()
    {
        var tree = TreeOf(40);
        var other = MerkleTree.HashLeaf("other"u8);
        for (var size = 1; size <= 40; size++)
        for (var index = 0; index < size; index++)
        {
            var root = MerkleTree.Root(tree, size);
            var proof = MerkleProver.Inclusion(tree, index, size);
            MerkleVerifier.Inclusion(other, index, size, proof, root).Should().BeFalse();
            MerkleVerifier.Inclusion(Leaves[index], index, size, proof, other).Should().BeFalse();
            MerkleVerifier.Inclusion(Leaves[index], index, size, [.. proof, other], root).Should().BeFalse();
            if (size > 1) MerkleVerifier.Inclusion(Leaves[index], (index + 1) % size, size, proof, root).Should().BeFalse();
            if (proof.Count > 0) MerkleVerifier.Inclusion(Leaves[index], index, size, [.. proof.Skip(1)], root).Should().BeFalse();
            for (var i = 0; i < proof.Count; i++)
                MerkleVerifier.Inclusion(Leaves[index], index, size, [.. proof.Select((h, n) => n == i ? other : h)], root).Should().BeFalse();
        }
    }

    [Fact]
    public void No_consistency_proof_joins_a_tree_to_another_one()
    {
        var tree = TreeOf(40);
        var other = MerkleTree.HashLeaf("other"u8);
        for (var newer = 1; newer <= 40; newer++)
        for (var older = 1; older <= newer; older++)
        {
            var (oldRoot, newRoot) = (MerkleTree.Root(tree, older), MerkleTree.Root(tree, newer));
            var proof = MerkleProver.Consistency(tree, older, newer);
            MerkleVerifier.Consistency(older, newer, other, newRoot, proof).Should().BeFalse();
            MerkleVerifier.Consistency(older, newer, oldRoot, other, proof).Should().BeFalse();
            MerkleVerifier.Consistency(older, newer, oldRoot, newRoot, [.. proof, other]).Should().BeFalse();
            MerkleVerifier.Consistency(newer + 1, newer, oldRoot, newRoot, proof).Should().BeFalse();
            for (var i = 0; i < proof.Count; i++)
                MerkleVerifier.Consistency(older, newer, oldRoot, newRoot, [.. proof.Select((h, n) => n == i ? other : h)]).Should().BeFalse();
        }
    }
}
