using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>The checksum that a cluster with data checksums keeps in each block (src/include/storage/checksum_impl.h): 32 interleaved FNV-1a sums of 32-bit words.</summary>
internal static class PageChecksum
{
    public const int PageBytes = 8192;
    private const uint Prime = 16777619;
    private const int Lanes = 32;

    private static readonly uint[] Offsets =
    [
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C, 0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
        0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4, 0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756,
    ];

    /// <summary>What pd_checksum must be.</summary>
    /// <param name="page">One block; its own checksum field counts as zero.</param>
    /// <param name="block">Number of the block in its relation's fork, over all segments.</param>
    public static ushort Of(ReadOnlySpan<byte> page, uint block)
    {
        unchecked
        {
            return (ushort)(((Sum(page) ^ block) % 65535) + 1);
        }
    }

    private static uint Sum(ReadOnlySpan<byte> page)
    {
        var words = MemoryMarshal.Cast<byte, uint>(page);
        Span<uint> first = stackalloc uint[Lanes];
        words[..Lanes].CopyTo(first);
        first[2] &= 0xFFFF_0000;    // pd_checksum: bytes 8 and 9 of the block
        var (a, b, c, d) = (Load(Offsets, 0), Load(Offsets, 1), Load(Offsets, 2), Load(Offsets, 3));
        Mix(ref a, ref b, ref c, ref d, first);
        for (var row = Lanes; row < words.Length; row += Lanes) Mix(ref a, ref b, ref c, ref d, words.Slice(row, Lanes));
        Span<uint> zeros = stackalloc uint[Lanes];
        zeros.Clear();
        Mix(ref a, ref b, ref c, ref d, zeros);
        Mix(ref a, ref b, ref c, ref d, zeros);
        var folded = a ^ b ^ c ^ d;
        uint sum = 0;
        for (var i = 0; i < Vector256<uint>.Count; i++) sum ^= folded[i];
        return sum;
    }

    private static void Mix(ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d, ReadOnlySpan<uint> row)
    {
        a = Step(a, Load(row, 0));
        b = Step(b, Load(row, 1));
        c = Step(c, Load(row, 2));
        d = Step(d, Load(row, 3));
    }

    private static Vector256<uint> Step(Vector256<uint> sum, Vector256<uint> value)
    {
        var mixed = sum ^ value;
        return (mixed * Prime) ^ Vector256.ShiftRightLogical(mixed, 17);
    }

    private static Vector256<uint> Load(ReadOnlySpan<uint> words, int index) => Vector256.Create(words.Slice(index * Vector256<uint>.Count, Vector256<uint>.Count));
}

/// <summary>Checks the blocks of one file of a relation while they pass: finds damage that was there before the backup, and was copied faithfully.</summary>
/// <remarks>A block written after the backup began may be torn: recovery replaces it from the WAL, so it is left out, as pg_basebackup does. So are blocks never used.</remarks>
internal sealed class PageCheck(uint firstBlock, Lsn backupStart)
{
    private uint block = firstBlock;

    public long Wrong { get; private set; }
    public uint FirstWrong { get; private set; }

    /// <param name="pages">Whole blocks; a last part of one is not looked at.</param>
    public void Append(ReadOnlySpan<byte> pages)
    {
        for (; pages.Length >= PageChecksum.PageBytes; pages = pages[PageChecksum.PageBytes..])
        {
            var page = pages[..PageChecksum.PageBytes];
            var number = block;
            block = unchecked(block + 1);
            if (IsNew(page)) continue;
            var lsn = new Lsn(((ulong)BinaryPrimitives.ReadUInt32LittleEndian(page) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(page[4..]));
            if (lsn >= backupStart || PageChecksum.Of(page, number) == BinaryPrimitives.ReadUInt16LittleEndian(page[8..])) continue;
            if (Wrong++ == 0) FirstWrong = number;
        }
    }

    /// <summary>pd_upper of zero: never initialised (PageIsNew).</summary>
    private static bool IsNew(ReadOnlySpan<byte> page) => BinaryPrimitives.ReadUInt16LittleEndian(page[14..]) == 0;
}

/// <summary>Which files hold checksummed blocks, by name (PostgreSQL documentation, "Database File Layout").</summary>
internal static class RelationFile
{
    /// <summary>A gibibyte of blocks: the size of a relation's files unless the server was built otherwise.</summary>
    public const uint BlocksInSegment = 131072;

    /// <summary>Number of the first block of this file, or null when it is no file of a relation: base/5/1259, global/1262_vm, pg_tblspc/16384/PG_15_…/5/16385.1.</summary>
    public static uint? FirstBlock(string path)
    {
        var parts = path.Split('/');
        var isRelation = parts switch
        {
            ["global", _] => true,
            ["base", _, _] => parts[1].AsSpan().ContainsOnlyDigits(),
            ["pg_tblspc", _, var version, var database, _] => version.StartsWith("PG_", StringComparison.Ordinal) && database.AsSpan().ContainsOnlyDigits(),
            _ => false,
        };
        if (!isRelation) return null;
        var name = parts[^1];
        var dot = name.IndexOf('.');
        uint segment = 0;
        if (dot >= 0 && !(name.AsSpan(dot + 1).ContainsOnlyDigits() && uint.TryParse(name.AsSpan(dot + 1), out segment) && segment < uint.MaxValue / BlocksInSegment)) return null;
        var fork = name.AsSpan(0, dot < 0 ? name.Length : dot);
        var underscore = fork.IndexOf('_');
        if (underscore >= 0 && fork[(underscore + 1)..] is not ("fsm" or "vm" or "init")) return null;
        return fork[..(underscore < 0 ? fork.Length : underscore)].ContainsOnlyDigits() ? segment * BlocksInSegment : null;
    }
}
