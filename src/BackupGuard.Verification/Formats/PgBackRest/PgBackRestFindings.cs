namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>What can be wrong with a stanza of pgBackRest. BG180x to BG184x.</summary>
public static class PgBackRestFindings
{
    public static readonly FindingKind DrivenBy = new("BG1800", Severity.Info,
        new("Names, sizes, references and WAL of {subject} were checked by this agent; that the contents are right is the word of {tool}.", "A restore (restore, or a drill) compares every byte without taking the tool's word."),
        new("Les noms, tailles, références et WAL de {subject} ont été contrôlés par cet agent ; que les contenus soient justes, c’est {tool} qui le dit.", "Une restauration (restore, ou un exercice) compare chaque octet sans croire l’outil sur parole."));

    public static readonly FindingKind ToolFailed = new("BG1801", Severity.Warning,
        new("pgBackRest did not answer \"{subject}\": {reason}.", "Run the same command by hand as the agent's account, with the same configuration file; until it answers nothing is known."),
        new("pgBackRest n’a pas répondu à « {subject} » : {reason}.", "Lancez la même commande à la main avec le compte de l’agent et le même fichier de configuration ; d’ici là on ne sait rien."));

    public static readonly FindingKind NoBackup = new("BG1802", Severity.Error,
        new("The stanza {subject} has no backup: {reason}.", "Check the stanza's name and the repository's path; if they are right, find out since when no backup was made, and make one now."),
        new("La stanza {subject} n’a aucune sauvegarde : {reason}.", "Vérifiez le nom de la stanza et le chemin du dépôt ; s’ils sont justes, cherchez depuis quand aucune sauvegarde n’est faite, et faites-en une maintenant."));

    public static readonly FindingKind StatusNotOk = new("BG1803", Severity.Warning,
        new("pgBackRest gives the stanza {subject} the status {reason}.", "Run pgbackrest info for this stanza and mend what it names; until then this is not a good copy."),
        new("pgBackRest donne à la stanza {subject} l’état {reason}.", "Lancez pgbackrest info sur cette stanza et corrigez ce qu’il nomme ; d’ici là cette copie n’est pas bonne."));

    public static readonly FindingKind BackupInvalid = new("BG1804", Severity.Error,
        new("pgBackRest finds the backup {subject} not valid: {reason}.", "Take a new full backup now, and look at the storage. Backups that refer to this one are lost with it."),
        new("pgBackRest juge la sauvegarde {subject} non valide : {reason}.", "Faites maintenant une nouvelle sauvegarde complète et examinez le stockage. Les sauvegardes qui s’appuient sur elle sont perdues avec elle."));

    public static readonly FindingKind ArchiveInvalid = new("BG1805", Severity.Error,
        new("pgBackRest finds WAL of {subject} not valid: {reason}.", "Recovery stops at a damaged segment. Take a new backup, so that recovery can begin behind it, and look at the storage."),
        new("pgBackRest juge des WAL de {subject} non valides : {reason}.", "La reprise s’arrête à un segment endommagé. Refaites une sauvegarde, pour que la reprise commence après lui, et examinez le stockage."));

    public static readonly FindingKind VerifyError = new("BG1806", Severity.Error,
        new("pgBackRest's verify of {subject} ended in error: {reason}.", "Run pgbackrest verify by hand and mend what it names; treat the stanza as not restorable until then."),
        new("Le verify de pgBackRest sur {subject} finit en erreur : {reason}.", "Lancez pgbackrest verify à la main et corrigez ce qu’il nomme ; d’ici là considérez la stanza comme non restaurable."));

    public static readonly FindingKind NotUnderstood = new("BG1807", Severity.Warning,
        new("What pgBackRest answered to \"{subject}\" was not understood: {reason}.", "Update the agent, or use a version of pgBackRest that it knows; what was not understood is not taken for good."),
        new("La réponse de pgBackRest à « {subject} » n’a pas été comprise : {reason}.", "Mettez l’agent à jour, ou utilisez une version de pgBackRest qu’il connaît ; ce qui n’est pas compris n’est pas tenu pour bon."));

    public static readonly FindingKind Contradiction = new("BG1808", Severity.Warning,
        new("Two answers about {subject} contradict each other: {reason}.", "Verify again when no backup is running. If it stays, look with the tool itself: neither answer is believed."),
        new("Deux réponses au sujet de {subject} se contredisent : {reason}.", "Vérifiez à nouveau quand aucune sauvegarde ne tourne. Si cela reste, examinez avec l’outil lui-même : aucune des deux réponses n’est crue."));

    public static readonly FindingKind InfoFileDamaged = new("BG1809", Severity.Error,
        new("{subject} cannot be used: {reason}.", "Compare with its .copy, find out who or what changed it, and take a new backup: what it lists is not to be believed."),
        new("{subject} est inutilisable : {reason}.", "Comparez avec son .copy, cherchez qui ou quoi l’a modifié, et refaites une sauvegarde : ce qu’il énumère n’est pas à croire."));

    public static readonly FindingKind CopyDiffers = new("BG1810", Severity.Error,
        new("{subject} and its copy are not the same: {reason}. pgBackRest writes both, and reads one when the other fails.", "Find out who removed or changed one of the two; the tool itself says nothing about it. Then take a new backup."),
        new("{subject} et sa copie ne sont pas identiques : {reason}. pgBackRest écrit les deux, et lit l’un quand l’autre manque.", "Cherchez qui a retiré ou modifié l’un des deux ; l’outil lui-même n’en dit rien. Puis refaites une sauvegarde."));

    public static readonly FindingKind ListsDisagree = new("BG1811", Severity.Error,
        new("backup.info and the manifest of {subject} disagree: {reason}.", "One of them was changed. Do not rely on this backup before you know which; take a new one."),
        new("backup.info et le manifeste de {subject} se contredisent : {reason}.", "L’un des deux a été modifié. Ne comptez pas sur cette sauvegarde avant de savoir lequel ; refaites-en une."));

    public static readonly FindingKind BackupGone = new("BG1812", Severity.Error,
        new("{subject} is gone, but {reason}.", "Bring it back from another copy of the repository, or take a new full backup now."),
        new("{subject} a disparu, mais {reason}.", "Reprenez-la d’une autre copie du dépôt, ou faites maintenant une nouvelle sauvegarde complète."));

    public static readonly FindingKind BackupNotListed = new("BG1813", Severity.Warning,
        new("{subject} lies among the backups, but backup.info does not list it.", "It is the rest of an interrupted backup, or backup.info was replaced by an older one: find out which before the next expire removes it."),
        new("{subject} se trouve parmi les sauvegardes, mais backup.info ne l’énumère pas.", "C’est le reste d’une sauvegarde interrompue, ou backup.info a été remplacé par un plus ancien : cherchez lequel avant que le prochain expire ne l’efface."));

    public static readonly FindingKind FileMissing = new("BG1814", Severity.Error,
        new("{subject} is not in the repository, but the backup {backup} needs it.", "Bring it back from another copy, or take a new full backup now."),
        new("{subject} n’est pas dans le dépôt, alors que la sauvegarde {backup} en a besoin.", "Reprenez-le d’une autre copie, ou faites maintenant une nouvelle sauvegarde complète."));

    public static readonly FindingKind SizeDiffers = new("BG1815", Severity.Error,
        new("{subject} is not as long as it was written: {reason}.", "Bring it back from another copy, or take a new full backup now, and look at the storage."),
        new("{subject} n’a pas la longueur à laquelle il fut écrit : {reason}.", "Reprenez-le d’une autre copie, ou faites maintenant une nouvelle sauvegarde complète, et examinez le stockage."));

    public static readonly FindingKind WalMissing = new("BG1816", Severity.Error,
        new("The WAL segment {subject} is not in the archive, but the backup {backup} needs it to become consistent.", "Bring it back from another copy of the archive. Without it this backup cannot be started: take a new one now."),
        new("Le segment WAL {subject} n’est pas dans l’archive, alors que la sauvegarde {backup} en a besoin pour devenir cohérente.", "Reprenez-le d’une autre copie de l’archive. Sans lui cette sauvegarde ne démarre pas : refaites-en une maintenant."));

    public static readonly FindingKind WalGap = new("BG1817", Severity.Error,
        new("The archive lacks {count} WAL segments from {subject} to {last}: recovery to a later time stops there.", "Bring them back from the server's pg_wal or another copy; if they are lost, take a new backup now, so that recovery can begin behind the gap."),
        new("Il manque à l’archive {count} segments WAL de {subject} à {last} : la reprise à un instant ultérieur s’arrête là.", "Reprenez-les du pg_wal du serveur ou d’une autre copie ; s’ils sont perdus, refaites une sauvegarde maintenant, pour que la reprise commence après le trou."));

    public static readonly FindingKind OldWalGap = new("BG1818", Severity.Warning,
        new("Between older backups the archive lacks {count} WAL segments from {subject} to {last}.", "Expected where the retention of the archive is shorter than that of the backups; if it is not, somebody removed them."),
        new("Entre d’anciennes sauvegardes, il manque à l’archive {count} segments WAL de {subject} à {last}.", "Attendu si la rétention de l’archive est plus courte que celle des sauvegardes ; sinon, quelqu’un les a retirés."));

    public static readonly FindingKind WalTwice = new("BG1819", Severity.Error,
        new("The WAL segment {subject} is in the archive twice, with different contents.", "Two clusters write into one archive, or one was restored and started with archiving on. Stop the wrong one, and take a new backup."),
        new("Le segment WAL {subject} est deux fois dans l’archive, avec des contenus différents.", "Deux instances écrivent dans une même archive, ou une instance restaurée a démarré avec l’archivage actif. Arrêtez la mauvaise et refaites une sauvegarde."));

    public static readonly FindingKind PageErrors = new("BG1820", Severity.Error,
        new("The backup {subject} was taken from a cluster with wrong page checksums: it holds the damage.", "Look at the cluster's disk and restore the damaged tables from an older backup; pgbackrest info --set names the files."),
        new("La sauvegarde {subject} vient d’une instance aux sommes de page fausses : elle contient ces dégâts.", "Examinez le disque de l’instance et restaurez les tables abîmées d’une sauvegarde plus ancienne ; pgbackrest info --set nomme les fichiers."));

    public static readonly FindingKind NothingRead = new("BG1821", Severity.Error,
        new("pgBackRest says that all is well with {subject} and checked nothing of it.", "An empty success is a failure: find out why it saw no files, and verify again."),
        new("pgBackRest dit que tout va bien pour {subject} et n’en a rien contrôlé.", "Un succès à vide est un échec : cherchez pourquoi il n’a vu aucun fichier, et vérifiez à nouveau."));

    public static readonly FindingKind RestoredDiffers = new("BG1822", Severity.Error,
        new("{subject} came back from the restore and is not what was backed up: {reason}.", "Do not use what was restored. Restore from another backup, and look at the storage."),
        new("{subject} est revenu de la restauration et n’est pas ce qui fut sauvegardé : {reason}.", "N’utilisez pas ce qui est restauré. Restaurez depuis une autre sauvegarde et examinez le stockage."));

    public static readonly FindingKind RestoreRefused = new("BG1823", Severity.Error,
        new("pgBackRest did not restore {subject}: {reason}.", "Treat the backup as not restorable: mend what it names, or restore another one."),
        new("pgBackRest n’a pas restauré {subject} : {reason}.", "Considérez la sauvegarde comme non restaurable : corrigez ce qu’il nomme, ou restaurez-en une autre."));

    public static readonly FindingKind ArchivingOff = new("BG1824", Severity.Info,
        new("In the restored {subject} archive_mode was set to off: a restored copy must not write into the archive of the original.", "Remove that line when the restored cluster takes the original's place."),
        new("Dans le {subject} restauré, archive_mode a été mis à off : une copie restaurée ne doit pas écrire dans l’archive de l’original.", "Retirez cette ligne quand l’instance restaurée prend la place de l’original."));

    public static readonly FindingKind TablespaceMoved = new("BG1825", Severity.Info,
        new("The tablespace {subject} was restored below {folder}, with a relative link to it.", "Move it to a disk of its own before the restored cluster goes into use, if it needs one."),
        new("L’espace de tables {subject} a été restauré sous {folder}, avec un lien relatif vers lui.", "Déplacez-le sur son propre disque avant de mettre l’instance restaurée en service, s’il lui en faut un."));

    public static readonly FindingKind FromTheFuture = new("BG1826", Severity.Warning,
        new("The backup {subject} says that it was taken at {time}, which has not come yet.", "Set the clocks of the database server and of this machine right: until then its age is not known."),
        new("La sauvegarde {subject} se dit prise à {time}, heure qui n’est pas encore venue.", "Remettez à l’heure le serveur de base de données et cette machine : d’ici là son âge n’est pas connu."));

    public static readonly FindingKind MoreOfThem = new("BG1827", Severity.Info,
        new("{count} more findings of {subject} were not listed.", "Mend what is listed, then verify again."),
        new("{count} autres constats de {subject} n’ont pas été énumérés.", "Corrigez ce qui est énuméré, puis vérifiez à nouveau."));
}
