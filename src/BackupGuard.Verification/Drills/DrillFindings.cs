namespace BackupGuard.Verification.Drills;

/// <summary>What a drill can say about itself and about what it restored. BG14xx.</summary>
public static class DrillFindings
{
    public static readonly FindingKind NothingAsked = new("BG1401", Severity.Warning,
        new("The drill {subject} has no probe: it restored and asked nothing.", "Add at least one probe to the drill in agent.yaml; without a question there is no proof."),
        new("L’exercice {subject} n’a aucune sonde : il a restauré sans rien demander.", "Ajoutez au moins une sonde à l’exercice dans agent.yaml ; sans question il n’y a pas de preuve."));

    public static readonly FindingKind ProbeFailed = new("BG1402", Severity.Error,
        new("The restored data did not pass {subject}: {reason}.", "Restore this snapshot by hand and look; if the data are right, correct the probe, and the drill starts anew without proof."),
        new("Les données restaurées n’ont pas passé {subject} : {reasonFr}.", "Restaurez cet instantané à la main et regardez ; si les données sont bonnes, corrigez la sonde, et l’exercice repart sans preuve."));

    public static readonly FindingKind ProbeNotRun = new("BG1403", Severity.Warning,
        new("{subject} could not be run: {reason}.", "Correct the probe or the agent's machine, then run the drill again: this question has no answer yet."),
        new("{subject} n’a pas pu être exécutée : {reasonFr}.", "Corrigez la sonde ou la machine de l’agent, puis relancez l’exercice : cette question n’a pas encore de réponse."));

    public static readonly FindingKind SnapshotInFuture = new("BG1404", Severity.Warning,
        new("The snapshot {subject} says it was taken at {taken}, after the drill began.", "Correct the clock of the machine that writes the backup, or of this one: until then nobody knows how old the data are."),
        new("L’instantané {subject} se dit pris à {taken}, après le début de l’exercice.", "Corrigez l’horloge de la machine qui sauvegarde, ou celle-ci : d’ici là personne ne connaît l’âge des données."));

    public static readonly FindingKind SandboxUnfit = new("BG1405", Severity.Warning,
        new("The sandbox could not take the restored data: {reason}.", "Give the sandbox folder space and rights, then run the drill again: this says nothing about the backup."),
        new("Le bac à sable n’a pas pu recevoir les données restaurées : {reason}.", "Donnez de l’espace et des droits au dossier du bac à sable, puis relancez l’exercice : cela ne dit rien de la sauvegarde."));

    public static readonly FindingKind NotCleanedUp = new("BG1406", Severity.Warning,
        new("Restored data were left behind in the sandbox: {reason}.", "Remove the folder by hand: it holds a copy of real data. The agent tries again at its next start."),
        new("Des données restaurées sont restées dans le bac à sable : {reason}.", "Supprimez le dossier à la main : il contient une copie de données réelles. L’agent réessaiera à son prochain démarrage."));

    public static readonly FindingKind Interrupted = new("BG1407", Severity.Warning,
        new("{subject} was interrupted: {reason}.", "Nothing is known from this run. It is run again once by itself; otherwise start it by hand."),
        new("{subject} a été interrompu : {reasonFr}.", "Cette exécution n’apprend rien. Elle est relancée une fois d’elle-même ; sinon lancez-la à la main."));

    public static readonly FindingKind NotOpened = new("BG1408", Severity.Warning,
        new("{subject} could not be opened: {reason}.", "Check address, rights and password with: backupguard-agent inspect."),
        new("{subject} n’a pas pu être ouvert : {reason}.", "Vérifiez l’adresse, les droits et le mot de passe avec : backupguard-agent inspect."));

    public static readonly FindingKind AgeUnknown = new("BG1409", Severity.Warning,
        new("Nobody knows when the data restored from {subject} were saved.", "Verify the repository: a snapshot without a time cannot be held against an objective."),
        new("On ne sait pas quand les données restaurées depuis {subject} ont été sauvegardées.", "Vérifiez le dépôt : un instantané sans heure ne peut être comparé à un objectif."));

    public static readonly FindingKind NoSnapshotFits = new("BG1410", Severity.Warning,
        new("None of the {count} snapshots of {subject} fits the rule \"{rule}\".", "Wait until the backup holds such a snapshot, or correct the rule in agent.yaml; until then this drill proves nothing."),
        new("Aucun des {count} instantanés de {subject} ne répond à la règle « {rule} ».", "Attendez que la sauvegarde en contienne un, ou corrigez la règle dans agent.yaml ; d’ici là cet exercice ne prouve rien."));

    public static readonly FindingKind AlarmNotProved = new("BG1411", Severity.Warning,
        new("{subject} did not go red on a copy that was damaged on purpose ({damage}).", "Ask something that only intact data can answer; a question that cannot be answered badly proves little."),
        new("{subject} n’a pas viré au rouge sur une copie abîmée exprès ({damageFr}).", "Posez une question à laquelle seules des données intactes répondent ; une question sans mauvaise réponse prouve peu."));

    public static readonly FindingKind SlowerThanObjective = new("BG1412", Severity.Error,
        new("{subject} took {took}, its objective is {longest}.", "Make the restore faster (more streams, a nearer copy, a smaller first set), or have the objective changed by whoever answers for it."),
        new("{subject} a pris {took}, son objectif est {longest}.", "Accélérez la restauration (plus de flux, une copie plus proche, un premier lot plus petit), ou faites modifier l’objectif par qui en répond."));

    public static readonly FindingKind OlderThanObjective = new("BG1413", Severity.Error,
        new("The data that {subject} restored are {age} old, the objective is {longest}.", "Find out why newer data are missing from the backup: a job that no longer runs, or a source that no longer writes."),
        new("Les données restaurées par {subject} ont {age}, l’objectif est {longest}.", "Cherchez pourquoi des données plus récentes manquent à la sauvegarde : une tâche qui ne tourne plus, ou une source qui n’écrit plus."));

    public static readonly FindingKind BrokenFile = new("BG1450", Severity.Error,
        new("{subject} is no whole {format} file: {reason}.", "Compare it with the original at its source: if that one is whole, the backup job damages it; if not, have it exported anew while the system that made it still has it."),
        new("{subject} n’est pas un fichier {format} entier\u00a0: {reason}.", "Comparez-le à l’original à la source\u00a0: s’il y est entier, la tâche de sauvegarde l’abîme\u00a0; sinon, faites-le exporter de nouveau tant que le système qui l’a produit le détient."));

    public static readonly FindingKind DiffersFromSource = new("BG1451", Severity.Error,
        new("{subject} {how}, although the source has not changed since the snapshot.", "Look at both: the job that writes the backup leaves this file out or damages it, or somebody changed the source without its dates showing it."),
        new("{subject} {how}, alors que la source n’a pas changé depuis l’instantané.", "Regardez les deux\u00a0: la tâche de sauvegarde omet ou abîme ce fichier, ou la source a été modifiée sans que ses dates le montrent."));

    public static readonly FindingKind MalwareFound = new("BG1460", Severity.Error,
        new("{scanner} recognises {signature} in {subject}.", "Restore nothing from this snapshot into production. Have security look at the file, find the last snapshot without it, and ask how it came in."),
        new("{scanner} reconnaît {signature} dans {subject}.", "Ne restaurez rien de cet instantané en production. Faites examiner le fichier par la sécurité, cherchez le dernier instantané qui ne l’a pas, et demandez comment il est entré."));

    public static readonly FindingKind NotStarted = new("BG1461", Severity.Warning,
        new("Nothing that {subject} restored was started: a scan found something in it.", "Deal with what the scan found first; the steps that were left out have no answer yet."),
        new("Rien de ce que {subject} a restauré n’a été démarré\u00a0: une analyse y a trouvé quelque chose.", "Traitez d’abord ce que l’analyse a trouvé\u00a0; les étapes omises n’ont pas encore de réponse."));

    public static readonly FindingKind NotScanned = new("BG1462", Severity.Warning,
        new("{scanner} did not look at all of {subject}: {reason}.", "Raise the scanner's limits (clamd.conf: StreamMaxLength, MaxFileSize, MaxScanSize) and run the drill again, or look at this file by hand: nothing is known about it."),
        new("{scanner} n’a pas examiné tout {subject}\u00a0: {reasonFr}.", "Relevez les limites de l’antivirus (clamd.conf\u00a0: StreamMaxLength, MaxFileSize, MaxScanSize) et relancez l’exercice, ou examinez ce fichier à la main\u00a0: on n’en sait rien."));

    public static readonly FindingKind DrivenServer = new("BG1470", Severity.Info,
        new("{subject} was answered by {instance}, a server of the hospital that {tool} drove: it is no room, and what was read there is that server's word.",
            "Keep that instance away from production: no linked server, no mail, no agent job, no network that it does not need. Restored data could reach whatever it reaches."),
        new("{subject} a eu pour réponse celle de {instance}, un serveur de l’établissement piloté par {tool}\u00a0: ce n’est pas un bac isolé, et ce qui y fut lu est la parole de ce serveur.",
            "Tenez cette instance à l’écart de la production\u00a0: ni serveur lié, ni courriel, ni tâche de l’Agent SQL, ni réseau dont elle n’a pas besoin. Les données restaurées pourraient atteindre tout ce qu’elle atteint."));
}

/// <summary>What the agent says about its own work. BG15xx.</summary>
public static class AgentFindings
{
    public static readonly FindingKind RecordShortened = new("BG1501", Severity.Info,
        new("{count} more findings and {snapshots} snapshots were left out of this record.", "Run backupguard-agent verify by hand to see all of them."),
        new("{count} autres constats et {snapshots} instantanés ont été omis de cet enregistrement.", "Lancez backupguard-agent verify à la main pour tout voir."));

    public static readonly FindingKind JobCrashed = new("BG1502", Severity.Warning,
        new("{subject} stopped on a fault of the agent itself ({type}).", "This says nothing about the backup. Send the agent's log to whoever maintains it, and run the job again."),
        new("{subject} s’est arrêté sur une erreur de l’agent lui-même ({type}).", "Cela ne dit rien de la sauvegarde. Envoyez le journal de l’agent à qui le maintient, et relancez la tâche."));
}
