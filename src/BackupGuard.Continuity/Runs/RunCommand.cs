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
}

public sealed record StartRun(RunMode Mode) : RunCommand;

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
