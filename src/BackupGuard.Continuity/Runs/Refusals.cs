using System.Globalization;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runs;

/// <summary>Every sentence with which a command is refused: what is missing, and what to do.</summary>
internal static class Refusals
{
    public static Refusal AlreadyStarted => Make("BG3201", "Cette conduite est déjà démarrée. Un exercice ne devient jamais une crise réelle : démarrez-en une autre.", "This run is already started. An exercise never becomes live: start another run.");

    public static Refusal NotStarted => Make("BG3202", "Cette conduite n’est pas démarrée.", "This run is not started.");

    public static Refusal OtherRun => Make("BG3203", "Cette commande est adressée à une autre conduite.", "This command is addressed to another run.");

    public static Refusal BadCommand => Make("BG3204", "Commande incomplète : identifiant, personne ou heure manque. Rechargez la page.", "Incomplete command: id, person or time is missing. Reload the page.");

    public static Refusal FutureTime => Make("BG3205", "L’heure du fait est dans le futur. Corrigez l’heure.", "The time of the fact is in the future. Correct it.");

    public static Refusal Closed(string state) => Make("BG3206", $"La conduite est close (« {state} »). Restent ouverts : main courante, déclarations, dossiers papier, cartes et retour d’expérience.", $"The run is closed (“{state}”). Open still: log, notifications, paper files, cards and lessons.");

    public static Refusal NoTransition(string id, string state, IEnumerable<string> possible) => Make("BG3210",
        $"« {id} » n’est pas possible depuis « {state} ». Possible : {List(possible)}.", $"“{id}” is not possible from “{state}”. Possible: {List(possible)}.");

    public static Refusal GuardMissing(string name) => Make("BG3211", $"On ne sait pas : {name}. Renseignez-le ; inconnu n’est pas faux.", $"Unknown: {name}. Enter it; unknown is not false.");

    public static Refusal GuardUnmet(string name) => Make("BG3212", $"Condition non remplie : {name}.", $"Condition not met: {name}.");

    public static Refusal NoPrevious => Make("BG3213", "Aucun état précédent où revenir.", "No previous state to go back to.");

    public static Refusal ReasonNeeded => Make("BG3214", "Le motif est obligatoire.", "A reason is required.");

    public static Refusal AlreadyRequested(PendingRequest request) => Make("BG3215", $"Déjà demandé par {request.By.Name} à {Time(request.At)}. Votez sur cette demande.", $"Already asked by {request.By.Name} at {Time(request.At)}. Vote on that request.");

    public static Refusal UnknownStep(string id) => Make("BG3220", $"Étape inconnue « {id} ».", $"Unknown step “{id}”.");

    public static Refusal NotActive(string step, string state) => Make("BG3221", $"« {step} » se fait dans l’état « {state} », qui n’est pas l’état présent.", $"“{step}” belongs to the state “{state}”, which is not the present one.");

    public static Refusal NeedUnmet(string step, string need) => Make("BG3222", $"« {step} » attend d’abord « {need} ».", $"“{step}” first waits for “{need}”.");

    public static Refusal WrongState(string step, StepState state, StepRecord? record) => Make("BG3223",
        $"« {step} » est « {StepWords.French(state)} »{By(record, "par", "à")} : cette action n’est pas possible.", $"“{step}” is “{StepWords.English(state)}”{By(record, "by", "at")}: this action is not possible.");

    public static Refusal WrongRole(string role, IEnumerable<string> expected) => Make("BG3224", $"Réservé au rôle : {List(expected)}. Vous agissez comme « {role} ».", $"Reserved for the role: {List(expected)}. You act as “{role}”.");

    public static Refusal SamePerson => Make("BG3225", "Il faut une autre personne que celle qui a fait ou demandé.", "It takes another person than the one who did or asked.");

    public static Refusal EvidenceMissing(string label) => Make("BG3226", $"Preuve obligatoire manquante : {label}. Un problème ? Utilisez « Problème ».", $"Required evidence missing: {label}. Trouble? Use “Problem”.");

    public static Refusal EvidenceWrong(string label, string type) => Make("BG3227", $"« {label} » n’a pas la forme attendue ({type}).", $"“{label}” has not the expected form ({type}).");

    public static Refusal EvidenceUnknown(string id) => Make("BG3228", $"« {id} » n’est pas demandé ici.", $"“{id}” is not asked for here.");

    public static Refusal NotADecision(string step) => Make("BG3229", $"« {step} » est une décision : choisissez une option.", $"“{step}” is a decision: choose an option.");

    public static Refusal UnknownOption(string option, IEnumerable<string> possible) => Make("BG3230", $"Choix inconnu « {option} ». Possible : {List(possible)}.", $"Unknown option “{option}”. Possible: {List(possible)}.");

    public static Refusal NotYet => Make("BG3231", "L’attente n’est pas finie.", "The wait is not over.");

    public static Refusal RequestClosed => Make("BG3240", "Cette demande n’est plus ouverte : elle a été décidée, refusée, ou la situation a changé.", "This request is no longer open: it was decided, refused, or the situation changed.");

    public static Refusal VotedAlready(Vote vote) => Make("BG3241", $"Vous avez déjà voté à {Time(vote.At)}. Une voix par personne.", $"You already voted at {Time(vote.At)}. One vote per person.");

    public static Refusal UnknownFact(string id, IEnumerable<string> known) => Make("BG3250", $"Fait inconnu « {id} ». Faits de ce plan : {List(known)}.", $"Unknown fact “{id}”. Facts of this plan: {List(known)}.");

    public static Refusal FactWrong(string fact, string type) => Make("BG3251", $"Valeur impossible pour « {fact} » ({type}).", $"Impossible value for “{fact}” ({type}).");

    public static Refusal TextNeeded(int most) => Make("BG3252", $"Un texte de 1 à {most} caractères, sur une ligne, est nécessaire.", $"A text of 1 to {most} characters on one line is needed.");

    public static Refusal NotConfirmed(Actor by) => Make("BG3207",
        $"Crise réelle démarrée par {by.Name} seul. Une seconde personne doit confirmer le début avant toute décision ou tout passage. Travaillez et notez en attendant.",
        $"Live run started by {by.Name} alone. A second person must confirm the start before any decision or transition. Work and write meanwhile.");

    public static Refusal NoSuchLine(long number) => Make("BG3253", $"La ligne {number} n’existe pas dans cette main courante.", $"Line {number} does not exist in this log.");

    public static Refusal UnknownProcedure(string id) => Make("BG3254", $"Procédure dégradée inconnue « {id} ».", $"Unknown degraded procedure “{id}”.");

    public static Refusal BacklogWrong => Make("BG3255", "Ces nombres ne vont pas ensemble : ressaisis ne peut pas dépasser le nombre de dossiers papier.", "These numbers do not fit: entered again cannot exceed the number of paper files.");

    public static Refusal UnknownRole(string role, IEnumerable<string> known) => Make("BG3256", $"Rôle inconnu « {role} ». Rôles de ce plan : {List(known)}.", $"Unknown role “{role}”. Roles of this plan: {List(known)}.");

    public static Refusal RoleHeld(RoleHolder holder) => Make("BG3257", $"Ce rôle est tenu par {holder.Actor.Name} depuis {Time(holder.Since)}. Demandez-lui une relève.", $"This role is held by {holder.Actor.Name} since {Time(holder.Since)}. Ask for a hand-over.");

    public static Refusal HandoverPending(HandoverOffer offer) => Make("BG3258", $"Une relève de ce rôle est déjà signée par {offer.By.Name} à {Time(offer.At)} et attend la personne qui prend.", $"A hand-over of this role was already signed by {offer.By.Name} at {Time(offer.At)} and waits for the one who takes over.");

    public static Refusal ModuleAlready(string id) => Make("BG3260", $"Ce module est déjà ajouté ({id}).", $"This module is already added ({id}).");

    public static Refusal ModuleUnknown(string id) => Make("BG3261", $"Module inconnu « {id} ».", $"Unknown module “{id}”.");

    public static Refusal ModuleOpen(string step) => Make("BG3262", $"« {step} » suit un autre runbook, qui n’est pas terminé. Terminez-le, ou demandez de passer l’étape.", $"“{step}” follows another runbook, which has not ended. End it, or ask to skip the step.");

    public static Refusal ModuleNotAsked(string step) => Make("BG3263", $"« {step} » ne demande pas ce runbook.", $"“{step}” does not ask for this runbook.");

    public static Refusal ModuleOtherVersion(string id, string version) => Make("BG3264", $"Le plan demande « {id} » en version {version}, et le dossier en a une autre. Ajoutez-la comme module, avec un motif.", $"The plan asks for “{id}” version {version}, and the folder has another one. Add it as a module, with a reason.");

    public static Refusal PaperHour => Make("BG3266", "L’heure notée sur la carte est obligatoire.", "The hour written on the card is required.");

    public static Refusal PaperVoid(string card, int was, int now) => Make("BG3267", $"Carte {card} annulée : elle vaut pour la tentative {was}, l’étape en est à la tentative {now}.", $"Card {card} is void: it is for attempt {was}, the step is at attempt {now}.");

    public static Refusal PaperVoices(int quorum) => Make("BG3268", $"La carte doit porter {quorum} signatures de personnes différentes, chacune dans un rôle qui peut décider.", $"The card must carry {quorum} signatures of different persons, each in a role that may decide.");

    public static Refusal AmendmentUnreadable(int line, int column, string fr, string en) => Make("BG3270", $"Le nouveau texte a une faute, ligne {line}, colonne {column} : {fr}", $"The new text has a mistake, line {line}, column {column}: {en}");

    public static Refusal AmendmentSame(string id, string version) => Make("BG3271", $"Le nouveau texte doit garder l’identifiant « {id} » et porter une autre version que {version}.", $"The new text must keep the id “{id}” and carry another version than {version}.");

    public static Refusal AmendmentDropsState(string state) => Make("BG3272", $"L’état « {state} » a été atteint : le nouveau texte doit le garder, à la même place.", $"The state “{state}” was entered: the new text must keep it, in the same place.");

    public static Refusal AmendmentDropsStep(string step) => Make("BG3273", $"« {step} » est commencée : elle ne peut pas disparaître. Passez-la d’abord.", $"“{step}” was begun: it cannot disappear. Skip it first.");

    public static Refusal AmendmentMovesStep(string step) => Make("BG3274", $"« {step} » est commencée : elle garde son état et son genre.", $"“{step}” was begun: it keeps its state and its kind.");

    public static Refusal AmendmentNeedsReason(string step) => Make("BG3275", $"« {step} » n’est plus dans le nouveau texte : donnez le motif.", $"“{step}” is no longer in the new text: give the reason.");

    public static Refusal AmendmentDropsFact(string fact) => Make("BG3276", $"Le fait « {fact} » est renseigné : le nouveau texte doit le garder.", $"The fact “{fact}” was entered: the new text must keep it.");

    public static Refusal ProofNeeded => Make("BG3280", "La preuve d’envoi est obligatoire : numéro de récépissé, ou heure et nom de la personne au téléphone.", "Proof of sending is required: receipt number, or hour and name on the telephone.");

    public static Refusal AlreadySent => Make("BG3281", "Cette déclaration est déjà envoyée : elle ne peut plus être dite sans objet.", "This notification was sent: it cannot be declared not applicable any more.");

    public static Refusal NotAnExercise => Make("BG3282", "Cette conduite n’est pas un exercice.", "This run is not an exercise.");

    public static Refusal InjectPlayed(PlayedInject played) => Make("BG3283", $"Ce message a déjà été joué par {played.By.Name} à {Time(played.At)}.", $"This inject was already played by {played.By.Name} at {Time(played.At)}.");

    public static Refusal ScoreWrong(int most) => Make("BG3284", $"La note va de 0 à {most}.", $"The score goes from 0 to {most}.");

    public static Refusal DateWrong => Make("BG3285", "La date s’écrit 2026-12-31.", "The date is written 2026-12-31.");

    public static Refusal EtaPassed => Make("BG3286", "L’heure de retour annoncée doit être à venir. Donnez une heure plus tardive, ou dites « inconnue ».", "The announced hour of return must lie ahead. Give a later hour, or say “unknown”.");

    public static Refusal EtaNeedsReason => Make("BG3287", "L’annonce de retour change : donnez le motif.", "The announced return changes: give the reason.");

    private static string By(StepRecord? record, string by, string at) => record switch
    {
        { CompletedBy: { } who, CompletedAt: { } when } => $" {by} {who.Name} {at} {Time(when)}",
        { StartedBy: { } who, StartedAt: { } when } => $" {by} {who.Name} {at} {Time(when)}",
        _ => "",
    };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string List(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : "–";

    private static Refusal Make(string code, string fr, string en) => new(code, FrenchText.Set(fr), en);
}

public static class StepWords
{
    public static string French(StepState state) => state switch
    {
        StepState.Waiting => "en attente",
        StepState.Ready => "à faire",
        StepState.Running => "en cours",
        StepState.ToVerify => "à contrôler",
        StepState.ToCountersign => "à viser",
        StepState.Done => "faite",
        StepState.Failed => "en échec",
        StepState.Skipped => "passée",
        StepState.Cancelled => "annulée",
    };

    public static string English(StepState state) => state switch
    {
        StepState.Waiting => "waiting",
        StepState.Ready => "ready",
        StepState.Running => "running",
        StepState.ToVerify => "to verify",
        StepState.ToCountersign => "to countersign",
        StepState.Done => "done",
        StepState.Failed => "failed",
        StepState.Skipped => "skipped",
        StepState.Cancelled => "cancelled",
    };
}
