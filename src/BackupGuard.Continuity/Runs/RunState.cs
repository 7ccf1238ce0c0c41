using System.Collections.Immutable;

namespace BackupGuard.Continuity.Runs;

public enum StepState { Waiting, Ready, Running, ToVerify, ToCountersign, Done, Failed, Skipped, Cancelled }

/// <summary>What the journal says of one step: its current attempt.</summary>
public sealed record StepRecord(int Attempt, StepState State, int Visit)
{
    public Actor? StartedBy { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public Actor? CompletedBy { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public Actor? VerifiedBy { get; init; }

    /// <summary>The name on the paper card, when somebody else copied it; empty otherwise.</summary>
    public string Performer { get; init; } = "";
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
    public string Note { get; init; } = "";
    public string Problem { get; init; } = "";

    /// <summary>Set while somebody waits for help.</summary>
    public string HelpNeeded { get; init; } = "";

    /// <summary>Completed at least once, in whichever attempt.</summary>
    public bool EverDone { get; init; }
}

public enum RequestKind { Transition, Decision, Skip, PaperDecision, Amendment }

public sealed record Vote(Actor Actor, string Role, bool InFavour, string Comment, DateTimeOffset At);

/// <summary>Something that waits for voices. It never ends by time.</summary>
public sealed record PendingRequest(string Id, RequestKind Kind, string Subject, Actor By, string Reason, Quorum Quorum, DateTimeOffset At)
{
    public int Attempt { get; init; }
    public string Option { get; init; } = "";
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<Vote> Votes { get; init; } = [];

    /// <summary>Signatures on a paper decision card.</summary>
    public IReadOnlyList<PaperVoice> Voices { get; init; } = [];
    public PaperSource? Paper { get; init; }

    /// <summary>When the paper says that it was decided.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Of an amendment.</summary>
    public AmendmentRequested? Amendment { get; init; }

    /// <summary>It waits for one person more than the one who asked, in whichever of its roles.</summary>
    public bool OneOtherPerson => Kind is RequestKind.Skip or RequestKind.PaperDecision or RequestKind.Amendment;
}

public sealed record ModuleRecord(string Run, string RunbookId, string Version, string Sha256, string Step, Actor By, DateTimeOffset At)
{
    /// <summary>The state in which the module's run ended; null while it goes on.</summary>
    public string? EndedIn { get; init; }
}

/// <summary>Something with an hour.</summary>
/// <param name="Kind">step, request or obligation.</param>
/// <param name="Again">After how long it is said once more.</param>
public sealed record DueItem(string Kind, string Subject, DateTimeOffset DueAt, TimeSpan Again, IReadOnlyList<string> Notify);

public sealed record Backlog(int OnPaper, int Reentered, DateTimeOffset At, Actor By);

/// <param name="Number">Position among all entries of all states: a step begun before it belongs to an earlier visit.</param>
public sealed record StateVisit(DateTimeOffset At, int Count, int Number);

/// <summary>
/// Where a run stands: the journal, folded. It knows nothing of the definition; what is ready or late is computed by
/// <see cref="StepViews"/>. Folding is single-threaded; a state that was handed out is not changed by others.
/// </summary>
public sealed class RunState
{
    private readonly Dictionary<string, StateVisit> visits;
    private readonly Dictionary<string, StepRecord> steps;
    private readonly Dictionary<string, string> facts;
    private readonly Dictionary<string, string> evidence;
    private readonly Dictionary<string, PendingRequest> requests;

    // As many as there were commands: shared between states, not copied.
    private ImmutableDictionary<string, IReadOnlyList<Refusal>>.Builder? newAnswers;
    private ImmutableDictionary<string, IReadOnlyList<Refusal>> answers = ImmutableDictionary.Create<string, IReadOnlyList<Refusal>>(StringComparer.Ordinal);
    private ImmutableDictionary<(string Kind, string Subject, DateTimeOffset DueAt), int> missed = ImmutableDictionary<(string, string, DateTimeOffset), int>.Empty;

    private int entries;

    private RunState()
    {
        visits = new(StringComparer.Ordinal);
        steps = new(StringComparer.Ordinal);
        facts = new(StringComparer.Ordinal);
        evidence = new(StringComparer.Ordinal);
        requests = new(StringComparer.Ordinal);
    }

    private RunState(RunState other)
    {
        visits = new(other.visits, StringComparer.Ordinal);
        steps = new(other.steps, StringComparer.Ordinal);
        facts = new(other.facts, StringComparer.Ordinal);
        evidence = new(other.evidence, StringComparer.Ordinal);
        requests = new(other.requests, StringComparer.Ordinal);
        (answers, missed, entries) = (other.answers, other.missed, other.entries);
        (Started, Seq, State, Paused, DefinitionSha256, Confirmed, Amendments) = (other.Started, other.Seq, other.State, other.Paused, other.DefinitionSha256, other.Confirmed, other.Amendments);
        (OwnEta, ParentEta) = (other.OwnEta, other.ParentEta);
        (Annexes, Modules, Backlogs, Shifts, Obligations, Exercise) = (other.Annexes, other.Modules, other.Backlogs, other.Shifts, other.Obligations, other.Exercise);
    }

    public RunStarted? Started { get; private set; }

    /// <summary>Number of the last event.</summary>
    public long Seq { get; private set; }

    /// <summary>The leaf where the run stands.</summary>
    public string State { get; private set; } = "";

    /// <summary>The leaf that is paused meanwhile, or empty.</summary>
    public string Paused { get; private set; } = "";
    public IReadOnlyDictionary<string, StateVisit> Visits => visits;
    public IReadOnlyDictionary<string, StepRecord> Steps => steps;
    public IReadOnlyDictionary<string, string> Facts => facts;
    public IReadOnlyDictionary<string, string> Evidence => evidence;
    public IReadOnlyDictionary<string, PendingRequest> Requests => requests;

    /// <summary>The answer each command got: no reason means accepted.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Refusal>> Answers => answers;

    /// <summary>Of the plan as it stands, amendments included.</summary>
    public string DefinitionSha256 { get; private set; } = "";

    /// <summary>An exercise needs one person to begin, a live run two, a module none of its own.</summary>
    public bool Confirmed { get; private set; }

    /// <summary>How many changes of the plan were signed during the run.</summary>
    public int Amendments { get; private set; }
    public ImmutableDictionary<string, Annex> Annexes { get; private set; } = ImmutableDictionary<string, Annex>.Empty;

    /// <summary>By run id, in no order.</summary>
    public ImmutableDictionary<string, ModuleRecord> Modules { get; private set; } = ImmutableDictionary<string, ModuleRecord>.Empty;

    /// <summary>By degraded procedure: the last count.</summary>
    public ImmutableDictionary<string, Backlog> Backlogs { get; private set; } = ImmutableDictionary<string, Backlog>.Empty;

    /// <summary>The last word of this run itself on the return of the applications; null: nobody said anything.</summary>
    public EtaAnnouncement? OwnEta { get; private set; }

    /// <summary>The last word of the run this one is a module of.</summary>
    public EtaAnnouncement? ParentEta { get; private set; }

    /// <summary>What counts here: a module that has a word of its own keeps to it.</summary>
    public EtaAnnouncement? Eta => OwnEta ?? ParentEta;
    public ShiftFacts Shifts { get; private set; } = ShiftFacts.None;
    public ObligationFacts Obligations { get; private set; } = ObligationFacts.None;
    public ExerciseFacts Exercise { get; private set; } = ExerciseFacts.None;

    /// <summary>The level up to which this deadline was said to be missed; 0: not yet.</summary>
    public int MissedLevel(DueItem item) => missed.GetValueOrDefault((item.Kind, item.Subject, item.DueAt));

    /// <exception cref="InvalidDataException">The journal has a gap, begins elsewhere or mixes runs.</exception>
    public static RunState Fold(IEnumerable<RunEvent> events)
    {
        var state = new RunState();
        state.ApplyAll(events);
        return state;
    }

    /// <summary>This state and what followed it; this one stays as it is.</summary>
    /// <exception cref="InvalidDataException">They do not follow.</exception>
    public RunState Then(IEnumerable<RunEvent> events)
    {
        var state = new RunState(this);
        state.ApplyAll(events);
        return state;
    }

    private void ApplyAll(IEnumerable<RunEvent> events)
    {
        newAnswers = answers.ToBuilder();
        foreach (var one in events)
        {
            Apply(one);
        }

        answers = newAnswers.ToImmutable();
        newAnswers = null;
    }

    private void Apply(RunEvent one)
    {
        if (one.Seq != Seq + 1 || (Started is null) != one is RunStarted || (Started is not null && one.RunId != Started.RunId))
        {
            throw new InvalidDataException($"The journal of run {one.RunId} breaks at event {one.Seq} after {Seq}.");
        }

        Seq = one.Seq;
        newAnswers!.TryAdd(one.CommandId, one is CommandRefused refused ? refused.Reasons : []);
        switch (one)
        {
            case RunStarted started:
                Started = started;
                DefinitionSha256 = started.DefinitionSha256;
                Confirmed = started.Mode == RunMode.Exercise || started.Parent != "";
                Enter(started.State, started.Entered, started.OccurredAt);
                break;
            case TransitionCompleted moved:
                Move(moved);
                break;
            case FactSet fact:
                facts[fact.Fact] = fact.Value;
                break;
            case FactCleared cleared:
                facts.Remove(cleared.Fact);
                break;
            case VoteCast or RequestRejected or TransitionRequested or SkipRequested or DecisionProposed or PaperDecisionRecorded or AmendmentRequested:
                ApplyRequest(one);
                break;
            case EntryNoted or EntryCorrected or PaperFactNoted or CommandRefused:
                break;
            case RoleTaken or HandoverOffered or HandoverAccepted or HandoverDeclined:
                Shifts = Shifts.With(one);
                break;
            case AwarenessDeclared or NotificationSent or NotificationNotApplicable:
                Obligations = Obligations.With(one);
                break;
            case InjectPlayed or InjectObserved or CriterionScored or LessonNoted or ActionAgreed or ActionClosed or ItemTicked:
                Exercise = Exercise.With(one);
                break;
            case StartConfirmed or AnnexPinned or DefinitionAmended or ModuleAdded or ModuleEnded or DeadlineMissed or BacklogCounted or EtaAnnounced or EtaCarried:
                ApplyAround(one);
                break;
            default:
                ApplyStep(one);
                break;
        }
    }

    /// <summary>What concerns the run as a whole.</summary>
    private void ApplyAround(RunEvent one)
    {
        switch (one)
        {
            case StartConfirmed:
                Confirmed = true;
                break;
            case AnnexPinned e:
                Annexes = Annexes.SetItem(e.Kind, new(e.Kind, e.Id, e.Sha256, e.Text));
                break;
            case DefinitionAmended e:
                // Voices were given for another plan.
                requests.Clear();
                DefinitionSha256 = e.ToSha256;
                Amendments++;
                break;
            case ModuleAdded e:
                Modules = Modules.SetItem(e.ModuleRun, new(e.ModuleRun, e.RunbookId, e.Version, e.Sha256, e.Step, e.Actor, e.OccurredAt));
                break;
            case ModuleEnded e when Modules.TryGetValue(e.ModuleRun, out var module):
                Modules = Modules.SetItem(e.ModuleRun, module with { EndedIn = e.State });
                break;
            case DeadlineMissed e:
                missed = missed.SetItem((e.Kind, e.Subject, e.DueAt), e.Level);
                break;
            case BacklogCounted e:
                Backlogs = Backlogs.SetItem(e.Procedure, new(e.OnPaper, e.Reentered, e.OccurredAt, e.Actor));
                break;
            case EtaAnnounced e:
                OwnEta = new(e.Back, e.Motive, e.Actor, e.Role, e.OccurredAt, e.Seq);
                break;
            case EtaCarried e:
                ParentEta = e.Announcement;
                break;
        }
    }

    private void ApplyStep(RunEvent one)
    {
        switch (one)
        {
            case StepStarted e:
                steps[e.Step] = New(e.Step, e.Attempt, StepState.Running) with { StartedBy = e.Actor, StartedAt = e.OccurredAt };
                break;
            case StepCompleted e:
                Complete(e.Step, e, e.Evidence, e.Note, e.Next);
                break;
            case DecisionMade e:
                requests.Remove(e.Request);
                if (!steps.TryGetValue(e.Step, out var before) || before.Attempt != e.Attempt)
                {
                    steps[e.Step] = New(e.Step, e.Attempt, StepState.Running);
                }

                Complete(e.Step, e, e.Evidence, e.Rationale, e.Next);
                break;
            case StepFailed e:
                DropRequests(e.Step);
                steps[e.Step] = Current(e.Step, e.Attempt) with { State = StepState.Failed, Problem = e.Problem, HelpNeeded = "" };
                break;
            case HelpRequested e:
                steps[e.Step] = Current(e.Step, e.Attempt) with { HelpNeeded = e.Need };
                break;
            case StepReopened e:
                DropRequests(e.Step);
                steps[e.Step] = New(e.Step, e.Attempt, StepState.Ready);
                break;
            case StepVerified e:
                steps[e.Step] = Settle(Current(e.Step, e.Attempt) with { State = e.Next, VerifiedBy = e.Actor, Problem = e.Conform ? "" : e.Note });
                break;
            case StepCountersigned e:
                steps[e.Step] = Settle(Current(e.Step, e.Attempt) with { State = StepState.Done });
                break;
            case StepSkipped e:
                DropRequests(e.Step);
                steps[e.Step] = Current(e.Step, e.Attempt) with { State = StepState.Skipped, Note = e.Reason, HelpNeeded = "", CompletedAt = e.OccurredAt };
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void ApplyRequest(RunEvent one)
    {
        switch (one)
        {
            case TransitionRequested e:
                requests[e.CommandId] = new(e.CommandId, RequestKind.Transition, e.Transition, e.Actor, e.Reason, e.Quorum, e.OccurredAt) { Evidence = e.Evidence };
                break;
            case SkipRequested e:
                requests[e.CommandId] = new(e.CommandId, RequestKind.Skip, e.Step, e.Actor, e.Reason, new(2, [], EachRole: false), e.OccurredAt) { Attempt = e.Attempt };
                break;
            case DecisionProposed e:
                requests[e.CommandId] = new(e.CommandId, RequestKind.Decision, e.Step, e.Actor, e.Rationale, e.Quorum, e.OccurredAt) { Attempt = e.Attempt, Option = e.Option, Evidence = e.Evidence };
                break;
            case PaperDecisionRecorded e:
                requests[e.CommandId] = new(e.CommandId, RequestKind.PaperDecision, e.Step, e.Actor, e.Rationale, new(2, [], EachRole: false), e.RecordedAt)
                {
                    Attempt = e.Attempt, Option = e.Option, Evidence = e.Evidence, Voices = e.Voices, Paper = e.Paper, DecidedAt = e.OccurredAt,
                };
                break;
            case AmendmentRequested e:
                requests[e.CommandId] = new(e.CommandId, RequestKind.Amendment, e.ToSha256, e.Actor, e.Reason, e.Quorum, e.OccurredAt) { Amendment = e };
                break;
            case VoteCast e when requests.TryGetValue(e.Request, out var request):
                requests[e.Request] = request with { Votes = [.. request.Votes, new(e.Actor, e.Role, e.InFavour, e.Comment, e.OccurredAt)] };
                break;
            case RequestRejected e:
                requests.Remove(e.Request);
                break;
        }
    }

    private void Move(TransitionCompleted moved)
    {
        Paused = moved.Pause ? moved.From : "";
        // Voices were given for a situation that is over. Those on steps of a paused state stay.
        foreach (var request in requests.Values.Where(r => r.Kind == RequestKind.Transition || (r.Kind != RequestKind.Amendment && !(moved.Pause || moved.Resumed))).ToList())
        {
            requests.Remove(request.Id);
        }

        foreach (var (id, value) in moved.Evidence)
        {
            evidence[id] = value;
        }

        Enter(moved.To, moved.Resumed ? [] : moved.Entered, moved.OccurredAt);
    }

    private void Enter(string leaf, IReadOnlyList<string> entered, DateTimeOffset at)
    {
        State = leaf;
        entries += entered.Count > 0 ? 1 : 0;
        foreach (var id in entered)
        {
            visits[id] = new(at, visits.GetValueOrDefault(id)?.Count + 1 ?? 1, entries);
        }
    }

    private void Complete(string step, RunEvent by, IReadOnlyDictionary<string, string> proof, string note, StepState next)
    {
        var record = steps[step];
        DropRequests(step);
        steps[step] = Settle(record with { State = next, CompletedBy = by.Actor, CompletedAt = by.OccurredAt, Performer = by.Paper?.Performer ?? "", Evidence = proof, Note = note, Problem = "", HelpNeeded = "" });
        foreach (var (id, value) in proof)
        {
            evidence[id] = value;
        }
    }

    private static StepRecord Settle(StepRecord record) => record.State == StepState.Done ? record with { EverDone = true } : record;

    private StepRecord Current(string step, int attempt) => steps.TryGetValue(step, out var record) && record.Attempt == attempt ? record : New(step, attempt, StepState.Ready);

    /// <summary>The visit is kept so that a step left half done begins anew when its state is entered again.</summary>
    private StepRecord New(string step, int attempt, StepState state) => new(attempt, state, entries) { EverDone = steps.GetValueOrDefault(step)?.EverDone ?? false };

    private void DropRequests(string step)
    {
        foreach (var request in requests.Values.Where(r => r.Kind is RequestKind.Decision or RequestKind.Skip or RequestKind.PaperDecision && r.Subject == step).ToList())
        {
            requests.Remove(request.Id);
        }
    }
}
