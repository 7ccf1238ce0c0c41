namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>What can be wrong with a sealed file set. BG12xx.</summary>
public static class FileSetFindings
{
    public static readonly FindingKind ManifestMissing = new("BG1201", Severity.Error,
        new("{subject} holds no manifest: nothing says what should be there.", "If this folder or archive was sealed, find out who removed the manifest; otherwise seal it: backupguard-agent seal."),
        new("{subject} ne contient pas de manifeste : rien ne dit ce qui devrait s’y trouver.", "Si ce dossier ou cette archive a été scellé, cherchez qui a retiré le manifeste ; sinon, scellez-le : backupguard-agent seal."));

    public static readonly FindingKind ManifestMalformed = new("BG1202", Severity.Error,
        new("The manifest {subject} cannot be used: {reason}.", "Treat the set as unproven. Bring the manifest back from another copy, or check the files by hand and seal again."),
        new("Le manifeste {subject} est inutilisable : {reason}.", "Considérez l’ensemble comme non prouvé. Reprenez le manifeste d’une autre copie, ou contrôlez les fichiers à la main puis scellez à nouveau."));

    public static readonly FindingKind SignatureMissing = new("BG1203", Severity.Error,
        new("The manifest has no signature ({subject} is not there).", "Find out who removed it; without it nobody answers for the manifest."),
        new("Le manifeste n’est pas signé ({subject} est absent).", "Cherchez qui l’a retirée ; sans elle, personne ne répond du manifeste."));

    public static readonly FindingKind SignatureBad = new("BG1204", Severity.Error,
        new("The signature {subject} does not belong to this manifest: one of the two was changed after sealing.", "Treat the set as tampered with. Compare with another copy before anything is restored from it."),
        new("La signature {subject} ne correspond pas à ce manifeste : l’un des deux a été modifié après le scellement.", "Considérez l’ensemble comme falsifié. Comparez avec une autre copie avant d’en restaurer quoi que ce soit."));

    public static readonly FindingKind SignerUnknown = new("BG1205", Severity.Warning,
        new("The set is sealed by a key that nobody here trusts ({key}).", "Anybody can seal a folder anew. Ask who sealed it, compare the fingerprint by another way, then add the key to the trusted ones."),
        new("L’ensemble est scellé par une clé à laquelle personne ici ne fait confiance ({key}).", "N’importe qui peut sceller à nouveau un dossier. Demandez qui l’a scellé, comparez l’empreinte par un autre moyen, puis ajoutez la clé aux clés de confiance."));

    public static readonly FindingKind Changed = new("BG1206", Severity.Error,
        new("{subject} is not what was sealed: {reason}.", "Do not rely on this copy of it. Bring it back from another copy and find out what changed it."),
        new("{subject} n’est pas ce qui a été scellé : {reason}.", "Ne vous fiez pas à cette copie. Reprenez-le d’une autre copie et cherchez ce qui l’a modifié."));

    public static readonly FindingKind Vanished = new("BG1207", Severity.Error,
        new("{subject} was sealed and is gone.", "Bring it back from another copy and find out who or what removed it."),
        new("{subject} a été scellé et a disparu.", "Reprenez-le d’une autre copie et cherchez qui ou quoi l’a retiré."));

    public static readonly FindingKind Appeared = new("BG1208", Severity.Error,
        new("{subject} is there, but was not sealed.", "Find out who put it there. If it belongs to the set, check it and seal again."),
        new("{subject} est présent, mais n’a pas été scellé.", "Cherchez qui l’a déposé. S’il appartient à l’ensemble, contrôlez-le puis scellez à nouveau."));

    public static readonly FindingKind PathTwice = new("BG1209", Severity.Error,
        new("{subject} is in the archive more than once: which one is restored depends on the program.", "Make the archive again from the source, and seal it."),
        new("{subject} figure plusieurs fois dans l’archive : ce qui est restauré dépend du programme utilisé.", "Refaites l’archive depuis la source, puis scellez-la."));

    public static readonly FindingKind ArchiveDamaged = new("BG1210", Severity.Error,
        new("The archive {subject} is damaged or cut: {reason}.", "Bring it back from another copy. What stands before the damage may still be restored; what stands behind is unknown."),
        new("L’archive {subject} est endommagée ou tronquée : {reason}.", "Reprenez-la d’une autre copie. Ce qui précède le dommage peut encore être restauré ; ce qui suit est inconnu."));

    public static readonly FindingKind LimitExceeded = new("BG1211", Severity.Error,
        new("{subject} goes beyond a limit and was not read further: {reason}.", "An archive like this may be made to exhaust the reader. Find out who made it before opening it with anything else."),
        new("{subject} dépasse une limite et n’a pas été lu plus loin : {reason}.", "Une telle archive peut être faite pour épuiser le lecteur. Cherchez qui l’a produite avant de l’ouvrir avec autre chose."));

    public static readonly FindingKind NameNotReadable = new("BG1212", Severity.Warning,
        new("{subject} has a name that is not valid UTF-8 and could not be looked at here.", "Rename it at the source and seal again: until then nothing is known about this file."),
        new("{subject} porte un nom qui n’est pas de l’UTF-8 valide et n’a pas pu être examiné ici.", "Renommez-le à la source puis scellez à nouveau : d’ici là on ne sait rien de ce fichier."));

    public static readonly FindingKind NameNotRestorable = new("BG1214", Severity.Error,
        new("{subject} was sealed, but no restore may write it: {reason}.", "Ask who sealed such a name. Give the source another one, and seal again."),
        new("{subject} a été scellé, mais aucune restauration ne peut l’écrire : {reason}.", "Demandez qui a scellé un tel nom. Donnez-en un autre à la source, puis scellez à nouveau."));

    public static readonly FindingKind MoreOfThem = new("BG1213", Severity.Info,
        new("{count} more findings of the kind {subject} are not listed.", "Look at the listed ones first: the cause is most likely the same."),
        new("{count} autres constats du type {subject} ne sont pas listés.", "Examinez d’abord ceux qui sont listés : la cause est très probablement la même."));
}
