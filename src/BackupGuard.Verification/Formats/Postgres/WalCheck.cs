using System.Globalization;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Whether the WAL that the manifest asks for is there and good. Segments are handed to it in any order; what comes too early is asked for again.</summary>
internal sealed class WalCheck : IDisposable
{
    public const string Folder = "pg_wal/";

    private const int SmallestPage = 1 << 10, LargestPage = 64 << 10;
    private const ulong MostSegments = 1_000_000;

    private readonly FindingList findings;
    private readonly List<RangeState> ranges;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim one = new(1);
    private readonly byte[] page = new byte[LargestPage];
    private long segmentBytes;

    /// <param name="systemIdentifier">As the manifest says, or null when the first segment is to say it.</param>
    public WalCheck(IEnumerable<WalRange> ranges, ulong? systemIdentifier, FindingList findings)
    {
        this.findings = findings;
        this.ranges = [.. ranges.Select(r => new RangeState(r))];
        SystemIdentifier = systemIdentifier;
    }

    public ulong? SystemIdentifier { get; private set; }

    /// <summary>Of the first segment read; null while none was.</summary>
    public WalPage? FirstPage { get; private set; }

    /// <summary>0 while it is not known.</summary>
    public long SegmentBytes => segmentBytes;
    public long BytesRead { get; private set; }
    public long SegmentsRead { get; private set; }

    /// <summary>Whether all the WAL there is was handed over.</summary>
    public bool WasFinished { get; private set; }

    /// <summary>Whether a segment came before its turn: the archive has to be passed again.</summary>
    public bool NeedsAnotherPass { get; private set; }

    public void BeginPass() => NeedsAnotherPass = false;

    /// <summary>To be called once, with the size of segments, by whoever learns it first: pg_control, or the length of a file.</summary>
    public void SetSegmentBytes(long bytes)
    {
        if (segmentBytes > 0 || !WalSegments.IsSize(bytes)) return;
        segmentBytes = bytes;
        foreach (var state in ranges)
        {
            (state.Next, state.Last) = (WalSegments.First(state.Range, bytes), WalSegments.Last(state.Range, bytes));
            if (state.Last - state.Next < MostSegments) continue;
            findings.Add(PostgresFindings.LimitExceeded.At(BackupManifest.FileName, ("reason", $"it asks for more than {MostSegments} WAL segments")));
            state.IsGivenUp = true;
        }
    }

    /// <summary>The segments to hand over, in the order that needs one pass only.</summary>
    public IEnumerable<string> Wanted() => ranges.Where(r => !r.IsGivenUp).SelectMany(r => r.Names(segmentBytes));

    public bool IsWanted(string name)
    {
        return segmentBytes > 0 && WalSegments.TryParse(name, segmentBytes, out var timeline, out var segment)
            && ranges.Exists(r => r.Range.Timeline == timeline && r.Range.End > r.Range.Start && segment >= WalSegments.First(r.Range, segmentBytes) && segment <= r.Last);
    }

    /// <summary>How much of a wanted segment recovery of this backup needs, in bytes from its beginning. What stands behind that is never looked at.</summary>
    public long NeededBytes(string name)
    {
        if (!WalSegments.TryParse(name, segmentBytes, out var timeline, out var segment)) return 0;
        var start = segment * (ulong)segmentBytes;
        return ranges.Where(r => r.Range.Timeline == timeline && r.Range.End.Value > start).Select(r => (long)Math.Min(r.Range.End.Value - start, (ulong)segmentBytes)).DefaultIfEmpty().Max();
    }

    /// <summary>Reads one segment as far as it is needed. One that nobody asked for is passed by.</summary>
    /// <param name="name">Without its folder.</param>
    public async Task TakeAsync(string name, long lengthBytes, Stream content, CancellationToken cancellationToken)
    {
        if (!WalSegments.IsName(name)) return;
        await one.WaitAsync(cancellationToken);
        try
        {
            SetSegmentBytes(lengthBytes);
            if (segmentBytes == 0 || !WalSegments.TryParse(name, segmentBytes, out var timeline, out var segment)) return;
            foreach (var state in ranges.Where(r => r.Range.Timeline == timeline && !r.IsGivenUp && segment >= r.Next && segment <= r.Last).ToList())
            {
                seen.Add(name);
                if (segment > state.Next) NeedsAnotherPass = true;
                else await ReadAsync(state, name, lengthBytes, content, cancellationToken);
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Reports what never came.</summary>
    public void Finish()
    {
        SetSegmentBytes(WalSegments.Usual);
        WasFinished = true;
        foreach (var state in ranges.Where(r => !r.IsGivenUp))
            foreach (var name in state.Names(segmentBytes).Where(n => !seen.Contains(n)))
                findings.Add(PostgresFindings.WalMissing.At(Folder + name, ("range", state.Range.ToString())));
    }

    public void Dispose() => one.Dispose();

    private async Task ReadAsync(RangeState state, string name, long lengthBytes, Stream content, CancellationToken cancellationToken)
    {
        Words? wrong = lengthBytes != segmentBytes
            ? Words($"it has {lengthBytes} bytes, a segment here has {segmentBytes}", $"il compte {lengthBytes} octets, un segment en a ici {segmentBytes}")
            : await ReadPagesAsync(state, content, cancellationToken);
        if (wrong is null && state.Next == state.Last && state.Records.Finish() is { } cut) wrong = Same(cut);
        state.Next++;
        SegmentsRead++;
        if (wrong is null) return;
        findings.Add(PostgresFindings.WalDamaged.At(Folder + name, ("reason", wrong.Value)));
        state.IsGivenUp = true;
    }

    private async Task<Words?> ReadPagesAsync(RangeState state, Stream content, CancellationToken cancellationToken)
    {
        var segmentAt = state.Next * (ulong)segmentBytes;
        var cut = await FillAsync(content, 0, WalPage.LongBytes, cancellationToken);
        if (cut is not null) return cut;
        var (first, segment) = (WalPage.Read(page), WalSegmentHeader.Read(page));
        if (CheckFirst(state.Range, first, segment, segmentAt) is { } wrong) return wrong;
        var pageBytes = (int)segment.PageBytes;
        cut = await FillAsync(content, WalPage.LongBytes, pageBytes, cancellationToken);
        state.Records.BeginSegment();
        for (var at = segmentAt; cut is null; cut = await FillAsync(content, 0, pageBytes, cancellationToken))
        {
            // Pages before the range's start are not needed, only passed by; so is all behind a switch to the next segment.
            if (at + (ulong)pageBytes > state.Range.Start.Value)
            {
                var header = WalPage.Read(page);
                if (CheckPage(state, header, first, at, isFirst: at == segmentAt) is { } bad) return bad;
                state.LastTimeline = header.Timeline;
                if (state.Records.Take(page.AsSpan(0, pageBytes), header) is { } inRecords) return Same(inRecords);
            }

            at += (ulong)pageBytes;
            if (at >= state.Range.End.Value || at >= segmentAt + (ulong)segmentBytes || state.Records.RestOfSegmentIsEmpty) return null;
        }

        return cut;
    }

    private Words? CheckFirst(WalRange range, WalPage page, WalSegmentHeader segment, ulong at)
    {
        if (page.Major is null && !page.IsNewer) return Words("it does not begin as a WAL segment", "il ne commence pas comme un segment WAL");
        if (!page.IsLong || page.HasUnknownFlags) return Words("the header of its first page is damaged", "l’en-tête de sa première page est endommagé");
        if (page.Address != at) return Words($"it holds the WAL of {new Lsn(page.Address)}", $"il contient le WAL de {new Lsn(page.Address)}");
        if (page.Timeline == 0 || page.Timeline > range.Timeline) return Words($"it belongs to timeline {page.Timeline}", $"il appartient à la ligne de temps {page.Timeline}");
        if (segment.SegmentBytes != segmentBytes) return Words($"its header speaks of segments of {segment.SegmentBytes} bytes", $"son en-tête parle de segments de {segment.SegmentBytes} octets");
        if (segment.PageBytes is < SmallestPage or > LargestPage || !uint.IsPow2(segment.PageBytes)) return Words("the header of its first page is damaged", "l’en-tête de sa première page est endommagé");
        SystemIdentifier ??= segment.SystemIdentifier;
        if (segment.SystemIdentifier != SystemIdentifier)
            return Words($"it belongs to the cluster {segment.SystemIdentifier}, the backup to {SystemIdentifier}", $"il appartient à l’instance {segment.SystemIdentifier}, la sauvegarde à {SystemIdentifier}");
        FirstPage ??= page;
        return page.Magic == FirstPage.Value.Magic ? null : Words("it was written by another release than the segment before it", "il a été écrit par une autre version que le segment précédent");
    }

    /// <summary>Pages of the range belong to its timeline; the one in which it begins may still be its parent's.</summary>
    private static Words? CheckPage(RangeState state, WalPage page, WalPage first, ulong at, bool isFirst)
    {
        var position = new Lsn(at);
        if (page.Magic != first.Magic || page.HasUnknownFlags || page.IsLong != isFirst) return Words($"the header of the page at {position} is damaged", $"l’en-tête de la page {position} est endommagé");
        if (page.Address != at) return Words($"where the page at {position} should be lies that of {new Lsn(page.Address)}", $"à la place de la page {position} se trouve celle de {new Lsn(page.Address)}");
        var mustBeOurs = at >= state.Range.Start.Value;
        if (page.Timeline > state.Range.Timeline || page.Timeline < state.LastTimeline || (mustBeOurs && page.Timeline != state.Range.Timeline))
            return Words($"the page at {position} belongs to timeline {page.Timeline}", $"la page {position} appartient à la ligne de temps {page.Timeline}");
        return null;
    }

    private async Task<Words?> FillAsync(Stream content, int from, int to, CancellationToken cancellationToken)
    {
        var count = await content.ReadAtLeastAsync(page.AsMemory(from, to - from), to - from, throwOnEndOfStream: false, cancellationToken);
        BytesRead += count;
        return count == to - from ? null : Words("it became shorter while it was read", "il a raccourci pendant la lecture");
    }

    private static Words? Words(FormattableString en, FormattableString fr) => new Words(en.ToString(CultureInfo.InvariantCulture), fr.ToString(CultureInfo.InvariantCulture));
    private static Words? Words(string en, string fr) => new Words(en, fr);

    /// <summary>Details of records are for those who read pg_waldump's output, which is in English too.</summary>
    private static Words? Same(string detail) => new Words(detail, detail);

    private sealed class RangeState(WalRange range)
    {
        public WalRange Range => range;
        public WalRecords Records { get; } = new(range);
        public ulong Next { get; set; }
        public ulong Last { get; set; }
        public uint LastTimeline { get; set; }
        public bool IsGivenUp { get; set; }

        public IEnumerable<string> Names(long segmentBytes)
        {
            for (var segment = Next; segment <= Last; segment++) yield return WalSegments.Name(range.Timeline, segment, segmentBytes);
        }
    }
}
