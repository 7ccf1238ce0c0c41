namespace BackupGuard.Continuity.Runs;

/// <summary>What a person asks for. Time comes in with it: the engine has no clock.</summary>
public abstract record RunCommand
{
    public required string RunId { get; init; }

    /// <summary>Made by the form: the same id twice gets the first answer.</summary>
    public required string CommandId { get; init; }
    public required Actor Actor { get; init; }
    public string Role { get; init; } = "";

    /// <summary>When it happened, if it was not just now.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>Set when the command is copied from a paper card.</summary>
    public PaperSource? Paper { get; init; }
}

public sealed record StartRun(RunMode Mode) : RunCommand
{
    /// <summary>The run this one was added to as a module, or empty.</summary>
    public string Parent { get; init; } = "";
    public string ParentStep { get; init; } = "";
    public IReadOnlyList<Annex> Annexes { get; init; } = [];
}

/// <summary>The second person of a live run.</summary>
public sealed record ConfirmStart : RunCommand;

public sealed record PinAnnex(Annex Annex) : RunCommand;

/// <summary>A changed plan for this run only. A second person confirms it with <see cref="CastVote"/>.</summary>
/// <param name="Removed">Steps that the new text no longer has, each with the reason.</param>
public sealed record ProposeAmendment(string Text, IReadOnlyDictionary<string, string> Removed, string Reason) : RunCommand;

/// <summary>Another runbook joins the crisis, as a run of its own.</summary>
/// <param name="ModuleRun">Id of the run that is to be started.</param>
/// <param name="Step">The step of kind subRunbook that it carries out, or empty.</param>
public sealed record AddModule(string ModuleRun, string RunbookId, string Version, string Sha256, string Step, string Reason) : RunCommand;

public sealed record EndModule(string ModuleRun, string State) : RunCommand;

/// <summary>Sent by the clock, never by a person. What is late is computed again by the engine.</summary>
/// <param name="Others">Deadlines that do not come from steps, such as legal ones.</param>
public sealed record RaiseDeadlines(IReadOnlyList<DueItem> Others) : RunCommand;

/// <summary>Whoever takes up a role at the start of a shift that nobody handed over.</summary>
public sealed record TakeRole(string Taken) : RunCommand;

/// <summary>The outgoing shift signs; the incoming one signs with <see cref="AcceptHandover"/>.</summary>
public sealed record OfferHandover(string Handed, string Remark) : RunCommand;

public sealed record AcceptHandover(string Offer) : RunCommand;

public sealed record DeclineHandover(string Offer, string Reason) : RunCommand;

/// <summary>What a paper decision card says. Its voices are on the paper; a second person confirms that it was copied rightly.</summary>
/// <param name="Voices">Name and role of each signature on the card.</param>
public sealed record RecordPaperDecision(string Step, string Option, string Rationale, IReadOnlyList<PaperVoice> Voices) : RunCommand
{
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
}

/// <summary>A correction is a new line; the old one stays.</summary>
public sealed record CorrectEntry(long Entry, string Text) : RunCommand;

public sealed record CountBacklog(string Procedure, int OnPaper, int Reentered) : RunCommand;

/// <summary>In a role of the plan: an hour of return is somebody's word.</summary>
/// <param name="Back">Ahead of now; null: nobody knows, which is an announcement too.</param>
/// <param name="Motive">Required when the hour moves.</param>
public sealed record AnnounceEta(DateTimeOffset? Back, string Motive) : RunCommand;

/// <summary>Sent by the clock, never by a person: a module does not see the journal of the run it belongs to.</summary>
public sealed record CarryEta(EtaAnnouncement Announcement) : RunCommand;

public sealed record DeclareAwareness(string Event, DateTimeOffset At, string Motive) : RunCommand;

/// <summary><see cref="RunCommand.OccurredAt"/> is the hour it left.</summary>
public sealed record RecordNotification(string Duty, string Channel, string Proof, string Contact, string LateReason) : RunCommand;

public sealed record DeclareNotApplicable(string Duty, string Motive) : RunCommand;

public sealed record PlayInject(string Inject, string Note) : RunCommand;

public sealed record ObserveInject(string Inject, Reaction Reaction, string Note) : RunCommand;

/// <param name="Score">0 to 3.</param>
public sealed record ScoreCriterion(string Criterion, int Score, string Note) : RunCommand;

public sealed record NoteLesson(LessonStage Stage, string Text) : RunCommand;

/// <param name="Due">yyyy-MM-dd.</param>
public sealed record AgreeAction(string Action, string Text, string Owner, string Due) : RunCommand;

public sealed record CloseAction(string Action, string Note) : RunCommand;

public sealed record TickItem(string Item, string Note) : RunCommand;

public sealed record RequestTransition(string Transition) : RunCommand
{
    public string Reason { get; init; } = "";
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
}

public sealed record StartStep(string Step) : RunCommand;

public sealed record CompleteStep(string Step) : RunCommand
{
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
    public string Note { get; init; } = "";
}

public sealed record ReportProblem(string Step, string Problem) : RunCommand;

public sealed record AskForHelp(string Step, string Need) : RunCommand;

/// <summary>After a problem, or because the director wants it done again: a new attempt.</summary>
public sealed record ReopenStep(string Step, string Reason) : RunCommand;

public sealed record VerifyStep(string Step, bool Conform, string Note) : RunCommand;

public sealed record CountersignStep(string Step) : RunCommand;

/// <summary>A second person confirms it with <see cref="CastVote"/>.</summary>
public sealed record SkipStep(string Step, string Reason) : RunCommand;

public sealed record ChooseOption(string Step, string Option, string Rationale) : RunCommand
{
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
}

public sealed record CastVote(string Request, bool InFavour) : RunCommand
{
    public string Comment { get; init; } = "";
}

public sealed record SetFact(string Fact, string Value) : RunCommand;

public sealed record NoteEntry(EntryKind Kind, string Text) : RunCommand
{
    public string Speaker { get; init; } = "";
}
