using System.Globalization;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence.Verifier;

/// <summary>One text in both languages.</summary>
internal sealed record Words(string Fr, string En)
{
    public string In(bool french) => french ? Fr : En;
}

/// <summary>What the verifier says, in French and in English.</summary>
internal static class VerifierWords
{
    /// <param name="count">What <see cref="CheckResult.Count"/> counts there.</param>
    public static Words Of(CheckKind kind, long count)
    {
        var n = count.ToString(CultureInfo.InvariantCulture);
        return kind switch
        {
            CheckKind.Archive => new($"Fichiers lisibles, noms et tailles permis ({n})", $"Files can be read, names and sizes are allowed ({n})"),
            CheckKind.Checkpoint => new($"Point de contrôle signé par le journal ({n} entrées)", $"Checkpoint signed by the log ({n} entries)"),
            CheckKind.Manifest => new("Manifeste signé par le journal, et de ce journal", "Manifest signed by the log, and of this log"),
            CheckKind.Files => new($"Chaque fichier est celui que nomme le manifeste ({n})", $"Every file is the one that the manifest names ({n})"),
            CheckKind.History => new($"Les points de contrôle antérieurs sont des débuts de celui-ci ({n})", $"Earlier checkpoints are beginnings of this one ({n})"),
            CheckKind.Inclusion => new($"Chaque entrée est dans le journal, à sa place ({n})", $"Every entry is in the log, in its place ({n})"),
            CheckKind.Entries => new($"Signatures, clés, compteurs et intentions ({n} entrées)", $"Signatures, keys, counters and intents ({n} entries)"),
            CheckKind.Statements => new("Périmètre, trous et intentions ouvertes sont ceux qu’annonce le manifeste", "Scope, gaps and open intents are those that the manifest states"),
            CheckKind.Tiles => new($"Les empreintes rangées sont celles des entrées ({n} fichiers)", $"Stored hashes are those of the entries ({n} files)"),
            CheckKind.Kept => new($"Les points de contrôle que vous aviez gardés sont des débuts de ce journal ({n})", $"Checkpoints that you had kept are beginnings of this log ({n})"),
            CheckKind.TimeStamps => new(count == 0 ? "Aucun horodatage" : $"Horodatages par les autorités de la politique ({n})", count == 0 ? "No time stamps" : $"Time stamps by the authorities of the policy ({n})"),
            CheckKind.Policy => new(count == 0 ? "Politique sans témoin" : $"Témoins et autorités exigés ({n} nommés)", count == 0 ? "Policy without witnesses" : $"Witnesses and authorities that are asked for ({n} named)"),
        };
    }

    public static Words Of(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Passed => new("juste", "right"),
        CheckOutcome.Failed => new("FAUX", "WRONG"),
        CheckOutcome.NotDone => new("non fait", "not done"),
    };

    public static Words Of(EvidenceVerdict verdict) => verdict switch
    {
        EvidenceVerdict.Sound => new("JUSTE\u00a0: tout ce qui peut être vérifié l’a été, et rien ne se contredit.", "SOUND: everything that can be checked was, and nothing contradicts anything."),
        EvidenceVerdict.Broken => new("FAUX\u00a0: quelque chose contredit autre chose. Ne comptez rien de ce que dit ce dossier.", "BROKEN: something contradicts something else. Count nothing that this evidence says."),
        EvidenceVerdict.Incomplete => new("INCOMPLET\u00a0: il manque de quoi juger. Ce n’est pas une bonne nouvelle.", "INCOMPLETE: what is needed to judge is missing. That is no good news."),
        EvidenceVerdict.PolicyNotMet => new("POLITIQUE NON SATISFAITE\u00a0: juste, mais sans les témoins ou les horodatages exigés.", "POLICY NOT MET: right, but without the witnesses or time stamps that the policy asks for."),
    };

    public static string Name(EvidenceVerdict verdict) => verdict switch
    {
        EvidenceVerdict.Sound => "sound",
        EvidenceVerdict.Broken => "broken",
        EvidenceVerdict.Incomplete => "incomplete",
        EvidenceVerdict.PolicyNotMet => "policy-not-met",
    };

    public static string Name(CheckKind kind) => kind.ToString().ToLowerInvariant();

    public static string Name(CheckOutcome outcome) => outcome == CheckOutcome.NotDone ? "not-done" : outcome.ToString().ToLowerInvariant();

    /// <summary>What no verification of this evidence can show.</summary>
    public static IReadOnlyList<Words> CannotProve(VerificationReport report)
    {
        var words = new List<Words>
        {
            new("Qu’une personne a dit vrai\u00a0: une saisie manuelle est signée, elle n’est pas vérifiée.", "That a person told the truth: what was typed is signed, it is not checked."),
            new("Qu’un agent réduit au silence avant de signer n’avait rien à dire.", "That an agent which was silenced before it signed had nothing to say."),
            new("Que ce point de contrôle est celui que d’autres ont vu\u00a0: comparez sa racine à celle d’un rapport imprimé ou d’un témoin.",
                "That this checkpoint is the one that others saw: compare its root with that of a printed report or a witness."),
        };
        // Dates of entries are those of clocks in the house; only somebody else's time stamp says when they existed at the latest.
        if (report.Head is not null && report.Proven is not [.., { At: not null }])
            words.Add(new("Quand cela a été écrit\u00a0: aucune autorité de la politique n’a horodaté le dernier point de contrôle\u00a0; les dates sont celles des horloges de la maison.",
                "When it was written: no authority of the policy has stamped the last checkpoint; dates are those of the house's own clocks."));
        if (report.Manifest is not null)
        {
            words.Add(new("Qu’aucune autre entrée du journal n’était concernée\u00a0: un dossier ne montre que ce qui a été choisi. Demandez le journal entier (fichiers « tile ») pour le savoir.".Replace("« ", "«\u00a0", StringComparison.Ordinal).Replace(" »", "\u00a0»", StringComparison.Ordinal),
                "That nothing else in the log was concerned: a pack shows only what was chosen. Ask for the whole log (files “tile”) to know."));
        }
        return words;
    }

    public static Words Proven(ProvenTime proven) => proven.At is { } at
        ? new($"Le point de contrôle de {Number(proven.Size)} entrées existait au plus tard le {Instant(at)} (horodatage de {proven.Authority}).",
            $"The checkpoint of {Number(proven.Size)} entries existed on {Instant(at)} at the latest (time stamp by {proven.Authority}).")
        : new($"Le point de contrôle de {Number(proven.Size)} entrées n’est horodaté par aucune autorité de la politique.",
            $"The checkpoint of {Number(proven.Size)} entries is stamped by no authority of the policy.");

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset at) => at.ToString("u", CultureInfo.InvariantCulture);

    public static Words Absent(string origin, long count) => new(
        $"Entre les entrées de {origin} qui sont ici, le journal en contient {count.ToString(CultureInfo.InvariantCulture)} qui n’ont pas été demandées.",
        $"Between the entries of {origin} that are here, the log holds {count.ToString(CultureInfo.InvariantCulture)} that were not asked for.");
}
