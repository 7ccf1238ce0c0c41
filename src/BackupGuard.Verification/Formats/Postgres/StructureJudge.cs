using System.Globalization;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Whether the small files of a backup agree with the manifest and with each other. Each may be right by its checksum and still be another backup's.</summary>
/// <remarks>A file that is listed but was not read, or did not match, has its finding already: only what is there, or is not even listed, is judged here.</remarks>
internal sealed class StructureJudge(BackupManifest manifest, BackupStructure structure, WalCheck wal, FindingList findings)
{
    private readonly HashSet<string> listed = [.. manifest.Files.Select(f => f.Shown).Where(p => BackupStructure.Names.Contains(p))];

    public void Judge()
    {
        if (WalRanges.Problem(manifest.Ranges) is { } problem) findings.Add(PostgresFindings.RangesWrong.At(BackupManifest.FileName, ("reason", problem)));
        JudgeRelease();
        JudgeControl();
        JudgeLabel();
        JudgeTablespaces();
        JudgeHistory();
    }

    private void JudgeRelease()
    {
        const string name = BackupStructure.VersionFile;
        if (IsUnlisted(name)) findings.Add(PostgresFindings.ReleaseWrong.At(name, ("reason", NotListed)));
        if (structure[name] is not null && structure.Major is null) findings.Add(PostgresFindings.ReleaseWrong.At(name, ("reason", new Words("it holds no release number", "il ne contient pas de numéro de version"))));
        if (wal.FirstPage is not { } page) return;
        if (page.Major is null && structure.Major is { } release && WalPage.IsKnown(release))
        {
            findings.Add(PostgresFindings.WalDamaged.At(WalCheck.Folder, ("reason", Words($"its pages begin with 0x{page.Magic:X4}, which release {release} does not write", $"ses pages commencent par 0x{page.Magic:X4}, que la version {release} n’écrit pas"))));
        }
        else if (page.Major is null)
        {
            findings.Add(PostgresFindings.ReleaseUnknown.At(WalCheck.Folder, ("reason", $"0x{page.Magic:X4}")));
            findings.LeaveUnfinished(new("the WAL was written by a release that is not known", "les WAL ont été écrits par une version inconnue"));
        }
        else if (structure.Major is { } major && major != page.Major)
        {
            findings.Add(PostgresFindings.ReleaseWrong.At(name, ("reason", Words($"it says {major}, the WAL was written by {page.Major}", $"il indique {major}, le WAL a été écrit par {page.Major}"))));
        }
    }

    private void JudgeControl()
    {
        const string name = ControlFile.FileName;
        if (IsUnlisted(name)) findings.Add(PostgresFindings.ControlFileDamaged.At(name, ("reason", NotListed)));
        if (structure[name] is not { } bytes) return;
        var control = ControlFile.Parse(bytes, out var fault, out var reason);
        if (fault == ControlFile.Fault.Damaged) findings.Add(PostgresFindings.ControlFileDamaged.At(name, ("reason", reason)));
        if (fault == ControlFile.Fault.Unknown)
        {
            findings.Add(PostgresFindings.ReleaseUnknown.At(name, ("reason", reason)));
            findings.LeaveUnfinished(new("the control file was written by a release that is not known", "le fichier de contrôle a été écrit par une version inconnue"));
        }

        if (control is not null && wal.SystemIdentifier is { } identifier && control.SystemIdentifier != identifier)
            findings.Add(PostgresFindings.OtherCluster.At(name, ("reason", Words($"it says {control.SystemIdentifier}, {(manifest.SystemIdentifier is null ? "the WAL" : "the manifest")} {identifier}",
                $"il indique {control.SystemIdentifier}, {(manifest.SystemIdentifier is null ? "le WAL" : "le manifeste")} {identifier}"))));
    }

    private void JudgeLabel()
    {
        const string name = BackupLabel.FileName;
        if (IsUnlisted(name)) findings.Add(PostgresFindings.LabelWrong.At(name, ("reason", NotListed)));
        if (structure[name] is not { } bytes) return;
        if (BackupLabel.Parse(bytes, out var refusal) is not { } label)
        {
            findings.Add(PostgresFindings.LabelWrong.At(name, ("reason", refusal)));
            return;
        }

        if (manifest.Ranges.Count == 0) return;
        var oldest = manifest.Ranges[^1];
        if (label.Start != oldest.Start || label.Timeline != oldest.Timeline)
            findings.Add(PostgresFindings.LabelWrong.At(name, ("reason", Words($"it begins at {label.Start} on timeline {label.Timeline}, the manifest at {oldest.Start} on {oldest.Timeline}",
                $"il commence à {label.Start} sur la ligne de temps {label.Timeline}, le manifeste à {oldest.Start} sur {oldest.Timeline}"))));
        else if (label.Checkpoint < label.Start || label.Checkpoint >= manifest.Ranges[0].End)
            findings.Add(PostgresFindings.LabelWrong.At(name, ("reason", Words($"its checkpoint at {label.Checkpoint} lies outside the backup's WAL", $"son point de reprise {label.Checkpoint} est hors du WAL de la sauvegarde"))));
        else if (wal.SegmentBytes > 0 && label.StartSegment != WalSegments.Name(label.Timeline, label.Start.Value / (ulong)wal.SegmentBytes, wal.SegmentBytes))
            findings.Add(PostgresFindings.LabelWrong.At(name, ("reason", Words($"{label.Start} does not lie in the segment {label.StartSegment}", $"{label.Start} n’est pas dans le segment {label.StartSegment}"))));
    }

    private void JudgeTablespaces()
    {
        if (structure[TablespaceMap.FileName] is not { } bytes) return;
        if (TablespaceMap.Parse(bytes, out var refusal) is not { } map)
        {
            findings.Add(PostgresFindings.MapWrong.At(TablespaceMap.FileName, ("reason", refusal)));
            return;
        }

        var known = map.Select(m => m.Oid).ToHashSet(StringComparer.Ordinal);
        if (known.Count < map.Count) findings.Add(PostgresFindings.MapWrong.At(TablespaceMap.FileName, ("reason", new Words("a tablespace comes twice", "un tablespace figure deux fois"))));
        var used = manifest.Files.Select(f => f.Shown.Split('/', 3)).Where(p => p is ["pg_tblspc", _, _]).Select(p => p[1]).Distinct(StringComparer.Ordinal);
        foreach (var oid in used.Where(o => !known.Contains(o)))
            findings.Add(PostgresFindings.MapWrong.At(TablespaceMap.FileName, ("reason", Words($"the tablespace {oid} is not in it", $"le tablespace {oid} n’y figure pas"))));
    }

    /// <summary>Each timeline but the first has a file that says where its ancestors were left. With several ranges, they must meet there.</summary>
    private void JudgeHistory()
    {
        if (manifest.Ranges.Count == 0 || manifest.Ranges[0].Timeline == 1 || !wal.WasFinished) return;
        var newest = manifest.Ranges[0].Timeline;
        var name = WalCheck.Folder + WalSegments.HistoryName(newest);
        if (structure[name] is not { } bytes)
        {
            if (manifest.Ranges.Count == 1)
            {
                findings.Add(PostgresFindings.HistoryMissing.At(name));
                findings.LeaveUnfinished(new("the history of its timeline is not there to be looked at", "l’historique de sa timeline n’est pas là pour être examiné"));
                return;
            }

            findings.Add(PostgresFindings.HistoryWrong.At(name, ("reason", new Words("it is not there", "il est absent"))));
            return;
        }

        if (TimelineHistory.Parse(bytes, newest, out var refusal) is not { } history)
        {
            findings.Add(PostgresFindings.HistoryWrong.At(name, ("reason", refusal)));
            return;
        }

        foreach (var range in manifest.Ranges.Skip(1))
            if (!history.Ancestors.Contains((range.Timeline, range.End)))
                findings.Add(PostgresFindings.HistoryWrong.At(name, ("reason", Words($"timeline {range.Timeline} was not left at {range.End}", $"la ligne de temps {range.Timeline} n’a pas été quittée à {range.End}"))));
        if (history.Ancestors[^1].LeftAt > manifest.Ranges[0].End)
            findings.Add(PostgresFindings.HistoryWrong.At(name, ("reason", Words($"timeline {newest} begins after the backup, at {history.Ancestors[^1].LeftAt}", $"la ligne de temps {newest} commence après la sauvegarde, à {history.Ancestors[^1].LeftAt}"))));
    }

    private static Words NotListed { get; } = new("the manifest does not list it, and every backup has it", "le manifeste ne l’énumère pas, et toute sauvegarde en a un");

    private bool IsUnlisted(string name) => !listed.Contains(name);

    private static Words Words(FormattableString en, FormattableString fr) => new(en.ToString(CultureInfo.InvariantCulture), fr.ToString(CultureInfo.InvariantCulture));
}
