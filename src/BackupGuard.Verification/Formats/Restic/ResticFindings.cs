namespace BackupGuard.Verification.Formats.Restic;

/// <summary>What can be wrong with a restic repository. BG11xx.</summary>
public static class ResticFindings
{
    private const string VerifyAgainEn = "Restore this file from another copy of the repository, or make a new backup; keep the damaged one as evidence and do not run repair or prune on it.";
    private const string VerifyAgainFr = "Reprenez ce fichier depuis une autre copie du dépôt, ou refaites une sauvegarde ; gardez l’exemplaire abîmé comme preuve et ne lancez ni « repair » ni « prune » dessus.";

    private static FindingKind Kind(string code, Severity severity, string english, string french, string remedyEn = VerifyAgainEn, string remedyFr = VerifyAgainFr) =>
        new(code, severity, new(english, remedyEn), new(french, remedyFr));

    public static readonly FindingKind PasswordRefused = Kind("BG1101", Severity.Error,
        "None of the {keys} key files of {subject} opens with this password.",
        "Aucun des {keys} fichiers de clé de {subject} ne s’ouvre avec ce mot de passe.",
        "Check the password file; if it is right, the keys were changed: look for who did it and use the password of the sealed envelope.",
        "Vérifiez le fichier de mot de passe ; s’il est bon, les clés ont été changées : cherchez par qui, et utilisez le mot de passe de l’enveloppe scellée.");

    public static readonly FindingKind KeyName = Kind("BG1102", Severity.Error,
        "The key file {subject} does not have the content that its name promises.",
        "Le fichier de clé {subject} n’a pas le contenu que son nom promet.");

    public static readonly FindingKind KeyMalformed = Kind("BG1103", Severity.Error,
        "The key file {subject} cannot be used: {reason}.",
        "Le fichier de clé {subject} est inutilisable : {reason}.",
        "Find out who put it there and take it away on the repository's own machine: restic itself may refuse to open the repository, restoring included, while it lies there.",
        "Cherchez qui l’a déposé et retirez-le depuis la machine du dépôt : tant qu’il est là, restic lui-même peut refuser d’ouvrir le dépôt, restauration comprise.");

    public static readonly FindingKind VersionUnknown = Kind("BG1104", Severity.Warning,
        "{subject} has version {version}; this reader knows versions 1 and 2.",
        "{subject} est en version {version} ; ce lecteur connaît les versions 1 et 2.",
        "Update the agent. Until then nothing is known about this backup.",
        "Mettez l’agent à jour. D’ici là on ne sait rien de cette sauvegarde.");

    public static readonly FindingKind ConfigDamaged = Kind("BG1105", Severity.Error,
        "The repository's config file is damaged: {reason}.",
        "Le fichier config du dépôt est abîmé : {reason}.");

    public static readonly FindingKind IndexName = Kind("BG1111", Severity.Error,
        "The index {subject} does not have the content that its name promises.",
        "L’index {subject} n’a pas le contenu que son nom promet.");

    public static readonly FindingKind IndexDamaged = Kind("BG1112", Severity.Error,
        "The index {subject} cannot be read: {reason}.",
        "L’index {subject} est illisible : {reason}.");

    public static readonly FindingKind IndexConflict = Kind("BG1113", Severity.Error,
        "Two indexes describe the pack {subject} differently.",
        "Deux index décrivent le paquet {subject} différemment.");

    public static readonly FindingKind IndexDuplicate = Kind("BG1114", Severity.Info,
        "The pack {subject} stands in more than one index, the same each time.",
        "Le paquet {subject} figure dans plusieurs index, à l’identique.",
        "Nothing to do: an interrupted backup or prune leaves this.",
        "Rien à faire : une sauvegarde ou une purge interrompue laisse cela.");

    public static readonly FindingKind PackMissing = Kind("BG1121", Severity.Error,
        "The pack {subject} is missing: {blobs} blobs ({bytes} bytes) are lost with it. Needed by: {affected}.",
        "Le paquet {subject} manque : {blobs} blocs ({bytes} octets) sont perdus avec lui. Nécessaire à : {affected}.");

    public static readonly FindingKind PackSize = Kind("BG1122", Severity.Error,
        "The pack {subject} is {actual} bytes long; the index needs {expected}.",
        "Le paquet {subject} fait {actual} octets ; l’index en exige {expected}.");

    public static readonly FindingKind PackName = Kind("BG1123", Severity.Error,
        "The pack {subject} does not have the content that its name promises.",
        "Le paquet {subject} n’a pas le contenu que son nom promet.");

    public static readonly FindingKind PackHeader = Kind("BG1124", Severity.Error,
        "The header of the pack {subject} is damaged: {reason}.",
        "L’en-tête du paquet {subject} est abîmé : {reason}.");

    public static readonly FindingKind PackHeaderIndex = Kind("BG1125", Severity.Error,
        "The header of the pack {subject} and the index disagree: {reason}.",
        "L’en-tête du paquet {subject} et l’index se contredisent : {reason}.");

    public static readonly FindingKind PackOrphan = Kind("BG1126", Severity.Info,
        "The pack {subject} stands in no index.",
        "Le paquet {subject} ne figure dans aucun index.",
        "Nothing is lost if its blobs are not needed: an interrupted backup leaves this. If blobs are reported missing, the index can be rebuilt from it.",
        "Rien n’est perdu si ses blocs ne servent pas : une sauvegarde interrompue laisse cela. Si des blocs sont signalés manquants, l’index peut en être reconstruit.");

    public static readonly FindingKind PackMixed = Kind("BG1127", Severity.Warning,
        "The pack {subject} holds file data and folder lists together, which version 2 does not do.",
        "Le paquet {subject} mêle données et listes de dossiers, ce que la version 2 ne fait pas.",
        "Find out which program wrote it.",
        "Cherchez quel programme l’a écrit.");

    public static readonly FindingKind BlobTampered = Kind("BG1131", Severity.Error,
        "The blob {blob} in {subject} fails its authentication. Needed by: {affected}.",
        "Le bloc {blob} dans {subject} échoue à l’authentification. Nécessaire à : {affected}.");

    public static readonly FindingKind BlobCompression = Kind("BG1132", Severity.Error,
        "The blob {blob} in {subject} does not decompress: {reason}. Needed by: {affected}.",
        "Le bloc {blob} dans {subject} ne se décompresse pas : {reason}. Nécessaire à : {affected}.");

    public static readonly FindingKind BlobLength = Kind("BG1133", Severity.Error,
        "The blob {blob} in {subject} claims an impossible length: {reason}. Needed by: {affected}.",
        "Le bloc {blob} dans {subject} annonce une longueur impossible : {reason}. Nécessaire à : {affected}.");

    public static readonly FindingKind BlobContent = Kind("BG1134", Severity.Error,
        "The blob {blob} in {subject} is authentic but does not have the content that its name promises. Needed by: {affected}.",
        "Le bloc {blob} dans {subject} est authentique mais n’a pas le contenu que son nom promet. Nécessaire à : {affected}.",
        "Somebody who holds the key wrote this, or the machine that made the backup has bad memory. Treat as an attack until explained; use an older snapshot or another copy.",
        "Quelqu’un qui détient la clé a écrit ceci, ou la machine de sauvegarde a une mémoire défaillante. Traitez comme une attaque jusqu’à explication ; prenez un instantané plus ancien ou une autre copie.");

    public static readonly FindingKind BlobNotIndexed = Kind("BG1135", Severity.Error,
        "The {kind} blob {subject} is needed but stands in no index. Needed by: {affected}.",
        "Le bloc {subject} ({kind}) est nécessaire mais ne figure dans aucun index. Nécessaire à : {affected}.",
        "If a pack without index was reported, the index can be rebuilt on a copy; otherwise take these paths from another copy.",
        "Si un paquet sans index est signalé, l’index peut être reconstruit sur une copie ; sinon reprenez ces chemins depuis une autre copie.");

    public static readonly FindingKind BlobLost = Kind("BG1136", Severity.Error,
        "The blob {subject} cannot be restored: {reason}.",
        "Le bloc {subject} ne peut être restauré : {reason}.",
        "Verify the repository to see the whole damage, then restore these paths from an older snapshot or another copy.",
        "Vérifiez le dépôt pour voir tous les dégâts, puis restaurez ces chemins depuis un instantané plus ancien ou une autre copie.");

    public static readonly FindingKind SnapshotName = Kind("BG1141", Severity.Error,
        "The snapshot {subject} does not have the content that its name promises.",
        "L’instantané {subject} n’a pas le contenu que son nom promet.");

    public static readonly FindingKind SnapshotDamaged = Kind("BG1142", Severity.Error,
        "The snapshot {subject} cannot be read: {reason}.",
        "L’instantané {subject} est illisible : {reason}.");

    public static readonly FindingKind SnapshotInFuture = Kind("BG1143", Severity.Warning,
        "The snapshot {subject} claims to be from {time}, which is in the future.",
        "L’instantané {subject} se dit de {time}, ce qui est dans le futur.",
        "Check the clock of the machine that makes the backup: a date in the future hides missing backups.",
        "Vérifiez l’horloge de la machine qui sauvegarde : une date future cache des sauvegardes manquantes.");

    public static readonly FindingKind TreeUnreadable = Kind("BG1151", Severity.Error,
        "The folder list {subject} cannot be read: {reason}. Needed by: {affected}.",
        "La liste de dossier {subject} est illisible : {reason}. Nécessaire à : {affected}.");

    public static readonly FindingKind TreeOrder = Kind("BG1152", Severity.Warning,
        "The names in the folder list {subject} are not in order.",
        "Les noms de la liste de dossier {subject} ne sont pas dans l’ordre.",
        "Find out which program wrote it: restic itself always sorts.",
        "Cherchez quel programme l’a écrite : restic trie toujours.");

    public static readonly FindingKind NodeName = Kind("BG1153", Severity.Error,
        "An entry of {subject} has a name that cannot be restored: {reason}.",
        "Une entrée de {subject} a un nom qui ne peut être restauré : {reason}.",
        "A backup program does not write such names. Treat the snapshot as made by an attacker until explained.",
        "Un logiciel de sauvegarde n’écrit pas de tels noms. Traitez l’instantané comme fabriqué par un attaquant jusqu’à explication.");

    public static readonly FindingKind NodeSize = Kind("BG1154", Severity.Info,
        "{subject} says {claimed} bytes; its blobs hold {actual}.",
        "{subject} annonce {claimed} octets ; ses blocs en contiennent {actual}.",
        "Usual for a file that changed while it was backed up; otherwise find out which program wrote it.",
        "Habituel pour un fichier modifié pendant la sauvegarde ; sinon cherchez quel programme l’a écrit.");

    public static readonly FindingKind NodeError = Kind("BG1155", Severity.Warning,
        "{subject} was backed up with an error: {reason}.",
        "{subject} a été sauvegardé avec une erreur : {reason}.",
        "Look at the backup job's own log; this file may be incomplete.",
        "Consultez le journal de la sauvegarde ; ce fichier peut être incomplet.");

    public static readonly FindingKind NotRestorable = Kind("BG1156", Severity.Error,
        "The snapshot {subject} cannot be restored: {reason}.",
        "L’instantané {subject} ne peut être restauré : {reason}.",
        "No backup of real files looks like this. Find out who made it, use an older snapshot, and treat the repository's key as known to an attacker until explained.",
        "Aucune sauvegarde de vrais fichiers ne ressemble à cela. Cherchez qui l’a faite, utilisez un instantané antérieur, et tenez la clé du dépôt pour connue d’un attaquant jusqu’à explication.");

    public static readonly FindingKind LockDamaged = Kind("BG1161", Severity.Error,
        "The lock {subject} is damaged: {reason}.",
        "Le verrou {subject} est abîmé : {reason}.",
        "restic will refuse to work, restoring included, until the lock is removed: find out how it came to be, then remove it on the repository's own machine.",
        "restic refusera de travailler, restauration comprise, tant que ce verrou existe : cherchez d’où il vient, puis retirez-le depuis la machine du dépôt.");

    public static readonly FindingKind LockOld = Kind("BG1162", Severity.Warning,
        "An exclusive lock by {holder} has stood since {time}: backups are blocked.",
        "Un verrou exclusif de {holder} est posé depuis {time} : les sauvegardes sont bloquées.",
        "See whether that program still runs; if not, remove the lock on the repository's own machine.",
        "Voyez si ce programme tourne encore ; sinon retirez le verrou depuis la machine du dépôt.");

    public static readonly FindingKind TooManyNotes = Kind("BG1198", Severity.Warning,
        "{count} further notes and warnings of the kind {subject} were not listed.",
        "{count} autres remarques et avertissements du type {subject} n’ont pas été listés.",
        "See to the ones that are listed first, then verify again.",
        "Traitez d’abord ceux qui sont listés, puis vérifiez à nouveau.");

    public static readonly FindingKind TooManyFindings = Kind("BG1199", Severity.Error,
        "{count} further findings about {subject} were not listed.",
        "{count} autres constats sur {subject} n’ont pas été listés.",
        "The damage is wide: treat the whole repository as lost and go to another copy.",
        "Les dégâts sont étendus : considérez tout le dépôt comme perdu et passez à une autre copie.");
}
