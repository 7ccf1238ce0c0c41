namespace BackupGuard.Server.Ui.Texts;

public static class ExerciseTexts
{
    public static readonly Phrase Title = new("Exercices", "Exercises");
    public static readonly Phrase Heading = new("Quel exercice jouer ?", "Which exercise to play?");
    public static readonly Plural Answer = new(
        new("{count} exercice prêt. Un exercice de continuité juge les soins en mode dégradé ; un test de restauration n’en est pas un.", "{count} exercise ready. A continuity exercise judges care in degraded mode; a restore test is none."),
        new("{count} exercices prêts. Un exercice de continuité juge les soins en mode dégradé ; un test de restauration n’en est pas un.", "{count} exercises ready. A continuity exercise judges care in degraded mode; a restore test is none."));
    public static readonly Phrase None = new("Aucun exercice : mettez leurs fichiers dans le dossier des runbooks (exercises/).", "No exercise: put their files into the folder of runbooks (exercises/).");
    public static readonly Phrase Beginner = new("débutant", "beginner");
    public static readonly Phrase Intermediate = new("intermédiaire", "intermediate");
    public static readonly Phrase Advanced = new("confirmé", "advanced");
    public static readonly Phrase Doubt = new("Un doute entre deux niveaux ? Prenez le plus simple.", "In doubt between two levels? Take the simpler one.");
    public static readonly Phrase Facts = new("Niveau {level}. {duration} à réserver, {injects} stimuli, {criteria} critères.", "Level {level}. {duration} to block, {injects} injects, {criteria} criteria.");
    public static readonly Phrase Plays = new("Runbook joué : {runbook}", "Runbook played: {runbook}");
    public static readonly Phrase NoRunbook = new("Le runbook « {runbook} » n’est pas utilisable ici : l’exercice ne peut pas commencer.", "The runbook “{runbook}” is not usable here: the exercise cannot begin.");
    public static readonly Phrase Players = new("Joueurs", "Players");
    public static readonly Phrase ForFacilitators = new("Animateurs", "Facilitators");
    public static readonly Phrase ForObservers = new("Observateurs", "Observers");
    public static readonly Phrase Objectives = new("Objectifs", "Objectives");
    public static readonly Phrase Kit = new("Ce qu’il faut", "What is needed");
    public static readonly Phrase Before = new("Avant l’exercice", "Before the exercise");
    public static readonly Phrase After = new("Après l’exercice", "After the exercise");
    public static readonly Plural DaysBefore = new(new("{count} jour avant", "{count} day before"), new("{count} jours avant", "{count} days before"));
    public static readonly Plural DaysAfter = new(new("sous {count} jour", "within {count} day"), new("sous {count} jours", "within {count} days"));
    public static readonly Phrase SameDay = new("le jour même", "the same day");
    public static readonly Phrase Opssies = new(
        "OPSSIES se met à jour avant et après ; aucun lien automatique n’existe : une personne le fait, et garde une capture datée.",
        "OPSSIES is updated before and after; there is no automatic link: a person does it and keeps a dated capture.");
    public static readonly Phrase Start = new("Ouvrir cet exercice", "Open this exercise");
    public static readonly Phrase Sources = new("Sources", "Sources");

    public static readonly Phrase Facilitate = new("Animation", "Facilitation");
    public static readonly Phrase Observe = new("Observation", "Observation");
    public static readonly Phrase Retex = new("RETEX", "Debrief");
    public static readonly Phrase Report = new("Compte-rendu", "Report");
    public static readonly Phrase OfRunbook = new(
        "Aucun fichier d’exercice n’a été choisi : voici les stimuli du runbook, sans objectifs ni grille.",
        "No exercise file was chosen: these are the runbook’s own injects, without objectives or grid.");
    public static readonly Phrase NotBegun = new("DEBEX n’est pas annoncé. Les heures prévues se comptent à partir de lui.", "The start (DEBEX) is not announced. Planned hours count from it.");
    public static readonly Phrase Going = new("DEBEX à {start}. Stimuli joués : {played} sur {planned} ; environ 70 % suffisent.", "DEBEX at {start}. Injects played: {played} of {planned}; about 70 % are enough.");
    public static readonly Phrase Ended = new("DEBEX à {start}, FINEX à {end}. Stimuli joués : {played} sur {planned}.", "DEBEX at {start}, FINEX at {end}. Injects played: {played} of {planned}.");
    public static readonly Phrase NextInject = new("Prochain stimulus", "Next inject");
    public static readonly Phrase SayDebex = new("Annoncer le début (DEBEX)", "Announce the start (DEBEX)");
    public static readonly Phrase SayFinex = new("Annoncer la fin (FINEX)", "Announce the end (FINEX)");
    public static readonly Phrase StopWord = new("Mot d’arrêt « incident réel » : tout s’arrête, tout de suite.", "Stop word “incident réel”: everything stops at once.");
    public static readonly Phrase Planned = new("Prévu", "Planned");
    public static readonly Phrase PlannedAt = new("Prévu à {time} (DEBEX + {after})", "Planned at {time} (DEBEX + {after})");
    public static readonly Phrase PlannedAfter = new("Prévu à DEBEX + {after}", "Planned at DEBEX + {after}");
    public static readonly Phrase Real = new("Réel", "Real");
    public static readonly Phrase FromTo = new("{channel} : {from} à {to}", "{channel}: {from} to {to}");
    public static readonly Phrase To = new("À", "To");
    public static readonly Phrase Expected = new("Réaction attendue : {reaction}", "Expected reaction: {reaction}");
    public static readonly Phrase Within = new("(sous {time})", "(within {time})");
    public static readonly Phrase OnlyIf = new("Seulement si : {condition}", "Only if: {condition}");
    public static readonly Phrase Note = new("Remarque (facultative)", "Remark (optional)");
    public static readonly Phrase Play = new("Joué", "Played");
    public static readonly Phrase PlayOther = new("Jouer un autre stimulus", "Play another inject");
    public static readonly Phrase Inject = new("Stimulus", "Inject");
    public static readonly Phrase Chronogramme = new("Chronogramme", "Events list");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase JournalColumn = new("Ce que montre le journal", "What the journal shows");
    public static readonly Phrase ObserverColumn = new("Ce qu’ont vu les observateurs", "What observers saw");
    public static readonly Phrase TwoColumns = new(
        "Deux colonnes, jamais mêlées : un journal ne remplace pas un témoin, et « non observé » ne veut pas dire « rien ».",
        "Two columns, never merged: a journal does not replace a witness, and “not observed” does not mean “nothing”.");
    public static readonly Phrase PlayersState = new("Où en sont les joueurs", "Where the players are");
    public static readonly Phrase Role = new("Rôle", "Role");
    public static readonly Phrase Received = new("Messages reçus", "Messages received");
    public static readonly Phrase LastAct = new("Dernier acte au journal", "Last act in the journal");
    public static readonly Phrase NothingYet = new("rien encore", "nothing yet");
    public static readonly Phrase Story = new("Ce qui s’est vraiment passé (animateurs seuls)", "What really happened (facilitators only)");
    public static readonly Phrase Rules = new("Conventions d’exercice", "Rules");
    public static readonly Phrase Cast = new("Annuaire d’exercice", "Exercise directory");
    public static readonly Phrase CastNote = new("Joués par les animateurs. Numéros réservés à la fiction.", "Played by facilitators. Numbers reserved for fiction.");
    public static readonly Phrase NoNumber = new("sur place", "on site");
    public static readonly Phrase RealHeading = new("Ceci n’est plus un exercice", "This is no longer an exercise");
    public static readonly Phrase RealNote = new(
        "Une autre conduite, réelle, du même runbook est démarrée. Rien de l’exercice n’y est copié ; chaque journal renvoie à l’autre. L’exercice reste un exercice.",
        "Another, live run of the same runbook is started. Nothing of the exercise is copied; each log refers to the other. The exercise stays an exercise.");
    public static readonly Phrase RealConfirm = new("C’est un incident réel", "This is a real incident");

    public static readonly Phrase InjectPlanned = new("prévu", "planned");
    public static readonly Phrase InjectDue = new("à jouer maintenant", "to be played now");
    public static readonly Phrase InjectLate = new("en retard", "late");
    public static readonly Phrase InjectPlayed = new("joué", "played");
    public static readonly Phrase InjectPlayedLate = new("joué en retard", "played late");
    public static readonly Phrase InjectNotPlayed = new("non joué", "not played");
    public static readonly Phrase InjectSpare = new("en réserve", "in reserve");

    public static readonly Phrase JournalCannotTell = new("rien à montrer : seul un observateur peut le dire", "nothing to show: only an observer can tell");
    public static readonly Phrase JournalNotPlayed = new("pas encore joué", "not yet played");
    public static readonly Phrase JournalWaiting = new("attendu", "awaited");
    public static readonly Phrase JournalInTime = new("vu à {time}, dans la tolérance", "seen at {time}, within tolerance");
    public static readonly Phrase JournalSeen = new("vu à {time}, sans tolérance fixée", "seen at {time}, no tolerance set");
    public static readonly Phrase JournalLate = new("vu à {time}, hors tolérance", "seen at {time}, beyond tolerance");
    public static readonly Phrase JournalBefore = new("fait avant, à {time} ; pas refait depuis", "done before, at {time}; not again since");
    public static readonly Phrase JournalAbsent = new("absent du journal", "not in the journal");
    public static readonly Phrase JournalCutShort = new("inconnu : FINEX est venu avant", "unknown: FINEX came first");

    public static readonly Phrase SeenNobody = new("non observé", "not observed");
    public static readonly Phrase SeenExpected = new("attendue", "as expected");
    public static readonly Phrase SeenPartial = new("partielle", "partial");
    public static readonly Phrase SeenOther = new("autre", "other");
    public static readonly Phrase SeenNone = new("aucune réaction", "no reaction");
    public static readonly Phrase SeenContradict = new("les observateurs se contredisent", "observers contradict one another");

    public static readonly Phrase ObserveHeading = new("Ce que vous voyez, et rien d’autre", "What you see, and nothing else");
    public static readonly Phrase ObserveAnswer = new(
        "Notez des faits. Ce que vous laissez vide reste « non observé ». Les notes des autres ne sont pas montrées ici.",
        "Note facts. What you leave empty stays “not observed”. Scores of others are not shown here.");
    public static readonly Phrase Reactions = new("Réactions aux stimuli joués, le plus récent d’abord", "Reactions to injects played, newest first");
    public static readonly Phrase NonePlayed = new("Aucun stimulus n’a encore été joué.", "No inject was played yet.");
    public static readonly Phrase YourWord = new("Vous avez noté : {word}", "You noted: {word}");
    public static readonly Phrase Reaction = new("Réaction vue", "Reaction seen");
    public static readonly Phrase Save = new("Noter", "Note");
    public static readonly Phrase Grid = new("Grille d’observation", "Observation grid");
    public static readonly Phrase NoGrid = new("Cet exercice n’a pas de grille.", "This exercise has no grid.");
    public static readonly Phrase Look = new("À regarder : {what}", "To look at: {what}");
    public static readonly Phrase YourScore = new("Votre note : {score}", "Your score: {score}");
    public static readonly Phrase NotScored = new("Pas encore noté par vous.", "Not yet scored by you.");
    public static readonly Phrase Score = new("Note", "Score");
    public static readonly Phrase ScoreMeaning = new("{score} : {meaning}", "{score}: {meaning}");

    public static readonly Phrase RetexHeading = new("Que faut-il changer ?", "What has to change?");
    public static readonly Phrase RetexAnswer = new("Des faits et des heures, pas de coupable. Cinq actions tenues valent mieux que vingt écrites.", "Facts and hours, no culprit. Five actions kept are worth more than twenty written.");
    public static readonly Phrase Hot = new("À chaud, le jour même", "Hot, the same day");
    public static readonly Phrase Cold = new("À froid, sous un mois", "Cold, within a month");
    public static readonly Phrase Lesson = new("Ce qui a été dit, en une ligne", "What was said, in one line");
    public static readonly Phrase NoLesson = new("Rien d’inscrit.", "Nothing recorded.");
    public static readonly Phrase Actions = new("Actions", "Actions");
    public static readonly Phrase NoAction = new("Aucune action décidée.", "No action agreed.");
    public static readonly Phrase Action = new("Action", "Action");
    public static readonly Phrase Owner = new("Pilote", "Owner");
    public static readonly Phrase Due = new("Échéance", "Due");
    public static readonly Phrase DueHint = new("(AAAA-MM-JJ)", "(YYYY-MM-DD)");
    public static readonly Phrase Agree = new("Décider cette action", "Agree this action");
    public static readonly Phrase Close = new("Clore", "Close");
    public static readonly Phrase Proof = new("Preuve ou remarque", "Proof or remark");
    public static readonly Phrase Closed = new("close : {note}", "closed: {note}");
    public static readonly Phrase Open = new("ouverte", "open");
    public static readonly Phrase Overdue = new("ouverte, en retard", "open, overdue");
    public static readonly Phrase Reminder = new("Rappel", "Reminder");
    public static readonly Phrase When = new("Quand", "When");
    public static readonly Phrase Ticked = new("fait par {name}, {time}. {note}", "done by {name}, {time}. {note}");
    public static readonly Phrase NotTicked = new("pas fait, ou pas dit", "not done, or not said");
    public static readonly Phrase Tick = new("C’est fait", "Done");
    public static readonly Phrase TickNote = new("Preuve (n° de capture, date)", "Proof (capture number, date)");

    public static readonly Phrase ReportHeading = new("Compte-rendu d’exercice : {exercise}", "Exercise report: {exercise}");
    public static readonly Phrase NothingObserved = new(
        "Rien n’a été observé. Cet exercice ne prouve rien, même si tout a été joué.",
        "Nothing was observed. This exercise proves nothing, even if all was played.");
    public static readonly Phrase ReportAnswer = new(
        "Objectifs atteints : {reached} ; non atteints : {failed} ; inconnus ou contredits : {unknown}. Observations : {looks}.",
        "Objectives reached: {reached}; not reached: {failed}; unknown or contradicted: {unknown}. Observations: {looks}.");
    public static readonly Phrase NotOver = new("L’exercice n’est pas fini : aucun objectif n’est encore dit atteint.", "The exercise is not over: no objective is called reached yet.");
    public static readonly Phrase Reached = new("atteint", "reached");
    public static readonly Phrase NotReached = new("non atteint", "not reached");
    public static readonly Phrase Unknown = new("inconnu", "unknown");
    public static readonly Phrase Contradicted = new("contredit", "contradicted");
    public static readonly Phrase Objective = new("Objectif", "Objective");
    public static readonly Phrase CriteriaSeen = new("Critères observés", "Criteria observed");
    public static readonly Phrase SeenOf = new("{seen} sur {total}", "{seen} of {total}");
    public static readonly Phrase Criterion = new("Critère", "Criterion");
    public static readonly Phrase Observers = new("Observateurs", "Observers");
    public static readonly Phrase Scores = new("Notes", "Scores");
    public static readonly Phrase Lowest = new("Retenue (la plus basse)", "Kept (the lowest)");
    public static readonly Phrase NotObserved = new("non observé", "not observed");
    public static readonly Phrase Contradiction = new("contradiction : aucune note retenue", "contradiction: no score kept");
    public static readonly Phrase Decisions = new("Décisions et changements d’état", "Decisions and changes of state");
    public static readonly Phrase NoDecision = new("Aucune décision n’est au journal.", "No decision is in the journal.");
    public static readonly Phrase Gaps = new("Écarts", "Gaps");
    public static readonly Phrase NoGap = new("Aucun écart n’a été vu. Ce qui n’a pas été observé est dit plus bas.", "No gap was seen. What was not observed is told below.");
    public static readonly Phrase Unseen = new("Joué, et observé par personne", "Played, and observed by nobody");
    public static readonly Phrase NoUnseen = new("Chaque stimulus joué a été observé.", "Each inject played was observed.");
    public static readonly Phrase NothingPlayed = new("Rien n’a été joué.", "Nothing was played.");
    public static readonly Phrase GapNotPlayed = new("{subject} : stimulus non joué.", "{subject}: inject not played.");
    public static readonly Phrase GapLate = new("{subject} : réaction hors tolérance au journal.", "{subject}: reaction beyond tolerance in the journal.");
    public static readonly Phrase GapAbsent = new("{subject} : réaction absente du journal.", "{subject}: no reaction in the journal.");
    public static readonly Phrase GapPartial = new("{subject} : réaction partielle vue.", "{subject}: partial reaction seen.");
    public static readonly Phrase GapOther = new("{subject} : autre réaction vue.", "{subject}: another reaction seen.");
    public static readonly Phrase GapNone = new("{subject} : aucune réaction vue.", "{subject}: no reaction seen.");
    public static readonly Phrase GapContradict = new("{subject} : les observateurs se contredisent.", "{subject}: observers contradict one another.");
    public static readonly Phrase GapLow = new("{subject} : note de 0 ou 1.", "{subject}: scored 0 or 1.");
    public static readonly Phrase Recipients = new("Destinataires : {list}. À envoyer sous {within} après FINEX.", "Recipients: {list}. To be sent within {within} after FINEX.");
    public static readonly Phrase Pinned = new("Exercice {id}, empreinte {hash}. Runbook {runbook}, empreinte {plan}.", "Exercise {id}, hash {hash}. Runbook {runbook}, hash {plan}.");
    public static readonly Phrase PinnedPlan = new("Runbook {runbook}, empreinte {plan}. Aucun fichier d’exercice.", "Runbook {runbook}, hash {plan}. No exercise file.");
    public static readonly Phrase Signatures = new("Visas : animateur, directeur de crise, qualité", "Signed: facilitator, crisis director, quality");
    public static readonly Phrase NotPracticed = new("Un exercice n’est pas un test de restauration : il ne remplit aucune preuve de restauration.", "An exercise is no restore test: it fills no proof of restore.");

    public static readonly Phrase ReceivedHeading = new("Messages reçus pendant l’exercice", "Messages received during the exercise");
    public static readonly Phrase ReceivedNone = new("Aucun message pour vos rôles.", "No message for your roles.");
    public static readonly Phrase RealFrom = new("Incident réel pendant un exercice : conduite réelle démarrée, adresse {address}. L’exercice s’arrête ici.", "Real incident during an exercise: live run started at {address}. The exercise stops here.");
    public static readonly Phrase RealTo = new("Démarrée pendant l’exercice tenu à l’adresse {address}. Rien n’en est copié.", "Started during the exercise held at {address}. Nothing of it is copied.");

    /// <summary>By the words of exercise files.</summary>
    public static Phrase Channel(string word) => word switch
    {
        "presentiel" => InPerson,
        "papier" => OnPaper,
        "ecran" => OnScreen,
        "radio" => ByRadio,
        "telephone-analogique" => ByAnalogue,
        "telephone-mobile" => ByMobile,
        "sms" => BySms,
        "fax" => ByFax,
        "presse" => InThePress,
        "messagerie" => ByMail,
        "voip" => ByVoip,
        "intranet" => OnIntranet,
        "internet" => OnInternet,
        "impression-reseau" => ByPrinter,
        _ => new Phrase(word, word),
    };

    public static readonly Phrase InPerson = new("En personne", "In person");
    public static readonly Phrase OnPaper = new("Sur papier", "On paper");
    public static readonly Phrase OnScreen = new("À l’écran", "On a screen");
    public static readonly Phrase ByRadio = new("Par radio", "By radio");
    public static readonly Phrase ByAnalogue = new("Téléphone analogique", "Analogue telephone");
    public static readonly Phrase ByMobile = new("Téléphone mobile", "Mobile telephone");
    public static readonly Phrase BySms = new("SMS", "Text message");
    public static readonly Phrase ByFax = new("Télécopie", "Fax");
    public static readonly Phrase InThePress = new("Presse", "Press");
    public static readonly Phrase ByMail = new("Messagerie", "Mail");
    public static readonly Phrase ByVoip = new("Téléphone du réseau", "Network telephone");
    public static readonly Phrase OnIntranet = new("Intranet", "Intranet");
    public static readonly Phrase OnInternet = new("Internet", "Internet");
    public static readonly Phrase ByPrinter = new("Impression", "Printer");
}
