using System.Text.Json.Serialization;

namespace BackupGuard.Continuity.Runs;

public enum RunMode { Exercise, Live }

public sealed record Actor(string Id, string Name);

/// <summary>
/// One line of the journal of a run, as it is signed and kept. Types have stable names; lines are never changed, only
/// followed by others.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunStarted), "run.started")]
[JsonDerivedType(typeof(TransitionRequested), "run.transition-requested")]
[JsonDerivedType(typeof(TransitionCompleted), "run.transition-completed")]
[JsonDerivedType(typeof(StepStarted), "run.step-started")]
[JsonDerivedType(typeof(StepCompleted), "run.step-completed")]
[JsonDerivedType(typeof(StepFailed), "run.step-failed")]
[JsonDerivedType(typeof(HelpRequested), "run.help-requested")]
[JsonDerivedType(typeof(StepReopened), "run.step-reopened")]
[JsonDerivedType(typeof(StepVerified), "run.step-verified")]
[JsonDerivedType(typeof(StepCountersigned), "run.step-countersigned")]
[JsonDerivedType(typeof(SkipRequested), "run.skip-requested")]
[JsonDerivedType(typeof(StepSkipped), "run.step-skipped")]
[JsonDerivedType(typeof(DecisionProposed), "run.decision-proposed")]
[JsonDerivedType(typeof(DecisionMade), "run.decision-made")]
[JsonDerivedType(typeof(VoteCast), "run.vote-cast")]
[JsonDerivedType(typeof(RequestRejected), "run.request-rejected")]
[JsonDerivedType(typeof(FactSet), "run.fact-set")]
[JsonDerivedType(typeof(FactCleared), "run.fact-cleared")]
[JsonDerivedType(typeof(EntryNoted), "run.entry-noted")]
[JsonDerivedType(typeof(StartConfirmed), "run.start-confirmed")]
[JsonDerivedType(typeof(AnnexPinned), "run.annex-pinned")]
[JsonDerivedType(typeof(AmendmentRequested), "run.amendment-requested")]
[JsonDerivedType(typeof(DefinitionAmended), "run.definition-amended")]
[JsonDerivedType(typeof(ModuleAdded), "run.module-added")]
[JsonDerivedType(typeof(ModuleEnded), "run.module-ended")]
[JsonDerivedType(typeof(DeadlineMissed), "run.deadline-missed")]
[JsonDerivedType(typeof(RoleTaken), "run.role-taken")]
[JsonDerivedType(typeof(HandoverOffered), "run.handover-offered")]
[JsonDerivedType(typeof(HandoverAccepted), "run.handover-accepted")]
[JsonDerivedType(typeof(HandoverDeclined), "run.handover-declined")]
[JsonDerivedType(typeof(PaperDecisionRecorded), "run.paper-decision-recorded")]
[JsonDerivedType(typeof(PaperFactNoted), "run.paper-fact-noted")]
[JsonDerivedType(typeof(EntryCorrected), "run.entry-corrected")]
[JsonDerivedType(typeof(BacklogCounted), "run.backlog-counted")]
[JsonDerivedType(typeof(EtaAnnounced), "run.eta-announced")]
[JsonDerivedType(typeof(EtaCarried), "run.eta-carried")]
[JsonDerivedType(typeof(AwarenessDeclared), "run.awareness-declared")]
[JsonDerivedType(typeof(NotificationSent), "run.notification-sent")]
[JsonDerivedType(typeof(NotificationNotApplicable), "run.notification-not-applicable")]
[JsonDerivedType(typeof(InjectPlayed), "run.inject-played")]
[JsonDerivedType(typeof(InjectObserved), "run.inject-observed")]
[JsonDerivedType(typeof(CriterionScored), "run.criterion-scored")]
[JsonDerivedType(typeof(LessonNoted), "run.lesson-noted")]
[JsonDerivedType(typeof(ActionAgreed), "run.action-agreed")]
[JsonDerivedType(typeof(ActionClosed), "run.action-closed")]
[JsonDerivedType(typeof(ItemTicked), "run.item-ticked")]
[JsonDerivedType(typeof(CommandRefused), "run.command-refused")]
public abstract record RunEvent
{
    // The evidence log finds the entries of a run by this member.
    [JsonRequired, JsonPropertyName("run")]
    public string RunId { get; init; } = "";

    /// <summary>From 1, without a gap.</summary>
    [JsonRequired]
    public long Seq { get; init; }

    [JsonRequired]
    public string CommandId { get; init; } = "";

    [JsonRequired]
    public Actor Actor { get; init; } = new("", "");

    /// <summary>The role the person acted in, or empty.</summary>
    [JsonRequired]
    public string Role { get; init; } = "";

    /// <summary>When it happened, as people say. Earlier than <see cref="RecordedAt"/> for what was first on paper.</summary>
    [JsonRequired]
    public DateTimeOffset OccurredAt { get; init; }

    [JsonRequired]
    public DateTimeOffset RecordedAt { get; init; }

    /// <summary>The paper card it was copied from. <see cref="Actor"/> is then the one who copied.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaperSource? Paper { get; init; }
}

/// <param name="Code">The card's code as typed, or empty for a card that carries none.</param>
/// <param name="Attempt">The attempt the card was printed for; 0: printed before the run.</param>
/// <param name="Performer">The name on the card.</param>
public sealed record PaperSource(string Code, int Attempt, string Performer, string Initials);

public sealed record PaperVoice(string Name, string Role);

/// <summary>A document that belongs to a run from its start: "exercise" or "obligations". The last of a kind counts.</summary>
public sealed record Annex(string Kind, string Id, string Sha256, string Text);

/// <param name="DefinitionText">The whole definition: a run never reads the file on disk again.</param>
public sealed record RunStarted(RunMode Mode, string RunbookId, string Version, string DefinitionSha256, string DefinitionText, string State, IReadOnlyList<string> Entered) : RunEvent
{
    /// <summary>The run this one was added to as a module, or empty.</summary>
    public string Parent { get; init; } = "";
    public string ParentStep { get; init; } = "";
}

/// <summary>A second person says that the crisis is real.</summary>
public sealed record StartConfirmed : RunEvent;

public sealed record AnnexPinned(string Kind, string Id, string Sha256, string Text) : RunEvent;

/// <param name="Text">The whole new definition.</param>
public sealed record AmendmentRequested(string FromSha256, string ToSha256, string Version, string Text, IReadOnlyDictionary<string, string> Removed, string Reason, Quorum Quorum) : RunEvent;

/// <summary>From here on the text of the request is the plan. What was done stays done.</summary>
public sealed record DefinitionAmended(string FromSha256, string ToSha256, string Version, IReadOnlyDictionary<string, string> Removed, string Reason, string Request) : RunEvent;

public sealed record ModuleAdded(string ModuleRun, string RunbookId, string Version, string Sha256, string Step, string Reason) : RunEvent;

public sealed record ModuleEnded(string ModuleRun, string State) : RunEvent;

/// <summary>An hour has passed. It alarms; it decides nothing.</summary>
/// <param name="Kind">step, request, or obligation.</param>
/// <param name="Level">1 when it was due, then once more each time as long again has passed.</param>
/// <param name="Notify">Roles to be told.</param>
public sealed record DeadlineMissed(string Kind, string Subject, DateTimeOffset DueAt, int Level, IReadOnlyList<string> Notify) : RunEvent;

public sealed record RoleTaken(string Taken) : RunEvent;

/// <param name="UpTo">The last line of the journal that the outgoing person had before them.</param>
public sealed record HandoverOffered(string Handed, string Remark, long UpTo) : RunEvent;

public sealed record HandoverAccepted(string Offer, string Handed, Actor From) : RunEvent;

public sealed record HandoverDeclined(string Offer, string Handed, string Reason) : RunEvent;

public sealed record PaperDecisionRecorded(string Step, int Attempt, string Option, string Rationale, IReadOnlyDictionary<string, string> Evidence, IReadOnlyList<PaperVoice> Voices) : RunEvent;

/// <summary>A paper card that could not change the run: void, too late, or against a rule. What it says is kept all the same.</summary>
/// <param name="What">done, problem, skip, decision or other.</param>
public sealed record PaperFactNoted(string Step, string What, string Option, IReadOnlyDictionary<string, string> Evidence, string Note, IReadOnlyList<Refusal> Reasons) : RunEvent;

public sealed record EntryCorrected(long Entry, string Text) : RunEvent;

/// <summary>Files on paper since the degraded mode began, and how many of them are in the software again.</summary>
public sealed record BacklogCounted(string Procedure, int OnPaper, int Reentered) : RunEvent;

/// <summary>A person says when the applications will be back. The last one counts.</summary>
/// <param name="Back">Null: announced as unknown.</param>
public sealed record EtaAnnounced(DateTimeOffset? Back, string Motive) : RunEvent;

/// <summary>What the run around this module announced, brought by the server.</summary>
public sealed record EtaCarried(EtaAnnouncement Announcement) : RunEvent;

/// <summary>A person says since when something was known: the start of legal clocks. A later one of the same event corrects it.</summary>
public sealed record AwarenessDeclared(string Event, DateTimeOffset At, string Motive) : RunEvent;

/// <param name="Proof">Receipt number, or hour and name on the telephone.</param>
public sealed record NotificationSent(string Duty, string Channel, string Proof, string Contact, string LateReason) : RunEvent;

public sealed record NotificationNotApplicable(string Duty, string Motive) : RunEvent;

public sealed record InjectPlayed(string Inject, string Note) : RunEvent;

public enum Reaction { Expected, Partial, Other, None }

public sealed record InjectObserved(string Inject, Reaction Reaction, string Note) : RunEvent;

public sealed record CriterionScored(string Criterion, int Score, string Note) : RunEvent;

public enum LessonStage { Hot, Cold }

public sealed record LessonNoted(LessonStage Stage, string Text) : RunEvent;

public sealed record ActionAgreed(string Action, string Text, string Owner, string Due) : RunEvent;

public sealed record ActionClosed(string Action, string Note) : RunEvent;

public sealed record ItemTicked(string Item, string Note) : RunEvent;

public sealed record TransitionRequested(string Transition, string From, string Reason, IReadOnlyDictionary<string, string> Evidence, Quorum Quorum) : RunEvent;

/// <param name="Resumed">Back to the state that was paused: nothing begins anew.</param>
/// <param name="Entered">Every state newly entered, outermost first; the last is where one stands.</param>
public sealed record TransitionCompleted(
    string Transition, string From, string To, IReadOnlyList<string> Entered, bool Pause, bool Resumed, string Reason, IReadOnlyDictionary<string, string> Evidence, string Request) : RunEvent;

public sealed record StepStarted(string Step, int Attempt) : RunEvent;

/// <param name="Next">Done, ToVerify or ToCountersign.</param>
public sealed record StepCompleted(string Step, int Attempt, IReadOnlyDictionary<string, string> Evidence, string Note, StepState Next) : RunEvent;

public sealed record StepFailed(string Step, int Attempt, string Problem) : RunEvent;

public sealed record HelpRequested(string Step, int Attempt, string Need) : RunEvent;

/// <param name="Attempt">The new attempt; earlier ones stay visible in the journal.</param>
public sealed record StepReopened(string Step, int Attempt, string Reason) : RunEvent;

public sealed record StepVerified(string Step, int Attempt, bool Conform, string Note, StepState Next) : RunEvent;

public sealed record StepCountersigned(string Step, int Attempt) : RunEvent;

public sealed record SkipRequested(string Step, int Attempt, string Reason) : RunEvent;

public sealed record StepSkipped(string Step, int Attempt, string Reason, string Request) : RunEvent;

public sealed record DecisionProposed(string Step, int Attempt, string Option, string Rationale, IReadOnlyDictionary<string, string> Evidence, Quorum Quorum) : RunEvent;

public sealed record DecisionMade(string Step, int Attempt, string Option, string Rationale, IReadOnlyDictionary<string, string> Evidence, string Request, StepState Next) : RunEvent;

/// <summary>An immutable voice: who, in which role, for or against, why.</summary>
public sealed record VoteCast(string Request, bool InFavour, string Comment) : RunEvent;

public sealed record RequestRejected(string Request) : RunEvent;

/// <param name="Source">Id of the step whose decision set it, or empty.</param>
public sealed record FactSet(string Fact, string Value, string Source) : RunEvent;

/// <param name="State">The state whose entry made it unknown again.</param>
public sealed record FactCleared(string Fact, string State) : RunEvent;

public enum EntryKind { Fact, Decision, Action, Message }

/// <summary>A line written by hand in the main courante.</summary>
/// <param name="Speaker">Who said or did it, when it is not the writer.</param>
public sealed record EntryNoted(EntryKind Kind, string Text, string Speaker) : RunEvent;

/// <summary>Who tried what, and why not. It changes nothing but the answer to the same command.</summary>
public sealed record CommandRefused(string Command, IReadOnlyList<Refusal> Reasons) : RunEvent;

/// <summary>Why a command was refused. Codes BG32xx are stable.</summary>
public sealed record Refusal(string Code, string Fr, string En);

/// <param name="EachRole">Every role must be among the voices in favour.</param>
public sealed record Quorum(int Votes, IReadOnlyList<string> Roles, bool EachRole);
