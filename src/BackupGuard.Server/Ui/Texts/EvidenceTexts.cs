namespace BackupGuard.Server.Ui.Texts;

public static class EvidenceTexts
{
    public static readonly Phrase Title = new("Preuves", "Evidence");
    public static readonly Phrase Heading = new("Qu’est-ce qui le prouve ?", "What proves it?");
    public static readonly Phrase None = new(
        "Rien encore : le journal est vide. Enrôlez un agent et lancez un premier test.", "Nothing yet: the log is empty. Enrol an agent and run a first test.");
    public static readonly Plural Answer = new(
        new("{count} entrée, signée par qui l’a produite et reliée aux autres dans un journal qui ne s’efface pas.", "{count} entry, signed by whoever produced it, in a log that is never erased."),
        new("{count} entrées, chacune signée par qui l’a produite et reliée aux autres dans un journal qui ne s’efface pas.", "{count} entries, each signed by whoever produced it and chained in a log that is never erased."));
    public static readonly Phrase Fsck = new(
        "Pour tout revérifier depuis le début : {command}", "To verify everything from the start: {command}");
    public static readonly Phrase Witnessed = new("Témoin {witness} : {count} entrées contresignées le {at}.", "Witness {witness}: {count} entries cosigned on {at}.");
    public static readonly Phrase NeverWitnessed = new("Témoin {witness} : n’a encore rien contresigné.", "Witness {witness}: has cosigned nothing yet.");
    public static readonly Phrase WitnessLate = new("Aucune contresignature depuis plus de 24 h : appelez le témoin.", "No cosignature for more than 24 h: call the witness.");
    public static readonly Phrase Stamped = new("Horodatage {authority} : {count} entrées, le {at}.", "Time stamp {authority}: {count} entries, on {at}.");
    public static readonly Phrase NeverStamped = new("Horodatage {authority} : encore aucun.", "Time stamp {authority}: none yet.");
    public static readonly Phrase Mailed = new("Point de contrôle de {count} entrées confié au courrier le {at}, adresses : {addresses}.", "Checkpoint of {count} entries handed to the mail on {at}, addresses: {addresses}.");
    public static readonly Phrase NeverMailed = new("Courrier : encore aucun point de contrôle envoyé.", "Mail: no checkpoint sent yet.");
    public static readonly Phrase List = new("Entrées, de la plus récente à la plus ancienne", "Entries, newest first");
    public static readonly Phrase Number = new("Entrée", "Entry");
    public static readonly Phrase SignedOn = new("Signée", "Signed");
    public static readonly Phrase Received = new("Reçue", "Received");
    public static readonly Phrase Kind = new("Nature", "Kind");
    public static readonly Phrase Result = new("Résultat", "Result");
    public static readonly Phrase Subject = new("Sujet", "Subject");
    public static readonly Phrase Signer = new("Signataire", "Signer");
    public static readonly Phrase Counter = new("Compteur", "Counter");
    public static readonly Phrase Hash = new("Empreinte", "Hash");
    public static readonly Phrase NoResult = new("sans verdict", "no verdict");
    public static readonly Phrase NoSubject = new("aucun", "none");
    public static readonly Phrase Head = new("Tête du journal", "Log head");

    public static readonly Phrase KindVerification = new("Vérification", "Verification");
    public static readonly Phrase KindDrill = new("Test de restauration", "Restore test");
    public static readonly Phrase KindIntent = new("Intention", "Intent");
    public static readonly Phrase KindRun = new("Main courante", "Crisis log");
    public static readonly Phrase KindProbe = new("Essai d’immuabilité", "Immutability probe");
    public static readonly Phrase KindCopies = new("Copies d’un jeu de données", "Copies of a dataset");
    public static readonly Phrase KindAttested = new("Attesté par des tiers", "Attested by others");
    public static readonly Phrase ToCopies = new("voir les copies", "see the copies");
    public static readonly Phrase KindOther = new("Autre", "Other");

    public static readonly Phrase EntryTitle = new("Preuve n° {number}", "Evidence no. {number}");
    public static readonly Phrase Sound = new(
        "Cette entrée est authentique : elle a été signée par {signer} et se trouve dans le journal.", "This entry is authentic: {signer} signed it and it is in the log.");

    public static readonly Phrase Unsound = new("Cette entrée ne passe pas la vérification : ne vous y fiez pas.", "This entry does not pass verification: do not trust it.");
    public static readonly Phrase UnreadableLog = new("Le journal ne passe pas la vérification : ne vous y fiez pas.", "The log does not pass verification: do not trust it.");
    public static readonly Phrase UnsoundMeans = new(
        "Rien de ce que le journal contient ne peut être compté comme prouvé tant qu’une personne n’a pas cherché pourquoi. Gardez le dossier de données en l’état et prévenez le RSSI.",
        "Nothing in the log may be counted as proven until a person has found out why. Leave the data folder as it is and tell the security officer.");

    public static readonly Phrase Checks = new("Vérifié à l’instant", "Verified just now");
    public static readonly Phrase Signature = new("Signature", "Signature");
    public static readonly Phrase SignatureValid = new("valable, par la clé de {signer}", "valid, by the key of {signer}");
    public static readonly Phrase Inclusion = new("Inclusion dans le journal", "Inclusion in the log");
    public static readonly Plural InclusionValid = new(
        new("prouvée jusqu’à la racine {root} (journal de {count} entrée)", "proven up to root {root} (log of {count} entry)"),
        new("prouvée jusqu’à la racine {root} (journal de {count} entrées)", "proven up to root {root} (log of {count} entries)"));

    public static readonly Phrase Facts = new("Ce que dit l’entrée", "What the entry says");
    public static readonly Phrase Key = new("Clé (empreinte SHA-256)", "Key (SHA-256 fingerprint)");
    public static readonly Phrase EntryHash = new("Empreinte de l’entrée (SHA-256)", "Entry hash (SHA-256)");
    public static readonly Phrase CounterOf = new("n° {number} de ce signataire", "no. {number} of this signer");
    public static readonly Phrase Application = new("Application", "Application");
    public static readonly Plural Path = new(
        new("Chemin d’inclusion : {count} empreinte", "Inclusion path: {count} hash"),
        new("Chemin d’inclusion : {count} empreintes", "Inclusion path: {count} hashes"));

    public static readonly Plural Findings = new(new("{count} constat", "{count} finding"), new("{count} constats", "{count} findings"));
    public static readonly Phrase FindingsNone = new("Aucun constat.", "No finding.");
    public static readonly Phrase Severity = new("Gravité", "Severity");
    public static readonly Phrase SeverityError = new("erreur", "error");
    public static readonly Phrase SeverityWarning = new("alerte", "warning");
    public static readonly Phrase SeverityInfo = new("information", "information");
    public static readonly Phrase Code = new("Code", "Code");
    public static readonly Phrase Happened = new("Ce qui a été constaté", "What was found");
    public static readonly Phrase ToDo = new("Que faire", "What to do");

    public static readonly Phrase Steps = new("Déroulement du test", "Steps of the test");
    public static readonly Phrase Step = new("Étape", "Step");
    public static readonly Phrase StepRestore = new("restauration", "restore");
    public static readonly Phrase StepProbe = new("sonde", "probe");
    public static readonly Phrase StepCleanup = new("nettoyage", "clean-up");
    public static readonly Phrase Duration = new("Durée", "Duration");
    public static readonly Phrase Detail = new("Détail", "Detail");

    public static readonly Phrase DownloadBytes = new("Télécharger les octets signés", "Download the signed bytes");
    public static readonly Phrase DownloadProof = new("Télécharger la preuve d’inclusion, vérifiable hors ligne", "Download the inclusion proof, verifiable offline");
    public static readonly Phrase Raw = new("Les octets signés", "The signed bytes");
    public static readonly Phrase Withheld = new(
        "Cette entrée contient le texte d’un exercice qui se joue encore. Elle est là, entière et signée ; ceux qui jouent la liront quand l’exercice sera fini.",
        "This entry holds the text of an exercise that is still being played. It is there, whole and signed; those who play will read it when the exercise is over.");
    public static readonly Phrase RawNote = new(
        "Tels qu’ils ont été signés. Un caractère invisible est écrit \\uXXXX.", "As they were signed. An invisible character is written \\uXXXX.");
}
