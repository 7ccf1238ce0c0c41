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
    public static readonly Phrase OpenOnly = new("Seulement ce qui reste à faire", "Only what is left to do");
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
        new("{count} voix est nécessaire. Une personne compte une fois, quels que soient ses rôles.", "{count} voice is needed. A person counts once, whatever their roles."),
        new("{count} voix sont nécessaires. Une personne compte une fois, quels que soient ses rôles.", "{count} voices are needed. A person counts once, whatever their roles."));
    public static readonly Phrase AnyVoter = new("Autre voix", "Another voice");
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
