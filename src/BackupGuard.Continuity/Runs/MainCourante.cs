using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

public enum LineKind { Fact, Decision, Action, Message, Step, State, Refused }

/// <param name="Number">The event's number in the journal.</param>
/// <param name="Automatic">Written by the engine after an act, not by hand.</param>
/// <param name="Late">Recorded well after it occurred: from paper, or remembered.</param>
public sealed record LogLine(long Number, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, LineKind Kind, string Who, string What, bool Automatic, bool Late);

/// <summary>The journal read aloud. Every event is a line: nothing that happened is hidden.</summary>
public static class MainCourante
{
    private static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(2);

    public static IReadOnlyList<LogLine> Lines(IEnumerable<RunEvent> events, RunbookDefinition runbook, string language)
    {
        var requests = new Dictionary<string, RunEvent>(StringComparer.Ordinal);
        var lines = new List<LogLine>();
        foreach (var one in events)
        {
            if (one is TransitionRequested or SkipRequested or DecisionProposed)
            {
                requests[one.CommandId] = one;
            }

            var words = new Words(runbook, requests, language);
            var (kind, what) = words.Of(one);
            var who = one is EntryNoted { Speaker: { Length: > 0 } speaker } ? speaker : Who(one, runbook, language);
            lines.Add(new(one.Seq, one.OccurredAt, one.RecordedAt, kind, who, language == "en" ? what : FrenchText.Set(what), one is not EntryNoted, one.RecordedAt - one.OccurredAt > LateAfter));
        }

        return lines;
    }

    private static string Who(RunEvent one, RunbookDefinition runbook, string language) =>
        one.Role == "" ? one.Actor.Name : $"{one.Actor.Name}, {runbook.Role(one.Role)?.Label.In(language) ?? one.Role}";

    private sealed class Words(RunbookDefinition runbook, Dictionary<string, RunEvent> requests, string language)
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
            EntryNoted e => (Kind(e.Kind), e.Text),
            CommandRefused e => (LineKind.Refused, Say($"Refusé à {e.Actor.Name} : {string.Join(" ", e.Reasons.Select(r => r.Fr))}", $"Refused to {e.Actor.Name}: {string.Join(" ", e.Reasons.Select(r => r.En))}")),
            _ => throw new System.Diagnostics.UnreachableException(),
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
            DecisionProposed e => Option(e.Step, e.Option),
            _ => id,
        };

        private string Because(string reason) => reason == "" ? "" : Say($" Motif : {reason}", $" Reason: {reason}");

        private static string Note(string note) => note == "" ? "" : " " + note;

        private string Value(string value) => value switch { "true" => Say("oui", "yes"), "false" => Say("non", "no"), _ => value };

        private string Attempt(int attempt) => attempt == 1 ? "" : Say($" (tentative {attempt})", $" (attempt {attempt})");

        private string Next(StepState next) => next == StepState.Done ? "" : Say($", {StepWords.French(next)}", $", {StepWords.English(next)}");

        private string Proof(IReadOnlyDictionary<string, string> evidence) => string.Concat(evidence.Select(e => $" {Label(e.Key)}{Say(" :", ":")} {e.Value}."));

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
