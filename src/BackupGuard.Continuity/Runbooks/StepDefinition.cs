namespace BackupGuard.Continuity.Runbooks;

public enum StepKind { Manual, Decision, Auto, Wait, Notify, SubRunbook }

/// <summary>One card. Steps of a state run in parallel unless they need one another.</summary>
public sealed record StepDefinition(string Id, Reference In, StepKind Kind, Reference Role, Place At)
{
    public LocalText Title { get; init; } = LocalText.None;
    public LocalText Why { get; init; } = LocalText.None;
    public LocalText Question { get; init; } = LocalText.None;

    /// <summary>At most seven lines, verb first.</summary>
    public IReadOnlyList<CardLine> Do { get; init; } = [];

    /// <summary>What to do when the card does not fit the situation.</summary>
    public LocalText Otherwise { get; init; } = LocalText.None;

    /// <summary>Do each line as read; otherwise do, then confirm.</summary>
    public bool ReadDo { get; init; } = true;
    public Estimate? Duration { get; init; }
    public Deadline? Deadline { get; init; }

    /// <summary>The step comes back this long after it was completed, as a new attempt.</summary>
    public TimeSpan? Repeat { get; init; }
    public IReadOnlyList<EvidenceDefinition> Evidence { get; init; } = [];
    public string Card { get; init; } = "";
    public Place CardAt { get; init; }
    public IReadOnlyList<Reference> Needs { get; init; } = [];

    /// <summary>How many of the needs must be settled; null: all.</summary>
    public int? Join { get; init; }
    public IReadOnlyList<DecisionOption> Options { get; init; } = [];
    public bool RationaleRequired { get; init; }
    public Approvals? Approvals { get; init; }
    public IReadOnlyList<string> DependsOnApplications { get; init; } = [];
    public AutoRun? Run { get; init; }
    public IReadOnlyList<CardLine> ManualFallback { get; init; } = [];
    public IReadOnlyDictionary<string, int> Uses { get; init; } = new Dictionary<string, int>();
    public Retry? Retry { get; init; }
    public Verify? Verify { get; init; }

    /// <summary>The role whose visa ends the step, by a person who did not do it.</summary>
    public Reference? Countersign { get; init; }
    public OnFailure? OnFailure { get; init; }
    public bool Compensation { get; init; }
    public string Channel { get; init; } = "";

    /// <summary>Systems this step cannot do without, by the words of scenarios.</summary>
    public IReadOnlyList<Reference> Requires { get; init; } = [];

    /// <summary>Empty: both modes.</summary>
    public IReadOnlyList<string> Modes { get; init; } = [];

    /// <summary>For a wait: the condition or the time that ends it.</summary>
    public Condition? Until { get; init; }
    public TimeSpan? WaitFor { get; init; }
    public SubRunbookRef? Ref { get; init; }

    /// <summary>Where the content comes from, or that it is professional practice to be validated.</summary>
    public string Source { get; init; } = "";

    public LocalText Label => Title != LocalText.None ? Title : Question;
}

public sealed record CardLine(string Text, Place At);

/// <summary>A range given by people, or taken from drills.</summary>
public sealed record Estimate(TimeSpan? Low, TimeSpan? Likely, TimeSpan? High, bool FromDrills, Place At);

public sealed record DecisionOption(string Id, LocalText Label, Condition? When, IReadOnlyDictionary<string, string> Sets, Place At);

/// <summary>The action is a name in the agent's own configuration: never a command line.</summary>
public sealed record AutoRun(string Agent, string Action, IReadOnlyDictionary<string, string> With);

public sealed record Retry(int Max, TimeSpan Delay);

public sealed record Verify(Reference By, bool DistinctFromExecutor, IReadOnlyList<string> Checks, Place At);

public sealed record OnFailure(IReadOnlyList<Reference> Rollback, Reference? Then);

public sealed record SubRunbookRef(string Id, string Version, string Sha256, Place At);

/// <summary>Care on paper while an application is away.</summary>
public sealed record DegradedProcedure(string Id, string Service, IReadOnlyList<string> Replaces, Condition? StartWhen, TimeSpan? Sustainable, Place At)
{
    public IReadOnlyList<string> Kit { get; init; } = [];
    public IReadOnlyList<CardLine> Do { get; init; } = [];
    public Reentry? Reentry { get; init; }
}

public sealed record Reentry(Reference Owner, int? PerHour, TimeSpan? Deadline);

/// <summary>Something the facilitators play during an exercise.</summary>
public sealed record Inject(TimeSpan At, string Channel, Reference To, LocalText Text, Reference? Expect);
