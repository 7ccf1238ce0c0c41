namespace BackupGuard.Server.Ui.Texts;

public static class ObligationTexts
{
    public static readonly Phrase Title = new("Déclarations", "Notifications");
    public static readonly Phrase Heading = new("Qui faut-il prévenir, avant quand ?", "Who must be told, by when?");
    public static readonly Plural Late = new(new("{count} déclaration en retard.", "{count} notification is late."), new("{count} déclarations en retard.", "{count} notifications are late."));
    public static readonly Plural TargetsPassed = new(new("{count} ligne sans chiffre légal a dépassé l’objectif interne.", "{count} row without a legal figure is past the internal target."), new("{count} lignes sans chiffre légal ont dépassé l’objectif interne.", "{count} rows without a legal figure are past the internal target."));
    public static readonly Phrase NextDue = new("Prochaine heure limite : {time} ({duty}).", "Next limit: {time} ({duty}).");
    public static readonly Phrase NextTarget = new("Prochain objectif interne : {time} ({duty}).", "Next internal target: {time} ({duty}).");
    public static readonly Phrase NothingRuns = new("Aucune horloge ne court : notez d’abord la prise de connaissance.", "No clock is running: record the awareness first.");
    public static readonly Phrase NotAdvice = new("Ces lignes sont celles de l’établissement ({name}, empreinte {hash}). Ce n’est pas un avis juridique : le juriste et le DPO décident.", "These rows are the establishment’s own ({name}, hash {hash}). This is not legal advice: the legal officer and the DPO decide.");
    public static readonly Phrase ExerciseNote = new("EXERCICE : toutes les lignes sont simulées, les adresses sont neutralisées. L’animateur joue chaque destinataire.", "EXERCISE: all rows are simulated, addresses are neutralised. The facilitator plays every recipient.");
    public static readonly Phrase NoRows = new("Aucune ligne n’est jointe à cette conduite.", "No rows are attached to this run.");
    public static readonly Phrase BadRows = new("Les lignes jointes à cette conduite sont illisibles. Joignez-en d’autres.", "The rows attached to this run cannot be read. Attach others.");
    public static readonly Phrase NoFiles = new("Le dossier des runbooks n’en contient pas (legal/*.yaml). Prenez le tableau papier.", "The folder of runbooks holds none (legal/*.yaml). Take the paper board.");
    public static readonly Phrase SeveralFiles = new("Plusieurs fichiers : choisissez celui qui vaut.", "Several files: choose the one that counts.");
    public static readonly Phrase File = new("Fichier", "File");
    public static readonly Phrase Attach = new("Joindre ces lignes", "Attach these rows");
    public static readonly Phrase NewerFile = new("Le fichier a changé depuis", "The file has changed since");
    public static readonly Phrase NewerNote = new("Cette conduite garde ses lignes. Qui valide une ligne peut joindre la version corrigée ; l’ancienne reste dans la main courante.", "This run keeps its rows. Whoever validates a row may attach the corrected version; the old one stays in the log.");
    public static readonly Phrase NotUsable = new("Inutilisable : {file}", "Not usable: {file}");

    public static readonly Phrase Open = new("À envoyer, la plus proche d’abord", "To be sent, nearest first");
    public static readonly Phrase NotStartedRows = new("Horloges non démarrées", "Clocks not started");
    public static readonly Phrase ClosedRows = new("Envoyées ou écartées", "Sent or set aside");
    public static readonly Phrase BlancRows = new("À blanc : calculées pour s’entraîner, rien n’est dû", "For training: computed, nothing is due");
    public static readonly Phrase OffRows = new("Fermées ({count})", "Switched off ({count})");
    public static readonly Phrase None = new("Aucune.", "None.");

    public static readonly Phrase Row = new("Ligne", "Row");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase DueTime = new("Heure limite", "Limit");
    public static readonly Phrase Target = new("Objectif interne", "Internal target");
    public static readonly Phrase Start = new("Départ", "Start");
    public static readonly Phrase Basis = new("Règle et source", "Rule and source");
    public static readonly Phrase People = new("Qui", "Who");
    public static readonly Phrase Recipients = new("Destinataires", "Recipients");
    public static readonly Phrase Channel = new("Moyen", "Channel");

    public static readonly Phrase IsOff = new("fermée", "off");
    public static readonly Phrase IsBlanc = new("à blanc", "for training");
    public static readonly Phrase IsNotStarted = new("non démarrée", "not started");
    public static readonly Phrase IsRunning = new("en cours", "running");
    public static readonly Phrase IsDueSoon = new("échéance proche", "due soon");
    public static readonly Phrase IsLate = new("EN RETARD", "LATE");
    public static readonly Phrase IsSentOnTime = new("envoyée à temps", "sent on time");
    public static readonly Phrase IsSentLate = new("envoyée en retard", "sent late");
    public static readonly Phrase IsSent = new("envoyée", "sent");
    public static readonly Phrase IsNotApplicable = new("sans objet", "not applicable");

    public static readonly Phrase Remaining = new("reste {span}", "{span} left");
    public static readonly Phrase Overdue = new("dépassée depuis {span}", "passed {span} ago");
    public static readonly Phrase NoFigure = new("pas de chiffre dans le texte : {words}", "no figure in the text: {words}");
    public static readonly Phrase FigureNote = new("{period} après le départ", "{period} after the start");
    public static readonly Phrase TargetPassed = new("objectif dépassé", "target passed");
    public static readonly Phrase NoTarget = new("non fixé", "not set");
    public static readonly Phrase Waits = new("attend : {what}", "waits for: {what}");
    public static readonly Phrase NextReminder = new("prochain rappel {time}", "next reminder {time}");
    public static readonly Phrase After = new("après : {duties}", "after: {duties}");
    public static readonly Phrase Starts = new("son envoi fait partir : {duties}", "its sending starts: {duties}");
    public static readonly Phrase ReasonMissing = new("motif du retard manquant", "reason for lateness missing");
    public static readonly Phrase LateBecause = new("motif du retard : {reason}", "reason for lateness: {reason}");
    public static readonly Phrase SentAt = new("{time}, {channel}, preuve : {proof}, par {name}", "{time}, {channel}, proof: {proof}, by {name}");
    public static readonly Phrase SetAsideBy = new("écartée par {name} à {time} : {motive}", "set aside by {name} at {time}: {motive}");
    public static readonly Phrase SetAsideBefore = new("Écartée à {time}, avant que son événement soit noté : l’horloge court, décidez de nouveau.", "Set aside at {time}, before its event was recorded: the clock runs, decide again.");
    public static readonly Phrase DoubtNoFigure = new("le texte n’a pas de chiffre : rien à comparer", "the text has no figure: nothing to compare with");
    public static readonly Phrase DoubtStart = new("départ inconnu : à temps ou non, on ne sait pas", "start unknown: on time or not, nobody knows");
    public static readonly Phrase DoubtBefore = new("partie avant le départ noté : une des deux heures est fausse", "left before the recorded start: one of the two hours is wrong");
    public static readonly Phrase Contact = new("interlocuteur : {contact}", "contact: {contact}");

    public static readonly Phrase Unverified = new("texte non vérifié", "text not verified");
    public static readonly Phrase Stale = new("relue le {day} : plus d’un an", "checked on {day}: more than a year");
    public static readonly Phrase Verified = new("relue le {day} par {name}", "checked on {day} by {name}");
    public static readonly Phrase Sourced = new("certitude : page lue", "certainty: page read");
    public static readonly Phrase Background = new("certitude : usage, sans page lue", "certainty: practice, no page read");
    public static readonly Phrase CertaintyUnknown = new("certitude : inconnue", "certainty: unknown");
    public static readonly Phrase Source = new("source : {source}", "source: {source}");
    public static readonly Phrase Validates = new("valide : {role}", "validates: {role}");
    public static readonly Phrase Sends = new("envoie : {role}", "sends: {role}");
    public static readonly Phrase ProfileOff = new("profil fermé : {profile}", "profile off: {profile}");
    public static readonly Phrase RowOff = new("ligne fermée dans le fichier", "row off in the file");
    public static readonly Phrase InForce = new("en vigueur à partir du {day}", "in force from {day}");

    public static readonly Phrase Events = new("Événements de départ", "Start events");
    public static readonly Phrase EventsNote = new("Toujours l’acte d’une personne. En cas de doute, l’heure plausible la plus tôt. Une correction est une nouvelle ligne ; l’ancienne reste dans la main courante.", "Always the act of a person. In doubt, the earliest plausible hour. A correction is a new line; the old one stays in the log.");
    public static readonly Phrase Declared = new("{time}, par {name} : {motive}", "{time}, by {name}: {motive}");
    public static readonly Phrase NotDeclared = new("pas noté", "not recorded");
    public static readonly Phrase Proposed = new("proposé : {time}", "proposed: {time}");
    public static readonly Phrase BySending = new("noté par l’envoi de : {duty}", "recorded by the sending of: {duty}");
    public static readonly Phrase SetBy = new("à noter par : {roles}", "to be recorded by: {roles}");
    public static readonly Phrase Declare = new("Noter ou corriger", "Record or correct");
    public static readonly Phrase DeclareIt = new("Noter cette heure", "Record this hour");
    public static readonly Phrase Hour = new("Heure", "Hour");
    public static readonly Phrase Motive = new("Motif : pourquoi cette heure", "Motive: why this hour");

    public static readonly Phrase DraftOf = new("Brouillon", "Draft");
    public static readonly Phrase DraftNote = new("Rempli depuis la conduite. « Inconnu à cette heure » reste écrit tel quel tant que personne ne l’a dit. Rien ne part d’ici : appelez, puis envoyez par le moyen choisi.", "Filled from the run. “Unknown at this hour” stays as it is until somebody has told. Nothing leaves from here: call, then send by the chosen channel.");
    public static readonly Phrase NeededField = new("nécessaire avant l’envoi", "needed before sending");
    public static readonly Plural NeededUnknown = new(new("{count} champ nécessaire est encore inconnu. Envoyez à l’heure quand même, puis complétez.", "{count} needed field is still unknown. Send in time all the same, then complete."), new("{count} champs nécessaires sont encore inconnus. Envoyez à l’heure quand même, puis complétez.", "{count} needed fields are still unknown. Send in time all the same, then complete."));
    public static readonly Phrase NoTemplate = new("Pas de modèle pour cette ligne : qui, où, depuis quand, quoi, effet sur les soins, qui rappeler.", "No template for this row: who, where, since when, what, effect on care, whom to call back.");
    public static readonly Phrase WrittenAt = new("Établi {time}, conduite {run}", "Written {time}, run {run}");
    public static readonly Phrase SignedBy = new("Nom, heure, visa du validateur", "Name, hour, signature of the validator");
    public static readonly Phrase SentBox = new("Envoyé à (heure), par (moyen), n° ou nom", "Sent at (hour), by (channel), number or name");
    public static readonly Phrase Record = new("Noter l’envoi", "Record the sending");
    public static readonly Phrase CorrectSending = new("Corriger l’envoi noté", "Correct the recorded sending");
    public static readonly Phrase RecordSimulated = new("Noter l’envoi simulé", "Record the simulated sending");
    public static readonly Phrase LeftAt = new("Heure du départ (vide : maintenant)", "Hour it left (empty: now)");
    public static readonly Phrase Proof = new("Preuve : n° de récépissé, capture, ou heure et nom au téléphone", "Proof: receipt number, capture, or hour and name on the telephone");
    public static readonly Phrase ContactField = new("Interlocuteur", "Contact");
    public static readonly Phrase LateReason = new("Motif du retard, si elle est en retard", "Reason for lateness, if it is late");
    public static readonly Phrase LateReasonNeeded = new("Refusé, rien n’est inscrit : cet envoi est en retard, et le texte exige le motif écrit du retard.", "Refused, nothing is recorded: this sending is late, and the law asks for the written reason.");
    public static readonly Phrase SetAside = new("Écarter cette ligne", "Set this row aside");
    public static readonly Phrase SetAsideNote = new("Votre nom et votre motif restent dans la main courante. Si son événement est noté plus tard, l’horloge repart.", "Your name and motive stay in the log. If its event is recorded later, the clock runs again.");
    public static readonly Phrase WhyNot = new("Motif : pourquoi sans objet", "Motive: why not applicable");
    public static readonly Phrase OnlyRoles = new("Seuls peuvent le noter : {roles}.", "Only these may record it: {roles}.");
    public static readonly Phrase Guard = new("Précaution", "Precaution");
    public static readonly Phrase GuardHolds = new("{text} : respecté d’après la conduite.", "{text}: kept, as the run says.");
    public static readonly Phrase GuardBroken = new("{text} : NON respecté d’après la conduite. Appelez le validateur.", "{text}: NOT kept, as the run says. Call the validator.");
    public static readonly Phrase GuardUnknown = new("{text} : on ne sait pas. Demandez avant d’agir.", "{text}: not known. Ask before acting.");
    public static readonly Phrase Back = new("Retour aux déclarations", "Back to the notifications");
    public static readonly Phrase Other = new("autre", "other");

    public static IReadOnlyDictionary<string, Phrase> Channels { get; } = new Dictionary<string, Phrase>
    {
        ["portail"] = new("portail", "portal"),
        ["telephone-mobile"] = new("téléphone mobile", "mobile telephone"),
        ["courrier"] = new("courrier", "letter"),
        ["main-propre"] = new("remise en main propre", "by hand"),
        ["affichage"] = new("affichage", "notice"),
        ["site-internet"] = new("site internet", "web site"),
        ["registre"] = new("registre", "register"),
        ["autre"] = new("autre", "other"),
    };
}
