using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>
/// What a schema cannot see. Errors refuse the file; warnings are shown beside it. Each rule has a code, and a test that
/// makes it speak.
/// </summary>
internal sealed partial class RunbookLinter : DefinitionLinter
{
    private readonly RunbookDefinition runbook;
    private readonly Lifecycle lifecycle;
    private readonly Dictionary<string, StepDefinition> steps;
    private readonly Dictionary<string, RoleDefinition> roles;

    /// <summary>Facts that somebody can set: declared ones, and those a decision sets.</summary>
    private readonly HashSet<string> facts;
    private readonly HashSet<string> evidence;
    private readonly Dictionary<(string Earlier, string Later), bool> order = [];

    private RunbookLinter(RunbookDefinition runbook, IssueList issues) : base(issues)
    {
        (this.runbook, lifecycle) = (runbook, runbook.Lifecycle);
        steps = runbook.Steps.DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal);
        roles = runbook.Roles.ToDictionary(r => r.Id, StringComparer.Ordinal);
        facts = [.. runbook.Facts.Select(f => f.Id), .. runbook.Steps.SelectMany(s => s.Options).SelectMany(o => o.Sets.Keys)];
        evidence = [.. runbook.Steps.SelectMany(s => s.Evidence).Select(e => e.Id), .. lifecycle.All.SelectMany(s => s.Transitions).SelectMany(t => t.Evidence).Select(e => e.Id)];
    }

    public static void Lint(RunbookDefinition runbook, ScenarioDefinition? scenario, DateOnly? today, IssueList issues)
    {
        var linter = new RunbookLinter(runbook, issues);
        linter.Lifecycle();
        if (issues.HasErrors)
        {
            // Steps are judged against states that can be trusted.
            return;
        }

        linter.Roles();
        linter.Steps();
        linter.Needs();
        linter.Cards();
        linter.Decisions();
        linter.Others();
        linter.Scenario(scenario);
        linter.ReviewDate(today);
    }

    private void Roles()
    {
        foreach (var role in runbook.Roles.Where(r => r.ReachablePersons < 2))
        {
            Warning("BG3060", role.At, $"Le rôle « {role.Id} » n’a ni suppléant ni second : une seule absence arrête ses étapes.", $"The role “{role.Id}” has no deputy: one absence stops its steps.");
        }

        foreach (var fact in runbook.Facts)
        {
            fact.SetBy.ToList().ForEach(Role);
        }

        foreach (var transition in lifecycle.All.SelectMany(s => s.Transitions))
        {
            Approvals(transition.Approvals);
        }
    }

    private void Role(Reference role)
    {
        if (!roles.ContainsKey(role.Id))
        {
            Unknown("BG3021", role, "Rôle inconnu", "Unknown role", roles.Keys);
        }
    }

    private void Approvals(Approvals? approvals)
    {
        if (approvals is null)
        {
            return;
        }

        approvals.Roles.ToList().ForEach(Role);
        if (approvals.Roles.Count == 0)
        {
            Error("BG3038", approvals.At, "Une approbation a besoin d’au moins un rôle.", "An approval needs at least one role.");
            return;
        }

        var persons = approvals.Roles.Sum(r => roles.TryGetValue(r.Id, out var role) ? role.ReachablePersons : 0);
        if (approvals.Quorum > persons || (approvals.EachRole && approvals.Quorum < approvals.Roles.Count))
        {
            Error("BG3038", approvals.At,
                $"Quorum impossible : {approvals.Quorum} voix demandées, {persons} personnes joignables dans {approvals.Roles.Count} rôles (un vote par personne ; avec « eachRole », au moins une voix par rôle).",
                $"Impossible quorum: {approvals.Quorum} votes asked, {persons} reachable persons in {approvals.Roles.Count} roles (one vote per person; with “eachRole”, at least one vote per role).");
        }
    }

    private void Guard(Condition? condition)
    {
        foreach (var name in condition?.Guard.Names() ?? [])
        {
            var at = condition!.At with { Column = condition.At.Column + name.Offset };
            var known = name.Root switch
            {
                "steps" => steps.Keys,
                "facts" => facts,
                "evidence" => evidence,
                "clock" when name.Subject != "" => lifecycle.All.Select(s => s.Id),
                _ => (IEnumerable<string>)[name.Subject],
            };
            if (!known.Contains(name.Subject))
            {
                var (fr, en) = name.Root switch
                {
                    "steps" => ("Étape inconnue", "Unknown step"),
                    "facts" => ("Fait que rien ne renseigne", "Fact that nothing sets"),
                    "evidence" => ("Preuve que rien ne demande", "Evidence that nothing asks for"),
                    _ => ("État inconnu", "Unknown state"),
                };
                Unknown("BG3027", new(name.Subject, at), fr, en, known);
            }
        }
    }

    private void ReviewDate(DateOnly? today)
    {
        if (today is not { } day || !DateOnly.TryParseExact(runbook.Review.ReviewBy, "yyyy-MM-dd", out var reviewBy) || reviewBy > day.AddDays(30))
        {
            return;
        }

        Warning("BG3061", runbook.Review.At, $"Revue {(reviewBy < day ? "en retard" : "à faire sous 30 jours")} : {runbook.Review.ReviewBy}.", $"Review {(reviewBy < day ? "overdue" : "due within 30 days")}: {runbook.Review.ReviewBy}.");
    }
}
