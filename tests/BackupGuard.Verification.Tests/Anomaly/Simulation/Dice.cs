namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>splitmix64 (Steele, Lea and Flood 2014): the same numbers on every machine and every version of the framework.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        unchecked
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);
    public int Between(int low, int high) => low + Below(high - low + 1);
    public double Share() => (Next() >> 11) / (double)(1UL << 53);
    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    public void Fill(Span<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..]) BitConverter.TryWriteBytes(bytes, Next());
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(Next() & 0xFF);
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    /// <summary>Another sequence for another purpose: what one part draws does not move what the next one gets.</summary>
    public Dice Fork(string purpose)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in purpose) hash = unchecked((hash ^ c) * 1099511628211UL);
        return new Dice(Next() ^ hash);
    }

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
        return list;
    }
}
