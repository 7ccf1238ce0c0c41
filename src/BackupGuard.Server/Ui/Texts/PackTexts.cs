namespace BackupGuard.Server.Ui.Texts;

/// <summary>The pages of an evidence pack, and of the form that asks for one.</summary>
public static class PackTexts
{
    public static readonly Phrase Title = new("Dossier de preuves", "Evidence pack");
    public static readonly Phrase AsOf = new("Établi le {instant}", "Made {instant}");
    public static readonly Phrase ScopeHeading = new("Ce qui a été demandé", "What was asked for");
    public static readonly Phrase ScopeApplication = new("Application", "Application");
    public static readonly Phrase ScopePeriod = new("Période (horloge du signataire)", "Period (the signer’s clock)");
    public static readonly Phrase ScopeObjective = new("Objectif", "Objective");
    public static readonly Phrase Target = new("Cible", "Target");
    public static readonly Phrase Pieces = new("Pièces demandées", "Documents asked for");
    public static readonly Phrase Source = new("Source", "Source");
    public static readonly Phrase ToVerify = new(
        "Cette ligne n’a pas été comparée au texte officiel. Vérifiez-la sur Légifrance avant de vous en servir.",
        "Nobody compared this line with the official text. Check it on Légifrance before using it.");
    public static readonly Phrase Withheld = new("Ce dossier contiendrait un exercice qui se joue encore.", "This pack would hold an exercise that is still being played.");
    public static readonly Phrase WithheldMeans = new("Qui joue ne le lit pas avant la fin.", "Those who play do not read it before its end.");
    public static readonly Phrase WithheldToDo = new("Demandez le dossier à l’animateur, attendez la fin de l’exercice, ou choisissez une période qui ne le contient pas.", "Ask the facilitator for the pack, wait for the end of the exercise, or choose a period without it.");
    public static readonly Phrase AllApplications = new("toutes", "all");
    public static readonly Phrase Open = new("sans limite", "no limit");
    public static readonly Phrase From = new("du {instant}", "from {instant}");
    public static readonly Phrase Until = new("jusqu’au {instant} exclu", "until {instant}, not included");

    public static readonly Phrase Tests = new("Tests de restauration", "Restore tests");
    public static readonly Phrase TestsNone = new(
        "Aucun test de restauration dans ce périmètre : rien ici ne prouve qu’on saurait restaurer.", "No restore test in this scope: nothing here proves that anything could be restored.");
    public static readonly Phrase Exercises = new("Exercices de crise", "Crisis exercises");
    public static readonly Phrase ExercisesNone = new(
        "Aucun exercice de crise dans ce périmètre. Un test de restauration n’en tient pas lieu.", "No crisis exercise in this scope. A restore test does not stand for one.");
    public static readonly Phrase ExercisesNotOfApplications = new(
        "Les exercices portent sur tout l’établissement : demandez une période ou un objectif pour les voir.", "Exercises are of the whole house: ask for a period or an objective to see them.");
    public static readonly Phrase Verifications = new("Vérifications de sauvegardes", "Verifications of backups");
    public static readonly Phrase VerificationsNote = new(
        "Une vérification lit la sauvegarde, elle ne la restaure pas : elle ne remplit aucune des deux cases ci-dessus.", "A verification reads the backup, it does not restore it: it fills neither of the two boxes above.");
    public static readonly Phrase VerificationsNone = new("Aucune vérification dans ce périmètre.", "No verification in this scope.");
    public static readonly Plural Others = new(
        new("{count} autre entrée : intentions, enregistrements de clés, essais, journaux de crise. Elle est dans le dossier « records ».", "{count} other entry: intents, key registrations, probes, crisis logs. It is in the folder “records”."),
        new("{count} autres entrées : intentions, enregistrements de clés, essais, journaux de crise. Elles sont dans le dossier « records ».", "{count} other entries: intents, key registrations, probes, crisis logs. They are in the folder “records”."));

    public static readonly Phrase When = new("Signé le", "Signed");
    public static readonly Phrase Result = new("Résultat", "Result");
    public static readonly Phrase Application = new("Application", "Application");
    public static readonly Phrase Test = new("Test", "Test");
    public static readonly Phrase Repository = new("Dépôt", "Repository");
    public static readonly Phrase Recovery = new("Reprise mesurée (RTA)", "Measured recovery time (RTA)");
    public static readonly Phrase Loss = new("Perte mesurée (RPA)", "Measured data loss (RPA)");
    public static readonly Phrase NotMeasured = new("non mesurée", "not measured");
    public static readonly Phrase Coverage = new("Octets lus", "Bytes read");
    public static readonly Phrase Entry = new("Entrée", "Entry");
    public static readonly Phrase Exercise = new("Exercice", "Exercise");
    public static readonly Phrase Entries = new("Entrées", "Entries");
    public static readonly Phrase Started = new("Début", "Start");
    public static readonly Phrase StartElsewhere = new("avant ce périmètre", "before this scope");

    public static readonly Phrase Missing = new("Trous et travaux sans résultat", "Gaps and work without a result");
    public static readonly Phrase MissingNone = new("Aucun, pour les signataires de ce dossier.", "None, for the signers of this pack.");
    public static readonly Phrase GapDeclared = new(
        "Les entrées {first} à {last} de la clé {key} manquent ; l’agent lui-même déclare leur perte (entrée {entry}).", "Entries {first} to {last} of the key {key} are missing; the agent itself declares the loss (entry {entry}).");
    public static readonly Phrase GapUndeclared = new(
        "Les entrées {first} à {last} de la clé {key} manquent, et personne ne l’explique.", "Entries {first} to {last} of the key {key} are missing, and nobody explains it.");
    public static readonly Phrase OpenIntent = new(
        "L’entrée {entry} annonce un travail ({type}) dont le résultat n’est jamais venu : il est non conclusif.", "Entry {entry} announces work ({type}) whose result never came: it is inconclusive.");

    public static readonly Phrase Check = new("Vérifier sans nous croire", "Check it without believing us");
    public static readonly Phrase CheckHow = new(
        "Cette page répète les entrées signées ; ce sont elles qui comptent. Avec le programme backupguard-evidence et la clé du journal, obtenue autrement que par ce dossier : {command}",
        "This page repeats the signed entries; they are what counts. With the program backupguard-evidence and the log’s key, obtained otherwise than through this pack: {command}");
    public static readonly Phrase Log = new("Journal", "Log");
    public static readonly Phrase LogSize = new("Entrées du journal", "Entries of the log");
    public static readonly Phrase Root = new("Racine", "Root");
    public static readonly Phrase LogKey = new("Clé du journal, à comparer avec celle que vous avez reçue", "The log’s key, to be compared with the one you were given");

    public static readonly Phrase TestTitle = new("Test de restauration, entrée n° {number}", "Restore test, entry no. {number}");
    public static readonly Phrase BackToIndex = new("Retour au dossier", "Back to the pack");
    public static readonly Phrase Unreadable = new(
        "Cette version ne sait pas lire le contenu de cette entrée : elle compte comme non conclusive.", "This version cannot read what this entry holds: it counts as inconclusive.");
    public static readonly Phrase Scaled = new("Reprise rapportée à l’ensemble", "Recovery time scaled to the whole");
    public static readonly Phrase ScaledHow = new(
        "une partie seulement a été restaurée : temps de restauration en proportion des octets, le reste tel quel", "only a part was restored: restore time in proportion to the bytes, the rest as it was");
    public static readonly Phrase LossByData = new("d’après une date dans les données restaurées", "by a date inside the restored data");
    public static readonly Phrase LossBySnapshot = new("d’après la date du point de sauvegarde", "by the snapshot’s own time");
    public static readonly Phrase Control = new("Contrôle négatif : l’alarme sonne-t-elle ?", "Negative control: does the alarm ring?");
    public static readonly Phrase ControlNone = new(
        "Pas de contrôle dans ce test : l’alarme a été éprouvée auparavant, ou tout n’a pas réussi.", "No control in this test: the alarm was tried before, or not everything passed.");
    public static readonly Phrase ControlProved = new("Oui : sur une copie abîmée exprès, chaque question a échoué.", "Yes: on a copy damaged on purpose every question failed.");
    public static readonly Phrase ControlNotProved = new(
        "Non prouvé : sur une copie abîmée exprès, une question au moins n’a pas échoué.", "Not proven: on a copy damaged on purpose at least one question did not fail.");
    public static readonly Phrase Damage = new("Ce qui a été abîmé", "What was damaged");
    public static readonly Phrase Artefacts = new("Pièces gardées chez l’agent", "Kept on the agent’s machine");
    public static readonly Phrase ArtefactsNote = new(
        "Elles ne sont pas dans ce dossier : l’entrée signée porte leur empreinte, à comparer avec la pièce.", "They are not in this pack: the signed entry carries their hash, to be compared with the piece.");
    public static readonly Phrase Agent = new("Agent", "Agent");
    public static readonly Phrase Key = new("Clé (empreinte SHA-256)", "Key (SHA-256 fingerprint)");
    public static readonly Phrase EntryHash = new("Empreinte de l’entrée (SHA-256)", "Entry hash (SHA-256)");
    public static readonly Phrase Version = new("Version de l’agent", "Agent version");
    public static readonly Phrase Definition = new("Empreinte de la définition du test", "Hash of the test’s definition");
    public static readonly Phrase Snapshot = new("Point restauré", "Restored point");
    public static readonly Phrase Restored = new("Restauré", "Restored");
    public static readonly Phrase RestoredRate = new(", {bytes} par seconde", ", {bytes} a second");
    public static readonly Phrase RecoveryOfThePart = new("Reprise de la partie restaurée", "Recovery time of the part that was restored");
    public static readonly Phrase RestoredWhat = new("{files} fichiers, {bytes}", "{files} files, {bytes}");
    public static readonly Phrase DrivenBy = new("Lu par un autre outil, sur sa parole", "Read by another tool, on its word");
    public static readonly Phrase Cleaned = new("Nettoyage", "Clean-up");
    public static readonly Phrase CleanedYes = new("fait", "done");
    public static readonly Phrase CleanedNo = new("NON fait", "NOT done");
    public static readonly Phrase Reason = new("Motif", "Reason");
    public static readonly Phrase Proof = new("Preuve", "Proof");
    public static readonly Phrase ProofFiles = new("Octets signés et preuve d’inclusion : {entry} et {proof}", "Signed bytes and inclusion proof: {entry} and {proof}");

    public static readonly Phrase Ask = new("Emporter un dossier de preuves", "Take an evidence pack away");
    public static readonly Phrase AskNote = new(
        "Un fichier zip qui s’ouvre sur une clé USB et se vérifie sans ce serveur. Une application ou un objectif, une période, ou les deux.",
        "A zip file that opens from a USB stick and is checked without this server. An application or an objective, a period, or both.");
    public static readonly Phrase AskKey = new("Clé du journal : remettez-la à l’auditeur autrement que par le dossier", "The log’s key: give it to the auditor otherwise than through the pack");
    public static readonly Phrase AskFrom = new("Du", "From");
    public static readonly Phrase AskTo = new("Au (inclus)", "To (included)");
    public static readonly Phrase AskButton = new("Télécharger le dossier", "Download the pack");
    public static readonly Phrase AskAny = new("toutes", "all");
    public static readonly Phrase AskNoObjective = new("aucun", "none");

    public static readonly Phrase Refused = new("Pas de dossier", "No pack");
    public static readonly Phrase NothingFound = new("Rien dans le journal ne répond à cette demande.", "Nothing in the log answers this request.");
    public static readonly Phrase NothingFoundMeans = new(
        "Un dossier vide ressemblerait à une preuve : il n’y en a pas.", "An empty pack would look like proof: there is none.");
    public static readonly Phrase NothingFoundToDo = new("Élargissez la période, ou faites tester ce qui ne l’a jamais été.", "Ask for a longer period, or have tested what never was.");
    public static readonly Phrase TooMany = new("La demande réunit {count} entrées ; un dossier en porte au plus {limit}.", "The request gathers {count} entries; a pack carries at most {limit}.");
    public static readonly Phrase TooManyMeans = new("Rien n’a été écrit.", "Nothing was written.");
    public static readonly Phrase TooManyToDo = new("Demandez une période plus courte, et plusieurs dossiers.", "Ask for a shorter period, and several packs.");
    public static readonly Phrase Damaged = new("Le journal ne passe pas la vérification : {problem}", "The log does not pass verification: {problem}");
    public static readonly Phrase DamagedMeans = new("Un dossier tiré d’un journal faux ne prouverait rien : il n’est pas établi.", "A pack out of a wrong log would prove nothing: it is not made.");
    public static readonly Phrase DamagedToDo = new(
        "Gardez une copie du dossier de données en l’état et lancez backupguard-server fsck.", "Keep a copy of the data folder as it is and run backupguard-server fsck.");
    public static readonly Phrase BadRequest = new("La demande ne peut être comprise : {reason}", "The request cannot be understood: {reason}");
    public static readonly Phrase BadRequestMeans = new("Rien n’a été cherché.", "Nothing was looked for.");
    public static readonly Phrase BadRequestToDo = new("Corrigez la demande et recommencez.", "Correct the request and try again.");
    public static readonly Phrase NothingAsked = new("nommez une application, un objectif ou une période.", "name an application, an objective or a period.");
    public static readonly Phrase BothAsked = new("nommez une application ou un objectif, pas les deux.", "name an application or an objective, not both.");
    public static readonly Phrase BadDay = new("« {day} » n’est pas un jour tel que 2026-11-21.", "“{day}” is not a day such as 2026-11-21.");
    public static readonly Phrase DaysReversed = new("la période finit avant de commencer.", "the period ends before it begins.");
    public static readonly Phrase UnknownApplication = new("le catalogue ne connaît pas l’application « {id} ».", "the catalogue does not know the application “{id}”.");
    public static readonly Phrase UnknownObjective = new("aucune liste d’objectifs n’a le code « {code} ».", "no list of objectives has the code “{code}”.");
}
