using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>Reads the files of a <see cref="DicomProbe"/> and counts them by study and modality.</summary>
public sealed class DicomProbes(TimeProvider clock) : IProbeRunner
{
    /// <summary>An element is at least 8 bytes long: cut by 7, the last one cannot be whole.</summary>
    private const int Cut = 7;
    private const int MostStudiesNamed = 40;

    public bool CanRun(Probe probe) => probe is DicomProbe;

    public Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var dicom = (DicomProbe)probe;
        var counts = new Counts();
        var review = FileReview.Of(scene, dicom.Glob, "DICOM", dicom.Timeout, clock, (entry, stream) =>
        {
            var file = DicomReader.Read(stream, cancellationToken);
            if (file.IsDirectory) LookUp(scene, entry, file, cancellationToken);
            counts.Add(file);
        }, cancellationToken);
        var measures = counts.Measures();
        return Task.FromResult(review.Answer(Counts.Said(measures), dicom.TooFew(measures), measures));
    }

    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => Task.FromResult(FileReview.CutOne(scene, ((DicomProbe)probe).Glob, length => length - Cut));

    /// <summary>A DICOMDIR without its files is a table of contents without its book.</summary>
    private static void LookUp(ProbeScene scene, RestoredEntry directory, DicomFile file, CancellationToken cancellationToken)
    {
        var folder = directory.Path[..(directory.Path.LastIndexOf('/') + 1)];
        var missing = 0;
        foreach (var named in file.Referenced)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stream = RestoredPath.TryParse(folder + named, out var path, out _) ? scene.Restored.OpenRead(path) : null;
            if (stream is null) missing++;
        }
        if (missing > 0)
            throw new BrokenContentException(new(string.Create(CultureInfo.InvariantCulture, $"{missing} of the {file.Referenced.Count} files that it lists are not there"),
                string.Create(CultureInfo.InvariantCulture, $"{missing} des {file.Referenced.Count} fichiers qu’il énumère n’y sont pas")));
    }

    /// <summary>UIDs are kept as hashes only: a study's UID leads to its patient.</summary>
    private sealed class Counts
    {
        private readonly Dictionary<ulong, long> _studies = [];
        private readonly HashSet<ulong> _instances = [];
        private readonly SortedDictionary<string, long> _modalities = new(StringComparer.Ordinal);
        private long _files;

        public void Add(DicomFile file)
        {
            _files++;
            if (file.StudyUid is { } study) _studies[Hash(study)] = _studies.GetValueOrDefault(Hash(study)) + 1;
            if (file.InstanceUid is { } instance) _instances.Add(Hash(instance));
            if (file.IsDirectory) return;
            var modality = file.Modality is { } code && IsCode(code) ? code : "other";
            _modalities[modality] = _modalities.GetValueOrDefault(modality) + 1;
        }

        public Dictionary<string, double> Measures()
        {
            var measures = new Dictionary<string, double> { ["files"] = _files, ["studies"] = _studies.Count, ["instances"] = _instances.Count };
            foreach (var (modality, number) in _modalities) measures[modality] = number;
            foreach (var (study, number) in _studies.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Take(MostStudiesNamed)) measures[string.Create(CultureInfo.InvariantCulture, $"study {study:x16}")] = number;
            return measures;
        }

        public static Said Said(Dictionary<string, double> measures) => ContentProbe.Listed(measures.Where(m => !m.Key.StartsWith("study ", StringComparison.Ordinal)).ToDictionary());

        // What stands there in a damaged file could be anything.
        private static bool IsCode(string text) => (text.Length is 2 or 3 || text.Length <= 8 && text.StartsWith("RT", StringComparison.Ordinal)) && text.All(char.IsAsciiLetterUpper);

        private static ulong Hash(string uid) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(uid)));
    }
}
