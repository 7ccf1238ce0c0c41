namespace BackupGuard.Evidence.Packs;

/// <summary>The list of files that a manifest signs, whatever kind of pack it belongs to.</summary>
public static class PackFiles
{
    /// <summary>In the order of names.</summary>
    public static IReadOnlyList<PackFile> ListOf(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> files) =>
        [.. files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new PackFile(f.Key, f.Value.Length, Hash256.Of(f.Value.Span).ToString()))];

    /// <returns>Files that are not there, or not the ones that were signed.</returns>
    public static IEnumerable<EvidenceProblem> Changed(IEvidenceFiles files, IReadOnlyList<PackFile> listed)
    {
        foreach (var file in listed)
        {
            if (!files.Names.Contains(file.Name)) yield return EvidenceProblems.FileMissing.At(file.Name);
            else if (files.Read(file.Name) is var content && (content.Length != file.Bytes || Hash256.Of(content.Span).ToString() != file.Sha256)) yield return EvidenceProblems.FileDiffers.At(file.Name);
        }
    }

    /// <returns>Files that nobody signed, but the manifest and its signature.</returns>
    public static IEnumerable<EvidenceProblem> Unnamed(IEvidenceFiles files, IReadOnlyList<PackFile> listed)
    {
        var named = listed.Select(f => f.Name).Concat([PackNames.Manifest, PackNames.ManifestSignature]).ToHashSet(StringComparer.Ordinal);
        return files.Names.Where(n => !named.Contains(n)).Order(StringComparer.Ordinal).Select(n => EvidenceProblems.FileUnnamed.At(n));
    }
}
