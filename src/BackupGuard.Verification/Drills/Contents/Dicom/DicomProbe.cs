namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>Every matching file is a DICOM file that can be read to its end.</summary>
/// <param name="Least">files, studies, instances, and modalities by their code (CT).</param>
public sealed record DicomProbe(Glob Glob, SortedDictionary<string, long> Least, TimeSpan Timeout) : ContentProbe(Glob, Least, Timeout)
{
    public override string Kind => "dicom";
}
