using System.Text.RegularExpressions;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Exercises;

/// <summary>What a schema cannot see in an exercise. Errors refuse the file; warnings are shown beside it.</summary>
internal sealed partial class ExerciseLinter(ExerciseDefinition exercise, RunbookDefinition? runbook, IssueList issues) : DefinitionLinter(issues)
{
    private const string StampFr = "EXERCICE";
    private const string StampEn = "EXERCISE";

    private IReadOnlyList<PlannedInject> Injects => exercise.Chronogramme.Injects;

    /// <summary>With an exercise that was read whole: it has its FINEX.</summary>
    private EndOfExercise End => exercise.Chronogramme.End!;

    public static void Lint(ExerciseDefinition exercise, RunbookDefinition? runbook, ScenarioDefinition? scenario, IssueList issues)
    {
        var linter = new ExerciseLinter(exercise, runbook, issues);
        linter.Names();
        linter.Times();
        linter.References();
        linter.Stamps();
        linter.RealAddresses();
        linter.LostChannels(scenario?.Id == exercise.Scenario ? scenario : null);
        linter.Expectations();
        linter.Silences();
        linter.Objectives();
        linter.Level();
        linter.Reminders();
    }

    private void Names()
    {
        Duplicates(Injects.Select(i => (i.Id, i.At)), "Le stimulus", "The inject");
        Duplicates(exercise.Criteria.Select(c => (c.Id, c.At)), "Le critère", "The criterion");
        Duplicates(exercise.Objectives.Select(o => (o.Id, o.At)), "L’objectif", "The objective");
        Duplicates(exercise.Chronogramme.Phases.Select(p => (p.Id, p.At)), "La phase", "The phase");
        Duplicates(exercise.Reminders.Select(r => (r.Id, r.At)), "Le rappel", "The reminder");
        foreach (var inject in Injects.Where(i => i.Id is Chronogramme.Debex or Chronogramme.Finex))
        {
            Error("BG3013", inject.At, $"« {inject.Id} » est le nom d’un repère : donnez un autre identifiant au stimulus.", $"“{inject.Id}” is the name of a mark: give the inject another id.");
        }

        foreach (var both in exercise.Cast.Where(c => runbook?.Role(c.Id) is not null))
        {
            Error("BG3013", both.At, $"« {both.Id} » est déjà un rôle du runbook : un joueur et un animateur ne peuvent porter le même nom.", $"“{both.Id}” is already a role of the runbook: a player and a facilitator cannot bear one name.");
        }
    }

    private void Times()
    {
        if (End.After > exercise.Duration)
        {
            Error("BG3050", End.At, $"FINEX ({Iso8601.Write(End.After)}) vient après la fin de la durée prévue ({Iso8601.Write(exercise.Duration)}), qui compte aussi l’accueil et le débriefing.",
                $"FINEX ({Iso8601.Write(End.After)}) comes after the planned duration ({Iso8601.Write(exercise.Duration)}), which also counts briefing and debrief.");
        }

        foreach (var inject in Injects.Where(i => i.After > End.After))
        {
            Error("BG3050", inject.At, $"« {inject.Id} » est prévu à {Iso8601.Write(inject.After)}, après FINEX ({Iso8601.Write(End.After)}).", $"“{inject.Id}” is planned at {Iso8601.Write(inject.After)}, after FINEX ({Iso8601.Write(End.After)}).");
        }

        foreach (var (earlier, later) in exercise.Chronogramme.Phases.Zip(exercise.Chronogramme.Phases.Skip(1)).Where(p => p.Second.From <= p.First.From))
        {
            Error("BG3051", later.At, $"La phase « {later.Id} » ne commence pas après « {earlier.Id} ».", $"The phase “{later.Id}” does not begin after “{earlier.Id}”.");
        }

        foreach (var inject in Injects)
        {
            var should = exercise.Chronogramme.Phases.LastOrDefault(p => p.From <= inject.After)?.Id;
            if (exercise.Chronogramme.Phases.Any(p => p.Id == inject.Phase!.Id) && should != inject.Phase!.Id)
            {
                Error("BG3051", inject.Phase.At, $"« {inject.Id} », à {Iso8601.Write(inject.After)}, n’est pas dans la phase « {inject.Phase.Id} ».", $"“{inject.Id}”, at {Iso8601.Write(inject.After)}, is not in the phase “{inject.Phase.Id}”.");
            }
        }
    }

    private void References()
    {
        foreach (var inject in Injects.Where(i => exercise.Chronogramme.Phases.All(p => p.Id != i.Phase!.Id)))
        {
            Unknown("BG3052", inject.Phase!, "Phase inconnue", "Unknown phase", exercise.Chronogramme.Phases.Select(p => p.Id));
        }

        foreach (var criterion in exercise.Criteria.Where(c => exercise.Objectives.All(o => o.Id != c.Objective.Id)))
        {
            Unknown("BG3052", criterion.Objective, "Objectif inconnu", "Unknown objective", exercise.Objectives.Select(o => o.Id));
        }

        foreach (var inject in Injects)
        {
            if (inject.To.Count == 0)
            {
                Error("BG3053", inject.At, $"« {inject.Id} » ne va à personne.", $"“{inject.Id}” goes to nobody.");
            }

            foreach (var to in inject.To.Where(t => exercise.Players.All(p => p.Id != t.Id)))
            {
                Error("BG3053", to.At, $"« {to.Id} » n’est pas parmi les joueurs (« players ») : personne ne recevrait « {inject.Id} ».", $"“{to.Id}” is not among the players: nobody would receive “{inject.Id}”.");
            }
        }

        if (runbook is null)
        {
            Warning("BG3056", exercise.Runbook.At, $"Le runbook « {exercise.Runbook.Id} » n’est pas parmi les fichiers vérifiés : rôles, étapes et décisions de cet exercice n’ont pas été contrôlés.",
                $"The runbook “{exercise.Runbook.Id}” is not among the files checked: roles, steps and decisions of this exercise were not looked at.");
            return;
        }

        foreach (var player in exercise.Players.Where(p => runbook.Role(p.Id) is null))
        {
            Unknown("BG3021", player, "Rôle inconnu", "Unknown role", runbook.Roles.Select(r => r.Id));
        }

        foreach (var from in Injects.Select(i => i.From!).Where(f => exercise.Member(f.Id) is null && runbook.Role(f.Id) is null))
        {
            Unknown("BG3021", from, "Ni personnage (« cast ») ni rôle du runbook", "Neither of the cast nor a role of the runbook", exercise.Cast.Select(c => c.Id).Concat(runbook.Roles.Select(r => r.Id)));
        }

        foreach (var expect in Injects.Select(i => i.Expect).OfType<Expectation>())
        {
            if (expect.Step is { } step && runbook.Step(step.Id) is null)
            {
                Unknown("BG3028", step, "Étape inconnue", "Unknown step", runbook.Steps.Select(s => s.Id));
            }

            var transitions = runbook.Lifecycle.All.SelectMany(s => s.Transitions).Select(t => t.Id);
            if (expect.Transition is { } transition && !transitions.Contains(transition.Id))
            {
                Unknown("BG3028", transition, "Passage inconnu", "Unknown transition", transitions);
            }
        }
    }

    /// <summary>Whoever finds the sheet, or overhears the call, must know within one word that nothing of it is true.</summary>
    private void Stamps()
    {
        foreach (var (text, at) in Injects.Select(i => (i.Text, i.At)).Append((End.Text, End.At)).Append((exercise.Chronogramme.Opening, exercise.Runbook.At)))
        {
            if (!text.Fr.StartsWith(StampFr, StringComparison.Ordinal) || (text.En != "" && !text.En.StartsWith(StampEn, StringComparison.Ordinal)))
            {
                Error("BG3054", at, "Ce texte doit commencer par EXERCICE (et en anglais par EXERCISE) : il sera dit au téléphone et laissé sur des tables.",
                    "This text must begin with EXERCICE (in English with EXERCISE): it will be said on the telephone and left on tables.");
            }
        }
    }

    /// <summary>Nothing of an exercise may reach somebody outside it: only numbers and addresses that belong to nobody.</summary>
    private void RealAddresses()
    {
        var places = Injects.SelectMany(i => new[] { (i.Text.Fr, i.At), (i.Text.En, i.At), (i.OnlyIf.Fr, i.At), (i.Expect?.Reaction.Fr ?? "", i.At) })
            .Concat(exercise.Cast.SelectMany(c => new[] { (c.Number, c.At), (c.Label.Fr, c.At) }))
            .Concat(exercise.Story.Concat(exercise.Rules).Concat(exercise.Kit.Facilitator).Concat(exercise.Kit.Players).Concat(exercise.Kit.Observers).Select(l => (l, exercise.Runbook.At)));
        foreach (var (text, at) in places)
        {
            var number = Telephone().Matches(text).Select(m => "0" + string.Concat(m.Value.Where(char.IsAsciiDigit))[^9..]).FirstOrDefault(n => !Fictional().IsMatch(n));
            var address = Mail().Matches(text).Select(m => m.Value).FirstOrDefault(a => !a.EndsWith(".example", StringComparison.Ordinal) && !a.EndsWith(".invalid", StringComparison.Ordinal));
            if ((number ?? address) is { } real)
            {
                Error("BG3055", at,
                    $"« {real} » peut exister. Dans un exercice : numéros réservés à la fiction (01 99 00 xx xx, 02 61 91 xx xx, 06 39 98 xx xx) et adresses en .example.",
                    $"“{real}” may exist. In an exercise: numbers reserved for fiction (01 99 00 xx xx, 02 61 91 xx xx, 06 39 98 xx xx) and addresses in .example.");
            }
        }
    }

    private void LostChannels(ScenarioDefinition? scenario)
    {
        foreach (var inject in Injects.Where(i => scenario?.Removes.Contains(i.Channel) == true && exercise.Member(i.From!.Id)?.Outside != true))
        {
            Error("BG3043", inject.ChannelAt, $"« {inject.Id} » passe par « {inject.Channel} », que le scénario « {scenario!.Id} » fait perdre : dans l’établissement personne ne peut plus s’en servir. Changez de moyen, ou faites-le venir de l’extérieur (« outside: true »).",
                $"“{inject.Id}” uses “{inject.Channel}”, which the scenario “{scenario.Id}” removes: nobody in the hospital can use it any more. Take another channel, or let it come from outside (“outside: true”).");
        }

        if (exercise.Scenario != "" && runbook is { Scenario: not "" } && runbook.Scenario != exercise.Scenario)
        {
            Warning("BG3057", exercise.Runbook.At, $"Le runbook est écrit pour le scénario « {runbook.Scenario} », l’exercice joue « {exercise.Scenario} ».", $"The runbook is written for the scenario “{runbook.Scenario}”, the exercise plays “{exercise.Scenario}”.");
        }
    }

    private void Expectations()
    {
        foreach (var inject in Injects.Where(i => i.Expect is null && !i.Spare))
        {
            Warning("BG3063", inject.At, $"« {inject.Id} » n’a pas de réaction attendue : personne ne pourra dire si elle était bonne.", $"“{inject.Id}” has no expected reaction: nobody will be able to say whether it was good.");
        }

        foreach (var inject in Injects.Where(i => !i.Spare && i.Expect?.Within is { } within && i.After + within > End.After))
        {
            Warning("BG3064", inject.At, $"La réaction à « {inject.Id} » peut venir après FINEX : elle ne sera pas vue.", $"The reaction to “{inject.Id}” may come after FINEX: nobody will see it.");
        }
    }

    private void Silences()
    {
        var longest = End.After <= TimeSpan.FromHours(4) ? TimeSpan.FromMinutes(30) : TimeSpan.FromHours(1);
        var times = Injects.Where(i => !i.Spare).Select(i => (i.After, i.At)).OrderBy(t => t.After).Prepend((After: TimeSpan.Zero, End.At)).Append((End.After, End.At)).ToList();
        foreach (var (before, after) in times.Zip(times.Skip(1)).Where(p => p.Second.After - p.First.After > longest))
        {
            Warning("BG3065", after.At, $"Long silence : rien de {Iso8601.Write(before.After)} à {Iso8601.Write(after.After)}. Est-ce voulu ?", $"Long silence: nothing from {Iso8601.Write(before.After)} to {Iso8601.Write(after.After)}. Is it meant?");
        }
    }

    private void Objectives()
    {
        foreach (var objective in exercise.Objectives.Where(o => exercise.Criteria.All(c => c.Objective.Id != o.Id)))
        {
            Warning("BG3066", objective.At, $"Aucun critère ne regarde l’objectif « {objective.Id} » : il restera inconnu.", $"No criterion looks at the objective “{objective.Id}”: it will stay unknown.");
        }
    }

    private void Level()
    {
        var (hours, most, needsPressure) = exercise.Level switch
        {
            ExerciseLevel.Beginner => (2, 25, false),
            ExerciseLevel.Intermediate => (4, 40, true),
            ExerciseLevel.Advanced => (12, 60, true),
        };
        var name = ExerciseShapes.Words["level"][(int)exercise.Level];
        if (End.After > TimeSpan.FromHours(hours) || Injects.Count > most)
        {
            Warning("BG3067", End.At, $"Trop pour le niveau « {name} » : {hours} h de jeu et {most} stimuli au plus ; ici {Iso8601.Write(End.After)} et {Injects.Count}.", $"Too much for the level “{name}”: at most {hours} h of play and {most} injects; here {Iso8601.Write(End.After)} and {Injects.Count}.");
        }

        if (needsPressure && !Injects.Any(i => i.Pressure))
        {
            Warning("BG3067", End.At, $"Le niveau « {name} » demande au moins un stimulus de pression humaine (« pressure: true »).", $"The level “{name}” asks for at least one inject of human pressure (“pressure: true”).");
        }
    }

    private void Reminders()
    {
        foreach (var (before, fr, en) in new[] { (true, "avant", "before"), (false, "après", "after") }.Where(w => exercise.Reminders.All(r => r.Before != w.Item1)))
        {
            Warning("BG3068", exercise.Runbook.At, $"Aucun rappel {fr} l’exercice ({(before ? "OPSSIES, information de l’ARS" : "OPSSIES, compte-rendu")}).", $"No reminder {en} the exercise ({(before ? "OPSSIES, informing the agency" : "OPSSIES, report")}).");
        }
    }

    // Ten digits as the French write them; emergency and service numbers of two to four digits are words of the story.
    [GeneratedRegex(@"(?<![0-9])(?:\+33[ .\u00a0]?|0033[ .\u00a0]?|0)[1-9](?:[ .\u00a0-]?[0-9]{2}){4}(?![0-9])")]
    private static partial Regex Telephone();

    // Reserved for works of fiction by the French numbering plan (ARCEP decision 2018-0881).
    [GeneratedRegex("^0(?:19900|26191|35301|46571|53649|63998)[0-9]{4}$")]
    private static partial Regex Fictional();

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}[A-Za-z]")]
    private static partial Regex Mail();
}
