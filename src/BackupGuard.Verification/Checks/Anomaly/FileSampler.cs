using System.Text;

namespace BackupGuard.Verification.Checks.Anomaly;

internal enum ChangeKind { Changed, Replaced, Added }

/// <summary>A changed file whose content may be looked at.</summary>
/// <param name="Before">The path in the snapshot before; null when it is new.</param>
internal sealed record SampledFile(string Path, string? Before, ChangeKind Kind, FileExtension Extension, bool IsCold, long SizeBefore, long Size, ProfileKind? Profile);

/// <summary>Picks a few hundred of any number of changed files while they pass: by extension, kind of change, and whether anybody ever touches them.</summary>
/// <param name="seed">The same seed picks the same files, so that a judgement can be repeated.</param>
internal sealed class FileSampler(int seed)
{
    private const int MostStrata = 512;
    private const int ReservoirSize = 200;
    private const int LongestPath = 4096;

    // What nobody touches for months has no business changing: there a look is worth most.
    private const double ColdWeight = 4;
    private const double AddedWeight = 0.5;

    private readonly Random random = new(seed);
    private readonly Dictionary<(FileExtension, ChangeKind, bool), Stratum> strata = [];

    private sealed class Stratum
    {
        public long Seen;
        public readonly List<SampledFile> Kept = [];
    }

    public void Offer(SampledFile file)
    {
        if (file.Path.Length > LongestPath || file.Size == 0) return;
        var key = (strata.Count < MostStrata ? file.Extension : FileExtension.Other, file.Kind, file.IsCold);
        if (!strata.TryGetValue(key, out var stratum)) strata[key] = stratum = new Stratum();
        stratum.Seen++;
        // Algorithm R (Vitter 1985): every file that passes has the same chance to be among those kept.
        if (stratum.Kept.Count < ReservoirSize) stratum.Kept.Add(file);
        else if (random.NextInt64(stratum.Seen) is < ReservoirSize and var place) stratum.Kept[(int)place] = file;
    }

    public IReadOnlyList<SampledFile> Choose(int count)
    {
        var left = strata.Values.Select(s => (Weight: WeightOf(s), s.Kept)).OrderByDescending(s => s.Weight).ThenBy(s => s.Kept[0].Path, StringComparer.Ordinal).ToList();
        var chosen = new List<SampledFile>(count);
        var taken = new int[left.Count];
        // Each round gives every stratum its share of what is still free; small ones end early and leave theirs to the others.
        while (chosen.Count < count)
        {
            var open = Enumerable.Range(0, left.Count).Where(i => taken[i] < left[i].Kept.Count).ToList();
            if (open.Count == 0) break;
            var total = open.Sum(i => left[i].Weight);
            var free = count - chosen.Count;
            foreach (var i in open)
            {
                var share = Math.Min(Math.Max(1, (int)(free * left[i].Weight / total)), left[i].Kept.Count - taken[i]);
                for (; share > 0 && chosen.Count < count; share--) chosen.Add(left[i].Kept[taken[i]++]);
            }
        }
        return chosen;
    }

    private static double WeightOf(Stratum stratum) => Math.Sqrt(stratum.Seen) * (stratum.Kept[0].IsCold ? ColdWeight : 1) * (stratum.Kept[0].Kind == ChangeKind.Added ? AddedWeight : 1);

    /// <summary>From a snapshot's id.</summary>
    public static int SeedOf(string id) => BitConverter.ToInt32(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
