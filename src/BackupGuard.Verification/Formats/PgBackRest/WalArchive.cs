using System.Text.RegularExpressions;
using BackupGuard.Verification.Formats.Postgres;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <param name="Sha1">Of the segment as the server wrote it: it stands in the name.</param>
internal sealed record ArchivedSegment(string Path, long StoredBytes, string Sha1);

/// <summary>The WAL segments of an archive, from a listing: &lt;id&gt;/&lt;first 16 digits&gt;/&lt;segment&gt;-&lt;SHA-1&gt;[.gz|.lz4|.zst|.bz2].</summary>
internal sealed partial class WalArchive
{
    private const int MostSegmentsOfABackup = 1_000_000, MostGapsListed = 100;

    // By folder of the archive, timeline and position among segments: names sort in the order in which they were written.
    private readonly Dictionary<(string Id, string Segment), List<ArchivedSegment>> segments = [];

    public static WalArchive Of(IReadOnlyDictionary<string, long> listing)
    {
        var archive = new WalArchive();
        foreach (var (path, size) in listing)
        {
            if (Name().Match(path) is not { Success: true } name || name.Groups["folder"].Value != name.Groups["segment"].Value[..16]) continue;
            var key = (name.Groups["id"].Value, name.Groups["segment"].Value);
            if (!archive.segments.TryGetValue(key, out var found)) archive.segments[key] = found = [];
            found.Add(new ArchivedSegment(path, size, name.Groups["sha1"].Value));
        }
        return archive;
    }

    public long StoredBytes => segments.Values.Sum(s => s.Sum(a => a.StoredBytes));
    public int Count => segments.Count;

    public IEnumerable<string> Twice => segments.Where(s => s.Value.DistinctBy(a => a.Sha1).Count() > 1).Select(s => s.Key.Segment).Order(StringComparer.Ordinal);

    public ArchivedSegment? Find(string id, string segment) => segments.TryGetValue((id, segment), out var found) ? found[0] : null;

    /// <summary>The names of all segments that make a backup consistent; null where that cannot be told.</summary>
    public static IReadOnlyList<string>? NeededBy(StoredManifest manifest)
    {
        if (manifest.WalStart is not { } start || manifest.WalStop is not { } stop || SegmentBytes(manifest) is not { } bytes) return null;
        if (!WalSegments.TryParse(start, bytes, out var timeline, out var first) || !WalSegments.TryParse(stop, bytes, out var end, out var last)) return null;
        if (timeline != end || last < first || last - first >= MostSegmentsOfABackup) return null;
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => WalSegments.Name(timeline, first + (ulong)i, bytes))];
    }

    /// <summary>Holes between the segments that are there, from the oldest backup's first one on, a timeline at a time.</summary>
    public IEnumerable<WalGap> Gaps(IReadOnlyList<StoredManifest> backups)
    {
        foreach (var group in backups.GroupBy(b => b.ArchiveId))
        {
            if (group.Select(SegmentBytes).FirstOrDefault(b => b is not null) is not { } bytes) continue;
            var oldest = group.Select(b => b.WalStart).Where(s => s is not null).Min(StringComparer.Ordinal);
            var newestFull = group.Where(b => b.Type == "full").Select(b => b.WalStart).Where(s => s is not null).Max(StringComparer.Ordinal);
            if (oldest is null) continue;
            var present = segments.Keys.Where(k => k.Id == group.Key && StringComparer.Ordinal.Compare(k.Segment, oldest) >= 0).Select(k => k.Segment).Order(StringComparer.Ordinal).ToList();
            foreach (var gap in Gaps(present, bytes).Take(MostGapsListed))
                yield return gap with { IsBeforeNewestFull = newestFull is not null && StringComparer.Ordinal.Compare(gap.Last, newestFull) < 0 };
        }
    }

    private static IEnumerable<WalGap> Gaps(List<string> present, long bytes)
    {
        for (var i = 1; i < present.Count; i++)
        {
            if (!WalSegments.TryParse(present[i - 1], bytes, out var timeline, out var before) || !WalSegments.TryParse(present[i], bytes, out var next, out var after)) continue;
            if (timeline == next && after > before + 1) yield return new WalGap(WalSegments.Name(timeline, before + 1, bytes), WalSegments.Name(timeline, after - 1, bytes), after - before - 1, false);
        }
    }

    /// <summary>How long a segment is does not stand in a manifest; the first segment's name and position tell it.</summary>
    private static long? SegmentBytes(StoredManifest manifest)
    {
        if (manifest.WalStart is not { } start || !Lsn.TryParse(manifest.LsnStart ?? "", out var lsn)) return null;
        foreach (var bytes in (long[])[WalSegments.Usual, .. Enumerable.Range(20, 11).Select(i => 1L << i)])
            if (WalSegments.TryParse(start, bytes, out _, out var segment) && segment == lsn.Value / (ulong)bytes) return bytes;
        return null;
    }

    [GeneratedRegex(@"^(?<id>[0-9.]+-[0-9]+)/(?<folder>[0-9A-F]{16})/(?<segment>[0-9A-F]{24})-(?<sha1>[0-9a-f]{40})(\.(gz|lz4|zst|bz2))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

/// <param name="IsBeforeNewestFull">Where archive retention may have removed it; later WAL is never expired.</param>
internal readonly record struct WalGap(string First, string Last, ulong Count, bool IsBeforeNewestFull);
