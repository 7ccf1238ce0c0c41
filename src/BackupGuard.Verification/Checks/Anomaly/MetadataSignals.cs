namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What comparing two snapshots by names, sizes, times and content identities gave. Counts are files.</summary>
public sealed record MetadataSignals
{
    public long Files { get; init; }
    public long Bytes { get; init; }
    public long FilesBefore { get; init; }
    public long BytesBefore { get; init; }
    public long FoldersBefore { get; init; }

    public long Added { get; init; }
    public long Changed { get; init; }
    public long Deleted { get; init; }

    /// <summary>The same content under another name or in another folder.</summary>
    public long Moved { get; init; }

    /// <summary>Another content under a name made from the old one: a.doc became a.doc.xyz or a.xyz.</summary>
    public long Replaced { get; init; }

    /// <summary>Only time or mode changed.</summary>
    public long Touched { get; init; }

    /// <summary>Changed, replaced or deleted although nobody had touched them for two months.</summary>
    public long Cold { get; init; }

    /// <summary>Old files of an archive that were changed, replaced or deleted.</summary>
    public long ArchiveChanged { get; init; }
    public IReadOnlyList<string> ArchivePaths { get; init; } = [];

    /// <summary>Renamed or replaced files that now bear an extension never seen here, by the commonest such extension.</summary>
    public long RenamedToNovel { get; init; }
    public string NovelExtension { get; init; } = "";

    /// <summary>Files that arrived with the commonest extension never seen here, renamed ones included.</summary>
    public long ArrivedNovel { get; init; }
    public IReadOnlyList<string> NovelPaths { get; init; } = [];

    /// <summary>Folders in which a file appeared whose name is one that extortionists use.</summary>
    public long NoteFolders { get; init; }
    public IReadOnlyList<string> NotePaths { get; init; } = [];

    /// <summary>Old folders in which a file of the same new name appeared, and that name.</summary>
    public long SameNewName { get; init; }
    public string SameNewNameText { get; init; } = "";

    /// <summary>The extension that lost most: how many there were, how many went.</summary>
    public (string Extension, long Before, long Deleted) WorstLoss { get; init; } = ("", 0, 0);

    /// <summary>Share of the changed files whose time lies in the densest twenty minutes; 0 below fifty of them.</summary>
    public double Burst { get; init; }
    public double ExtensionShift { get; init; }

    /// <summary>Pieces of changed and replaced files that the snapshot before did not have; null in a format without pieces.</summary>
    public NewData? Rewritten { get; init; }

    /// <summary>Plain bytes of changed and replaced files.</summary>
    public long ChangedBytes { get; init; }

    /// <summary>Changes in announced windows, by the window's reason: recorded, not counted above.</summary>
    public IReadOnlyDictionary<string, long> Announced { get; init; } = new Dictionary<string, long>();

    /// <summary>Extensions seen, for what is novel next time.</summary>
    public IReadOnlyCollection<string> Extensions { get; init; } = [];

    /// <summary>More files went or came than could be matched by content: some moves were counted as deleted and added.</summary>
    public bool MovesIncomplete { get; init; }
}
