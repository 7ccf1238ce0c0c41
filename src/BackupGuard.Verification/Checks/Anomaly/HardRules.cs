using System.Globalization;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What needs no history to be wrong: holds from the first comparison on.</summary>
internal static class HardRules
{
    public static IEnumerable<Vote> OfMetadata(MetadataSignals m, bool hasBaseline)
    {
        if (m.FilesBefore == 0) yield break;
        if (m.FilesBefore >= 20 && m.Files * 10 < m.FilesBefore || m.BytesBefore >= 1 << 20 && m.Bytes * 10 < m.BytesBefore)
            yield return Strong(Signal.SourceNearlyEmpty, $"the source is nearly empty: {m.Files} files where {m.FilesBefore} were", $"la source est presque vide : {m.Files} fichiers au lieu de {m.FilesBefore}");
        if (m.Deleted >= Math.Min(100, Math.Max(20, m.FilesBefore / 2)) && m.Deleted * 10 > m.FilesBefore * 3)
            yield return Strong(Signal.MassDeletion, $"{m.Deleted} of {m.FilesBefore} files were deleted", $"{m.Deleted} fichiers sur {m.FilesBefore} ont été supprimés");
        var rewritten = m.Rewritten?.Plain ?? m.ChangedBytes;
        if (m.Changed + m.Replaced >= 50 && (m.Changed + m.Replaced) * 2 > m.FilesBefore && rewritten * 2 > m.BytesBefore)
            yield return Strong(Signal.StoredAgain, $"most data were stored again: {Percent(rewritten, m.BytesBefore)} of the bytes, {Percent(m.Changed + m.Replaced, m.FilesBefore)} of the files",
                $"la plupart des données ont été réécrites : {Percent(rewritten, m.BytesBefore)} des octets, {Percent(m.Changed + m.Replaced, m.FilesBefore)} des fichiers");
        if (m.RenamedToNovel >= 20 && m.RenamedToNovel * 100 >= m.FilesBefore || m.RenamedToNovel >= 5 && m.RenamedToNovel * 20 >= m.FilesBefore)
            yield return Strong(Signal.RenamedToNovel, $"{m.RenamedToNovel} files were renamed to .{m.NovelExtension}, which was never seen here", $"{m.RenamedToNovel} fichiers ont été renommés en .{m.NovelExtension}, jamais vu ici", m.NovelPaths);
        else if (m.ArrivedNovel >= 20 && m.ArrivedNovel * 20 >= m.Files && (m.Deleted + m.Replaced) * 2 >= m.ArrivedNovel)
            yield return Strong(Signal.NovelExtension, $"{m.ArrivedNovel} files of the kind .{m.NovelExtension}, never seen here, stand where others were deleted",
                $"{m.ArrivedNovel} fichiers .{m.NovelExtension}, jamais vus ici, ont pris la place de fichiers supprimés", m.NovelPaths);
        if (m.NoteFolders > 0)
            yield return new Vote(Signal.RansomNotes, AnomalyStage.Metadata, m.NoteFolders > 3 ? VoteWeight.Strong : VoteWeight.Weak,
                new($"files named like ransom notes appeared in {m.NoteFolders} folders", $"des fichiers nommés comme des demandes de rançon sont apparus dans {m.NoteFolders} dossiers")) { Paths = m.NotePaths };
        if (m.ArchiveChanged > 0)
            yield return new Vote(Signal.ArchiveChanged, AnomalyStage.Metadata, m.ArchiveChanged >= 5 ? VoteWeight.Strong : VoteWeight.Weak,
                new($"{m.ArchiveChanged} old files of an archive were changed or deleted", $"{m.ArchiveChanged} fichiers anciens d’une archive ont été modifiés ou supprimés")) { Paths = m.ArchivePaths };
        if (m.SameNewName >= Math.Max(5, m.FoldersBefore / 10))
            yield return Weak(Signal.SameNewName, $"a file of one name appeared in {m.SameNewName} folders", $"un fichier du même nom est apparu dans {m.SameNewName} dossiers") with { Paths = [$"…/{m.SameNewNameText}"] };
        if (m.WorstLoss.Deleted >= 100 && m.WorstLoss.Deleted * 2 > m.WorstLoss.Before)
            yield return Weak(Signal.DeletedOfOneKind, $"{m.WorstLoss.Deleted} of {m.WorstLoss.Before} .{m.WorstLoss.Extension} files were deleted", $"{m.WorstLoss.Deleted} fichiers .{m.WorstLoss.Extension} sur {m.WorstLoss.Before} ont été supprimés");
        if (m.Replaced >= 30 && m.Replaced * 10 >= m.FilesBefore)
            yield return Weak(Signal.MassRename, $"{m.Replaced} files have another name and another content", $"{m.Replaced} fichiers ont changé de nom et de contenu");
        if (hasBaseline) yield break;
        // Nothing is known of this source yet: only what would be strange anywhere.
        if (m.Changed + m.Replaced >= 50 && (m.Changed + m.Replaced) * 5 > m.FilesBefore * 2)
            yield return Weak(Signal.Changed, $"{Percent(m.Changed + m.Replaced, m.FilesBefore)} of the files were changed", $"{Percent(m.Changed + m.Replaced, m.FilesBefore)} des fichiers ont été modifiés");
        if (m.Cold >= 30 && m.Cold * 10 > m.FilesBefore)
            yield return Weak(Signal.ColdFiles, $"{m.Cold} files changed that nobody had touched for two months", $"{m.Cold} fichiers que personne n’avait touchés depuis deux mois ont changé");
    }

    public static IEnumerable<Vote> OfContent(ContentSignals c)
    {
        if (c.LostToRandom > 0)
            yield return new Vote(Signal.TypeLostToRandom, AnomalyStage.Content, c.LostToRandom >= 3 ? VoteWeight.Strong : VoteWeight.Weak,
                new($"{c.LostToRandom} of {c.Judged} files looked at are no longer what they were and look encrypted", $"{c.LostToRandom} fichiers sur {c.Judged} examinés ne sont plus ce qu’ils étaient et paraissent chiffrés")) { Paths = c.Paths };
        else if (c.AddedRandom >= 3)
            yield return new Vote(Signal.TypeLostToRandom, AnomalyStage.Content, c.AddedRandom >= 5 && c.AddedRandom * 10 >= c.AddedJudged ? VoteWeight.Strong : VoteWeight.Weak,
                new($"{c.AddedRandom} of {c.AddedJudged} new files are not what their names say and look encrypted", $"{c.AddedRandom} nouveaux fichiers sur {c.AddedJudged} ne sont pas ce que leur nom annonce et paraissent chiffrés")) { Paths = c.Paths };
        else if (c.AddedUnknownRandom >= 10 && c.AddedUnknownRandom * 10 >= c.AddedAll * 3)
            yield return new Vote(Signal.TypeLostToRandom, AnomalyStage.Content, VoteWeight.Weak,
                new($"{c.AddedUnknownRandom} of {c.AddedAll} new files are of no known kind and look encrypted", $"{c.AddedUnknownRandom} nouveaux fichiers sur {c.AddedAll} sont d’un type inconnu et paraissent chiffrés")) { Paths = c.Paths };
        if (c.Turned > 0)
            yield return new Vote(Signal.WindowsTurnedRandom, AnomalyStage.Content, c.Turned >= 3 || c.TurnedLarge > 0 ? VoteWeight.Strong : VoteWeight.Weak,
                new($"parts of {c.Turned} files turned random where they had structure in the version before", $"des parties de {c.Turned} fichiers sont devenues aléatoires là où la version précédente était structurée")) { Paths = c.Paths };
        // One or two cut by a crash are any week's business.
        if (c.LostStructure >= 3)
            yield return new Vote(Signal.StructureLost, AnomalyStage.Content, c.LostStructure >= 5 && c.LostStructure * 20 >= c.Judged ? VoteWeight.Strong : VoteWeight.Weak,
                new($"{c.LostStructure} of {c.Judged} files looked at have lost the form of their kind", $"{c.LostStructure} fichiers sur {c.Judged} examinés ont perdu la forme de leur type")) { Paths = c.Paths };
        if (c.DumpsBroken > 0)
            yield return new Vote(Signal.DumpBroken, AnomalyStage.Content, VoteWeight.Strong,
                new($"{c.DumpsBroken} dumps no longer unpack to text, or are not what their names say", $"{c.DumpsBroken} exports ne se décompressent plus en texte, ou ne sont pas ce que leur nom annonce")) { Paths = c.Paths };
        if (c.DumpsShrunk > 0)
            yield return new Vote(Signal.DumpShrunk, AnomalyStage.Content, VoteWeight.Weak,
                new($"{c.DumpsShrunk} dumps have less than half their size before", $"{c.DumpsShrunk} exports font moins de la moitié de leur taille précédente")) { Paths = c.Paths };
    }

    private static Vote Strong(Signal signal, string en, string fr, IReadOnlyList<string>? paths = null) => new(signal, AnomalyStage.Metadata, VoteWeight.Strong, new(en, fr)) { Paths = paths ?? [] };

    private static Vote Weak(Signal signal, string en, string fr) => new(signal, AnomalyStage.Metadata, VoteWeight.Weak, new(en, fr));

    private static string Percent(double part, double whole) => string.Create(CultureInfo.InvariantCulture, $"{100 * part / Math.Max(1, whole):0.#} %");
}
