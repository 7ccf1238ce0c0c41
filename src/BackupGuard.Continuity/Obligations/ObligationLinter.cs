using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Obligations;

/// <summary>What a schema cannot see. Errors refuse the file; warnings are shown beside it. Each rule has a code, and a test that makes it speak.</summary>
internal sealed class ObligationLinter(ObligationDefinition file, IssueList issues) : DefinitionLinter(issues)
{
    private readonly string[] roles = [.. file.Roles.Select(r => r.Id)];
    private readonly string[] events = [.. file.Events.Select(e => e.Id)];
    private readonly string[] duties = [.. file.Duties.Select(d => d.Id)];

    public static void Lint(ObligationDefinition file, DateOnly? today, IssueList issues)
    {
        var linter = new ObligationLinter(file, issues);
        linter.Profiles();
        file.EscalateTo.ToList().ForEach(linter.Role);
        file.Events.ToList().ForEach(linter.Event);
        linter.Templates();
        foreach (var duty in file.Duties)
        {
            linter.Row(duty);
            linter.Order(duty);
            linter.Vouched(duty, today);
        }

        linter.Chains();
    }

    private void Profiles()
    {
        foreach (var profile in file.Profiles.Where(p => p is { Enacted: false, Mode: ProfileMode.On } && (p.InForceFrom is null || p.Decider == "")))
        {
            Error("BG3079", profile.At, $"Profil « {profile.Id} » : sa promulgation n’est pas établie. « on » demande la date d’entrée en vigueur (inForceFrom) et la personne qui l’a décidé (decider).",
                $"Profile “{profile.Id}”: its enactment is not established. “on” needs the date it comes into force (inForceFrom) and the person who decided it (decider).");
        }
    }

    private void Event(StartEvent one)
    {
        one.SetBy.ToList().ForEach(Role);
        Known("BG3070", one.Proposed, "Événement de départ inconnu", "Unknown start event", events);
        Known("BG3072", one.OnSending, "Ligne inconnue", "Unknown row", duties);
        if ((one.SetBy.Count == 0) == (one.OnSending is null))
        {
            Error("BG3084", one.At, $"« {one.Id} » : soit une personne le déclare (setBy), soit c’est l’envoi d’une ligne (onSending) ; l’un des deux, et un seul.",
                $"“{one.Id}”: either a person declares it (setBy), or it is the sending of a row (onSending); one of the two, and only one.");
        }
    }

    private void Templates()
    {
        foreach (var reference in file.Templates.SelectMany(t => t.Fields))
        {
            Known("BG3081", reference, "Champ inconnu", "Unknown field", file.Fields.Select(f => f.Id));
        }

        foreach (var field in file.Fields)
        {
            foreach (var wrong in Placeholder.In(field.Value).Where(p => !p.IsKnown(events, duties)))
            {
                Error("BG3082", field.At, $"« {{{wrong.Text}}} » ne désigne rien que la conduite sache remplir : event, fact, evidence, sent, steps, applications, establishment, run ou now.",
                    $"“{{{wrong.Text}}}” names nothing that a run can fill: event, fact, evidence, sent, steps, applications, establishment, run or now.");
            }
        }
    }

    private void Row(Duty duty)
    {
        if (!ReferenceEquals(file.Duty(duty.Id), duty))
        {
            Error("BG3013", duty.At, $"La ligne « {duty.Id} » est déclarée deux fois.", $"The row “{duty.Id}” is declared twice.");
        }

        Known("BG3078", duty.Profile, "Profil que le fichier ne déclare pas", "Profile that the file does not declare", file.Profiles.Select(p => p.Id));
        Known("BG3070", duty.StartEvent, "Événement de départ inconnu", "Unknown start event", events);
        Role(duty.ValidatorRole);
        Role(duty.SenderRole);
        if (duty.Due is null && duty.DueText.Fr == "")
        {
            Error("BG3074", duty.DueAt, $"« {duty.Id} » : ni chiffre (due) ni mots du texte (dueText). Écrivez au moins « sans délai » ou ce que dit le texte.",
                $"“{duty.Id}”: neither a figure (due) nor the words of the text (dueText). Write at least “without delay” or what the text says.");
        }

        if (duty is { Due: { } due, Target: { } target } && target.MayOutlast(due))
        {
            Error("BG3075", duty.TargetAt, $"« {duty.Id} » : l’objectif interne {target} peut finir après le délai légal {due}.", $"“{duty.Id}”: the internal target {target} may end after the legal limit {due}.");
        }

        Draft(duty);
    }

    private void Draft(Duty duty)
    {
        Known("BG3080", duty.Template, "Modèle inconnu", "Unknown template", file.Templates.Select(t => t.Id));
        var template = duty.Template is { } t ? file.Template(t.Id) : null;
        var fields = template?.Fields.Select(f => f.Id).ToList() ?? [];
        foreach (var required in duty.Template is null || template is not null ? duty.RequiredFields : [])
        {
            Known("BG3081", required, "Champ absent du modèle de cette ligne", "Field that the template of this row lacks", fields);
        }
    }

    private void Order(Duty duty)
    {
        foreach (var earlier in duty.SequenceAfter)
        {
            Known("BG3072", earlier, "Ligne inconnue", "Unknown row", duties);
        }
    }

    private void Vouched(Duty duty, DateOnly? today)
    {
        if (today is { } day && duty.CheckedOn > day)
        {
            Error("BG3083", duty.CheckedAt, $"« {duty.Id} » : relue le {duty.CheckedOn:yyyy-MM-dd}, qui n’est pas encore là.", $"“{duty.Id}”: checked on {duty.CheckedOn:yyyy-MM-dd}, which has not come yet.");
        }
        else if (duty.Enabled && (duty.CheckedOn is null || duty.CheckedBy == ""))
        {
            Warning("BG3076", duty.CheckedAt, $"« {duty.Id} » : texte non vérifié, ligne inutilisable en crise réelle. Le juriste ou le DPO relit le texte officiel, puis remplit checkedOn et checkedBy.",
                $"“{duty.Id}”: text not verified, row not usable in a real crisis. The legal officer or DPO reads the official text, then fills checkedOn and checkedBy.");
        }
        else if (today is { } now && duty.Enabled && duty.CheckOn(now) == RowCheck.Stale)
        {
            Warning("BG3085", duty.CheckedAt, $"« {duty.Id} » : relue le {duty.CheckedOn:yyyy-MM-dd}, il y a plus d’un an. Relisez le texte et les numéros.", $"“{duty.Id}”: checked on {duty.CheckedOn:yyyy-MM-dd}, more than a year ago. Read the text and the numbers again.");
        }
    }

    /// <summary>Two rows that wait for one another would both wait for ever; so would a row that starts with its own sending.</summary>
    private void Chains()
    {
        if (HasErrors)
        {
            return;
        }

        var cycle = Cycles.Find(duties, id => file.Duty(id)!.SequenceAfter.Select(s => s.Id).Concat(file.Event(file.Duty(id)!.StartEvent.Id)?.OnSending is { } first ? [first.Id] : []));
        if (cycle.Count > 0)
        {
            Error("BG3073", file.Duty(cycle[0])!.At, $"Ces lignes s’attendent l’une l’autre : {string.Join(" → ", cycle)}.", $"These rows wait for one another: {string.Join(" → ", cycle)}.");
        }
    }

    private void Role(Reference role) => Known("BG3071", role, "Rôle inconnu", "Unknown role", roles);

    private void Known(string code, Reference? reference, string fr, string en, IEnumerable<string> known)
    {
        if (reference is not null && !known.Contains(reference.Id))
        {
            Unknown(code, reference, fr, en, known);
        }
    }
}
