namespace BackupGuard.Verification.Formats.Borg;

/// <summary>What can be wrong with a Borg repository. BG17xx.</summary>
public static class BorgFindings
{
    private const string DamageEn = "Restore what it touches from another copy of the repository, or make a new backup; keep the damaged one as evidence and do not run borg check --repair or compact on it.";
    private const string DamageFr = "Reprenez ce que cela touche depuis une autre copie du dépôt, ou refaites une sauvegarde ; gardez l’exemplaire abîmé comme preuve et ne lancez ni « borg check --repair » ni « compact » dessus.";

    private static FindingKind Kind(string code, Severity severity, string english, string french, string remedyEn = DamageEn, string remedyFr = DamageFr) =>
        new(code, severity, new(english, remedyEn), new(french, remedyFr));

    public static readonly FindingKind PassphraseRefused = Kind("BG1701", Severity.Error,
        "The key of {subject} does not open: {reason}.",
        "La clé de {subject} ne s’ouvre pas : {reason}.",
        "Check the passphrase; if it is right, the key was changed: look for who did it and use the key and passphrase of the sealed envelope.",
        "Vérifiez la phrase secrète ; si elle est bonne, la clé a été changée : cherchez par qui, et utilisez la clé et la phrase de l’enveloppe scellée.");

    public static readonly FindingKind KeyUnusable = Kind("BG1702", Severity.Error,
        "The key {subject} cannot be used: {reason}.",
        "La clé {subject} est inutilisable : {reason}.",
        "Take the key from the sealed envelope (borg key export) and give it with --key-file; without the key nothing in this repository can be read by anybody.",
        "Prenez la clé de l’enveloppe scellée (borg key export) et donnez-la avec --key-file ; sans la clé, personne ne peut rien lire dans ce dépôt.");

    public static readonly FindingKind VersionUnknown = Kind("BG1703", Severity.Warning,
        "{subject} is of a kind that this reader does not know: {reason}.",
        "{subject} est d’un genre que ce lecteur ne connaît pas : {reason}.",
        "Update the agent. Until then nothing is known about this backup.",
        "Mettez l’agent à jour. D’ici là on ne sait rien de cette sauvegarde.");

    public static readonly FindingKind ConfigDamaged = Kind("BG1704", Severity.Error,
        "The repository's config file is damaged: {reason}.",
        "Le fichier config du dépôt est abîmé : {reason}.");

    public static readonly FindingKind KeyForeign = Kind("BG1705", Severity.Error,
        "The key of {subject} was made for the repository {key}, but the config says {config}.",
        "La clé de {subject} a été faite pour le dépôt {key}, mais le fichier config dit {config}.",
        "One of the two was changed or comes from elsewhere: compare the config with another copy.",
        "L’un des deux a été changé ou vient d’ailleurs : comparez le fichier config avec une autre copie.");

    public static readonly FindingKind NotEncrypted = Kind("BG1706", Severity.Warning,
        "{subject} is not encrypted (mode {mode}): whoever reads the storage reads the hospital's data.",
        "{subject} n’est pas chiffré (mode {mode}) : qui lit le stockage lit les données de l’hôpital.",
        "Make a new repository with repokey-blake2 or keyfile-blake2 and end this one; until then guard the storage as you guard the data.",
        "Créez un nouveau dépôt en repokey-blake2 ou keyfile-blake2 et fermez celui-ci ; d’ici là protégez le stockage comme les données.");

    public static readonly FindingKind SegmentDamaged = Kind("BG1711", Severity.Error,
        "The segment {subject} is damaged at byte {offset}: {reason}. What follows in it cannot be found.",
        "Le segment {subject} est abîmé à l’octet {offset} : {reason}. La suite de ce segment est introuvable.");

    public static readonly FindingKind EntryChecksum = Kind("BG1712", Severity.Error,
        "An entry of the segment {subject}, at byte {offset}, does not match its checksum. Needed by: {affected}.",
        "Une entrée du segment {subject}, à l’octet {offset}, ne correspond pas à sa somme de contrôle. Nécessaire à : {affected}.");

    public static readonly FindingKind Uncommitted = Kind("BG1713", Severity.Warning,
        "The segment {subject} lies behind the last commit: its {entries} entries do not belong to the backup yet.",
        "Le segment {subject} se trouve après la dernière validation : ses {entries} entrées n’appartiennent pas encore à la sauvegarde.",
        "If a backup is running, nothing. If not, one was interrupted: look at its log; the next one clears this away.",
        "Si une sauvegarde est en cours, rien. Sinon, l’une d’elles a été interrompue : voyez son journal ; la prochaine fera le ménage.");

    public static readonly FindingKind NoCommit = Kind("BG1714", Severity.Error,
        "{subject} holds no finished transaction: there is no backup in it.",
        "{subject} ne contient aucune transaction achevée : il n’y a pas de sauvegarde dedans.");

    public static readonly FindingKind RolledBack = Kind("BG1715", Severity.Error,
        "{subject} belongs to the transaction {noted}, but the segments end with the transaction {found}: the newest backups are gone, or their commit is damaged.",
        "{subject} appartient à la transaction {noted}, mais les segments s’arrêtent à la transaction {found} : les dernières sauvegardes ont disparu, ou leur validation est abîmée.");

    public static readonly FindingKind CutShort = Kind("BG1716", Severity.Warning,
        "The segment {subject} ends in the middle of an entry, behind the last commit.",
        "Le segment {subject} s’arrête au milieu d’une entrée, après la dernière validation.",
        "A backup is being written or was interrupted: let the next one finish, then verify again.",
        "Une sauvegarde est en cours d’écriture ou a été interrompue : laissez la prochaine se terminer, puis vérifiez à nouveau.");

    public static readonly FindingKind ObjectTampered = Kind("BG1721", Severity.Error,
        "The object {object} in the segment {subject} fails its authentication: somebody changed it, or it was damaged before its checksum was made. Needed by: {affected}.",
        "L’objet {object} du segment {subject} échoue à l’authentification : quelqu’un l’a modifié, ou il était abîmé avant le calcul de sa somme. Nécessaire à : {affected}.");

    public static readonly FindingKind ObjectCompression = Kind("BG1722", Severity.Error,
        "The object {object} in the segment {subject} cannot be unpacked: {reason}. Needed by: {affected}.",
        "L’objet {object} du segment {subject} ne peut être décompressé : {reason}. Nécessaire à : {affected}.");

    public static readonly FindingKind ObjectContent = Kind("BG1723", Severity.Error,
        "The object {object} in the segment {subject} does not have the content that its name promises. Needed by: {affected}.",
        "L’objet {object} du segment {subject} n’a pas le contenu que son nom promet. Nécessaire à : {affected}.");

    public static readonly FindingKind ObjectEnvelope = Kind("BG1724", Severity.Error,
        "The object {object} in the segment {subject} is not protected as this repository's objects are: {reason}. Needed by: {affected}.",
        "L’objet {object} du segment {subject} n’est pas protégé comme ceux de ce dépôt : {reason}. Nécessaire à : {affected}.");

    public static readonly FindingKind ObjectMissing = Kind("BG1725", Severity.Error,
        "The object {subject} is missing. Needed by: {affected}.",
        "L’objet {subject} manque. Nécessaire à : {affected}.");

    public static readonly FindingKind ObjectSize = Kind("BG1726", Severity.Error,
        "The object {object} in the segment {subject} holds {actual} bytes, but archives count on {expected}. Needed by: {affected}.",
        "L’objet {object} du segment {subject} contient {actual} octets, mais des archives en attendent {expected}. Nécessaire à : {affected}.");

    public static readonly FindingKind ObjectUnused = Kind("BG1727", Severity.Info,
        "{count} objects of {subject} ({bytes} bytes) belong to no archive.",
        "{count} objets de {subject} ({bytes} octets) n’appartiennent à aucune archive.",
        "Nothing to do: an interrupted backup leaves this.",
        "Rien à faire : une sauvegarde interrompue laisse cela.");

    public static readonly FindingKind ObjectLost = Kind("BG1728", Severity.Error,
        "The object {subject} could not be restored: {reason}.",
        "L’objet {subject} n’a pas pu être restauré : {reason}.");

    public static readonly FindingKind ManifestMissing = Kind("BG1731", Severity.Error,
        "{subject} has no manifest: nothing says which archives there are.",
        "{subject} n’a pas de manifeste : rien ne dit quelles archives existent.");

    public static readonly FindingKind ManifestDamaged = Kind("BG1732", Severity.Error,
        "The manifest of {subject} cannot be read: {reason}.",
        "Le manifeste de {subject} est illisible : {reason}.");

    public static readonly FindingKind ManifestUnauthenticated = Kind("BG1733", Severity.Error,
        "The manifest of {subject} is not authenticated as one: {reason}.",
        "Le manifeste de {subject} n’est pas authentifié comme tel : {reason}.",
        "Somebody may have put another list of archives in its place (CVE-2016-10099), or it was written by Borg before 1.0.9. Compare it with another copy before you rely on it.",
        "Quelqu’un a pu mettre une autre liste d’archives à sa place (CVE-2016-10099), ou il a été écrit par Borg avant 1.0.9. Comparez-le avec une autre copie avant de vous y fier.");

    public static readonly FindingKind ManifestInFuture = Kind("BG1734", Severity.Warning,
        "The manifest of {subject} is dated in the future: {time}.",
        "Le manifeste de {subject} est daté dans le futur : {time}.",
        "Correct the clock of the machine that makes the backups.",
        "Corrigez l’horloge de la machine qui fait les sauvegardes.");

    public static readonly FindingKind ArchiveDamaged = Kind("BG1741", Severity.Error,
        "The archive {subject} cannot be read: {reason}.",
        "L’archive {subject} est illisible : {reason}.");

    public static readonly FindingKind ArchiveWithoutTag = Kind("BG1742", Severity.Warning,
        "The archive {subject} is not authenticated as an archive: what looks like one may have been slipped in as a file (CVE-2023-36811).",
        "L’archive {subject} n’est pas authentifiée comme archive : ce qui y ressemble a pu être glissé comme fichier (CVE-2023-36811).",
        "If you know this archive, follow Borg's upgrade notes for 1.2.5 on the client; if you do not, treat it as forged.",
        "Si vous connaissez cette archive, suivez les notes de mise à niveau de Borg 1.2.5 sur le client ; sinon, considérez-la comme fausse.");

    public static readonly FindingKind ArchiveForged = Kind("BG1743", Severity.Error,
        "The archive {subject} carries an authentication that is wrong: {reason}.",
        "L’archive {subject} porte une authentification fausse : {reason}.",
        "Treat it as forged (CVE-2023-36811): restore from another archive and find out who could write into this repository.",
        "Considérez-la comme fausse (CVE-2023-36811) : restaurez depuis une autre archive et cherchez qui pouvait écrire dans ce dépôt.");

    public static readonly FindingKind ArchiveInFuture = Kind("BG1744", Severity.Warning,
        "The archive {subject} is dated in the future: {time}.",
        "L’archive {subject} est datée dans le futur : {time}.",
        "Correct the clock of the machine that makes the backups.",
        "Corrigez l’horloge de la machine qui fait les sauvegardes.");

    public static readonly FindingKind ArchiveListed = Kind("BG1745", Severity.Warning,
        "The manifest lists the archive {subject} with another {what} than the archive itself has.",
        "Le manifeste cite l’archive {subject} avec {what} que l’archive elle-même ne porte pas.",
        "borg check --repair leaves this when two archives had one name. If nobody ran it, find out who changed the list.",
        "« borg check --repair » laisse cela quand deux archives avaient le même nom. Si personne ne l’a lancé, cherchez qui a changé la liste.");

    public static readonly FindingKind ArchiveCheckpoint = Kind("BG1746", Severity.Warning,
        "The archive {subject} is a checkpoint: its backup was interrupted, so it does not hold everything.",
        "L’archive {subject} est un point de reprise : sa sauvegarde a été interrompue, elle ne contient donc pas tout.",
        "Do not count on it; look at the log of that backup.",
        "Ne comptez pas dessus ; voyez le journal de cette sauvegarde.");

    public static readonly FindingKind ItemsDamaged = Kind("BG1751", Severity.Error,
        "The list of files of the archive {subject} cannot be read from item {item} on: {reason}.",
        "La liste des fichiers de l’archive {subject} est illisible à partir de l’élément {item} : {reason}.");

    public static readonly FindingKind ItemPath = Kind("BG1752", Severity.Error,
        "The path {subject} cannot be restored: {reason}.",
        "Le chemin {subject} ne peut être restauré : {reason}.",
        "Ask who wrote this backup: Borg itself never writes such a path. Restore the rest.",
        "Cherchez qui a écrit cette sauvegarde : Borg n’écrit jamais un tel chemin. Restaurez le reste.");

    public static readonly FindingKind ItemRepaired = Kind("BG1753", Severity.Error,
        "The file {subject} was repaired by borg check with zeros in place of {chunks} lost chunks, in {archive}.",
        "Le fichier {subject} a été réparé par borg check avec des zéros à la place de {chunks} blocs perdus, dans {archive}.",
        "Its content is lost here, though borg check now calls the repository good: take the file from another archive or copy.",
        "Son contenu est perdu ici, même si borg check dit maintenant le dépôt bon : reprenez le fichier d’une autre archive ou copie.");

    public static readonly FindingKind ItemSize = Kind("BG1754", Severity.Info,
        "The file {subject} is recorded with {recorded} bytes, its chunks hold {actual}.",
        "Le fichier {subject} est noté avec {recorded} octets, ses blocs en contiennent {actual}.",
        "Usual for a file that changed while it was being read.",
        "Usuel pour un fichier qui a changé pendant sa lecture.");

    public static readonly FindingKind LinkTargetMissing = Kind("BG1755", Severity.Error,
        "{subject} is a hard link to a file that the archive {archive} does not hold.",
        "{subject} est un lien physique vers un fichier que l’archive {archive} ne contient pas.");

    public static readonly FindingKind TooManyNotes = Kind("BG1798", Severity.Warning,
        "{count} further notes and warnings of the kind {subject} were not listed.",
        "{count} autres remarques et avertissements du type {subject} n’ont pas été listés.",
        "See to the ones that are listed first, then verify again.",
        "Traitez d’abord ceux qui sont listés, puis vérifiez à nouveau.");

    public static readonly FindingKind TooManyFindings = Kind("BG1799", Severity.Error,
        "{count} further findings about {subject} were not listed.",
        "{count} autres constats sur {subject} n’ont pas été listés.",
        "The damage is wide: treat the whole repository as lost and go to another copy.",
        "Les dégâts sont étendus : considérez tout le dépôt comme perdu et passez à une autre copie.");
}
