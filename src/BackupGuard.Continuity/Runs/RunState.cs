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
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
    public string Note { get; init; } = "";
    public string Problem { get; init; } = "";

    /// <summary>Set while somebody waits for help.</summary>
    public string HelpNeeded { get; init; } = "";

    /// <summary>Completed at least once, in whichever attempt.</summary>
    public bool EverDone { get; init; }
}

public enum RequestKind { Transition, Decision, Skip }

public sealed record Vote(Actor Actor, string Role, bool InFavour, string Comment, DateTimeOffset At);

/// <summary>Something that waits for voices. It never ends by time.</summary>
public sealed record PendingRequest(string Id, RequestKind Kind, string Subject, Actor By, string Reason, Quorum Quorum, DateTimeOffset At)
{
    public int Attempt { get; init; }
    public string Option { get; init; } = "";
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<Vote> Votes { get; init; } = [];
}

/// <param name="Number">Position among all entries of all states: a step begun before it belongs to an earlier visit.</param>
public sealed record StateVisit(DateTimeOffset At, int Count, int Number);

/// <summary>
/// Where a run stands: the journal, folded. It knows nothing of the definition; what is ready or late is computed by
/// <see cref="StepViews"/>. Folding is single-threaded; a state that was handed out is not changed by others.
/// </summary>
public sealed class RunState
{
    private readonly Dictionary<string, StateVisit> visits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StepRecord> steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> facts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> evidence = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PendingRequest> requests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<Refusal>> answers = new(StringComparer.Ordinal);

    private int entries;

    private RunState()
    {
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

    /// <exception cref="InvalidDataException">The journal has a gap, begins elsewhere or mixes runs.</exception>
    public static RunState Fold(IEnumerable<RunEvent> events)
    {
        var state = new RunState();
        foreach (var one in events)
        {
            state.Apply(one);
        }

        return state;
    }

    private void Apply(RunEvent one)
    {
        if (one.Seq != Seq + 1 || (Started is null) != one is RunStarted || (Started is not null && one.RunId != Started.RunId))
        {
            throw new InvalidDataException($"The journal of run {one.RunId} breaks at event {one.Seq} after {Seq}.");
        }

        Seq = one.Seq;
        answers.TryAdd(one.CommandId, one is CommandRefused refused ? refused.Reasons : []);
        switch (one)
        {
            case RunStarted started:
                Started = started;
                Enter(started.State, started.Entered, started.OccurredAt);
                break;
            case TransitionCompleted moved:
                Move(moved);
                break;
            case FactSet fact:
                facts[fact.Fact] = fact.Value;
                break;
            case VoteCast or RequestRejected or TransitionRequested or SkipRequested or DecisionProposed:
                ApplyRequest(one);
                break;
            case EntryNoted or CommandRefused:
                break;
            default:
                ApplyStep(one);
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
        foreach (var request in requests.Values.Where(r => r.Kind == RequestKind.Transition || !(moved.Pause || moved.Resumed)).ToList())
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
        steps[step] = Settle(record with { State = next, CompletedBy = by.Actor, CompletedAt = by.OccurredAt, Evidence = proof, Note = note, Problem = "", HelpNeeded = "" });
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
        foreach (var request in requests.Values.Where(r => r.Kind != RequestKind.Transition && r.Subject == step).ToList())
        {
            requests.Remove(request.Id);
        }
    }
}
