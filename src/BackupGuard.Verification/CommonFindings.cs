namespace BackupGuard.Verification;

/// <summary>Kinds that every format shares: opening, reading, restoring. BG10xx and BG13xx.</summary>
public static class CommonFindings
{
    public static readonly FindingKind NotARepository = new("BG1001", Severity.Error,
        new("{subject} is not a {format} backup: {reason}.", "Check the address and the format in front of the colon; verify the folder by hand if a backup was expected here."),
        new("{subject} n’est pas une sauvegarde {format} : {reason}.", "Vérifiez l’adresse et le format devant les deux-points ; contrôlez le dossier à la main si une sauvegarde y était attendue."));

    public static readonly FindingKind ObjectUnreadable = new("BG1002", Severity.Warning,
        new("{subject} could not be read: {reason}.", "Give the agent's account read access or repair the storage, then verify again: until then nothing is known about this object."),
        new("{subject} n’a pas pu être lu : {reason}.", "Donnez à l’agent le droit de lecture ou réparez le stockage, puis vérifiez à nouveau : d’ici là on ne sait rien de cet objet."));

    public static readonly FindingKind ReadOnRetry = new("BG1003", Severity.Warning,
        new("{subject} was read only at the second attempt: {reason}.", "Look at the storage: a copy that has to be asked twice may not answer in a crisis."),
        new("{subject} n’a été lu qu’à la deuxième tentative : {reason}.", "Examinez le stockage : une copie qu’il faut demander deux fois peut ne pas répondre en pleine crise."));

    public static readonly FindingKind Unexpected = new("BG1004", Severity.Info,
        new("{subject} does not belong to the backup and was not judged.", "Find out who put it there."),
        new("{subject} n’appartient pas à la sauvegarde et n’a pas été jugé.", "Cherchez qui l’a déposé."));

    public static readonly FindingKind NothingThere = new("BG1005", Severity.Error,
        new("{subject} holds nothing that could be restored.", "Find out why the backup job wrote nothing: an empty backup protects nobody."),
        new("{subject} ne contient rien qui puisse être restauré.", "Cherchez pourquoi la sauvegarde n’a rien écrit : une sauvegarde vide ne protège personne."));

    public static readonly FindingKind SnapshotUnknown = new("BG1301", Severity.Error,
        new("No snapshot matches {subject}: {reason}.", "List what is there with: backupguard-agent inspect."),
        new("Aucun instantané ne correspond à {subject} : {reason}.", "Listez ce qui existe avec : backupguard-agent inspect."));

    public static readonly FindingKind NameRefused = new("BG1302", Severity.Error,
        new("{subject} was not restored: {reason}.", "The name could leave the target folder or cannot exist here. Ask who wrote this backup; restore the rest with --include."),
        new("{subject} n’a pas été restauré : {reason}.", "Ce nom pourrait sortir du dossier cible ou ne peut exister ici. Cherchez qui a écrit cette sauvegarde ; restaurez le reste avec --include."));

    public static readonly FindingKind RestoreWriteFailed = new("BG1303", Severity.Error,
        new("{subject} could not be written: {reason}.", "Free space or give rights on the target, then restore again into an empty folder: nothing of this attempt was kept."),
        new("{subject} n’a pas pu être écrit : {reason}.", "Libérez de l’espace ou donnez les droits sur la cible, puis restaurez à nouveau dans un dossier vide : rien de cette tentative n’a été gardé."));

    public static readonly FindingKind MetadataNotSet = new("BG1304", Severity.Warning,
        new("{subject} was restored, but {reason}.", "Run the restore as root, or set it by hand."),
        new("{subject} a été restauré, mais {reason}.", "Lancez la restauration en root, ou corrigez à la main."));

    public static readonly FindingKind SpecialNotRestored = new("BG1305", Severity.Warning,
        new("{subject} is a {kind} and was not restored.", "Run the restore as root if this file is needed."),
        new("{subject} est un fichier spécial ({kind}) et n’a pas été restauré.", "Lancez la restauration en root si ce fichier est nécessaire."));

    public static readonly FindingKind NothingRestored = new("BG1306", Severity.Error,
        new("Nothing was restored from {subject}.", "Check --include and the snapshot: a restore of nothing is a failure."),
        new("Rien n’a été restauré depuis {subject}.", "Vérifiez --include et l’instantané : ne rien restaurer est un échec."));

    public static readonly FindingKind RepositoryNotWhole = new("BG1307", Severity.Warning,
        new("What was asked for was restored whole, but the backup around it has other findings: {subject}.", "Use what was restored, then verify the backup: something else in it is damaged or was put there."),
        new("Ce qui était demandé a été restauré en entier, mais la sauvegarde autour présente d’autres constats : {subject}.", "Servez-vous de ce qui est restauré, puis vérifiez la sauvegarde : autre chose y est abîmé ou y a été déposé."));
}
