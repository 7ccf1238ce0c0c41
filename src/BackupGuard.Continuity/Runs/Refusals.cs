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

    public static Refusal Closed(string state) => Make("BG3206", $"La conduite est close (« {state} »). Seule la main courante reste ouverte.", $"The run is closed (“{state}”). Only the log stays open.");

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
