using System.Numerics;

namespace BackupGuard.Evidence;

/// <summary>Reads hashes of complete subtrees. Implementations MUST answer for every (level, index) with (index + 1) &lt;&lt; level at most the tree's size.</summary>
public interface ITreeReader
{
    /// <param name="level">0 for leaves.</param>
    /// <param name="index">Position among the nodes of that level, from the left.</param>
    Hash256 Read(int level, long index);
}

/// <summary>Hash of a complete subtree, to be stored under its level and index.</summary>
public readonly record struct TreeNode(int Level, long Index, Hash256 Hash);

/// <summary>Hashes of RFC 6962, 2.1.</summary>
public static class MerkleTree
{
    private const int LargestOnStack = 4096;

    /// <summary>Root of a tree without entries: SHA-256 of nothing.</summary>
    public static Hash256 EmptyRoot { get; } = Hash256.Of([]);

    /// <summary>SHA-256(0x00 || entry).</summary>
    public static Hash256 HashLeaf(ReadOnlySpan<byte> entry)
    {
        // One call, for most entries without a heap: fsck does this for every entry there is.
        var input = entry.Length < LargestOnStack ? stackalloc byte[1 + entry.Length] : new byte[1 + entry.Length];
        input[0] = 0x00;
        entry.CopyTo(input[1..]);
        return Hash256.Of(input);
    }

    /// <summary>SHA-256(0x01 || left || right).</summary>
    public static Hash256 HashNode(Hash256 left, Hash256 right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Hash256.Length];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Hash256.Length)..]);
        return Hash256.Of(input);
    }

    public static Hash256 Root(ITreeReader reader, long size) => size == 0 ? EmptyRoot : RangeHash(reader, 0, size);

    /// <summary>Hash of the entries from <paramref name="first"/>, which a power of two not below <paramref name="count"/> divides.</summary>
    internal static Hash256 RangeHash(ITreeReader reader, long first, long count)
    {
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((ulong)count);
            return reader.Read(level, first >> level);
        }
        var left = SplitPoint(count);
        return HashNode(RangeHash(reader, first, left), RangeHash(reader, first + left, count - left));
    }

    /// <summary>The largest power of two smaller than <paramref name="count"/>.</summary>
    internal static long SplitPoint(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}

/// <summary>The right edge of a growing tree: appends in logarithmic space without reading the tree.</summary>
public sealed class MerkleFrontier
{
    // Roots of the complete subtrees from left to right: one for each bit set in Size, the highest first.
    private readonly List<Hash256> edge = [];

    public long Size { get; private set; }

    /// <summary>Takes up a stored tree.</summary>
    public static MerkleFrontier Resume(ITreeReader reader, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var frontier = new MerkleFrontier { Size = size };
        long first = 0;
        for (var level = 62; level >= 0; level--)
        {
            if ((size >> level & 1) == 0) continue;
            frontier.edge.Add(reader.Read(level, first >> level));
            first += 1L << level;
        }
        return frontier;
    }

    /// <summary>Appends a leaf and returns the nodes that became complete, the leaf first.</summary>
    public IReadOnlyList<TreeNode> Append(Hash256 leaf)
    {
        var completed = new List<TreeNode> { new(0, Size, leaf) };
        var hash = leaf;
        for (var level = 0; (Size >> level & 1) == 1; level++)
        {
            hash = MerkleTree.HashNode(edge[^1], hash);
            edge.RemoveAt(edge.Count - 1);
            completed.Add(new TreeNode(level + 1, Size >> (level + 1), hash));
        }
        edge.Add(hash);
        Size++;
        return completed;
    }

    public Hash256 Root()
    {
        if (edge.Count == 0) return MerkleTree.EmptyRoot;
        var root = edge[^1];
        for (var i = edge.Count - 2; i >= 0; i--) root = MerkleTree.HashNode(edge[i], root);
        return root;
    }
}
