using System.Globalization;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>A log sequence number: a position in the WAL, written as two hexadecimal halves (PostgreSQL documentation, "pg_lsn Type").</summary>
internal readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    public static bool TryParse(ReadOnlySpan<char> text, out Lsn lsn)
    {
        lsn = default;
        var slash = text.IndexOf('/');
        if (slash is < 1 or > 8 || text.Length - slash is < 2 or > 9) return false;
        if (!uint.TryParse(text[..slash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)) return false;
        if (!uint.TryParse(text[(slash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)) return false;
        lsn = new Lsn(((ulong)high << 32) | low);
        return true;
    }

    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);
    public static bool operator <(Lsn a, Lsn b) => a.Value < b.Value;
    public static bool operator >(Lsn a, Lsn b) => a.Value > b.Value;
    public static bool operator <=(Lsn a, Lsn b) => a.Value <= b.Value;
    public static bool operator >=(Lsn a, Lsn b) => a.Value >= b.Value;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 32:X}/{Value & uint.MaxValue:X}");
}

/// <summary>WAL that recovery must be able to read: from <see cref="Start"/> to just before <see cref="End"/>.</summary>
internal sealed record WalRange(uint Timeline, Lsn Start, Lsn End)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"timeline {Timeline}, {Start} to {End}");
}

/// <summary>Names of WAL segments (PostgreSQL documentation, "WAL Internals"): timeline, log and segment, 8 hexadecimal digits each.</summary>
internal static class WalSegments
{
    public const long Smallest = 1 << 20, Largest = 1 << 30, Usual = 16 << 20;

    public static bool IsSize(long bytes) => bytes is >= Smallest and <= Largest && long.IsPow2(bytes);

    public static ulong First(WalRange range, long segmentBytes) => range.Start.Value / (ulong)segmentBytes;

    /// <summary>An end on a boundary belongs to the segment before it: nothing of the next one is read.</summary>
    public static ulong Last(WalRange range, long segmentBytes) => (range.End.Value - 1) / (ulong)segmentBytes;

    public static string Name(uint timeline, ulong segment, long segmentBytes)
    {
        var aLog = 0x1_0000_0000UL / (ulong)segmentBytes;
        return string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}{segment / aLog:X8}{segment % aLog:X8}");
    }

    public static bool TryParse(string name, long segmentBytes, out uint timeline, out ulong segment)
    {
        (timeline, segment) = (0, 0);
        if (!IsName(name)) return false;
        timeline = Hex(name.AsSpan(0, 8));
        var aLog = 0x1_0000_0000UL / (ulong)segmentBytes;
        var (log, within) = (Hex(name.AsSpan(8, 8)), Hex(name.AsSpan(16, 8)));
        segment = (log * aLog) + within;
        return within < aLog;
    }

    public static bool IsName(string name) => name.Length == 24 && name.All(char.IsAsciiHexDigitUpper);

    public static bool IsHistory(string name) => name.Length == 16 && name.EndsWith(".history", StringComparison.Ordinal) && name.Take(8).All(char.IsAsciiHexDigitUpper);

    public static string HistoryName(uint timeline) => string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}.history");

    private static uint Hex(ReadOnlySpan<char> digits) => uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
