namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>What is counted of one file. UIDs name a patient's examination: they are hashed before they are kept anywhere.</summary>
public sealed record DicomFile(string TransferSyntax, long Elements)
{
    /// <summary>(0020,000D); null where there is none, as in a DICOMDIR.</summary>
    public string? StudyUid { get; init; }

    /// <summary>(0008,0018)</summary>
    public string? InstanceUid { get; init; }

    /// <summary>(0008,0060)</summary>
    public string? Modality { get; init; }

    /// <summary>A DICOMDIR: a list of the files beside it.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>The files that a DICOMDIR names, their parts separated by '/'.</summary>
    public IReadOnlyList<string> Referenced { get; init; } = [];
}
