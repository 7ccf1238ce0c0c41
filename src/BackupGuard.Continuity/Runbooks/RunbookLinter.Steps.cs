using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

internal sealed partial class RunbookLinter
{
    private const int MostLines = 7;
    private const int LongestLine = 120;

    private void Steps()
    {
        Duplicates(runbook.Steps.Select(s => (s.Id, s.At)), "L’étape", "The step");
        foreach (var step in runbook.Steps)
        {
            if (lifecycle.Find(step.In.Id) is null)
            {
                Unknown("BG3022", step.In, "État inconnu", "Unknown state", lifecycle.All.Select(s => s.Id));
            }

            Role(step.Role);
            Kind(step);
            Checks(step);
            Approvals(step.Approvals);
            Guard(step.Until);
            DeadlineOf(step);
            Duplicates(step.Evidence.Select(e => (e.Id, e.At)), "La preuve", "The evidence");
            foreach (var reference in (step.OnFailure?.Rollback ?? []).Concat(step.OnFailure?.Then is { } then ? [then] : []).Where(r => !steps.ContainsKey(r.Id)))
            {
                Unknown("BG3028", reference, "Étape inconnue", "Unknown step", steps.Keys);
            }

            foreach (var rollback in step.OnFailure?.Rollback.Where(r => steps.TryGetValue(r.Id, out var s) && !s.Compensation) ?? [])
            {
                Error("BG3037", rollback.At, $"« {rollback.Id} » sert de retour arrière : déclarez-la « compensation: true ».", $"“{rollback.Id}” is used as a rollback: declare it “compensation: true”.");
            }
        }
    }

    private void Kind(StepDefinition step)
    {
        if (step.Title.Fr == "" && step.Question.Fr == "")
        {
            Error("BG3033", step.At, $"L’étape « {step.Id} » n’a pas de titre en français.", $"The step “{step.Id}” has no French title.");
        }

        var missing = step.Kind switch
        {
            StepKind.Decision when step.Question.Fr == "" || step.Options.Count < 2 => "question, options (2+)",
            StepKind.Auto when step.Run is null || step.ManualFallback.Count == 0 || step.Verify is null => "run, manualFallback, verify",
            StepKind.Wait when step.Until is null && step.WaitFor is null => "until | for",
            StepKind.Notify when step.Channel == "" => "channel",
            StepKind.SubRunbook when step.Ref is null => "ref",
            _ => null,
        };
        if (missing is not null)
        {
            Error("BG3034", step.At, $"L’étape « {step.Id} » ({Word(step.Kind)}) a besoin de : {missing}.", $"The step “{step.Id}” ({Word(step.Kind)}) needs: {missing}.");
        }

        if (step.Kind != StepKind.Decision && (step.Options.Count > 0 || step.Question.Fr != "" || step.Approvals is not null))
        {
            Error("BG3034", step.At, $"« question », « options » et « approvals » ne vont qu’à une décision, pas à « {step.Id} ».", $"“question”, “options” and “approvals” belong to a decision, not to “{step.Id}”.");
        }
    }

    private void Checks(StepDefinition step)
    {
        foreach (var by in new[] { step.Verify?.By, step.Countersign }.OfType<Reference>())
        {
            Role(by);
            if (by.Id == step.Role.Id && roles.TryGetValue(by.Id, out var role) && role.ReachablePersons < 2)
            {
                Error("BG3035", by.At, $"« {by.Id} » fait et contrôle, et n’a qu’une personne : le contrôle par un autre est impossible.", $"“{by.Id}” does and checks, and has one person only: a check by somebody else is impossible.");
            }
        }
    }

    private void DeadlineOf(StepDefinition step)
    {
        if (step.Deadline is not { } deadline)
        {
            return;
        }

        deadline.Notify.ToList().ForEach(Role);
        var ok = deadline.From.Split('.') switch
        {
            ["lifecycle", var state, "entered"] => lifecycle.Find(state) is not null,
            ["steps", var id, "done"] => steps.ContainsKey(id) && id != step.Id,
            ["evidence", var id] => evidence.Contains(id),
            ["facts", var id] => facts.Contains(id),
            _ => false,
        };
        if (!ok)
        {
            Error("BG3036", deadline.At, $"« {deadline.From} » ne désigne aucun départ : écrivez lifecycle.ÉTAT.entered, steps.ÉTAPE.done, evidence.PREUVE ou facts.FAIT.", $"“{deadline.From}” names no start: write lifecycle.STATE.entered, steps.STEP.done, evidence.ID or facts.ID.");
        }

        if (step.Duration?.Likely > deadline.Within)
        {
            Warning("BG3062", deadline.At, $"Délai ({Iso8601.Write(deadline.Within)}) plus court que la durée probable ({Iso8601.Write(step.Duration.Likely!.Value)}).", $"Deadline ({Iso8601.Write(deadline.Within)}) shorter than the likely duration ({Iso8601.Write(step.Duration.Likely!.Value)}).");
        }
    }

    private void Needs()
    {
        foreach (var step in runbook.Steps)
        {
            foreach (var need in step.Needs)
            {
                if (!steps.TryGetValue(need.Id, out var needed))
                {
                    Unknown("BG3028", need, "Étape inconnue", "Unknown step", steps.Keys);
                }
                else if (lifecycle.Find(needed.In.Id) is not null && lifecycle.Find(step.In.Id) is not null && !CanComeBefore(needed.In.Id, step.In.Id))
                {
                    Error("BG3030", need.At, $"« {step.Id} » attend « {need.Id} », qui n’existe que dans un état ultérieur (« {needed.In.Id} »).", $"“{step.Id}” waits for “{need.Id}”, which exists only in a later state (“{needed.In.Id}”).");
                }
            }

            if (step.Join > step.Needs.Count)
            {
                Error("BG3031", step.At, $"« join » demande {step.Join} étapes, « needs » en cite {step.Needs.Count}.", $"“join” asks for {step.Join} steps, “needs” names {step.Needs.Count}.");
            }
        }

        var cycle = Cycles.Find(steps.Keys, id => steps.TryGetValue(id, out var s) ? s.Needs.Select(n => n.Id) : []);
        if (cycle.Count > 0)
        {
            var path = string.Join(" → ", cycle);
            Error("BG3029", steps[cycle[0]].At, $"Ces étapes s’attendent en rond : {path}.", $"These steps wait for one another in a circle: {path}.");
        }
    }

    private bool CanComeBefore(string earlier, string later)
    {
        if (!order.TryGetValue((earlier, later), out var possible))
        {
            order[(earlier, later)] = possible = lifecycle.Reachable(LeavesOf(earlier)).Overlaps(LeavesOf(later));
        }

        return possible;
    }

    private List<string> LeavesOf(string state) => [.. lifecycle.Leaves.Where(l => lifecycle.Path(l.Id).Any(p => p.Id == state)).Select(l => l.Id)];

    private void Cards()
    {
        foreach (var (id, lines, at) in runbook.Steps.Select(s => (s.Id, s.Do, s.At)).Concat(runbook.Degraded.Select(d => (d.Id, d.Do, d.At))))
        {
            if (lines.Count > MostLines)
            {
                Error("BG3032", at, $"La carte « {id} » a {lines.Count} lignes, {MostLines} au plus : faites-en deux étapes.", $"The card “{id}” has {lines.Count} lines, {MostLines} at most: make two steps of it.");
            }
        }

        foreach (var line in runbook.Steps.SelectMany(s => s.Do.Concat(s.ManualFallback)).Concat(runbook.Degraded.SelectMany(d => d.Do)).Where(l => l.Text.Length > LongestLine))
        {
            Error("BG3032", line.At, $"Ligne de {line.Text.Length} caractères, {LongestLine} au plus.", $"Line of {line.Text.Length} characters, {LongestLine} at most.");
        }

        foreach (var same in runbook.Steps.Where(s => s.Card != "").GroupBy(s => s.Card).Where(g => g.Count() > 1))
        {
            Error("BG3040", same.Last().CardAt, $"Deux cartes portent le numéro {same.Key}.", $"Two cards bear the number {same.Key}.");
        }

        foreach (var step in runbook.Steps.Where(s => s.Card != "" && !s.Card.Split('-').All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit))))
        {
            Error("BG3040", step.CardAt, $"« {step.Card} » n’est pas un numéro de carte : écrivez par exemple 12 ou 01-03.", $"“{step.Card}” is not a card number: write for example 12 or 01-03.");
        }
    }

    private void Decisions()
    {
        foreach (var transition in lifecycle.All.SelectMany(s => s.Transitions))
        {
            Guard(transition.Guard);
        }

        foreach (var step in runbook.Steps.Where(s => s.Kind == StepKind.Decision))
        {
            Duplicates(step.Options.Select(o => (o.Id, o.At)), "Le choix", "The option");
            foreach (var option in step.Options)
            {
                Guard(option.When);
                foreach (var (fact, value) in option.Sets.Where(s => runbook.Fact(s.Key) is { } f && !FactRules.Accepts(f, s.Value)))
                {
                    Error("BG3041", option.At, $"« {value} » n’est pas une valeur possible du fait « {fact} ».", $"“{value}” is not a possible value of the fact “{fact}”.");
                }
            }
        }
    }

    private void Others()
    {
        Duplicates(runbook.Degraded.Select(d => (d.Id, d.At)), "La fiche", "The sheet");
        foreach (var degraded in runbook.Degraded)
        {
            Guard(degraded.StartWhen);
            if (degraded.Reentry is { } reentry)
            {
                Role(reentry.Owner);
            }
        }

        foreach (var activated in lifecycle.All.SelectMany(s => s.Activates).Where(a => runbook.Degraded.All(d => d.Id != a.Id)))
        {
            Unknown("BG3042", activated, "Fiche de mode dégradé inconnue", "Unknown degraded procedure", runbook.Degraded.Select(d => d.Id));
        }

        foreach (var inject in runbook.Injects)
        {
            Role(inject.To);
            if (inject.Expect is { } expected && !steps.ContainsKey(expected.Id))
            {
                Unknown("BG3028", expected, "Étape inconnue", "Unknown step", steps.Keys);
            }
        }
    }

    private void Scenario(ScenarioDefinition? scenario)
    {
        if (scenario is null || runbook.Scenario != scenario.Id)
        {
            return;
        }

        foreach (var step in runbook.Steps)
        {
            foreach (var lost in step.Requires.Where(r => scenario.Removes.Contains(r.Id)))
            {
                Error("BG3043", lost.At, $"L’étape « {step.Id} » a besoin de « {lost.Id} », que le scénario « {scenario.Id} » fait perdre. Donnez un autre moyen.", $"The step “{step.Id}” needs “{lost.Id}”, which the scenario “{scenario.Id}” removes. Give another way.");
            }

            if (scenario.Removes.Contains(step.Channel))
            {
                Error("BG3043", step.At, $"L’étape « {step.Id} » prévient par « {step.Channel} », que le scénario « {scenario.Id} » fait perdre.", $"The step “{step.Id}” notifies by “{step.Channel}”, which the scenario “{scenario.Id}” removes.");
            }
        }
    }

    private static string Word(StepKind kind) => RunbookShapes.Words["kind"][(int)kind];
}
