using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Drawings;

/// <summary>
/// What waits for what among some steps, from left to right. The kind of a step is its outline, its state a mark and a word: in
/// black and white nothing is lost.
/// </summary>
public static class StepDrawing
{
    public const int MostSteps = 80;
    public const int MostNeeds = 400;

    private const double Width = 232, Across = 56, Down = 14, Bend = 12, Line = 17;

    /// <param name="steps">Of one state, or of all; needs outside of them are not drawn.</param>
    /// <param name="id">Of this picture on its page.</param>
    /// <param name="views">Where a run stands; empty: in peace time.</param>
    /// <returns>Null when there is nothing to draw, or too much to read: the list says it all.</returns>
    public static string? Of(RunbookDefinition runbook, IReadOnlyList<StepDefinition> steps, string language, string id, IReadOnlyList<StepView> views)
    {
        if (steps.Count is 0 or > MostSteps)
        {
            return null;
        }

        var index = steps.Index().ToDictionary(s => s.Item.Id, s => s.Index, StringComparer.Ordinal);
        var edges = steps.SelectMany((s, to) => s.Needs.Where(n => index.ContainsKey(n.Id)).Select(n => (From: index[n.Id], To: to))).ToList();
        return edges.Count > MostNeeds ? null : new Sketch(runbook, steps, edges, language, views.ToDictionary(v => v.Definition.Id, StringComparer.Ordinal)).Draw(id);
    }

    private sealed class Sketch(RunbookDefinition runbook, IReadOnlyList<StepDefinition> steps, List<(int From, int To)> edges, string language, Dictionary<string, StepView> views)
    {
        private readonly SvgCanvas canvas = new();
        private readonly Dictionary<int, (double X, double Y, double Height)> places = [];

        private bool French => language != "en";

        public string Draw(string id)
        {
            var layers = new Layers(steps.Count, edges);
            var bottom = 0.0;
            foreach (var (column, nodes) in layers.Columns.Index())
            {
                var y = 8.0;
                foreach (var node in nodes)
                {
                    var height = node < 0 ? Bend : 22 + (Line * Texts(steps[node]).Count);
                    places[node] = (8 + (column * (Width + Across)), y, height);
                    y += height + Down;
                }

                bottom = Math.Max(bottom, y);
            }

            foreach (var route in layers.Routes) Route(route);
            for (var node = 0; node < steps.Count; node++) Box(steps[node], places[node]);
            return canvas.Picture(id, 16 + (layers.Columns.Count * (Width + Across)) - Across, bottom,
                French ? "Ordre des étapes" : "Order of the steps",
                French ? $"{steps.Count} étapes et {edges.Count} attentes\u00a0; la liste dit les mêmes, étape par étape." : $"{steps.Count} steps and {edges.Count} needs; the list says the same, step by step.");
        }

        private void Route(IReadOnlyList<int> route)
        {
            var (x, y) = (places[route[0]].X + Width, Middle(route[0]));
            var path = $"M{SvgCanvas.N(x)} {SvgCanvas.N(y)}";
            foreach (var node in route.Skip(1))
            {
                var (toX, toY) = (places[node].X - (node < 0 ? 0 : 8), Middle(node));
                var half = (toX - x) / 2;
                path += $"C{SvgCanvas.N(x + half)} {SvgCanvas.N(y)} {SvgCanvas.N(toX - half)} {SvgCanvas.N(toY)} {SvgCanvas.N(toX)} {SvgCanvas.N(toY)}";
                if (node < 0) path += $"H{SvgCanvas.N(toX + Width)}";
                (x, y) = (toX + (node < 0 ? Width : 0), toY);
            }

            canvas.Path(path, 1.5);
            canvas.Arrow(x + 8, y, 1);
        }

        private double Middle(int node) => places[node].Y + (places[node].Height / 2);

        private void Box(StepDefinition step, (double X, double Y, double Height) at)
        {
            var view = views.GetValueOrDefault(step.Id);
            var (stroke, dash) = Border(view?.State ?? StepState.Ready);
            canvas.Open(view is null ? "step-box" : view.State == StepState.Done ? "step-box past" : view.State is StepState.Failed || view.Overdue ? "step-box bad" : "step-box");
            Outline(step.Kind, at, stroke, dash);
            foreach (var (index, text) in Texts(step).Index()) canvas.Text(at.X + (text.Marked ? 38 : 20), at.Y + 22 + (Line * index), text.Text, size: text.Bold ? 14 : 13, bold: text.Bold);
            if (view is not null) Mark(view.State, at.X + 20, at.Y + 22 + (Line * (Texts(step).Count - 1)) - 11);
            canvas.Close();
        }

        private static (double Stroke, string? Dash) Border(StepState state) => state switch
        {
            StepState.Ready or StepState.Done => (1.5, null),
            StepState.Waiting => (1.5, "5 4"),
            StepState.Running or StepState.ToVerify or StepState.ToCountersign or StepState.Failed => (3.5, null),
            StepState.Skipped or StepState.Cancelled => (1.5, "1.5 4"),
        };

        private void Outline(StepKind kind, (double X, double Y, double Height) at, double stroke, string? dash)
        {
            var (x, y, h) = at;
            switch (kind)
            {
                case StepKind.Decision:
                    canvas.Path($"M{SvgCanvas.N(x + 14)} {SvgCanvas.N(y)}H{SvgCanvas.N(x + Width - 14)}l14 {SvgCanvas.N(h / 2)}l-14 {SvgCanvas.N(h / 2)}H{SvgCanvas.N(x + 14)}l-14 {SvgCanvas.N(-h / 2)}z", stroke, dash);
                    break;
                case StepKind.Wait:
                    canvas.Rectangle(x, y, Width, h, stroke, dash, round: 20);
                    break;
                case StepKind.Notify:
                    canvas.Path($"M{SvgCanvas.N(x)} {SvgCanvas.N(y)}H{SvgCanvas.N(x + Width - 14)}l14 14V{SvgCanvas.N(y + h)}H{SvgCanvas.N(x)}z", stroke, dash);
                    break;
                case StepKind.Auto or StepKind.SubRunbook:
                    canvas.Rectangle(x, y, Width, h, stroke, dash);
                    canvas.Path($"M{SvgCanvas.N(x + 8)} {SvgCanvas.N(y)}v{SvgCanvas.N(h)}M{SvgCanvas.N(x + Width - 8)} {SvgCanvas.N(y)}v{SvgCanvas.N(h)}", 1.5);
                    break;
                case StepKind.Manual:
                    canvas.Rectangle(x, y, Width, h, stroke, dash);
                    break;
            }
        }

        /// <summary>Twelve pixels that no two states share.</summary>
        private void Mark(StepState state, double x, double y)
        {
            var at = $"M{SvgCanvas.N(x)} {SvgCanvas.N(y)}";
            switch (state)
            {
                case StepState.Waiting: canvas.Path($"{at}m6 0a6 6 0 1 1 -.1 0z", 1.5, "2 2"); break;
                case StepState.Ready: canvas.Path($"{at}m6 0a6 6 0 1 1 -.1 0z", 1.8); break;
                case StepState.Running: canvas.Path($"{at}l12 6l-12 6z", 0, filled: true); break;
                case StepState.ToVerify: canvas.Path($"{at}m6 0a6 6 0 1 1 -.1 0z", 1.5); canvas.Path($"{at}m6 0a6 6 0 0 1 0 12z", 0, filled: true); break;
                case StepState.ToCountersign: canvas.Path($"{at}m0 12h12m-10 -4l7 -8l3 3l-7 7l-4 1z", 1.5); break;
                case StepState.Done: canvas.Path($"{at}m1 6l4 5l7 -10", 2.6); break;
                case StepState.Failed: canvas.Path($"{at}l12 12m0 -12l-12 12", 2.6); break;
                case StepState.Skipped: canvas.Path($"{at}l6 6l-6 6m6 -12l6 6l-6 6", 1.8); break;
                case StepState.Cancelled: canvas.Path($"{at}m6 0a6 6 0 1 1 -.1 0zm-4.2 2l8.4 8.4", 1.5); break;
            }
        }

        private List<(string Text, bool Bold, bool Marked)> Texts(StepDefinition step)
        {
            List<(string, bool, bool)> lines = [.. SvgCanvas.Wrap($"{step.Card} {step.Label.In(language)}".Trim(), 25, 3).Select(l => (l, true, false))];
            if (step.Join is { } join && step.Needs.Count > join) lines.Add((French ? $"{join} sur {step.Needs.Count} suffit" : $"{join} of {step.Needs.Count} is enough", false, false));
            if (views.GetValueOrDefault(step.Id) is { } view)
            {
                lines.Add(((French ? StepWords.French(view.State) : StepWords.English(view.State)) + (view.Overdue ? French ? " ▲ en retard" : " ▲ late" : ""), false, true));
                return lines;
            }

            var role = runbook.Role(step.Role.Id)?.Label.In(language) ?? step.Role.Id;
            lines.AddRange(SvgCanvas.Wrap(step.Kind == StepKind.Manual ? role : $"{KindWord(step.Kind)}, {role}", 29, 2).Select(l => (l, false, false)));
            return lines;
        }

        private string KindWord(StepKind kind) => kind switch
        {
            StepKind.Manual => French ? "à la main" : "by hand",
            StepKind.Decision => French ? "décision" : "decision",
            StepKind.Auto => French ? "automatique" : "automatic",
            StepKind.Wait => French ? "attente" : "wait",
            StepKind.Notify => French ? "prévenir" : "notify",
            StepKind.SubRunbook => French ? "autre runbook" : "other runbook",
        };
    }
}
