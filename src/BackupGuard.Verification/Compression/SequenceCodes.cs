namespace BackupGuard.Verification.Compression;

/// <summary>The table of one alphabet that is in force, from block to block of a frame.</summary>
internal sealed class SequenceCodes(SequenceAlphabet alphabet)
{
    private readonly ulong[] own = GC.AllocateArray<ulong>(1 << alphabet.LargestLog, pinned: true);

    /// <summary>Pinned; 2^<see cref="Log"/> cells count. Null while no block of this frame has set one.</summary>
    public ulong[]? Table { get; private set; }
    public int Log { get; private set; }

    public void Forget() => Table = null;

    /// <summary>Sets the table by its mode: predefined, one code, described, or the one before.</summary>
    /// <returns>The bytes used, or -1.</returns>
    public int Set(int mode, ReadOnlySpan<byte> source)
    {
        switch (mode)
        {
            case 0:
                (Table, Log) = (alphabet.DefaultTable, alphabet.DefaultLog);
                return 0;
            case 1:
                if (source.Length == 0 || source[0] >= alphabet.Codes) return -1;
                own[0] = alphabet.OnlyCell(source[0]);
                (Table, Log) = (own, 0);
                return 1;
            case 2:
                Span<short> norm = stackalloc short[FseTable.MostSymbols];
                var used = FseTable.ReadCounts(source, alphabet.LargestLog, norm[..alphabet.Codes], out var log, out var symbols);
                if (used < 0) return -1;
                alphabet.Build(norm[..symbols], log, own);
                (Table, Log) = (own, log);
                return used;
            default:
                return Table is null ? -1 : 0;
        }
    }
}
