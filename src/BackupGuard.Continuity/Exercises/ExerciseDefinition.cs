using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exercises;

public enum ExerciseLevel { Beginner, Intermediate, Advanced }

/// <summary>One file of <c>backupguard.exercise/v1</c>: a runbook played by people, with what happens to them and what is looked at.</summary>
public sealed record ExerciseDefinition(string Id, string Version, LocalText Title, ExerciseLevel Level, Reference Runbook)
{
    /// <summary>What the plot takes away, or "" when it names no scenario.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>What to block in diaries: briefing, play and hot debrief.</summary>
    public TimeSpan Duration { get; init; }
    public LocalText Audience { get; init; } = LocalText.None;

    /// <summary>Roles of the runbook that somebody must hold; injects go to these and no other.</summary>
    public IReadOnlyList<Reference> Players { get; init; } = [];

    /// <summary>What really happened, for the facilitator alone.</summary>
    public IReadOnlyList<string> Story { get; init; } = [];
    public IReadOnlyList<string> Rules { get; init; } = [];
    public ExerciseKit Kit { get; init; } = new([], [], []);
    public IReadOnlyList<Objective> Objectives { get; init; } = [];

    /// <summary>Persons whom the facilitators play.</summary>
    public IReadOnlyList<CastMember> Cast { get; init; } = [];
    public Chronogramme Chronogramme { get; init; } = Chronogramme.Empty;
    public IReadOnlyList<Criterion> Criteria { get; init; } = [];
    public Debrief Debrief { get; init; } = new([], []);
    public IReadOnlyList<Reminder> Reminders { get; init; } = [];
    public ReportDuty Report { get; init; } = new([], TimeSpan.Zero);
    public IReadOnlyList<string> Sources { get; init; } = [];

    public PlannedInject? Inject(string id) => Chronogramme.Injects.FirstOrDefault(i => i.Id == id);

    public CastMember? Member(string id) => Cast.FirstOrDefault(c => c.Id == id);

    /// <summary>The few injects that every runbook carries, when no exercise file was chosen: no grid, no objectives, no FINEX.</summary>
    public static ExerciseDefinition FromRunbook(RunbookDefinition runbook) =>
        new(runbook.Id, runbook.Version, runbook.Title, ExerciseLevel.Beginner, new(runbook.Id, default))
        {
            Scenario = runbook.Scenario,
            Players = [.. runbook.Injects.Select(i => i.To).DistinctBy(r => r.Id)],
            Chronogramme = new(null, [],
            [
                .. runbook.Injects.Index().Select(i => new PlannedInject($"i-{i.Index + 1:00}", i.Item.At, i.Item.Channel, [i.Item.To], i.Item.Text, default)
                {
                    // The runbook's own injects name a step and no tolerance: only whether it was done can be told, never whether it was late.
                    Expect = i.Item.Expect is { } step ? new(step, null, LocalText.None, null, step.At) : null,
                }),
            ]),
        };
}

public sealed record ExerciseKit(IReadOnlyList<string> Facilitator, IReadOnlyList<string> Players, IReadOnlyList<string> Observers);

public sealed record Objective(string Id, LocalText Text, Place At);

/// <param name="Outside">Not of the hospital: what the plot broke inside does not stop this person from using it.</param>
/// <param name="Number">To be called back during the exercise: a number reserved for fiction, or "".</param>
public sealed record CastMember(string Id, LocalText Label, bool Outside, string Number, Place At);

/// <param name="End">FINEX; null when it is told by the facilitator alone.</param>
public sealed record Chronogramme(EndOfExercise? End, IReadOnlyList<Phase> Phases, IReadOnlyList<PlannedInject> Injects)
{
    /// <summary>Ids under which the start and the end of the play are entered; no inject may take them.</summary>
    public const string Debex = "debex";
    public const string Finex = "finex";

    public static Chronogramme Empty { get; } = new(null, [], []);

    /// <summary>What the facilitator says at the start.</summary>
    public LocalText Opening { get; init; } = LocalText.None;
}

/// <param name="After">Since DEBEX.</param>
public sealed record EndOfExercise(TimeSpan After, LocalText Text, Place At);

public sealed record Phase(string Id, LocalText Title, TimeSpan From, Place At);

/// <param name="After">Since DEBEX.</param>
public sealed record PlannedInject(string Id, TimeSpan After, string Channel, IReadOnlyList<Reference> To, LocalText Text, Place At)
{
    public Place ChannelAt { get; init; }

    /// <summary>Somebody of the cast, or a role of the runbook that the facilitators lend; null in a runbook's own injects.</summary>
    public Reference? From { get; init; }
    public Reference? Phase { get; init; }
    public Expectation? Expect { get; init; }

    /// <summary>For the facilitator to judge: no condition of a machine.</summary>
    public LocalText OnlyIf { get; init; } = LocalText.None;

    /// <summary>It weighs on people rather than on systems: a family, a journalist, somebody who breaks down.</summary>
    public bool Pressure { get; init; }

    /// <summary>In reserve: not playing it is no gap.</summary>
    public bool Spare { get; init; }
}

/// <summary>What a good reaction looks like.</summary>
/// <param name="Step">A step of the runbook that the journal should then show begun or done; null: only an observer can tell.</param>
/// <param name="Transition">Or a transition of its lifecycle.</param>
/// <param name="Within">After the inject was really played; null when none was set.</param>
public sealed record Expectation(Reference? Step, Reference? Transition, LocalText Reaction, TimeSpan? Within, Place At);

/// <param name="Meaning">What 0, 1, 2 and 3 mean here, in this order.</param>
public sealed record Criterion(string Id, Reference Objective, LocalText Label, string Look, IReadOnlyList<string> Meaning, Place At);

public sealed record Debrief(IReadOnlyList<string> Hot, IReadOnlyList<string> Cold);

/// <param name="Before">Before the exercise; otherwise after it.</param>
/// <param name="Days">How many days before or after, or null.</param>
public sealed record Reminder(string Id, bool Before, int? Days, LocalText Text, Place At);

/// <param name="Within">After FINEX.</param>
public sealed record ReportDuty(IReadOnlyList<LocalText> Recipients, TimeSpan Within);
