namespace BackupGuard.Verification.Drills.Contents.Fhir;

/// <summary>Reads the files of a <see cref="FhirProbe"/> and counts their resources by type.</summary>
public sealed class FhirProbes(TimeProvider clock) : IProbeRunner
{
    public bool CanRun(Probe probe) => probe is FhirProbe;

    public Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var fhir = (FhirProbe)probe;
        // Of the types only those are kept that the definition names: in a damaged file any word could stand there.
        var measures = new Dictionary<string, double> { ["files"] = 0, ["resources"] = 0 };
        foreach (var type in fhir.Least.Keys) measures[type] = 0;
        var review = FileReview.Of(scene, fhir.Glob, "FHIR", fhir.Timeout, clock, (entry, stream) => FhirReader.Read(stream, IsLines(entry.Path), fhir.References, type =>
        {
            measures["resources"]++;
            if (measures.TryGetValue(type, out var number)) measures[type] = number + 1;
        }, cancellationToken), cancellationToken);
        measures["files"] = review.Files;
        return Task.FromResult(review.Answer(ContentProbe.Listed(measures), fhir.TooFew(measures), measures));
    }

    /// <summary>A resource ends with a brace: without it, and the line's end behind it, none is whole.</summary>
    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => Task.FromResult(FileReview.CutOne(scene, ((FhirProbe)probe).Glob, length => length - Math.Min(16, length / 2)));

    private static bool IsLines(string path) => path.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
}
