namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>What can be wrong with a PostgreSQL base backup. BG16xx.</summary>
public static class PostgresFindings
{
    public static readonly FindingKind ManifestMissing = new("BG1601", Severity.Error,
        new("{subject} holds no backup_manifest: nothing says what should be there.", "Find out who removed it, or take backups with a manifest (pg_basebackup from PostgreSQL 13 on writes one unless told --no-manifest)."),
        new("{subject} ne contient pas de backup_manifest : rien ne dit ce qui devrait s’y trouver.", "Cherchez qui l’a retiré, ou faites des sauvegardes avec manifeste (pg_basebackup l’écrit depuis PostgreSQL 13, sauf avec --no-manifest)."));

    public static readonly FindingKind ManifestMalformed = new("BG1602", Severity.Error,
        new("The manifest {subject} cannot be used: {reason}.", "Treat the backup as unproven: bring the manifest back from another copy, or take a new backup."),
        new("Le manifeste {subject} est inutilisable : {reason}.", "Considérez la sauvegarde comme non prouvée : reprenez le manifeste d’une autre copie, ou refaites une sauvegarde."));

    public static readonly FindingKind ManifestChecksumWrong = new("BG1603", Severity.Error,
        new("The manifest {subject} does not match its own checksum: it was changed after the backup.", "Do not believe what it lists. Compare with another copy, and find out what or who changed it."),
        new("Le manifeste {subject} ne correspond pas à sa propre somme de contrôle : il a été modifié après la sauvegarde.", "Ne croyez pas ce qu’il énumère. Comparez avec une autre copie et cherchez ce qui, ou qui, l’a modifié."));

    public static readonly FindingKind ManifestVersionUnknown = new("BG1604", Severity.Warning,
        new("The manifest {subject} is of version {reason}, which this agent does not know.", "Update the agent: until then nothing is known about this backup."),
        new("Le manifeste {subject} est de version {reason}, inconnue de cet agent.", "Mettez l’agent à jour : d’ici là on ne sait rien de cette sauvegarde."));

    public static readonly FindingKind PathRefused = new("BG1605", Severity.Error,
        new("The manifest lists {subject}, which no server writes: {reason}.", "The name could leave the data directory. Find out who wrote this manifest before anything is restored from it."),
        new("Le manifeste énumère {subject}, qu’aucun serveur n’écrit : {reason}.", "Ce nom pourrait sortir du répertoire de données. Cherchez qui a écrit ce manifeste avant d’en restaurer quoi que ce soit."));

    public static readonly FindingKind PathTwice = new("BG1606", Severity.Error,
        new("{subject} comes more than once: which one is restored depends on the program.", "Take a new backup, and find out what wrote this one."),
        new("{subject} figure plusieurs fois : ce qui est restauré dépend du programme utilisé.", "Refaites une sauvegarde et cherchez ce qui a écrit celle-ci."));

    public static readonly FindingKind FileMissing = new("BG1607", Severity.Error,
        new("{subject} was backed up and is gone.", "Bring it back from another copy, or take a new backup now: a server restored from this one may not start, or lack data."),
        new("{subject} a été sauvegardé et a disparu.", "Reprenez-le d’une autre copie, ou refaites une sauvegarde maintenant : un serveur restauré depuis celle-ci peut ne pas démarrer, ou manquer de données."));

    public static readonly FindingKind FileExtra = new("BG1608", Severity.Error,
        new("{subject} is there, but was not backed up.", "Find out who put it there; the server would take it for its own."),
        new("{subject} est présent, mais n’a pas été sauvegardé.", "Cherchez qui l’a déposé ; le serveur le prendrait pour le sien."));

    public static readonly FindingKind SizeDiffers = new("BG1609", Severity.Error,
        new("{subject} is not as long as it was: {reason}.", "Bring it back from another copy, or take a new backup now."),
        new("{subject} n’a pas sa longueur d’origine : {reason}.", "Reprenez-le d’une autre copie, ou refaites une sauvegarde maintenant."));

    public static readonly FindingKind ContentDiffers = new("BG1610", Severity.Error,
        new("{subject} does not match its checksum ({algorithm}): its content changed after the backup.", "Bring it back from another copy, or take a new backup now, and look at the storage."),
        new("{subject} ne correspond pas à sa somme de contrôle ({algorithm}) : son contenu a changé après la sauvegarde.", "Reprenez-le d’une autre copie, ou refaites une sauvegarde maintenant, et examinez le stockage."));

    public static readonly FindingKind NoChecksums = new("BG1611", Severity.Warning,
        new("{count} files were backed up without a checksum: whether their content is right cannot be known.", "Take backups with checksums: pg_basebackup --manifest-checksums=SHA256."),
        new("{count} fichiers ont été sauvegardés sans somme de contrôle : on ne peut savoir si leur contenu est juste.", "Faites les sauvegardes avec des sommes de contrôle : pg_basebackup --manifest-checksums=SHA256."));

    public static readonly FindingKind WalMissing = new("BG1612", Severity.Error,
        new("The WAL segment {subject} is not there, but recovery needs it ({range}).", "Bring it from the WAL archive. Without it this backup never becomes consistent: take backups with --wal-method=stream."),
        new("Le segment WAL {subject} est absent, alors que la reprise en a besoin ({range}).", "Reprenez-le de l’archive des WAL. Sans lui, cette sauvegarde ne devient jamais cohérente : sauvegardez avec --wal-method=stream."));

    public static readonly FindingKind WalDamaged = new("BG1613", Severity.Error,
        new("The WAL segment {subject} is damaged: {reason}.", "Bring it from the WAL archive or another copy. Recovery would stop there, before the backup is consistent."),
        new("Le segment WAL {subject} est endommagé : {reason}.", "Reprenez-le de l’archive des WAL ou d’une autre copie. La reprise s’arrêterait là, avant que la sauvegarde soit cohérente."));

    public static readonly FindingKind RangesWrong = new("BG1614", Severity.Error,
        new("The WAL ranges of {subject} cannot be: {reason}.", "Nothing says which WAL makes this backup consistent. Take a new backup."),
        new("Les plages WAL de {subject} sont impossibles : {reason}.", "Rien ne dit quels WAL rendent cette sauvegarde cohérente. Refaites une sauvegarde."));

    public static readonly FindingKind HistoryWrong = new("BG1615", Severity.Error,
        new("The timeline history {subject} does not fit the backup: {reason}.", "Bring it from the WAL archive: without it the server does not find its way from one timeline to the next."),
        new("L’historique de ligne de temps {subject} ne convient pas à la sauvegarde : {reason}.", "Reprenez-le de l’archive des WAL : sans lui le serveur ne passe pas d’une ligne de temps à la suivante."));

    public static readonly FindingKind HistoryMissing = new("BG1616", Severity.Warning,
        new("{subject} is not there: the cluster was promoted once, and this file tells when.", "Keep the history files with the WAL archive; recovery to a point in time may need them."),
        new("{subject} est absent : l’instance a été promue un jour, et ce fichier dit quand.", "Conservez les fichiers d’historique avec l’archive des WAL ; une reprise à un instant donné peut en avoir besoin."));

    public static readonly FindingKind LabelWrong = new("BG1617", Severity.Error,
        new("{subject} cannot be right: {reason}.", "The server reads there where recovery begins; from a wrong place it silently loses or mixes data. Take a new backup."),
        new("{subject} ne peut être juste : {reason}.", "Le serveur y lit où commence la reprise ; d’un mauvais endroit, il perd ou mélange des données en silence. Refaites une sauvegarde."));

    public static readonly FindingKind ControlFileDamaged = new("BG1618", Severity.Error,
        new("The control file {subject} cannot be used: {reason}.", "No server starts without it. Bring it back from another copy, or take a new backup now."),
        new("Le fichier de contrôle {subject} est inutilisable : {reason}.", "Aucun serveur ne démarre sans lui. Reprenez-le d’une autre copie, ou refaites une sauvegarde maintenant."));

    public static readonly FindingKind ReleaseUnknown = new("BG1619", Severity.Warning,
        new("{subject} was written by a server that this agent does not know: {reason}.", "Update the agent; until then this part was not checked."),
        new("{subject} a été écrit par un serveur que cet agent ne connaît pas : {reason}.", "Mettez l’agent à jour ; d’ici là cette partie n’a pas été contrôlée."));

    public static readonly FindingKind OtherCluster = new("BG1620", Severity.Error,
        new("{subject} belongs to another cluster: {reason}.", "Files of two servers were mixed. Take a new backup, and look at what copies them."),
        new("{subject} appartient à une autre instance : {reason}.", "Des fichiers de deux serveurs ont été mélangés. Refaites une sauvegarde et examinez ce qui les copie."));

    public static readonly FindingKind ReleaseWrong = new("BG1621", Severity.Error,
        new("{subject} does not say which release can read this backup: {reason}.", "A server of another release refuses it. Take a new backup, and look at what wrote this one."),
        new("{subject} ne dit pas quelle version peut lire cette sauvegarde : {reason}.", "Un serveur d’une autre version la refuse. Refaites une sauvegarde et examinez ce qui a écrit celle-ci."));

    public static readonly FindingKind TablespaceMissing = new("BG1622", Severity.Error,
        new("The tablespace {subject} is not there: {reason}.", "Its tables are lost with it. Look for it where pg_basebackup put it, or take a new backup that has it."),
        new("Le tablespace {subject} est absent : {reason}.", "Ses tables sont perdues avec lui. Cherchez-le là où pg_basebackup l’a mis, ou refaites une sauvegarde qui le contient."));

    public static readonly FindingKind TablespaceUnreadable = new("BG1623", Severity.Warning,
        new("{subject} is a link that was not followed: {reason}.", "Verify on the machine where the tablespace lies, or back up in tar format, which keeps all in one folder."),
        new("{subject} est un lien qui n’a pas été suivi : {reason}.", "Vérifiez sur la machine où se trouve le tablespace, ou sauvegardez au format tar, qui garde tout dans un dossier."));

    public static readonly FindingKind MapWrong = new("BG1624", Severity.Error,
        new("{subject} cannot be right: {reason}.", "The server would look for its tablespaces in the wrong place. Take a new backup."),
        new("{subject} ne peut être juste : {reason}.", "Le serveur chercherait ses tablespaces au mauvais endroit. Refaites une sauvegarde."));

    public static readonly FindingKind Incremental = new("BG1625", Severity.Warning,
        new("{subject} is an incremental backup: it cannot be restored by itself.", "Combine it with the backups before it (pg_combinebackup) and verify the result; verify each of the others too."),
        new("{subject} est une sauvegarde incrémentale : elle ne peut être restaurée seule.", "Combinez-la avec celles qui la précèdent (pg_combinebackup) et vérifiez le résultat ; vérifiez aussi chacune des autres."));

    public static readonly FindingKind PageDamaged = new("BG1626", Severity.Error,
        new("{subject} has {count} blocks whose own checksum is wrong, the first is block {block}: the database was damaged before it was backed up.", "The backup is a faithful copy of a damaged table. Look for an older backup without this finding, and run pg_amcheck on the server now."),
        new("{subject} a {count} blocs dont la somme de contrôle est fausse, le premier est le bloc {block} : la base était endommagée avant d’être sauvegardée.", "La sauvegarde est la copie fidèle d’une table endommagée. Cherchez une sauvegarde plus ancienne sans ce constat, et lancez pg_amcheck sur le serveur maintenant."));

    public static readonly FindingKind ArchiveDamaged = new("BG1627", Severity.Error,
        new("The archive {subject} is damaged or cut: {reason}.", "Bring it back from another copy, or take a new backup now. What stands behind the damage is lost."),
        new("L’archive {subject} est endommagée ou tronquée : {reason}.", "Reprenez-la d’une autre copie, ou refaites une sauvegarde maintenant. Ce qui suit le dommage est perdu."));

    public static readonly FindingKind ArchiveNotReadable = new("BG1628", Severity.Warning,
        new("The archive {subject} is compressed in a way that this agent does not read: {reason}.", "Compress with gzip or zstd, or verify with pg_verifybackup until the agent reads it."),
        new("L’archive {subject} est compressée d’une façon que cet agent ne lit pas : {reason}.", "Compressez avec gzip ou zstd, ou vérifiez avec pg_verifybackup tant que l’agent ne la lit pas."));

    public static readonly FindingKind LimitExceeded = new("BG1629", Severity.Error,
        new("{subject} goes beyond a limit and was not read further: {reason}.", "A backup like this may be made to exhaust the reader. Find out who made it before opening it with anything else."),
        new("{subject} dépasse une limite et n’a pas été lu plus loin : {reason}.", "Une telle sauvegarde peut être faite pour épuiser le lecteur. Cherchez qui l’a produite avant de l’ouvrir avec autre chose."));

    public static readonly FindingKind SettingsChanged = new("BG1630", Severity.Warning,
        new("{subject} is not what was backed up: it was written or changed afterwards, and the server obeys it.", "pg_basebackup -R does that for a standby. Read it before starting a server here: it can name commands that the server runs."),
        new("{subject} n’est pas ce qui a été sauvegardé : il a été écrit ou modifié après coup, et le serveur lui obéit.", "pg_basebackup -R le fait pour un serveur secondaire. Lisez-le avant de démarrer un serveur ici : il peut nommer des commandes que le serveur exécute."));

    public static readonly FindingKind NameNotReadable = new("BG1631", Severity.Warning,
        new("{subject} has a name that is not valid UTF-8 and could not be looked at here.", "Back up in tar format: names are read there as they are."),
        new("{subject} porte un nom qui n’est pas de l’UTF-8 valide et n’a pas pu être examiné ici.", "Sauvegardez au format tar : les noms y sont lus tels quels."));

    public static readonly FindingKind MoreOfThem = new("BG1632", Severity.Info,
        new("{count} more findings of the kind {subject} are not listed.", "Look at the listed ones first: the cause is most likely the same."),
        new("{count} autres constats du type {subject} ne sont pas listés.", "Examinez d’abord ceux qui sont listés : la cause est très probablement la même."));

    public static readonly FindingKind TablespaceMoved = new("BG1633", Severity.Info,
        new("The tablespace {subject} was restored inside the data directory, below {folder}, with a link to it.", "Nothing to do for a test. For service, move the folder to its place while the server is stopped, and set the link in pg_tblspc anew."),
        new("Le tablespace {subject} a été restauré dans le répertoire de données, sous {folder}, avec un lien vers lui.", "Rien à faire pour un essai. Pour la production, déplacez le dossier à sa place, serveur arrêté, et refaites le lien dans pg_tblspc."));
}
