namespace BackupGuard.Server.Ui.Texts;

public static class CardTexts
{
    public static readonly Phrase Title = new("Cartes à imprimer", "Cards to print");
    public static readonly Plural Count = new(new("{count} carte, une page A4 chacune.", "{count} card, one A4 page each."), new("{count} cartes, une page A4 chacune.", "{count} cards, one A4 page each."));
    public static readonly Phrase HowTo = new(
        "Imprimez depuis le navigateur, sans en-tête ni pied de page. Au retour, ressaisissez chaque carte remplie avec l’heure écrite dessus.",
        "Print from the browser, without its own header and footer. Afterwards enter each card that was filled in, with the hour written on it.");
    public static readonly Phrase PlanNote = new(
        "Cartes du plan, en temps de paix. Une conduite a ses propres cartes, avec son code : imprimez celles-là dès qu’elle est ouverte.",
        "Cards of the plan, in peace time. A run has cards and codes of its own: print those as soon as it is open.");
    public static readonly Phrase Filter = new("Choix des cartes", "Choice of cards");
    public static readonly Phrase AllRoles = new("Tous les rôles", "All roles");
    public static readonly Phrase WithSettled = new("Aussi les cartes faites et nulles", "Also done and void cards");
    public static readonly Phrase LogSheets = new("5 feuilles de main courante", "5 log sheets");
    public static readonly Phrase None = new("Aucune carte ne correspond à ce choix.", "No card fits this choice.");
    public static readonly Phrase BackToRun = new("Retour à la conduite", "Back to the run");
    public static readonly Phrase BackToRunbooks = new("Retour aux runbooks", "Back to the runbooks");

    public static readonly Phrase Version = new("version {version}", "version {version}");
    public static readonly Phrase Amendment = new(", avenant {number}", ", amendment {number}");
    public static readonly Phrase Deputy = new("suppléant : {name}", "deputy: {name}");
    public static readonly Phrase ModeLive = new("CRISE RÉELLE", "REAL CRISIS");
    public static readonly Phrase ModeExercise = new("EXERCICE – rien n’est réel", "EXERCISE – nothing is real");
    public static readonly Phrase ModePlan = new("☐ crise réelle  ☐ exercice", "☐ real crisis  ☐ exercise");
    public static readonly Phrase Void = new("CARTE NULLE – ne pas suivre", "VOID CARD – do not follow");
    public static readonly Phrase AlreadyDone = new("DÉJÀ FAITE", "DONE ALREADY");
    public static readonly Phrase Why = new("Pourquoi :", "Why:");
    public static readonly Phrase Time = new("Temps :", "Time:");
    public static readonly Phrase Before = new("à finir avant", "to be finished before");
    public static readonly Phrase Within = new("à finir {span} après le début de l’étape, soit", "to be finished {span} after its beginning, that is");
    public static readonly Phrase Begun = new("commencé à", "begun at");
    public static readonly Phrase QrLabel = new("Code QR de la carte : {code}", "QR code of the card: {code}");
    public static readonly Phrase Postpone = new("Reporter ou refuser de décider (dites pourquoi ci-dessous)", "Postpone, or refuse to decide (say why below)");
    public static readonly Phrase WhoDid = new("Qui a fait. Cochez : ☐ fait  ☐ problème  ☐ besoin d’aide", "Who did it. Tick: ☐ done  ☐ problem  ☐ help needed");
    public static readonly Phrase WhoDecides = new("Qui décide. Rien n’est décidé par l’heure qui passe.", "Who decides. Nothing is decided by time going by.");
    public static readonly Phrase Hour = new("Heure", "Hour");
    public static readonly Phrase NameCapitals = new("Nom en capitales", "Name in capitals");
    public static readonly Phrase Initials = new("Initiales", "Initials");
    public static readonly Phrase Reentered = new("Ressaisi, heure", "Re-entered, hour");
    public static readonly Plural Quorum = new(
        new("{count} voix est nécessaire. Une personne compte une fois, quels que soient ses rôles. Peuvent décider :", "{count} voice is needed. A person counts once, whatever their roles. May decide:"),
        new("{count} voix sont nécessaires. Une personne compte une fois, quels que soient ses rôles. Peuvent décider :", "{count} voices are needed. A person counts once, whatever their roles. May decide:"));
    public static readonly Phrase NameAndRole = new("Nom en capitales, rôle", "Name in capitals, role");
    public static readonly Phrase SecondVisa = new("Second visa, pour la ressaisie. Pas la même personne.", "Second visa, for the re-entry. Not the same person.");
    public static readonly Phrase InFavour = new("pour", "for");
    public static readonly Phrase Against = new("contre", "against");
    public static readonly Phrase WhoSigns = new("Qui vérifie ou contresigne : {role}. Pas la même personne.", "Who verifies or countersigns: {role}. Not the same person.");
    public static readonly Phrase Conform = new("conforme", "conform");
    public static readonly Phrase NotConform = new("non conforme", "not conform");
    public static readonly Phrase Remark = new("Remarque, en une ligne", "Remark, in one line");
    public static readonly Phrase Reason = new("Motif, obligatoire", "Reason, required");
    public static readonly Phrase PrintedAt = new("imprimé {instant}", "printed {instant}");
    public static readonly Phrase Page = new("page {page}/{pages}", "page {page}/{pages}");
    public static readonly Phrase HintTime = new("heure", "hour");
    public static readonly Phrase HintPhoto = new("n° de photo", "number of the photo");
    public static readonly Phrase HintFile = new("nom du fichier", "name of the file");
    public static readonly Phrase HintNumber = new("nombre", "number");
    public static readonly Phrase HintSignature = new("signature", "signature");

    public static readonly Phrase UnknownStep = new("étape d’un ancien texte", "step of an earlier text");
    public static readonly Phrase VoidHeading = new("Cartes nulles", "Void cards");
    public static readonly Phrase NoVoid = new("Aucune carte n’a été annulée.", "No card was made void.");
    public static readonly Phrase VoidNote = new(
        "Affichez cette liste là où l’on prend les cartes. Une carte nulle déjà remplie se ressaisit : elle est gardée comme un fait.",
        "Hang this list where the cards are taken. A void card that was filled in is entered all the same: it is kept as a fact.");
    public static readonly Phrase CardNumber = new("Carte", "Card");
    public static readonly Phrase Attempt = new("Tentative", "Attempt");
    public static readonly Phrase AnyAttempt = new("toutes", "all");
    public static readonly Phrase CardTitle = new("Étape", "Step");
    public static readonly Phrase VoidSince = new("Nulle depuis", "Void since");
    public static readonly Phrase VoidWhy = new("Pourquoi", "Why");

    public static readonly Phrase Reentry = new("Recopier une carte", "Copy in a card");
    public static readonly Phrase ReentryTitle = new("Ressaisir les cartes papier", "Enter paper cards");
    public static readonly Plural Copied = new(
        new("{count} carte ressaisie dans cette conduite.", "{count} card entered in this run."),
        new("{count} cartes ressaisies dans cette conduite.", "{count} cards entered in this run."));
    public static readonly Phrase ReadersOnly = new("Votre rôle lit cette page ; il ne ressaisit pas.", "Your role reads this page; it does not enter cards.");
    public static readonly Phrase NumberOrCode = new("Numéro ou code de la carte", "Number or code of the card");
    public static readonly Phrase OpenCard = new("Ouvrir la carte", "Open the card");
    public static readonly Phrase AnotherCard = new("Une autre carte", "Another card");
    public static readonly Phrase NotTaken = new("Rien n’a été inscrit.", "Nothing was recorded.");
    public static readonly Phrase NoSuchCard = new(
        "Aucune carte de ce numéro dans cette conduite, ou un caractère du code est faux. Relisez la carte.",
        "No card of this number in this run, or a character of the code is wrong. Read the card again.");
    public static readonly Phrase CardOfModule = new("Elle est de « {runbook} », qui fait partie de cette crise : la ressaisir là", "It belongs to “{runbook}”, which is part of this crisis: enter it there");
    public static readonly Phrase CardOfParent = new("Elle est de la conduite parente : la ressaisir là", "It belongs to the parent run: enter it there");
    public static readonly Phrase CardOfOtherRun = new(
        "Cette carte est d’une autre conduite ou d’un autre plan. Ressaisissez-la là-bas.",
        "This card is of another run or another plan. Enter it there.");
    public static readonly Phrase OlderText = new(
        "Carte imprimée d’un autre texte du plan (avant un avenant). Relisez les champs : elle est gardée, et son code le dira.",
        "Card printed from another text of the plan (before an amendment). Read the fields again: it is kept, and its code will tell.");
    public static readonly Phrase VoidCardNotice = new(
        "Carte nulle : l’étape a été retirée du plan ({reason}). Ce qui a été fait est gardé comme un fait, sans effet sur le plan.",
        "Void card: the step was taken out of the plan ({reason}). What was done is kept as a fact, without effect on the plan.");
    public static readonly Phrase VoidLine = new("CARTE NULLE {number} {title} : {issue}. {remark}", "VOID CARD {number} {title}: {issue}. {remark}");
    public static readonly Phrase DecisionNote = new(
        "Une décision ressaisie attend une deuxième personne, qui relit la carte et confirme la copie.",
        "A decision that is entered waits for a second person, who reads the card and confirms the copy.");
    public static readonly Phrase HourOnPaper = new("Heure sur le papier", "Hour on the paper");
    public static readonly Phrase HourMissing = new("L’heure notée sur la carte manque.", "The hour written on the card is missing.");
    public static readonly Phrase HourUnreadable = new(
        "L’heure n’est pas lisible : écrivez 03:12 (dans les dernières 24 h) ou 20/11/2026 03:12.",
        "The hour is not readable: write 03:12 (within the last 24 h) or 20/11/2026 03:12.");
    public static readonly Phrase EvidenceHour = new("Une heure parmi les preuves n’est pas lisible : écrivez 03:12 ou 20/11/2026 03:12.", "An hour among the proof is not readable: write 03:12 or 20/11/2026 03:12.");
    public static readonly Phrase NameOnPaper = new("Nom sur la carte", "Name on the card");
    public static readonly Phrase Outcome = new("Issue", "Outcome");
    public static readonly Phrase OutcomeDecided = new("Décidé", "Decided");
    public static readonly Phrase OutcomeSkipped = new("Pas faite, passée", "Not done, skipped");
    public static readonly Phrase VoiceName = new("Signature {number} : nom", "Signature {number}: name");
    public static readonly Phrase VoiceRole = new("Signature {number} : rôle", "Signature {number}: role");
    public static readonly Phrase SecondName = new("Contresigné ou vérifié sur papier par", "Countersigned or verified on paper by");
    public static readonly Phrase SecondNote = new("nom et heure ; son visa à l’écran reste à donner", "name and hour; their visa on the screen is still needed");
    public static readonly Phrase SecondOnPaper = new("Sur papier, contresigné ou vérifié par {name}. {remark}", "On paper, countersigned or verified by {name}. {remark}");
    public static readonly Phrase ProblemUntold = new("Problème coché sur la carte, sans précision.", "Problem ticked on the card, without details.");
    public static readonly Phrase HelpUntold = new("Aide cochée sur la carte, sans précision.", "Help ticked on the card, without details.");
    public static readonly Phrase Enter = new("Inscrire", "Record");
    public static readonly Phrase TakenWell = new("Inscrit. Carte suivante.", "Recorded. Next card.");
    public static readonly Phrase TakenToSign = new("Inscrit. Une autre personne doit encore vérifier ou viser l’étape à l’écran.", "Recorded. Another person still has to verify or countersign the step on the screen.");
    public static readonly Phrase TakenToConfirm = new("Inscrit. Une deuxième personne doit confirmer la copie, ci-dessous.", "Recorded. A second person has to confirm the copy, below.");
    public static readonly Phrase TakenAsFact = new("Gardé comme un fait, sans effet sur le plan. Pourquoi :", "Kept as a fact, without effect on the plan. Why:");
    public static readonly Phrase ToConfirm = new("Copies à confirmer", "Copies to confirm");
    public static readonly Phrase ToConfirmNote = new("Prenez la carte en main et comparez. Celui qui a copié ne peut pas confirmer.", "Take the card and compare. Whoever copied it cannot confirm.");
    public static readonly Phrase CopiedBy = new("Copié par {name}.", "Copied by {name}.");
    public static readonly Phrase CopyRight = new("Copie exacte", "The copy is right");
    public static readonly Phrase CopyWrong = new("Copie fausse", "The copy is wrong");
    public static readonly Phrase LastCopied = new("Dernières cartes ressaisies", "Last cards entered");
    public static readonly Phrase NothingCopied = new("Aucune carte n’a encore été ressaisie.", "No card was entered yet.");

    public static readonly Phrase LogSheet = new("Main courante, feuille {number}", "Crisis log, sheet {number}");
    public static readonly Phrase Sheet = new("feuille {number}", "sheet {number}");
    public static readonly Phrase LineNumber = new("Ligne", "Line");
    public static readonly Phrase LogWho = new("Qui", "Who");
    public static readonly Phrase LogKind = new("Type", "Kind");
    public static readonly Phrase LogText = new("Quoi, en une ligne", "What, in one line");
    public static readonly Phrase LogKinds = new("Entourez : F fait, D décision, A action, M message. Une ligne fausse se barre d’un trait et reste lisible.", "Circle: F fact, D decision, A action, M message. A wrong line is struck out once and stays readable.");
    public static readonly Phrase LogHeldBy = new("Tenue par : ______________________  de _____ h _____ à _____ h _____   Initiales : ________", "Kept by: ______________________  from _____ h _____ to _____ h _____   Initials: ________");
    public static readonly Phrase LogKeep = new("Les feuilles se suivent : une feuille manquante se voit.", "Sheets follow one another: a missing one is seen.");
}
