using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

public enum LineKind { Fact, Decision, Action, Message, Step, State, Refused }

/// <param name="Number">The event's number in the journal.</param>
/// <param name="Automatic">Written by the engine after an act, not by hand.</param>
/// <param name="Late">Recorded well after it occurred: from paper, or remembered.</param>
public sealed record LogLine(long Number, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, LineKind Kind, string Who, string What, bool Automatic, bool Late)
{
    /// <summary>The card it was copied from: who did it, and in which hand it was signed.</summary>
    public PaperSource? Paper { get; init; }
}

/// <summary>What a line of the log knows by id alone: its name stands in a file that was pinned beside the plan.</summary>
public enum Named { Duty, StartEvent, Channel, Inject, Criterion, Reminder }

/// <summary>The journal read aloud. Every event is a line: nothing that happened is hidden.</summary>
public static class MainCourante
{
    private static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(2);

    /// <param name="time">How instants inside a sentence are written; UTC without it.</param>
    /// <param name="wanted">Which events are worded; all without it.</param>
    /// <param name="name">Kind and id to what the reader may see of it; null or empty leaves the id.</param>
    public static IReadOnlyList<LogLine> Lines(
        IEnumerable<RunEvent> events, RunbookDefinition runbook, string language, Func<DateTimeOffset, string>? time = null, Func<RunEvent, bool>? wanted = null, Func<Named, string, string?>? name = null)
    {
        var requests = new Dictionary<string, RunEvent>(StringComparer.Ordinal);
        var words = new Words(runbook, requests, language, time ?? Utc, name);
        var lines = new List<LogLine>();
        foreach (var one in events)
        {
            if (one is TransitionRequested or SkipRequested or DecisionProposed or PaperDecisionRecorded or AmendmentRequested)
            {
                requests[one.CommandId] = one;
            }

            if (wanted?.Invoke(one) == false)
            {
                continue;
            }

            var (kind, what) = words.Of(one);
            var who = one is EntryNoted { Speaker: { Length: > 0 } speaker } ? speaker : Who(one, runbook, language);
            lines.Add(new(one.Seq, one.OccurredAt, one.RecordedAt, kind, who, language == "en" ? what : FrenchText.Set(what), one is not EntryNoted, one.RecordedAt - one.OccurredAt > LateAfter) { Paper = one.Paper });
        }

        return lines;
    }

    private static string Who(RunEvent one, RunbookDefinition runbook, string language) =>
        one.Paper is { } paper ? Copied(paper, one, language) : one.Role == "" ? one.Actor.Name : $"{one.Actor.Name}, {runbook.Role(one.Role)?.Label.In(language) ?? one.Role}";

    private static string Copied(PaperSource paper, RunEvent one, string language) =>
        language == "en" ? $"{paper.Performer} (on paper, copied by {one.Actor.Name})" : $"{paper.Performer} (sur papier, copié par {one.Actor.Name})";

    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Words(RunbookDefinition runbook, Dictionary<string, RunEvent> requests, string language, Func<DateTimeOffset, string> time, Func<Named, string, string?>? name)
    {
        public (LineKind Kind, string What) Of(RunEvent one) => one switch
        {
            RunStarted e => (LineKind.State, Say(
                $"Début : {runbook.Title.Fr}, version {e.Version}, {(e.Mode == RunMode.Live ? "crise réelle" : "EXERCICE")}. Plan figé, empreinte {e.DefinitionSha256[..8]}.",
                $"Start: {runbook.Title.In("en")}, version {e.Version}, {(e.Mode == RunMode.Live ? "live" : "EXERCISE")}. Plan pinned, hash {e.DefinitionSha256[..8]}.")),
            TransitionRequested e => (LineKind.Decision, Say($"Demande : {Transition(e.Transition)}.{Because(e.Reason)}{Proof(e.Evidence)} {e.Quorum.Votes} voix nécessaires.", $"Request: {Transition(e.Transition)}.{Because(e.Reason)}{Proof(e.Evidence)} {e.Quorum.Votes} votes needed.")),
            TransitionCompleted e => (LineKind.State, Say($"Passage à l’état « {State(e.To)} » : {Transition(e.Transition)}.{Because(e.Reason)}{Proof(e.Evidence)}", $"State is now “{State(e.To)}”: {Transition(e.Transition)}.{Because(e.Reason)}{Proof(e.Evidence)}")),
            StepStarted e => (LineKind.Step, Say($"{Step(e.Step)} : commencée{Attempt(e.Attempt)}.", $"{Step(e.Step)}: started{Attempt(e.Attempt)}.")),
            StepCompleted e => (LineKind.Step, Say($"{Step(e.Step)} : faite{Next(e.Next)}.{Proof(e.Evidence)}{Note(e.Note)}", $"{Step(e.Step)}: done{Next(e.Next)}.{Proof(e.Evidence)}{Note(e.Note)}")),
            StepFailed e => (LineKind.Step, Say($"{Step(e.Step)} : PROBLÈME. {e.Problem}", $"{Step(e.Step)}: PROBLEM. {e.Problem}")),
            HelpRequested e => (LineKind.Step, Say($"{Step(e.Step)} : besoin d’aide. {e.Need}", $"{Step(e.Step)}: help needed. {e.Need}")),
            StepReopened e => (LineKind.Step, Say($"{Step(e.Step)} : rouverte{Attempt(e.Attempt)}.{Because(e.Reason)}", $"{Step(e.Step)}: reopened{Attempt(e.Attempt)}.{Because(e.Reason)}")),
            StepVerified e => (LineKind.Step, Say($"{Step(e.Step)} : contrôle {(e.Conform ? "conforme" : "NON CONFORME")}.{Note(e.Note)}", $"{Step(e.Step)}: check {(e.Conform ? "passed" : "FAILED")}.{Note(e.Note)}")),
            StepCountersigned e => (LineKind.Step, Say($"{Step(e.Step)} : visée.", $"{Step(e.Step)}: countersigned.")),
            _ => OfChoice(one),
        };

        private (LineKind Kind, string What) OfChoice(RunEvent one) => one switch
        {
            SkipRequested e => (LineKind.Step, Say($"{Step(e.Step)} : demande de la passer, à confirmer par une autre personne.{Because(e.Reason)}", $"{Step(e.Step)}: asked to be skipped, to be confirmed by another person.{Because(e.Reason)}")),
            StepSkipped e => (LineKind.Decision, Say($"{Step(e.Step)} : PASSÉE, deux signatures.{Because(e.Reason)}", $"{Step(e.Step)}: SKIPPED, two signatures.{Because(e.Reason)}")),
            DecisionProposed e => (LineKind.Decision, Say($"{Step(e.Step)} Proposé : {Option(e.Step, e.Option)}.{Because(e.Rationale)}", $"{Step(e.Step)} Proposed: {Option(e.Step, e.Option)}.{Because(e.Rationale)}")),
            DecisionMade e => (LineKind.Decision, Say($"{Step(e.Step)} Décidé : {Option(e.Step, e.Option)}.{Because(e.Rationale)}{Proof(e.Evidence)}", $"{Step(e.Step)} Decided: {Option(e.Step, e.Option)}.{Because(e.Rationale)}{Proof(e.Evidence)}")),
            VoteCast e => (LineKind.Decision, Say($"Voix {(e.InFavour ? "pour" : "CONTRE")} : {Request(e.Request)}.{Note(e.Comment)}", $"Vote {(e.InFavour ? "for" : "AGAINST")}: {Request(e.Request)}.{Note(e.Comment)}")),
            RequestRejected e => (LineKind.Decision, Say($"Refusé : {Request(e.Request)}.", $"Rejected: {Request(e.Request)}.")),
            FactSet e => (LineKind.Fact, Say($"{runbook.Fact(e.Fact)?.Label.Fr ?? e.Fact} : {Value(e.Value)}.", $"{runbook.Fact(e.Fact)?.Label.In("en") ?? e.Fact}: {Value(e.Value)}.")),
            FactCleared e => (LineKind.Fact, Say($"{runbook.Fact(e.Fact)?.Label.Fr ?? e.Fact} : de nouveau inconnu, à l’entrée dans « {State(e.State)} ».", $"{runbook.Fact(e.Fact)?.Label.In("en") ?? e.Fact}: unknown again, on entering “{State(e.State)}”.")),
            EntryNoted e => (Kind(e.Kind), e.Text),
            CommandRefused e => (LineKind.Refused, Say($"Refusé à {e.Actor.Name} : {string.Join(" ", e.Reasons.Select(r => r.Fr))}", $"Refused to {e.Actor.Name}: {string.Join(" ", e.Reasons.Select(r => r.En))}")),
            _ => Around(one),
        };

        /// <summary>What concerns the run as a whole: people, plan, paper, hours.</summary>
        private (LineKind Kind, string What) Around(RunEvent one) => one switch
        {
            StartConfirmed => (LineKind.Decision, Say("Début de crise réelle confirmé par une seconde personne.", "Start of the live crisis confirmed by a second person.")),
            AnnexPinned e => (LineKind.State, Say($"Document joint : {e.Id}, empreinte {e.Sha256[..8]}.", $"Document attached: {e.Id}, hash {e.Sha256[..8]}.")),
            AmendmentRequested e => (LineKind.Decision, Say($"Modification du plan proposée, version {e.Version}, empreinte {e.ToSha256[..8]}. À confirmer par une autre personne.{Because(e.Reason)}{Dropped(e.Removed)}", $"Change of the plan proposed, version {e.Version}, hash {e.ToSha256[..8]}. Another person must confirm.{Because(e.Reason)}{Dropped(e.Removed)}")),
            DefinitionAmended e => (LineKind.Decision, Say($"PLAN MODIFIÉ, deux signatures : version {e.Version}, empreinte {e.ToSha256[..8]}. Les voix en attente sont à redemander.{Because(e.Reason)}{Dropped(e.Removed)}", $"PLAN CHANGED, two signatures: version {e.Version}, hash {e.ToSha256[..8]}. Votes that were waiting must be asked for again.{Because(e.Reason)}{Dropped(e.Removed)}")),
            ModuleAdded e => (LineKind.Decision, Say($"Runbook ajouté à la conduite : {e.RunbookId}, version {e.Version}.{For(e.Step)}{Because(e.Reason)}", $"Runbook added to the run: {e.RunbookId}, version {e.Version}.{For(e.Step)}{Because(e.Reason)}")),
            ModuleEnded e => (LineKind.State, Say($"Runbook terminé : {e.ModuleRun}, dans l’état « {e.State} ».", $"Runbook ended: {e.ModuleRun}, in the state “{e.State}”.")),
            DeadlineMissed e => (LineKind.State, Say($"ÉCHÉANCE DÉPASSÉE{Level(e.Level)} : {Subject(e)}, prévue à {time(e.DueAt)}. À prévenir : {Roles(e.Notify)}. Rien n’est décidé par le temps.", $"DEADLINE MISSED{Level(e.Level)}: {Subject(e)}, due at {time(e.DueAt)}. To be told: {Roles(e.Notify)}. Time decides nothing.")),
            RoleTaken e => (LineKind.Fact, Say($"Prise de fonction : {Role(e.Taken)}.", $"Role taken up: {Role(e.Taken)}.")),
            HandoverOffered e => (LineKind.Decision, Say($"Relève signée par la personne qui part : {Role(e.Handed)}, lignes 1 à {e.UpTo}.{Note(e.Remark)}", $"Hand-over signed by the outgoing person: {Role(e.Handed)}, lines 1 to {e.UpTo}.{Note(e.Remark)}")),
            HandoverAccepted e => (LineKind.Decision, Say($"Relève signée par la personne qui prend : {Role(e.Handed)}, de {e.From.Name} à {e.Actor.Name}.", $"Hand-over signed by the incoming person: {Role(e.Handed)}, from {e.From.Name} to {e.Actor.Name}.")),
            HandoverDeclined e => (LineKind.Decision, Say($"Relève non prise : {Role(e.Handed)}.{Because(e.Reason)}", $"Hand-over not taken: {Role(e.Handed)}.{Because(e.Reason)}")),
            PaperDecisionRecorded e => (LineKind.Decision, Say($"{Step(e.Step)} Décision sur papier : {Option(e.Step, e.Option)}, signée par {Voices(e.Voices)}. Copie à confirmer par une autre personne.{Because(e.Rationale)}", $"{Step(e.Step)} Decision on paper: {Option(e.Step, e.Option)}, signed by {Voices(e.Voices)}. Another person must confirm the copy.{Because(e.Rationale)}")),
            PaperFactNoted e => (LineKind.Fact, Say($"CARTE PAPIER gardée comme fait, sans effet sur le plan : {Step(e.Step)}, {PaperWord(e)}.{Proof(e.Evidence)}{Note(e.Note)} Pourquoi sans effet : {string.Join(" ", e.Reasons.Select(r => r.Fr))}", $"PAPER CARD kept as a fact, without effect on the plan: {Step(e.Step)}, {PaperWord(e)}.{Proof(e.Evidence)}{Note(e.Note)} Why without effect: {string.Join(" ", e.Reasons.Select(r => r.En))}")),
            EntryCorrected e => (LineKind.Fact, Say($"Correction de la ligne {e.Entry} : {e.Text}", $"Correction of line {e.Entry}: {e.Text}")),
            EtaAnnounced e => (LineKind.Decision, Say($"Retour des applications annoncé : {Back(e.Back)}.{Because(e.Motive)}", $"Return of the applications announced: {Back(e.Back)}.{Because(e.Motive)}")),
            EtaCarried { Announcement: var e } => (LineKind.Fact, Say(
                $"Retour des applications, annoncé par {e.By.Name} dans la conduite qui suit celle-ci, à {time(e.At)} : {Back(e.Back)}.{Because(e.Motive)}",
                $"Return of the applications, announced by {e.By.Name} in the run that follows this one, at {time(e.At)}: {Back(e.Back)}.{Because(e.Motive)}")),
            BacklogCounted e => (LineKind.Fact, Say($"Dossiers papier ({e.Procedure}) : {e.OnPaper}, dont {e.Reentered} ressaisis.", $"Paper files ({e.Procedure}): {e.OnPaper}, of which {e.Reentered} entered again.")),
            _ => OfDuties(one),
        };

        private (LineKind Kind, string What) OfDuties(RunEvent one) => one switch
        {
            AwarenessDeclared e => (LineKind.Decision, Say($"Heure déclarée, {Name(Named.StartEvent, e.Event)} : {time(e.At)}.{Because(e.Motive)}", $"Hour declared, {Name(Named.StartEvent, e.Event)}: {time(e.At)}.{Because(e.Motive)}")),
            NotificationSent e => (LineKind.Action, Say(
                $"Déclaration faite, {Name(Named.Duty, e.Duty)}, par {Name(Named.Channel, e.Channel)}. Preuve : {e.Proof}.{Contact(e.Contact)}{Late(e.LateReason)}",
                $"Notification made, {Name(Named.Duty, e.Duty)}, by {Name(Named.Channel, e.Channel)}. Proof: {e.Proof}.{Contact(e.Contact)}{Late(e.LateReason)}")),
            NotificationNotApplicable e => (LineKind.Decision, Say($"Déclaration sans objet, {Name(Named.Duty, e.Duty)}.{Because(e.Motive)}", $"Notification not applicable, {Name(Named.Duty, e.Duty)}.{Because(e.Motive)}")),
            InjectPlayed e => (LineKind.Message, Say($"EXERCICE, message {Name(Named.Inject, e.Inject)} joué.{Note(e.Note)}", $"EXERCISE, inject {Name(Named.Inject, e.Inject)} played.{Note(e.Note)}")),
            InjectObserved e => (LineKind.Fact, Say(
                $"EXERCICE, réaction au message {Name(Named.Inject, e.Inject)} : {ReactionWord(e.Reaction)}.{Note(e.Note)}", $"EXERCISE, reaction to inject {Name(Named.Inject, e.Inject)}: {ReactionWord(e.Reaction)}.{Note(e.Note)}")),
            CriterionScored e => (LineKind.Fact, Say($"EXERCICE, observation {Name(Named.Criterion, e.Criterion)} : {e.Score} sur 3.{Note(e.Note)}", $"EXERCISE, observation {Name(Named.Criterion, e.Criterion)}: {e.Score} of 3.{Note(e.Note)}")),
            LessonNoted e => (LineKind.Fact, Say($"RETEX {(e.Stage == LessonStage.Hot ? "à chaud" : "à froid")} : {e.Text}", $"{(e.Stage == LessonStage.Hot ? "Hot" : "Cold")} debrief: {e.Text}")),
            ActionAgreed e => (LineKind.Action, Say($"Action {e.Action} : {e.Text} Responsable : {e.Owner}, pour le {e.Due}.", $"Action {e.Action}: {e.Text} Owner: {e.Owner}, by {e.Due}.")),
            ActionClosed e => (LineKind.Action, Say($"Action {e.Action} close. {e.Note}", $"Action {e.Action} closed. {e.Note}")),
            ItemTicked e => (LineKind.Fact, Say($"Point fait : {Name(Named.Reminder, e.Item)}.{Note(e.Note)}", $"Item done: {Name(Named.Reminder, e.Item)}.{Note(e.Note)}")),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

        private string Back(DateTimeOffset? back) => back is { } hour ? time(hour) : Say("inconnu", "unknown");

        private string Role(string id) => runbook.Role(id)?.Label.In(language) ?? id;

        private string Roles(IReadOnlyList<string> ids) => ids.Count == 0 ? Say("la cellule", "the cell") : string.Join(", ", ids.Select(Role));

        private string Level(int level) => level == 1 ? "" : Say($" (rappel {level})", $" (reminder {level})");

        private string Subject(DeadlineMissed e) => e.Kind switch { "step" => Step(e.Subject), "request" => Say("voix attendues, ", "votes awaited, ") + Request(e.Subject), "obligation" => Name(Named.Duty, e.Subject), _ => e.Subject };

        private string Name(Named kind, string id) => name?.Invoke(kind, id) is { Length: > 0 } known ? known : id;

        private string For(string step) => step == "" ? "" : Say($" Pour : {Step(step)}.", $" For: {Step(step)}.");

        private string Dropped(IReadOnlyDictionary<string, string> removed) => string.Concat(removed.Select(r => Say($" Étape retirée : {r.Key} ({r.Value}).", $" Step removed: {r.Key} ({r.Value}).")));

        private string Voices(IReadOnlyList<PaperVoice> voices) => string.Join(", ", voices.Select(v => $"{v.Name} ({Role(v.Role)})"));

        private string Contact(string contact) => contact == "" ? "" : Say($" Interlocuteur : {contact}.", $" Contact: {contact}.");

        private string Late(string reason) => reason == "" ? "" : Say($" Motif du retard : {reason}", $" Reason for lateness: {reason}");

        private string PaperWord(PaperFactNoted e) => e.What switch
        {
            "done" => Say("faite", "done"),
            "problem" => Say("problème", "problem"),
            "skip" => Say("passée", "skipped"),
            "decision" => Option(e.Step, e.Option),
            _ => e.What,
        };

        private string ReactionWord(Reaction reaction) => reaction switch
        {
            Reaction.Expected => Say("attendue", "as expected"),
            Reaction.Partial => Say("partielle", "partial"),
            Reaction.Other => Say("autre", "another"),
            Reaction.None => Say("aucune", "none"),
        };

        private string Say(string fr, string en) => language == "en" ? en : fr;

        private string Step(string id) => runbook.Step(id) is { } step ? $"{step.Card} {step.Label.In(language)}".Trim() : id;

        private string State(string id) => runbook.Lifecycle.Find(id)?.Title.In(language) is { Length: > 0 } title ? title : id;

        private string Transition(string id) =>
            runbook.Lifecycle.All.SelectMany(s => s.Transitions).FirstOrDefault(t => t.Id == id)?.Title.In(language) is { Length: > 0 } title ? title : id;

        private string Option(string step, string option) => runbook.Step(step)?.Options.FirstOrDefault(o => o.Id == option)?.Label.In(language) ?? option;

        private string Request(string id) => requests.GetValueOrDefault(id) switch
        {
            TransitionRequested e => Transition(e.Transition),
            SkipRequested e => Say("passer ", "skip ") + Step(e.Step),
            PaperDecisionRecorded e => Say("copie de la carte papier, ", "copy of the paper card, ") + Option(e.Step, e.Option),
            AmendmentRequested e => Say("modification du plan, version ", "change of the plan, version ") + e.Version,
            DecisionProposed e => Option(e.Step, e.Option),
            _ => id,
        };

        private string Because(string reason) => reason == "" ? "" : Say($" Motif : {reason}", $" Reason: {reason}");

        private static string Note(string note) => note == "" ? "" : " " + note;

        private string Value(string value) => value switch { "true" => Say("oui", "yes"), "false" => Say("non", "no"), _ => value };

        private string Attempt(int attempt) => attempt == 1 ? "" : Say($" (tentative {attempt})", $" (attempt {attempt})");

        private string Next(StepState next) => next == StepState.Done ? "" : Say($", {StepWords.French(next)}", $", {StepWords.English(next)}");

        private string Proof(IReadOnlyDictionary<string, string> evidence) => string.Concat(evidence.Select(e => $" {Label(e.Key)}{Say(" :", ":")} {Readable(e.Value)}."));

        /// <summary>Hours are kept in UTC and read in the hospital's own time.</summary>
        private string Readable(string value) => value.Length >= 16 && Runbooks.Guards.GuardValue.IsInstant(value, out var instant) ? time(instant) : value;

        private string Label(string evidence) => runbook.Steps.SelectMany(s => s.Evidence).Concat(runbook.Lifecycle.All.SelectMany(s => s.Transitions).SelectMany(t => t.Evidence))
            .FirstOrDefault(e => e.Id == evidence)?.Label.In(language) is { Length: > 0 } label ? label : evidence;

        private static LineKind Kind(EntryKind kind) => kind switch
        {
            EntryKind.Fact => LineKind.Fact,
            EntryKind.Decision => LineKind.Decision,
            EntryKind.Action => LineKind.Action,
            EntryKind.Message => LineKind.Message,
        };
    }
}
