using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What the sample of changed files showed, as counts of files.</summary>
public sealed record ContentSignals
{
    public int Chosen { get; init; }
    public int Judged { get; init; }
    public long BytesRead { get; init; }

    /// <summary>Were what their name promises, and now look like the output of a cipher.</summary>
    public int LostToRandom { get; init; }

    /// <summary>Were what their name promises, and now are not, without being random.</summary>
    public int LostStructure { get; init; }

    /// <summary>New files that are not what their name promises and look random; and how many new files were judged so.</summary>
    public int AddedRandom { get; init; }
    public int AddedJudged { get; init; }

    /// <summary>New files of no known kind that look random; and how many new files there were.</summary>
    public int AddedUnknownRandom { get; init; }
    public int AddedAll { get; init; }

    /// <summary>Windows that were structured in the version before turned random at the same place; large ones are of 1 MiB and more and lost a tenth.</summary>
    public int Turned { get; init; }
    public int TurnedLarge { get; init; }

    public int DumpsBroken { get; init; }
    public int DumpsShrunk { get; init; }

    /// <summary>Whether the versions before could be read.</summary>
    public bool HasBefore { get; init; }
    public bool IsCutShort { get; init; }
    public IReadOnlyList<string> Paths { get; init; } = [];
}

/// <summary>Looks into a sample of the changed files and compares each with its own version before, which is still in the repository.</summary>
internal sealed class ContentStage(ISnapshotHistory history, SnapshotSummary? before, SnapshotSummary now, AnomalySettings settings)
{
    private const int MostExamples = 20;
    private const long LargeFile = 1 << 20;

    /// <exception cref="StoreException">Contents cannot be read.</exception>
    public async Task<ContentSignals> RunAsync(IReadOnlyList<SampledFile> sample, CancellationToken cancellationToken)
    {
        var hasBefore = before is not null && history.HasContents(before);
        var (files, bytes) = WithinBudget(sample, hasBefore);
        // Plans are made for the shorter of the two versions: only what both have can be compared.
        var plans = files.ToDictionary(f => f.Path, f => ContentLook.Plan(f.Before is null || !hasBefore ? f.Size : Math.Min(f.SizeBefore, f.Size)), StringComparer.Ordinal);
        var looksBefore = new Dictionary<string, ContentLook>(StringComparer.Ordinal);
        if (hasBefore)
        {
            var byOldPath = files.Where(f => f.Before is not null).DistinctBy(f => f.Before, StringComparer.Ordinal).ToDictionary(f => f.Before!, StringComparer.Ordinal);    // filtered just before
            await history.ReadAsync(before!, [.. byOldPath.Keys], async (path, content, token) =>    // hasBefore says that there is one
                looksBefore[byOldPath[path].Path] = await ContentLook.TakeAsync(content, plans[byOldPath[path].Path], FileExtension.Of(path), IsDump(byOldPath[path]), token), cancellationToken);
        }
        var byPath = files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        var tally = new ContentTally(hasBefore);
        await history.ReadAsync(now, [.. byPath.Keys], async (path, content, token) =>
        {
            var file = byPath[path];
            // A renamed file must still be what its old name promised.
            var look = await ContentLook.TakeAsync(content, plans[path], FileExtension.Of(file.Before ?? path), IsDump(file), token);
            tally.Add(file, looksBefore.GetValueOrDefault(path), look);
        }, cancellationToken);
        return tally.Result(sample.Count, bytes, isCutShort: files.Count < sample.Count);
    }

    private static bool IsDump(SampledFile file) => file.Profile == ProfileKind.Dump;

    private (List<SampledFile> Files, long Bytes) WithinBudget(IReadOnlyList<SampledFile> sample, bool hasBefore)
    {
        var files = new List<SampledFile>(sample.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long bytes = 0;
        foreach (var file in sample)
        {
            var cost = ContentLook.Cost(file.Size) + (hasBefore && file.Before is not null ? ContentLook.Cost(file.SizeBefore) : 0);
            if (bytes + cost > settings.SampleBytes) continue;
            // Two names that are not UTF-8 can look alike as text: the first stands for both.
            if (!seen.Add(file.Path)) continue;
            bytes += cost;
            files.Add(file);
        }
        return (files, bytes);
    }

    private sealed class ContentTally(bool hasBefore)
    {
        private readonly List<string> paths = [];
        private int judged, lostToRandom, lostStructure, addedRandom, addedJudged, addedUnknown, addedAll, turned, turnedLarge, dumpsBroken, dumpsShrunk;

        public void Add(SampledFile file, ContentLook? was, ContentLook @is)
        {
            judged++;
            var suspect = file.Profile == ProfileKind.Dump ? AddDump(file, was, @is) : file.Kind == ChangeKind.Added ? AddNew(file, @is) : AddChanged(file, was, @is);
            if (suspect && paths.Count < MostExamples) paths.Add(file.Path);
        }

        private bool AddDump(SampledFile file, ContentLook? was, ContentLook @is)
        {
            var broken = @is.Fit == false && was?.Fit != false;
            if (broken) dumpsBroken++;
            var shrunk = file.Before is not null && file.SizeBefore >= 64 << 10 && file.Size < file.SizeBefore / 2;
            if (shrunk) dumpsShrunk++;
            return broken || shrunk;
        }

        private bool AddNew(SampledFile file, ContentLook @is)
        {
            addedAll++;
            if (@is.Fit is { } fit)
            {
                addedJudged++;
                if (fit || !@is.HeadIsRandom) return false;
                addedRandom++;
                return true;
            }
            if (@is.Kind != FileKind.Unknown || !@is.HeadIsRandom || file.Extension.IsEveryday && file.Extension != FileExtension.None) return false;
            addedUnknown++;
            return true;
        }

        private bool AddChanged(SampledFile file, ContentLook? was, ContentLook @is)
        {
            // Without the version before, the name's promise is all there is to compare with.
            var lost = @is.Fit == false && (was?.Fit ?? true) || was is { Kind: not FileKind.Unknown and not FileKind.Empty, Fit: null } && @is.Kind == FileKind.Unknown && @is.HeadIsRandom;
            if (lost && @is.HeadIsRandom) lostToRandom++;
            else if (lost) lostStructure++;
            var isTurned = was is not null && HasTurned(file, was, @is);
            return lost || isTurned;
        }

        private bool HasTurned(SampledFile file, ContentLook was, ContentLook @is)
        {
            if (FileKinds.IsContainer(was.Kind)) return false;
            int both = 0, randomBefore = 0, toRandom = 0, fromRandom = 0;
            for (var i = 0; i < was.Windows.Length; i++)
            {
                if (was.Windows[i] == WindowClass.Missing || @is.Windows[i] == WindowClass.Missing) continue;
                both++;
                if (was.Windows[i] == WindowClass.Random) randomBefore++;
                // Empty pages that are filled with compressed objects are everyday life of a database.
                if (was.Windows[i] == WindowClass.Structured && @is.Windows[i] == WindowClass.Random) toRandom++;
                if (was.Windows[i] == WindowClass.Random && @is.Windows[i] == WindowClass.Structured) fromRandom++;
            }
            var net = toRandom - fromRandom;
            if (both == 0 || randomBefore * 10 > both * 3 || net * 20 < both || net < Math.Min(4, both)) return false;
            turned++;
            if (file.Size >= LargeFile && net * 10 >= both && net >= 8) turnedLarge++;
            return true;
        }

        public ContentSignals Result(int chosen, long bytes, bool isCutShort) => new()
        {
            Chosen = chosen, Judged = judged, BytesRead = bytes, LostToRandom = lostToRandom, LostStructure = lostStructure, AddedRandom = addedRandom, AddedJudged = addedJudged,
            AddedUnknownRandom = addedUnknown, AddedAll = addedAll, Turned = turned, TurnedLarge = turnedLarge, DumpsBroken = dumpsBroken, DumpsShrunk = dumpsShrunk, HasBefore = hasBefore,
            IsCutShort = isCutShort, Paths = paths,
        };
    }
}
