using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>Every mapping of the language with its keys. The names are those of the definitions in the published schema.</summary>
internal static class RunbookShapes
{
    public static readonly Shape Runbook = new("runbook",
        ["format", "id", "version", "title", "plan", "review", "roles", "lifecycle", "steps"],
        ["scope", "scenario", "targets", "triggers", "facts", "degraded", "exercise", "exit", "sources"]);
    public static readonly Shape Text = new("text", ["fr"], ["en"]);
    public static readonly Shape Review = new("review", ["owner", "reviewBy"], ["approvedBy"]);
    public static readonly Shape Targets = new("targets", ["application"], ["rto", "rpo", "mtd"]);
    public static readonly Shape Role = new("role", ["label"], ["deputy", "deputies", "capacity"]);
    public static readonly Shape Fact = new("fact", ["label", "type"], ["values", "setBy"]);
    public static readonly Shape Lifecycle = new("lifecycle", ["initial", "states"], []);
    public static readonly Shape State = new("state", [], ["title", "initial", "states", "transitions", "activates", "final", "forbids", "resets"]);
    public static readonly Shape Transition = new("transition", ["to"], ["title", "guard", "approvals", "evidence", "reason"]);
    public static readonly Shape Approvals = new("approvals", ["quorum", "roles"], ["distinct", "eachRole", "onTimeout"]);
    public static readonly Shape Evidence = new("evidence", ["id", "type"], ["label", "required", "values"]);
    public static readonly Shape Step = new("step",
        ["id", "in", "kind", "role"],
        [
            "title", "why", "question", "do", "otherwise", "style", "duration", "deadline", "repeat", "evidence", "card", "needs", "join", "options", "rationale", "approvals",
            "dependsOnApplications", "run", "manualFallback", "uses", "retry", "verify", "countersign", "onFailure", "compensation", "channel", "requires", "modes", "until", "for",
            "ref", "source",
        ]);
    public static readonly Shape Estimate = new("estimate", [], ["low", "likely", "high", "from", "quantiles"]);
    public static readonly Shape Deadline = new("deadline", ["from", "within"], ["onOverdue"]);
    public static readonly Shape Overdue = new("overdue", ["notify"], []);
    public static readonly Shape Option = new("option", ["id", "label"], ["when", "sets"]);
    public static readonly Shape Run = new("run", ["agent", "action"], ["with"]);
    public static readonly Shape Retry = new("retry", ["max", "delay"], []);
    public static readonly Shape Verify = new("verify", ["by"], ["distinctFrom", "checks"]);
    public static readonly Shape Countersign = new("countersign", ["by"], []);
    public static readonly Shape OnFailure = new("onFailure", [], ["rollback", "then"]);
    public static readonly Shape Ref = new("ref", ["id"], ["version", "sha256"]);
    public static readonly Shape Degraded = new("degraded", ["id", "service", "replaces"], ["startWhen", "sustainable", "kit", "do", "reentry"]);
    public static readonly Shape Reentry = new("reentry", ["owner"], ["perHour", "deadline"]);
    public static readonly Shape Exercise = new("exercise", ["injects"], []);
    public static readonly Shape Inject = new("inject", ["at", "channel", "to", "text"], ["expect"]);

    public static readonly IReadOnlyList<Shape> All =
    [
        Runbook, Text, Review, Targets, Role, Fact, Lifecycle, State, Transition, Approvals, Evidence, Step, Estimate, Deadline, Overdue, Option, Run, Retry, Verify,
        Countersign, OnFailure, Ref, Degraded, Reentry, Exercise, Inject,
    ];

    /// <summary>The words that a key may take; the schema lists the same.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        ["plan"] = ["PCA", "PRA", "PLAN_BLANC_NUMERIQUE", "PREPARATION"],
        ["scope"] = ["GHT", "EJ", "EG", "service", "application"],
        ["fact.type"] = ["truth", "number", "duration", "datetime", "choice", "text"],
        ["evidence.type"] = ["datetime", "text", "number", "choice", "photo", "file", "signature"],
        ["kind"] = ["manual", "decision", "auto", "wait", "notify", "subRunbook"],
        ["style"] = ["read-do", "do-confirm"],
        ["onTimeout"] = ["hold", "reject"],
        ["distinctFrom"] = ["executor"],
        ["reason"] = ["required"],
        ["rationale"] = ["required"],
        ["estimate.from"] = ["drills"],
        ["modes"] = ["exercise", "live"],
    };
}
