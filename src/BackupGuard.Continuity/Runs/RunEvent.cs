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
[JsonDerivedType(typeof(EntryNoted), "run.entry-noted")]
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
}

/// <param name="DefinitionText">The whole definition: a run never reads the file on disk again.</param>
public sealed record RunStarted(RunMode Mode, string RunbookId, string Version, string DefinitionSha256, string DefinitionText, string State, IReadOnlyList<string> Entered) : RunEvent;

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
