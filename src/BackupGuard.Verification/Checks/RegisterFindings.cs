namespace BackupGuard.Verification.Checks;

/// <summary>What the register of a copy shows: BG401x.</summary>
public static class RegisterFindings
{
    private const string HowToAcceptEn = "If this is as it should be, say so with: backupguard-agent accept <repository> --reason.";
    private const string HowToAcceptFr = "Si cela est voulu, dites-le avec : backupguard-agent accept <dépôt> --reason.";

    public static readonly FindingKind FirstLook = new("BG4010", Severity.Info,
        new("{subject} is looked at for the first time: {snapshots} snapshots and {keys} keys are remembered from now on.", "Compare the keys with those that you know: whoever was there before the first look is taken for known."),
        new("{subject} est examiné pour la première fois : {snapshots} instantanés et {keys} clés sont désormais retenus.", "Comparez les clés avec celles que vous connaissez : ce qui était là avant le premier examen passe pour connu."));

    public static readonly FindingKind VanishedEarly = new("BG4011", Severity.Error,
        new("Snapshot {subject} of {taken} is gone since {gone}, although it was to be kept until {promised}.", "Find out who removed it, and freeze every retention job until you know. " + HowToAcceptEn),
        new("L’instantané {subject} du {taken} a disparu depuis le {gone} alors qu’il devait être gardé jusqu’au {promised}.", "Cherchez qui l’a supprimé et gelez toute purge d’ici là. " + HowToAcceptFr));

    public static readonly FindingKind WentBack = new("BG4012", Severity.Error,
        new("The backup went back in time: its newest snapshot {subject} of {taken}, seen since {seen}, is gone since {gone}.", "No retention removes the newest snapshot: somebody deleted it or put an older copy in its place. Freeze retention and look at the storage. " + HowToAcceptEn),
        new("La sauvegarde est revenue en arrière : son dernier instantané {subject} du {taken}, vu depuis le {seen}, a disparu depuis le {gone}.", "Aucune purge ne supprime le dernier instantané : quelqu’un l’a effacé ou a remis une copie plus ancienne. Gelez les purges et examinez le stockage. " + HowToAcceptFr));

    public static readonly FindingKind Vanished = new("BG4013", Severity.Warning,
        new("Snapshot {subject} of {taken} is gone since {gone}; nobody said how long it is to be kept.", "Write the retention that you rely on into agent.yaml, so that a snapshot that goes too early is an error."),
        new("L’instantané {subject} du {taken} a disparu depuis le {gone} ; personne n’a dit combien de temps il devait être gardé.", "Indiquez dans agent.yaml la rétention sur laquelle vous comptez, afin qu’une disparition prématurée soit une erreur."));

    public static readonly FindingKind Replaced = new("BG4014", Severity.Error,
        new("Another backup lies at this address: {subject} instead of {known}.", "Find the backup that was here, and who put this one in its place. " + HowToAcceptEn),
        new("Une autre sauvegarde se trouve à cette adresse : {subject} au lieu de {known}.", "Cherchez la sauvegarde qui était là et qui l’a remplacée. " + HowToAcceptFr));

    public static readonly FindingKind Changed = new("BG4015", Severity.Error,
        new("Snapshot {subject} changed: it was taken at {before} when it was first seen and says {now} today.", "A snapshot does not change by itself. Compare it with another copy and freeze retention. " + HowToAcceptEn),
        new("L’instantané {subject} a changé : il datait du {before} quand il a été vu la première fois et indique aujourd’hui {now}.", "Un instantané ne change pas tout seul. Comparez-le à une autre copie et gelez les purges. " + HowToAcceptFr));

    public static readonly FindingKind KeyAppeared = new("BG4016", Severity.Warning,
        new("Key {subject} ({description}) was added and nobody announced it.", "Find out who added it: whoever holds it reads the backup and can write into it. Announce it in agent.yaml (keys), or remove it."),
        new("La clé {subject} ({description}) a été ajoutée sans que personne l’ait annoncée.", "Cherchez qui l’a ajoutée : qui la détient lit la sauvegarde et peut y écrire. Annoncez-la dans agent.yaml (keys) ou supprimez-la."));

    public static readonly FindingKind KeyVanished = new("BG4017", Severity.Warning,
        new("Key {subject} ({description}), known since {seen}, is gone.", "Check that the password in the sealed envelope still opens this backup. " + HowToAcceptEn),
        new("La clé {subject} ({description}), connue depuis le {seen}, a disparu.", "Vérifiez que le mot de passe de l’enveloppe scellée ouvre encore cette sauvegarde. " + HowToAcceptFr));

    public static readonly FindingKind Accepted = new("BG4018", Severity.Info,
        new("{by} accepted the state of {subject} on {time}: {reason}.", "Nothing to do; it stays visible for a month."),
        new("{by} a accepté l’état de {subject} le {time} : {reason}.", "Rien à faire ; la mention reste visible un mois."));
}
