namespace BackupGuard.Evidence;

/// <summary>Makes proofs from a stored tree (RFC 6962, 2.1.1 and 2.1.2).</summary>
public static class MerkleProver
{
    /// <summary>That the entry at <paramref name="index"/> is in the tree of <paramref name="size"/> entries; its sibling first.</summary>
    public static IReadOnlyList<Hash256> Inclusion(ITreeReader reader, long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Hash256>();
        long first = 0;
        while (size > 1)
        {
            var left = MerkleTree.SplitPoint(size);
            if (index < left)
            {
                path.Add(MerkleTree.RangeHash(reader, first + left, size - left));
                size = left;
            }
            else
            {
                path.Add(MerkleTree.RangeHash(reader, first, left));
                first += left;
                index -= left;
                size -= left;
            }
        }
        path.Reverse();
        return path;
    }

    /// <summary>That the tree of <paramref name="oldSize"/> entries is a beginning of the tree of <paramref name="newSize"/>.</summary>
    public static IReadOnlyList<Hash256> Consistency(ITreeReader reader, long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        if (oldSize == 0 || oldSize == newSize) return [];
        var path = new List<Hash256>();
        long first = 0;
        var wholeOldTree = true;
        while (oldSize < newSize)
        {
            var left = MerkleTree.SplitPoint(newSize);
            if (oldSize <= left)
            {
                path.Add(MerkleTree.RangeHash(reader, first + left, newSize - left));
                newSize = left;
            }
            else
            {
                path.Add(MerkleTree.RangeHash(reader, first, left));
                first += left;
                oldSize -= left;
                newSize -= left;
                wholeOldTree = false;
            }
        }
        // The verifier has the old root itself when the old tree is one complete subtree.
        if (!wholeOldTree) path.Add(MerkleTree.RangeHash(reader, first, oldSize));
        path.Reverse();
        return path;
    }
}

/// <summary>Checks proofs without a tree (the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2, which fit the hashes of RFC 6962).</summary>
public static class MerkleVerifier
{
    public static bool Inclusion(Hash256 leaf, long index, long size, IReadOnlyList<Hash256> proof, Hash256 root)
    {
        if (index < 0 || index >= size) return false;
        var (node, last) = (index, size - 1);
        var hash = leaf;
        foreach (var sibling in proof)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleTree.HashNode(sibling, hash);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = MerkleTree.HashNode(hash, sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && hash == root;
    }

    public static bool Consistency(long oldSize, long newSize, Hash256 oldRoot, Hash256 newRoot, IReadOnlyList<Hash256> proof)
    {
        if (oldSize < 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.Count == 0 && oldRoot == newRoot;
        if (oldSize == 0) return proof.Count == 0 && oldRoot == MerkleTree.EmptyRoot;

        var startsFromOldRoot = long.IsPow2(oldSize);
        if (!startsFromOldRoot && proof.Count == 0) return false;
        var (node, last) = (oldSize - 1, newSize - 1);
        while ((node & 1) == 1) (node, last) = (node >> 1, last >> 1);
        var oldHash = startsFromOldRoot ? oldRoot : proof[0];
        var newHash = oldHash;
        foreach (var sibling in proof.Skip(startsFromOldRoot ? 0 : 1))
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                oldHash = MerkleTree.HashNode(sibling, oldHash);
                newHash = MerkleTree.HashNode(sibling, newHash);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                newHash = MerkleTree.HashNode(newHash, sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }
}
