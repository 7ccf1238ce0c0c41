using BackupGuard.Continuity.Runbooks.Guards;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>Where something stands in its file, from 1.</summary>
public readonly record struct Place(int Line, int Column);

/// <summary>French first; English falls back to it.</summary>
public sealed record LocalText(string Fr, string En)
{
    public static LocalText None { get; } = new("", "");

    public string In(string language) => language == "en" && En != "" ? En : Fr;
}

/// <summary>A name used here and defined elsewhere.</summary>
public sealed record Reference(string Id, Place At);

/// <summary>A condition with the text that people wrote.</summary>
public sealed record Condition(string Text, Guard Guard, Place At);

/// <summary>One file of <c>backupguard.runbook/v1</c>. Targets live here, measures elsewhere.</summary>
public sealed record RunbookDefinition(string Id, string Version, LocalText Title)
{
    /// <summary>PCA, PRA, PLAN_BLANC_NUMERIQUE or PREPARATION.</summary>
    public string Plan { get; init; } = "";
    public string Scope { get; init; } = "";
    public string Scenario { get; init; } = "";
    public required Review Review { get; init; }
    public Targets? Targets { get; init; }
    public IReadOnlyList<LocalText> Triggers { get; init; } = [];
    public LocalText Exit { get; init; } = LocalText.None;
    public IReadOnlyList<string> Sources { get; init; } = [];
    public IReadOnlyList<RoleDefinition> Roles { get; init; } = [];
    public IReadOnlyList<FactDefinition> Facts { get; init; } = [];
    public required Lifecycle Lifecycle { get; init; }
    public IReadOnlyList<StepDefinition> Steps { get; init; } = [];
    public IReadOnlyList<DegradedProcedure> Degraded { get; init; } = [];
    public IReadOnlyList<Inject> Injects { get; init; } = [];

    private Dictionary<string, StepDefinition>? stepsById;

    public StepDefinition? Step(string id) =>
        (stepsById ??= Steps.DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal)).GetValueOrDefault(id);

    private ILookup<string, StepDefinition>? askers;

    /// <summary>Steps whose failure asks for this one.</summary>
    public IEnumerable<StepDefinition> RolledBackBy(string id) =>
        (askers ??= Steps.SelectMany(s => (s.OnFailure?.Rollback ?? []).Select(r => (r.Id, Step: s))).ToLookup(x => x.Id, x => x.Step, StringComparer.Ordinal))[id];

    public RoleDefinition? Role(string id) => Roles.FirstOrDefault(r => r.Id == id);

    public FactDefinition? Fact(string id) => Facts.FirstOrDefault(f => f.Id == id);
}

/// <param name="ReviewBy">A date as text: never read as a typed scalar.</param>
public sealed record Review(string Owner, string ReviewBy, IReadOnlyList<string> ApprovedBy, Place At);

public sealed record Targets(string Application, TimeSpan? RecoveryTime, TimeSpan? RecoveryPoint, TimeSpan? MaximumTolerable);

/// <param name="Deputies">How many persons can stand in.</param>
/// <param name="Capacity">How many persons work in this role at once.</param>
public sealed record RoleDefinition(string Id, LocalText Label, LocalText Deputy, int Deputies, int Capacity, Place At)
{
    public int ReachablePersons => Deputies + Capacity;
}

/// <summary>A fact that a person may enter. Facts set by decisions need no declaration.</summary>
/// <param name="Type">truth, number, duration, datetime, choice or text.</param>
public sealed record FactDefinition(string Id, LocalText Label, string Type, IReadOnlyList<string> Values, IReadOnlyList<Reference> SetBy, Place At);

/// <summary>A piece of proof that a step or a transition asks for.</summary>
/// <param name="Type">datetime, text, number, choice, photo, file or signature.</param>
public sealed record EvidenceDefinition(string Id, string Type, LocalText Label, bool Required, IReadOnlyList<string> Values, Place At);

/// <param name="EachRole">Every role must be among the approvers; without it any distinct persons of these roles will do.</param>
/// <param name="RejectOnTimeout">Otherwise the request is held and escalated. Nothing is ever accepted by time.</param>
public sealed record Approvals(int Quorum, IReadOnlyList<Reference> Roles, bool Distinct, bool EachRole, bool RejectOnTimeout, Place At);

/// <param name="From">lifecycle.STATE.entered, steps.ID.done, evidence.ID or facts.ID.</param>
public sealed record Deadline(string From, TimeSpan Within, IReadOnlyList<Reference> Notify, Place At);
