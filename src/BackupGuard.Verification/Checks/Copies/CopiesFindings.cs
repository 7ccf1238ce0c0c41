namespace BackupGuard.Verification.Checks.Copies;

/// <summary>3-2-1-1-0 of a dataset. BG430x.</summary>
public static class CopiesFindings
{
    public static readonly FindingKind TooFew = new("BG4301", Severity.Error,
        new("{subject} has fewer than three copies, the original counted: {seen}.", "Add a copy, or repair and verify the one that failed; then run: backupguard-agent copies."),
        new("{subject} a moins de trois copies, original compris : {seen}.", "Ajoutez une copie, ou réparez puis vérifiez celle qui est en échec ; puis lancez : backupguard-agent copies."));

    public static readonly FindingKind OneMedium = new("BG4302", Severity.Error,
        new("All copies of {subject} lie on one kind of medium: {seen}.", "Put one copy on another kind of medium: one fault or one administrator reaches all of these."),
        new("Toutes les copies de {subject} sont sur un même type de support : {seen}.", "Mettez une copie sur un autre type de support : une seule panne ou un seul administrateur les atteint toutes."));

    public static readonly FindingKind OneSite = new("BG4303", Severity.Error,
        new("No copy of {subject} is away from the original: {seen}.", "Bring an encrypted copy to another site: a fire or a flood takes all of these."),
        new("Aucune copie de {subject} n’est hors du site de l’original : {seen}.", "Externalisez une copie chiffrée : un incendie ou une inondation emporterait toutes celles-ci."));

    public static readonly FindingKind NoneHeld = new("BG4304", Severity.Error,
        new("No copy of {subject} is offline or immutable: {seen}.", "Whoever takes over the administration can destroy all of them today. Disconnect one, or lock one and prove it: backupguard-agent probe."),
        new("Aucune copie de {subject} n’est hors ligne ou immuable : {seen}.", "Qui prend l’administration peut toutes les détruire aujourd’hui. Déconnectez-en une, ou verrouillez-en une et prouvez-le : backupguard-agent probe."));

    public static readonly FindingKind Errors = new("BG4305", Severity.Error,
        new("Not every copy of {subject} is free of errors: {seen}.", "Look at the findings of the copy that failed, repair it or make it anew, then verify it."),
        new("Toutes les copies de {subject} ne sont pas sans erreur : {seen}.", "Examinez les constats de la copie en échec, réparez-la ou refaites-la, puis vérifiez-la."));

    public static readonly FindingKind NotKnown = new("BG4306", Severity.Warning,
        new("Whether {subject} meets \"{requirement}\" is not known: {seen}.", "Unknown is not good: verify and probe its copies on a calendar (verify and probe in agent.yaml), and say where each lies."),
        new("On ne sait pas si {subject} satisfait « {requirement} » : {seen}.", "Inconnu n’est pas bon : vérifiez et éprouvez ses copies selon un calendrier (verify et probe dans agent.yaml), et dites où chacune se trouve."));

    public static readonly FindingKind NotSeenOffline = new("BG4307", Severity.Warning,
        new("{subject} is offline by procedure, and nobody has seen it disconnected {since}.", "Look at it, then write it down: backupguard-agent copies seen-offline {subject} --by ROLE."),
        new("{subject} est hors ligne par procédure, et personne ne l’a vue déconnectée {since}.", "Allez la voir, puis consignez-le : backupguard-agent copies seen-offline {subject} --by RÔLE."));

    public static readonly FindingKind MemoryLost = new("BG4308", Severity.Warning,
        new("What is remembered of {subject} cannot be read: {reason}. It counts as never looked at.", "Verify and probe it again; find out who changed the files in the agent's state folder."),
        new("Ce qui est mémorisé de {subject} est illisible : {reason}. Elle compte comme jamais examinée.", "Vérifiez-la et éprouvez-la à nouveau ; cherchez qui a modifié les fichiers du dossier d’état de l’agent."));
}
