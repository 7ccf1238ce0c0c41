using System.Globalization;
using System.Text;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>Mermaid text of a definition: drawn from the definition, so that nested initial states are there too; marked from the journal, where there is one.</summary>
public static class RunDiagram
{
    public static string Lifecycle(RunbookDefinition runbook, RunState? run = null)
    {
        var text = new StringBuilder("stateDiagram-v2\n");
        Line(text, 1, $"[*] --> {Id(runbook.Lifecycle.Initial.Id)}");
        foreach (var state in runbook.Lifecycle.Roots)
        {
            State(text, state, 1);
        }

        foreach (var transition in runbook.Lifecycle.All.SelectMany(s => s.Transitions))
        {
            var to = transition.To.Id == Runbooks.Lifecycle.Previous ? transition.From : transition.To.Id;
            var note = transition.To.Id == Runbooks.Lifecycle.Previous ? " (retour)" : "";
            Line(text, 1, $"{Id(transition.From)} --> {Id(to)} : {Escape(Name(transition.Title.Fr, transition.Id) + note + Sign(transition))}");
        }

        if (run is not null)
        {
            Line(text, 1, "classDef present stroke-width:4px,font-weight:bold");
            Line(text, 1, $"class {Id(run.State)} present");
        }

        return text.ToString();
    }

    /// <param name="views">Where a run stands: each step then says its state.</param>
    public static string Steps(RunbookDefinition runbook, IReadOnlyList<StepView>? views = null)
    {
        var states = (views ?? []).ToDictionary(v => v.Definition.Id, v => v.State, StringComparer.Ordinal);
        var text = new StringBuilder("flowchart TD\n");
        foreach (var state in runbook.Steps.GroupBy(s => s.In.Id))
        {
            Line(text, 1, $"subgraph in_{Id(state.Key)} [\"{Escape(Name(runbook.Lifecycle.Find(state.Key)?.Title.Fr, state.Key))}\"]");
            foreach (var step in state)
            {
                var label = Escape((step.Card == "" ? "" : step.Card + " ") + step.Label.Fr + (states.TryGetValue(step.Id, out var now) ? $" ({StepWords.French(now)})" : ""));
                Line(text, 2, step.Kind == StepKind.Decision ? $"{Id(step.Id)}{{\"{label}\"}}" : $"{Id(step.Id)}[\"{label}\"]");
            }

            Line(text, 1, "end");
        }

        foreach (var step in runbook.Steps)
        {
            foreach (var need in step.Needs)
            {
                Line(text, 1, $"{Id(need.Id)} --> {Id(step.Id)}");
            }
        }

        return text.ToString();
    }

    private static void State(StringBuilder text, StateDefinition state, int depth)
    {
        Line(text, depth, $"state \"{Escape(Name(state.Title.Fr, state.Id))}\" as {Id(state.Id)}");
        if (state.Children.Count > 0)
        {
            Line(text, depth, $"state {Id(state.Id)} {{");
            Line(text, depth + 1, $"[*] --> {Id(state.Initial!.Id)}");
            foreach (var child in state.Children)
            {
                State(text, child, depth + 1);
            }

            Line(text, depth, "}");
        }
        else if (state.Final)
        {
            Line(text, depth, $"{Id(state.Id)} --> [*]");
        }
    }

    private static string Sign(TransitionDefinition transition) =>
        (transition.Guard is null ? "" : " (garde)") + (transition.Approvals is { } a ? $" ({string.Join(a.EachRole ? " + " : " / ", a.Roles.Select(r => r.Id))})" : "");

    /// <summary>A hyphen would be read as an arrow, and some words are Mermaid's own.</summary>
    private static string Id(string id) => "n_" + id.Replace('-', '_');

    private static string Name(string? title, string id) => string.IsNullOrEmpty(title) ? id : title;

    /// <summary>Letters and what no grammar of Mermaid reads stay; all else is written by its number.</summary>
    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || " .,()’«»?!+/-\u00a0".Contains(rune.ToString(), StringComparison.Ordinal)) safe.Append(rune.ToString());
            else safe.Append(CultureInfo.InvariantCulture, $"#{(Rune.IsControl(rune) ? 0xfffd : rune.Value)};");
        }

        return safe.ToString();
    }

    private static void Line(StringBuilder text, int depth, string line) => text.Append(' ', depth * 2).Append(line).Append('\n');
}
