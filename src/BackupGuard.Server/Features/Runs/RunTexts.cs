using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Runs;

public static class RunTexts
{
    public static readonly Phrase Title = new("Runbooks et conduites", "Runbooks and runs");
    public static readonly Phrase Cards = new("Cartes", "Cards");
    public static readonly Phrase Heading = new("Que faut-il conduire ?", "What has to be run?");
    public static readonly Phrase NoRunbook = new("Aucun runbook : donnez leur dossier au démarrage du serveur (--runbooks).", "No runbook: name their folder when the server starts (--runbooks).");
    public static readonly Plural Answer = new(new("{count} runbook ici. {open}", "{count} runbook here. {open}"), new("{count} runbooks ici. {open}", "{count} runbooks here. {open}"));
    public static readonly Phrase NothingOpen = new("Aucune conduite n’est ouverte.", "No run is open.");
    public static readonly Phrase SomethingOpen = new("Au moins une conduite est ouverte.", "At least one run is open.");
    public static readonly Phrase Runbooks = new("Runbooks", "Runbooks");
    public static readonly Phrase Runs = new("Conduites, les ouvertes d’abord", "Runs, open ones first");
    public static readonly Phrase StartExercise = new("Démarrer un exercice", "Start an exercise");
    public static readonly Phrase StartLive = new("Démarrer la crise réelle", "Start the live crisis");
    public static readonly Phrase LiveConfirm = new("C’est une crise réelle", "This is a live crisis");
    public static readonly Phrase NotUsable = new("Inutilisable tant que ces lignes ne sont pas corrigées :", "Not usable until these lines are corrected:");
    public static readonly Phrase Version = new("version {version}, {steps} étapes", "version {version}, {steps} steps");
    public static readonly Phrase Exercise = new("EXERCICE", "EXERCISE");
    public static readonly Phrase Live = new("CRISE RÉELLE", "LIVE CRISIS");
    public static readonly Phrase Damaged = new("Journal illisible : lancez fsck.", "Unreadable journal: run fsck.");
    public static readonly Phrase Started = new("Début", "Start");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase Mode = new("Mode", "Mode");
    public static readonly Phrase Plan = new("Plan", "Plan");
    public static readonly Phrase Where = new("État : {state}, depuis {since}.", "State: {state}, since {since}.");
    public static readonly Phrase Refused = new("Refusé. Rien n’a changé.", "Refused. Nothing has changed.");
    public static readonly Phrase Requests = new("Décisions en attente de voix", "Decisions that wait for votes");
    public static readonly Phrase RequestBy = new("Demandé par {name} à {time}. Voix pour : {votes} sur {quorum}.", "Asked by {name} at {time}. Votes for: {votes} of {quorum}.");
    public static readonly Phrase Reason = new("Motif", "Reason");
    public static readonly Phrase VoteFor = new("Approuver", "Approve");
    public static readonly Phrase VoteAgainst = new("Refuser", "Refuse");
    public static readonly Phrase As = new("En tant que", "As");
    public static readonly Phrase Transitions = new("Passages possibles", "Possible transitions");
    public static readonly Phrase Blocked = new("Pas encore : {reasons}", "Not yet: {reasons}");
    public static readonly Phrase BlockedUnknown = new("on ne sait pas : {name}", "not known: {name}");
    public static readonly Phrase BlockedUnmet = new("condition non remplie : {name}", "condition not met: {name}");
    public static readonly Phrase Signs = new("{quorum} voix : {roles}", "{quorum} votes: {roles}");
    public static readonly Phrase Steps = new("Étapes de cet état", "Steps of this state");
    public static readonly Phrase OtherSteps = new("Étapes des autres états", "Steps of other states");
    public static readonly Phrase NoStep = new("Aucune étape ici : choisissez un passage.", "No step here: choose a transition.");
    public static readonly Phrase Card = new("Carte", "Card");
    public static readonly Phrase Step = new("Étape", "Step");
    public static readonly Phrase Role = new("Rôle", "Role");
    public static readonly Phrase Due = new("À finir avant", "To be done before");
    public static readonly Phrase By = new("Par", "By");
    public static readonly Phrase NoDeadline = new("sans échéance", "no deadline");
    public static readonly Phrase Nobody = new("personne encore", "nobody yet");
    public static readonly Phrase WaitsFor = new("attend : {needs}", "waits for: {needs}");
    public static readonly Phrase HelpNeeded = new("Aide demandée : {need}", "Help needed: {need}");
    public static readonly Phrase Facts = new("Faits connus et inconnus", "Known and unknown facts");
    public static readonly Phrase Fact = new("Fait", "Fact");
    public static readonly Phrase Value = new("Valeur", "Value");
    public static readonly Phrase Unknown = new("inconnu", "unknown");
    public static readonly Phrase Yes = new("oui", "yes");
    public static readonly Phrase No = new("non", "no");
    public static readonly Phrase SeeSteps = new("Voir ces étapes ({count})", "See these steps ({count})");
    public static readonly Phrase Save = new("Inscrire", "Record");
    public static readonly Phrase Log = new("Main courante", "Crisis log");
    public static readonly Phrase RunPage = new("Conduite", "Run");
    public static readonly Phrase AllRuns = new("Toutes les conduites", "All runs");
    public static readonly Phrase Since = new("Début il y a", "Started");
    public static readonly Phrase Take = new("Je prends cette étape", "I take this step");
    public static readonly Phrase Taken = new("Prise par {name} à {time}.", "Taken by {name} at {time}.");
    public static readonly Phrase StateOf = new("Cette étape est {state}.", "This step is {state}.");
    public static readonly Phrase Conform = new("Conforme", "Conform");
    public static readonly Phrase NotConform = new("Non conforme", "Not conform");
    public static readonly Phrase Countersign = new("Viser", "Countersign");
    public static readonly Phrase Reopen = new("Rouvrir", "Reopen");
    public static readonly Phrase Skip = new("Demander de passer cette étape", "Ask to skip this step");
    public static readonly Phrase SkipNote = new("Une autre personne doit confirmer.", "Another person must confirm.");
    public static readonly Phrase Comment = new("Remarque, ou ce qui ne va pas", "Remark, or what is wrong");
    public static readonly Phrase Choose = new("Décider", "Decide");
    public static readonly Phrase Choice = new("Choix", "Choice");
    public static readonly Phrase Other = new("Autres actions", "Other actions");
    public static readonly Phrase Back = new("Retour à la conduite", "Back to the run");
    public static readonly Phrase HourHint = new("(heure, par exemple 03:12)", "(hour, for example 03:12)");
    public static readonly Phrase Entry = new("Ce qui se passe, en une ligne", "What happens, in one line");
    public static readonly Phrase Speaker = new("Qui parle, sinon vous", "Who speaks, if not you");
    public static readonly Phrase EntryTime = new("Heure (vide : maintenant)", "Time (empty: now)");
    public static readonly Phrase EntryNote = new("Une ligne inscrite ne s’efface pas : on la corrige par une nouvelle ligne. Pas de nom de patient.", "A recorded line is never erased: correct it by a new line. No patient’s name.");
    public static readonly Phrase AmendmentOf = new("Modifier le plan, version {version}", "Change the plan, version {version}");
    public static readonly Phrase HourTwice = new(
        "Cette nuit-là, les horloges ont été reculées : cette heure est venue deux fois. Ajoutez le décalage, par exemple 02:30+2 pour la première et 02:30+1 pour la seconde à Paris.",
        "That night the clocks were set back: this hour came twice. Add the offset, for example 02:30+2 for the first and 02:30+1 for the second in Paris.");
    public static readonly Phrase HourSkipped = new(
        "Cette nuit-là, les horloges ont été avancées : cette heure n’a pas existé. Écrivez l’heure d’après, telle que la montre avancée l’a montrée, ou la date avec l’heure s’il s’agit d’une autre nuit.",
        "That night the clocks were set forward: this hour did not exist. Write the hour as a clock that was set forward showed it, or the date with the hour if it was another night.");
    public static readonly Phrase BadTime = new("Cette heure n’est pas lisible. Écrivez par exemple 03:12 ou 2026-11-22 03:12.", "This time is not readable. Write for example 03:12 or 2026-11-22 03:12.");
}
