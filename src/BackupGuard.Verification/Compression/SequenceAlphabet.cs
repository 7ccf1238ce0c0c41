namespace BackupGuard.Verification.Compression;

/// <summary>One of the three alphabets of sequences (RFC 8878, 3.1.1.3.2.1): how codes become values, and the table that applies when none is sent (3.1.1.3.2.2).</summary>
internal sealed class SequenceAlphabet
{
    private readonly byte[] extraBits;
    private readonly uint[] bases;

    private SequenceAlphabet(byte[] extraBits, uint[] bases, int largestLog, int defaultLog, ReadOnlySpan<short> defaultCounts)
    {
        this.extraBits = extraBits;
        this.bases = bases;
        LargestLog = largestLog;
        DefaultLog = defaultLog;
        DefaultTable = GC.AllocateArray<ulong>(1 << defaultLog, pinned: true);
        FseTable.Build(defaultCounts, defaultLog, extraBits, bases, DefaultTable);
    }

    public static SequenceAlphabet LiteralLengths { get; } = new(
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536],
        9, 6, [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1]);

    public static SequenceAlphabet MatchLengths { get; } = new(
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
            35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
        ],
        9, 6, [1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1]);

    /// <summary>Code N means 2^N plus N bits.</summary>
    public static SequenceAlphabet Offsets { get; } = new(
        [.. Enumerable.Range(0, 32).Select(n => (byte)n)], [.. Enumerable.Range(0, 32).Select(n => 1u << n)],
        8, 5, [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]);

    public int LargestLog { get; }
    public int DefaultLog { get; }

    /// <summary>Pinned.</summary>
    public ulong[] DefaultTable { get; }

    public int Codes => bases.Length;
    public ulong OnlyCell(int code) => FseTable.Cell(0, 0, extraBits[code], bases[code]);
    public void Build(ReadOnlySpan<short> norm, int log, Span<ulong> table) => FseTable.Build(norm, log, extraBits, bases, table);
}
