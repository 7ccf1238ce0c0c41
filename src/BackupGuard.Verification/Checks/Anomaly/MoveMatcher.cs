namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Finds contents that went from one place and came to another, whichever is seen first. Bounded: what is beyond stays unmatched.</summary>
internal sealed class MoveMatcher
{
    private const int MostPending = 1 << 20;
    private readonly Dictionary<UInt128, (int Gone, int Come)> pending = [];

    public bool IsFull { get; private set; }

    /// <returns>Whether a file of this content came elsewhere.</returns>
    public bool Gone(UInt128 identity) => Match(identity, gone: true);

    /// <returns>Whether a file of this content went elsewhere.</returns>
    public bool Come(UInt128 identity) => Match(identity, gone: false);

    private bool Match(UInt128 identity, bool gone)
    {
        var known = pending.TryGetValue(identity, out var counts);
        var waiting = gone ? counts.Come : counts.Gone;
        if (waiting > 0)
        {
            var left = gone ? (counts.Gone, counts.Come - 1) : (counts.Gone - 1, counts.Come);
            if (left == (0, 0)) pending.Remove(identity);
            else pending[identity] = left;
            return true;
        }
        if (!known && pending.Count >= MostPending) { IsFull = true; return false; }
        pending[identity] = gone ? (counts.Gone + 1, counts.Come) : (counts.Gone, counts.Come + 1);
        return false;
    }
}

/// <summary>Pairs what vanished from a folder with what appeared in it, by name: a.doc with a.doc.xyz, a.doc.id-7.xyz or a.xyz.</summary>
internal static class RenamePairs
{
    private const int MostSuffixes = 4;

    /// <param name="gone">Indexes into <paramref name="before"/>; those that were paired are taken out.</param>
    /// <param name="come">Indexes into <paramref name="now"/>; likewise.</param>
    public static List<(int Before, int Now)> Find(IReadOnlyList<SnapshotEntry> before, List<int> gone, IReadOnlyList<SnapshotEntry> now, List<int> come)
    {
        var pairs = new List<(int, int)>();
        if (gone.Count == 0 || come.Count == 0) return pairs;
        var byName = new Dictionary<ByteKey, int>(gone.Count);
        var byStem = new Dictionary<ByteKey, int>(gone.Count);
        foreach (var i in gone)
        {
            byName[new ByteKey(before[i].Name)] = i;
            byStem.TryAdd(new ByteKey(Stem(before[i].Name)), i);
        }
        var taken = new HashSet<int>();
        var left = new List<int>(come.Count);
        foreach (var j in come)
        {
            if (Partner(now[j], before, byName, byStem, taken) is { } i && taken.Add(i)) pairs.Add((i, j));
            else left.Add(j);
        }
        gone.RemoveAll(taken.Contains);
        come.Clear();
        come.AddRange(left);
        return pairs;
    }

    private static int? Partner(in SnapshotEntry come, IReadOnlyList<SnapshotEntry> before, Dictionary<ByteKey, int> byName, Dictionary<ByteKey, int> byStem, HashSet<int> taken)
    {
        var name = come.Name.AsMemory();
        for (var n = 0; n < MostSuffixes && name.Span.LastIndexOf((byte)'.') is > 0 and var dot; n++)
        {
            name = name[..dot];
            if (byName.TryGetValue(new ByteKey(name), out var whole) && !taken.Contains(whole)) return whole;
        }
        // Another extension in place of the old one proves less: the sizes must agree, too.
        if (byStem.TryGetValue(new ByteKey(Stem(come.Name)), out var i) && !taken.Contains(i) && Math.Abs(before[i].Size - come.Size) <= 4096 + before[i].Size / 10) return i;
        return null;
    }

    private static ReadOnlyMemory<byte> Stem(byte[] name) => name.AsSpan().LastIndexOf((byte)'.') is > 0 and var dot ? name.AsMemory(0, dot) : name;

    private readonly struct ByteKey(ReadOnlyMemory<byte> bytes) : IEquatable<ByteKey>
    {
        private readonly ReadOnlyMemory<byte> bytes = bytes;

        public bool Equals(ByteKey other) => bytes.Span.SequenceEqual(other.bytes.Span);
        public override bool Equals(object? obj) => obj is ByteKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(bytes.Span);
            return hash.ToHashCode();
        }
    }
}
