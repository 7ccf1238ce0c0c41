using BackupGuard.Verification.Formats.Archives;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>Compares the entries of an archive, as they pass, with what was sealed.</summary>
internal sealed class ArchiveComparison(FileSetManifest manifest, FileSetCheck check)
{
    private readonly Dictionary<byte[], int> index = Index(manifest);
    private readonly bool[] seen = new bool[manifest.Entries.Count];

    /// <param name="item">With its path as the manifest writes it.</param>
    public async Task TakeAsync(ArchiveItem item, CancellationToken cancellationToken)
    {
        var shown = System.Text.Encoding.UTF8.GetString(item.Path);
        MarkFolders(item.Path);
        if (!index.TryGetValue(item.Path, out var at))
        {
            check.Findings.Add(FileSetFindings.Appeared.AtPath(shown));
            return;
        }

        var entry = manifest.Entries[at];
        if (seen[at] && entry.Kind != FileSetKind.Directory) check.Findings.Add(FileSetFindings.PathTwice.AtPath(shown));
        seen[at] = true;
        switch (entry.Kind, item.Kind)
        {
            case (FileSetKind.Directory, ArchiveItemKind.Directory):
                break;
            case (FileSetKind.SymbolicLink, ArchiveItemKind.SymbolicLink):
                if (!entry.Target.AsSpan().SequenceEqual(item.Target)) check.Findings.Add(FileSetFindings.Changed.AtPath(shown, ("reason", FileSetReasons.OtherLink)));
                break;
            case (FileSetKind.File, ArchiveItemKind.HardLink):
                if (entry.LinkGroup is null) check.Findings.Add(FileSetFindings.Changed.AtPath(shown, ("reason", FileSetReasons.BecameSecondName)));
                else if (!IsSameFile(entry, item.Target)) check.Findings.Add(FileSetFindings.Changed.AtPath(shown, ("reason", FileSetReasons.OtherLink)));
                break;
            case (FileSetKind.File, ArchiveItemKind.File):
                // A zip says its sizes and checksums twice; other programs believe the ones that ours does not need.
                if (item.Size != entry.Size) check.Findings.Add(FileSetFindings.Changed.AtPath(shown, ("reason", FileSetReasons.Length(entry.Size, item.Size))));
                else await check.JudgeAsync(entry, item.Content, item.Crc32, 0, cancellationToken);
                break;
            default:
                check.Findings.Add(FileSetFindings.Changed.AtPath(shown, ("reason", FileSetReasons.Kind(entry.Kind, item.Kind))));
                break;
        }
    }

    public void Finish()
    {
        for (var i = 0; i < seen.Length; i++)
            if (!seen[i]) check.Findings.Add(FileSetFindings.Vanished.AtPath(manifest.Entries[i].Shown));
    }

    /// <summary>A hard link is as good as the file it names, which passed before it, if it was sealed as one: a restore looks for the content under the first name only.</summary>
    private bool IsSameFile(FileSetEntry entry, byte[] target) =>
        index.TryGetValue(target, out var at) && seen[at] && manifest.Entries[at].LinkGroup == entry.LinkGroup && manifest.Entries[at].Size == entry.Size && manifest.Entries[at].Sha256.AsSpan().SequenceEqual(entry.Sha256);

    /// <summary>An archive need not list a folder that has something in it.</summary>
    private void MarkFolders(byte[] path)
    {
        for (var slash = path.AsSpan().LastIndexOf((byte)'/'); slash > 0; slash = path.AsSpan(0, slash).LastIndexOf((byte)'/'))
        {
            if (!index.TryGetValue(path[..slash], out var at) || manifest.Entries[at].Kind != FileSetKind.Directory) continue;
            if (seen[at]) return;
            seen[at] = true;
        }
    }

    private static Dictionary<byte[], int> Index(FileSetManifest manifest)
    {
        var index = new Dictionary<byte[], int>(manifest.Entries.Count, ByteOrder.Instance);
        for (var i = 0; i < manifest.Entries.Count; i++) index.Add(manifest.Entries[i].Path, i);
        return index;
    }
}
