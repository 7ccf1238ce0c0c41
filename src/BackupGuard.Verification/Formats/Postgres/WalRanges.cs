using System.Globalization;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Judges the WAL ranges of a manifest before anything is computed from them.</summary>
internal static class WalRanges
{
    /// <summary>No server gets there; beyond it, sums could overflow.</summary>
    private const ulong HighestPosition = 1UL << 62;

    /// <summary>Those that can be followed.</summary>
    public static IEnumerable<WalRange> Usable(IEnumerable<WalRange> ranges) => ranges.Where(r => r.Start < r.End && r.End.Value <= HighestPosition).DistinctBy(r => r.Timeline);

    /// <summary>An upper bound of the segments' size, for the limit on what an archive may hold.</summary>
    public static long Bytes(IEnumerable<WalRange> ranges)
    {
        Int128 sum = 0;
        foreach (var range in Usable(ranges)) sum += (range.End.Value - range.Start.Value) + (ulong)(2 * WalSegments.Largest);
        return (long)Int128.Min(sum, 1L << 50);
    }

    /// <returns>Why these cannot be the ranges of one backup, or null.</returns>
    public static Words? Problem(IReadOnlyList<WalRange> ranges)
    {
        if (ranges.Count == 0) return new Words("there are none", "il n’y en a aucune");
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            if (range.Start >= range.End) return Words($"the one on timeline {range.Timeline} ends before it begins", $"celle de la ligne de temps {range.Timeline} finit avant de commencer");
            if (range.End.Value > HighestPosition) return Words($"{range.End} is no position that a server reaches", $"{range.End} n’est pas une position qu’un serveur atteint");
            if (i > 0 && range.Timeline >= ranges[i - 1].Timeline) return new Words("their timelines do not descend", "leurs lignes de temps ne décroissent pas");
            if (i > 0 && range.End != ranges[i - 1].Start) return Words($"there is a gap before {ranges[i - 1].Start}", $"il y a un trou avant {ranges[i - 1].Start}");
        }

        return null;
    }

    private static Words Words(FormattableString en, FormattableString fr) => new(en.ToString(CultureInfo.InvariantCulture), fr.ToString(CultureInfo.InvariantCulture));
}
